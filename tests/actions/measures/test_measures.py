"""A measure is fixed, judged on its day from the complaints themselves, and opens its issue again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.db import IntegrityError, transaction
from django.utils import translation
from tests.actions.hotissues.conftest import hire

from amends.cases.complaints.models import Complaint
from amends.platform.database.rows import insert
from amends.platform.kit.actors import Actor, system
from amends.platform.kit.ids import time_ordered_id, tracking_code
from amends.problems.hotissues.actions.authority import UnableToLead
from amends.problems.hotissues.actions.fill_cube import update_cube
from amends.problems.hotissues.actions.merge import merge_into
from amends.problems.hotissues.actions.open_issue import close_issue, open_issue
from amends.problems.hotissues.actions.update_issues import close_quiet
from amends.problems.hotissues.models import HotIssue
from amends.problems.measures.actions.measure import (
    UnableToMeasure,
    drop_measure,
    plan_measure,
    start_measure,
)
from amends.problems.measures.jobs import judge_due
from amends.problems.measures.models import Judgement, Measure
from amends.problems.measures.rules.measure_terms import MeasureTerms
from amends.problems.measures.web.chart import verdict_sentence
from amends.record.catalogue.models import Area, Offer
from amends.record.ledger.queries import facts_on

NOW = datetime(2026, 6, 1, 2, tzinfo=UTC)
START = NOW.date()
JUDGED = NOW + timedelta(days=70)

pytestmark = pytest.mark.django_db


def fill(code: str, before: float, after: float, seed: int) -> None:
    """A year of complaints a week until the start, and ten weeks after it."""
    chance = np.random.default_rng(seed)
    moments = [
        NOW + timedelta(weeks=week, days=int(chance.integers(7)), minutes=5)
        for week in range(-52, 10)
        for _ in range(chance.poisson(after if week >= 0 else before))
    ]
    size = len(moments)
    same = {
        "channel": "web",
        "jurisdiction": "cn",
        "area": "north",
        "first_words": "x",
        "code": code,
        "classified_by": "test",
    }
    insert(
        Complaint,
        {
            "id": [time_ordered_id() for _ in moments],
            "code_public": [tracking_code() for _ in moments],
            "person": [f"{code}-{at}" for at in range(size)],
            "received_at": moments,
            "recorded_at": moments,
            "state_since": moments,
            **{name: [value] * size for name, value in same.items()},
        },
    )


@pytest.fixture
def manager() -> Actor:
    return hire("manager", email="lin@example.org")


@pytest.fixture
def terms(manager: Actor) -> MeasureTerms:
    return MeasureTerms(
        "二次确认改为短信回复",
        "默认勾选",
        "取消默认勾选",
        manager.ref,
        START,
        JUDGED.date(),
        7,
        200,
        ("code=consent.cancel_stop",),
        ("code=network.speed",),
    )


def started(terms: MeasureTerms, manager: Actor, issue: str = "") -> Measure:
    planned = plan_measure(terms, issue=issue, actor=manager, now=NOW)
    return start_measure(planned.id, actor=manager, now=NOW)


def test_a_measure_that_halved_the_rate_works(terms: MeasureTerms, manager: Actor) -> None:
    fill("consent.cancel_stop", 20, 10, 1)
    fill("network.speed", 60, 60, 2)
    measure = started(terms, manager)
    (look,) = judge_due(now=NOW + timedelta(days=30))
    assert (look.final, look.verdict) == (False, "works")
    assert look.document["on_the_way"]["shown_after_weeks"] <= 4
    assert judge_due(now=NOW + timedelta(days=30)) == []
    (verdict,) = judge_due(now=JUDGED + timedelta(days=3))
    assert (verdict.final, verdict.verdict, verdict.on) == (True, "works", JUDGED.date())
    assert verdict.document["high"] < 1
    assert verdict.document["weeks"][-1] == (JUDGED - timedelta(days=7)).date().isoformat()
    measure.refresh_from_db()
    assert (measure.state, measure.verdict) == ("judged", "works")
    assert judge_due(now=JUDGED + timedelta(days=4)) == []
    stated = facts_on(measure.id)
    assert [one.kind for one in stated] == ["MeasureStarted", "MeasureJudged"]
    ratio = verdict.document["rate_ratio"]
    assert stated[-1].payload["rate_ratio_permille"] == round(1000 * ratio)


def test_a_ratio_that_is_not_known_is_not_stated_as_none_at_all(
    terms: MeasureTerms, manager: Actor
) -> None:
    """Before, the fact said 0 of it, as of a measure after which nobody complained."""
    fill("consent.cancel_stop", 0, 0, 5)
    fill("network.speed", 60, 60, 6)
    measure = started(terms, manager)
    verdict = judge_due(now=JUDGED + timedelta(days=3))[-1]
    assert verdict.document["rate_ratio"] is None
    stated = facts_on(measure.id)[-1]
    assert stated.kind == "MeasureJudged"
    assert "rate_ratio_permille" not in stated.payload


def test_one_that_did_not_opens_its_issue_again(terms: MeasureTerms, manager: Actor) -> None:
    fill("consent.cancel_stop", 40, 40, 3)
    fill("network.speed", 120, 120, 4)
    issue = open_issue(["code=consent.cancel_stop"], started_at=NOW, now=NOW, actor=manager)
    started(terms, manager, issue.id)
    close_issue(issue.id, because="measure taken", actor=manager, now=NOW)
    (verdict,) = judge_due(now=JUDGED)
    assert verdict.verdict == "not_shown_to_work"
    again = HotIssue.objects.get(id=issue.id)
    assert (again.state, again.reopened_count) == ("open", 1)


def test_what_a_failed_measure_reopened_no_scan_closes_as_quiet(
    terms: MeasureTerms, manager: Actor
) -> None:
    """Its alarms are long over, and nobody had taken it up: whoever owns the measure has it now."""
    fill("consent.cancel_stop", 40, 40, 3)
    fill("network.speed", 120, 120, 4)
    scan = system("hotissues")
    issue = open_issue(["code=consent.cancel_stop"], started_at=NOW, now=NOW, actor=scan)
    started(terms, manager, issue.id)
    assert close_quiet(brand="", now=NOW + timedelta(days=20), actor=scan) == [issue.id]
    judge_due(now=JUDGED)
    again = HotIssue.objects.get(id=issue.id)
    assert (again.state, again.owner) == ("open", manager.ref)
    assert close_quiet(brand="", now=JUDGED + timedelta(minutes=5), actor=scan) == []


def test_a_failed_measure_reopens_the_issue_its_own_goes_on_in(
    terms: MeasureTerms, manager: Actor
) -> None:
    fill("consent.cancel_stop", 40, 40, 3)
    fill("network.speed", 120, 120, 4)
    older = open_issue(["code=consent"], started_at=NOW, now=NOW, actor=manager)
    newer = open_issue(["code=consent.cancel_stop"], started_at=NOW, now=NOW, actor=manager)
    started(terms, manager, newer.id)
    merge_into(newer.id, older.id, because="the same cause", actor=manager, now=NOW)
    close_issue(older.id, because="measure taken", actor=manager, now=NOW)
    judge_due(now=JUDGED)
    states = dict(HotIssue.objects.values_list("id", "state"))
    assert (states[older.id], states[newer.id]) == ("open", "closed")


def test_after_the_start_neither_code_nor_sql_changes_it(
    terms: MeasureTerms, manager: Actor
) -> None:
    fill("consent.cancel_stop", 20, 20, 5)
    measure = started(terms, manager)
    for change in ({"expected_drop_permille": 50}, {"judge_on": START}, {"treated": ["code=x"]}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Measure.objects.filter(id=measure.id).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic():
        Measure.objects.filter(id=measure.id).delete()
    judge_due(now=JUDGED)
    with pytest.raises(IntegrityError), transaction.atomic():
        Judgement.objects.update(verdict="works")
    with pytest.raises(IntegrityError), transaction.atomic():
        Judgement.objects.all().delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        Measure.objects.filter(id=measure.id).update(verdict="works")
    with pytest.raises(UnableToMeasure):
        start_measure(measure.id, actor=manager, now=NOW)


def test_a_plan_is_changed_or_dropped_until_it_is_started(
    terms: MeasureTerms, manager: Actor
) -> None:
    issue = open_issue(["code=consent.cancel_stop"], started_at=NOW, now=NOW, actor=manager)
    first = plan_measure(terms, issue=issue.id, actor=manager, now=NOW)
    bad = replace(terms, control=terms.treated)
    with pytest.raises(UnableToMeasure):
        plan_measure(bad, issue=issue.id, instead=first.id, actor=manager, now=NOW)
    assert Measure.objects.get().id == first.id, "what is refused drops nothing"
    better = replace(terms, expected_drop_permille=300)
    second = plan_measure(better, issue=issue.id, instead=first.id, actor=manager, now=NOW)
    assert Measure.objects.get().expected_drop_permille == 300
    drop_measure(second.id, actor=manager, now=NOW)
    assert not Measure.objects.exists()
    verbs = list(issue.happenings.order_by("at", "id").values_list("verb", flat=True))
    assert verbs.count("measure_dropped") == 2
    measure = started(terms, manager)
    for actor, refused in ((manager, UnableToMeasure), (hire("handler"), UnableToLead)):
        with pytest.raises(refused):
            drop_measure(measure.id, actor=actor, now=NOW)
    assert Measure.objects.get().state == "started"


def test_what_is_not_fixed_beforehand_is_refused(terms: MeasureTerms, manager: Actor) -> None:
    for bad in (
        replace(terms, starts_on=START - timedelta(days=1)),
        replace(terms, judge_on=START + timedelta(days=20)),
        replace(terms, control=terms.treated),
        replace(terms, owner="usr-nobody"),
        replace(terms, expected_drop_permille=0),
    ):
        with pytest.raises(UnableToMeasure):
            plan_measure(bad, actor=manager, now=NOW)
    planned = plan_measure(terms, actor=manager, now=NOW)
    with pytest.raises(UnableToMeasure):
        start_measure(planned.id, actor=manager, now=NOW + timedelta(days=2))
    assert Measure.objects.filter(state="started").count() == 0


SAME_OR_UNKNOWN = (
    ("code=network", "code=network.speed"),
    ("code=network.speed", "code=network"),
    ("code=network.speed|area=n1", "code=network|area=n"),
    ("area=n", "area=n1"),
    ("area=n1", "code=network.speed"),
    ("code=network.speed", "channel=web"),
    ("product=ring", "product=kind:value_added"),
    ("code=network.invented", "code=billing"),
    ("code=network", "area=atlantis"),
    ("code=network|code=billing", "code=consent"),
)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_places_that_overlap_or_do_not_exist_prove_nothing(
    terms: MeasureTerms, manager: Actor, language: str
) -> None:
    """A complaint in both could only hide what the measure did; nobody complains of what is not."""
    north = Area.objects.create(code="n", name_zh="北", name_en="North")
    Area.objects.create(code="n1", name_zh="北一", name_en="North 1", parent=north)
    Area.objects.create(code="s", name_zh="南", name_en="South")
    Offer.objects.create(ref="ring", kind="value_added")
    fill("billing.wrong_charge", 1, 1, 8)
    update_cube()
    for treated, control in SAME_OR_UNKNOWN:
        bad = replace(terms, treated=(treated,), control=(control,))
        with translation.override(language):
            try:
                planned = plan_measure(bad, actor=manager, now=NOW)
            except UnableToMeasure as refused:
                said = f"{refused} {refused.next_step}"
            else:
                pytest.fail(f"{treated} was compared with {control}: {planned}")
        case = f"{treated} with {control}: {said}"
        assert any("\u4e00" <= letter <= "\u9fff" for letter in said) is (language == "zh-hans"), (
            case
        )
        assert ("invented" in said) is ("invented" in treated), case
        assert ("atlantis" in said) is ("atlantis" in control), case


def test_places_that_keep_apart_may_be_compared(terms: MeasureTerms, manager: Actor) -> None:
    Area.objects.create(code="n", name_zh="北", name_en="North")
    Area.objects.create(code="s", name_zh="南", name_en="South")
    for treated, control in (
        ("code=network.speed|area=n", "code=network.speed|area=s"),
        ("code=network.speed", "code=network.outage"),
        ("area=n|code=network", "area=n|code=billing"),
    ):
        fixed = replace(terms, treated=(treated,), control=(control,))
        assert plan_measure(fixed, actor=manager, now=NOW).state == "planned"


@pytest.mark.parametrize("role", ["handler", "senior_handler"])
def test_only_a_manager_plans_and_starts(terms: MeasureTerms, manager: Actor, role: str) -> None:
    other = hire(role)
    with pytest.raises(UnableToLead):
        plan_measure(terms, actor=other, now=NOW)
    planned = plan_measure(terms, actor=manager, now=NOW)
    with pytest.raises(UnableToLead):
        start_measure(planned.id, actor=other, now=NOW)


def test_a_measure_without_a_control_says_what_a_look_on_the_way_rests_on(
    terms: MeasureTerms, manager: Actor
) -> None:
    fill("consent.cancel_stop", 40, 40, 3)
    measure = started(replace(terms, control=()), manager)
    (look,) = judge_due(now=NOW + timedelta(days=30))
    assert look.document["on_the_way_rests_on"] == "too_short"
    assert look.document["on_the_way"] is None
    assert look.verdict == "not_yet_judgeable"
    with translation.override("zh-hans"):
        assert "期中评估不下结论" in verdict_sentence(measure, look)
    with translation.override("en"):
        assert "two years where the periods have dates" in verdict_sentence(measure, look)
