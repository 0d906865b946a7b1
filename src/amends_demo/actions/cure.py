"""Deal with what runs hot as an operator would: an emergency led, a measure fixed and judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from amends.engines.detection.cube import within
from amends.platform.kit.actors import Actor
from amends.platform.kit.periods import from_ms
from amends.problems.emergencies.actions.answer_all import draft_answer
from amends.problems.emergencies.actions.declare import Declaration, DeclaredScope, declare
from amends.problems.emergencies.actions.publish import Wording, publish
from amends.problems.emergencies.jobs.timers import check_timers
from amends.problems.emergencies.queries import steps_of
from amends.problems.hotissues.actions.assign import assign
from amends.problems.hotissues.actions.fill_cube import update_cube
from amends.problems.hotissues.actions.join import join
from amends.problems.hotissues.actions.open_issue import open_issue
from amends.problems.hotissues.actions.record_overviews import record_overviews
from amends.problems.hotissues.queries import issues, places
from amends.problems.hotissues.queries.cube import rows_between
from amends.problems.measures.actions.measure import plan_measure, start_measure
from amends.problems.measures.jobs import judge_due
from amends.problems.measures.queries import judged_measures
from amends.problems.measures.rules.measure_terms import MeasureTerms
from amends_demo.actions.load import Progress, quietly
from amends_demo.actions.play import DeskProgress
from amends_demo.rules.scenario import Scenario

_PARTS = 2
_JUDGED_AFTER = timedelta(days=70)
_HELD_OFF = timedelta(days=7)

_TITLE = "暴风雨造成的宽带中断"
_WORDS = Wording(
    title_zh="关于本周宽带中断的说明",
    title_en="About this week's broadband outage",
    text_zh="本周的暴风雨损坏了部分光缆，一些用户的宽带中断。正在抢修，中断期间的费用会按天退还，不用逐个投诉。",
    text_en="This week's storm damaged cables, and some lines are down. Repairs are under way."
    " Each day without service is given back; nobody needs to complain for it.",
)
_OPENING = (
    "本周的暴风雨使您所在地区的宽带中断，涉及许多用户。",
    "This week's storm cut broadband in your area, for many users at once.",
)


@dataclass(frozen=True, slots=True)
class Cured:
    """What was led and what was judged, as the summary tells it."""

    issue: int
    level: str
    steps: int
    done: int
    late: int
    measure: int
    verdict: str
    rate_ratio: float | None

    def as_dict(self) -> dict[str, Any]:
        """The part of the demonstration's document that is about emergencies and measures."""
        names = self.__dataclass_fields__
        return {"cure": {name: getattr(self, name) for name in names}}


def cure(desk: DeskProgress, actors: Mapping[str, Actor], *, progress: Progress = quietly) -> Cured:
    """Lead an emergency on this week's storm, and judge what was done against the campaign."""
    scenario = desk.loaded.world.scenario
    update_cube()
    progress("cure", 0, _PARTS)
    issue = _lead(scenario, actors)
    progress("cure", 1, _PARTS)
    _judge(scenario, actors["manager"])
    record_overviews(now=from_ms(scenario.end_ms))
    progress("cure", _PARTS, _PARTS)
    steps = steps_of(issue, now=from_ms(scenario.end_ms))
    measures = judged_measures()
    last = measures[-1] if measures else None
    return Cured(
        issue=next(hot_issue.number for hot_issue in issues(drills=True) if hot_issue.id == issue),
        level=next(hot_issue.level for hot_issue in issues(drills=True) if hot_issue.id == issue),
        steps=len(steps),
        done=sum(step in ("done", "done_late") for step in steps),
        late=sum(step in ("late", "done_late") for step in steps),
        measure=last[0] if last else 0,
        verdict=last[1] if last else "",
        rate_ratio=last[2] if last else None,
    )


def _lead(scenario: Scenario, actors: Mapping[str, Actor]) -> str:
    """The issue of the storm, found by the scan or opened by hand, and its emergency so far."""
    manager, end = actors["manager"], from_ms(scenario.end_ms)
    began = max(end - timedelta(hours=20), from_ms(scenario.storm_from_ms))
    ref = _storm(scenario, manager, began)
    scope = DeclaredScope(areas=(scenario.storm_area,), since=from_ms(scenario.storm_from_ms))
    declaration = Declaration(
        kind="outage", level="level2", reason="整个区域中断，用户还在增加", scope=scope
    )
    declare(ref, declaration, actor=manager, now=began)
    assign(ref, actors["senior_handler"].ref, actor=manager, now=began + timedelta(minutes=25))
    publish(ref, _WORDS, actor=manager, now=began + timedelta(hours=5))
    draft_answer(ref, *_OPENING, actor=actors["senior_handler"], now=end - timedelta(hours=1))
    check_timers(now=end)
    return ref


def _storm(scenario: Scenario, manager: Actor, now: datetime) -> str:
    cell_key = f"area={scenario.storm_area}|code=network.outage"
    start = from_ms(scenario.storm_from_ms)
    for issue in issues(state="open"):
        if any(
            scenario.storm_area in cell or cell == "code=network.outage" for cell in places(issue)
        ):
            return issue.id
    opened = open_issue([cell_key], started_at=start, now=now, actor=manager, title=_TITLE)
    rows = within(rows_between(start.date(), now.date()), cell_key)
    join(opened.id, rows["id"].to_list(), because="同一区域同一时间中断", actor=manager, now=now)
    return opened.id


def _judge(scenario: Scenario, manager: Actor) -> None:
    """Two measures fixed when the campaign stopped and judged ten weeks on: what was done against
    it, and one that had nothing to do with the causes, with enough complaints to tell."""
    at, end = from_ms(scenario.campaign_to_ms), from_ms(scenario.end_ms)
    began = from_ms(scenario.campaign_from_ms)
    for terms in (_against_campaign(began, at, manager), _on_the_hotline(at, manager)):
        measure = plan_measure(terms, actor=manager, now=at)
        start_measure(measure.id, actor=manager, now=at)
    moment = at + timedelta(days=8)
    while moment < end:
        judge_due(now=moment)
        moment += timedelta(days=7)
    judge_due(now=end)


def _against_campaign(began: datetime, at: datetime, manager: Actor) -> MeasureTerms:
    """The weeks of the campaign do not count as what was before: they would have passed anyway."""
    starts_on = (at + timedelta(days=1)).date()
    return MeasureTerms(
        title="合作方的订购一律短信二次确认",
        cause="合作方在营销活动中未经同意给用户开通增值业务",
        action="停止该活动；合作方提交的订购，用户短信确认之后才生效",
        owner=manager.ref,
        starts_on=starts_on,
        judge_on=starts_on + _JUDGED_AFTER,
        wash_out_days=_HELD_OFF.days,
        expected_drop_permille=400,
        treated=("code=thirdparty", "code=consent"),
        control=("code=network", "code=service", "code=billing"),
        left_from=(began + timedelta(days=1)).date(),
        left_to=at.date(),
    )


def _on_the_hotline(at: datetime, manager: Actor) -> MeasureTerms:
    """Nothing of the world's causes hangs on a menu: whoever judges it honestly shows no effect."""
    starts_on = (at + timedelta(days=1)).date()
    return MeasureTerms(
        title="热线首层菜单增加自助查询和退订",
        cause="用户打热线投诉，多半因为在菜单里找不到查询和退订的入口",
        action="首层菜单直接播报“查业务、退业务请按1”，全国同一天上线",
        owner=manager.ref,
        starts_on=starts_on,
        judge_on=starts_on + _JUDGED_AFTER,
        wash_out_days=0,
        expected_drop_permille=500,
        treated=("channel=phone",),
        control=("channel=web", "channel=app", "channel=sms"),
    )
