"""The page of a measure says what its verdict rests on, and reopens in words only what is open."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from amends.platform.cli.render import as_json
from amends.platform.kit.actors import Actor
from amends.problems.hotissues.actions.fill_cube import update_cube
from amends.problems.hotissues.actions.merge import merge_into
from amends.problems.hotissues.actions.open_issue import open_issue
from amends.problems.measures.models import Judgement, Measure
from amends.problems.measures.queries import measures
from tests.actions.hotissues.conftest import hire
from tests.actions.measures.test_measures import NOW, fill
from tests.pages.conftest import colleague, signed_in
from tests.shell import amends

DOCUMENT: dict[str, Any] = {
    "rate_ratio": 0.7,
    "low": 0.6,
    "high": 0.82,
    "smallest_detectable_drop": 0.15,
    "method": "conditional binomial",
    "dispersion": 1.0,
    "autocorrelation": 0.0,
    "placebo_share": None,
    "reasons": ["Cells that alarmed as well fell much the same."],
    "against_alarmed": [0.98, 0.84, 1.14],
    "alarmed_places": 3,
    "alarmed_tell": True,
    "alarmed": [33, 30, 12],
    "alarmed_users": [90, 90, 90],
    "on_the_way": {
        "verdict": "not_yet_judgeable",
        "evidence": 1.0,
        "rate_ratio": 0.75,
        "low": 0.5,
        "high": 1.2,
        "shown_after_weeks": None,
    },
    "checked": None,
    "fall": None,
    "weeks": ["2026-05-18", "2026-05-25", "2026-06-01"],
    "treated": [30, 31, 10],
    "control": [90, 91, 92],
    "users": [100, 100, 100],
    "control_users": [100, 100, 100],
    "after": [False, False, True],
    "left_out": [False, True, False],
    "expected": [30.0, 30.0, 30.0],
    "expected_low": [20.0, 20.0, 20.0],
    "expected_high": [40.0, 40.0, 40.0],
}


def _judged(verdict: str, *, final: bool, with_issue: bool = True) -> Measure:
    lin = hire("manager", email="lin@example.org")
    issue = open_issue(["code=network.speed"], started_at=NOW, now=NOW, actor=lin)
    measure = Measure.objects.create(
        number=1,
        issue=issue if with_issue else None,
        title="t",
        cause="c",
        action="a",
        owner=lin.ref,
        starts_on=date(2026, 6, 1),
        judge_on=date(2026, 8, 10),
        wash_out_days=7,
        expected_drop_permille=200,
        treated=["code=network.speed"],
        control=["code=billing"],
        state="judged" if final else "started",
        planned_at=NOW,
        planned_by=lin.ref,
        verdict=verdict if final else "",
    )
    Judgement.objects.create(
        measure=measure,
        on=date(2026, 6, 8),
        at=NOW,
        final=final,
        verdict=verdict,
        document=DOCUMENT,
    )
    return measure


@pytest.mark.parametrize(
    ("language", "said", "against"),
    [
        (
            "en",
            "but untreated segments with a similar rise fell by much the same",
            "weeks of the alarm (3): rate ratio 0.98",
        ),
        ("zh-hans", "但同样升高而没有整改的范围也降了差不多", "没有整改的3处相比：投诉率之比0.98"),
    ],
)
def test_a_drop_that_places_left_alone_had_too_is_told_as_that(
    db: None, language: str, said: str, against: str
) -> None:
    measure = _judged("not_shown_to_work", final=True)
    client = signed_in(colleague("wu", "manager"), language)
    page = client.get(f"/desk/measures/{measure.id}/")
    text = page.content.decode()
    assert said in text
    assert against in text
    # The table of the picture, and its file, hold what the verdict rests on.
    header, rows = page.context["chart"].table()
    assert {"100", "90", "33"} <= set(rows[0])
    assert len(header) == len(rows[0])


@pytest.mark.parametrize(
    ("verdict", "final", "with_issue", "open_again"),
    [
        ("worse", False, True, False),
        ("worse", True, True, True),
        ("worse", True, False, False),
        ("not_shown_to_work", True, True, True),
        ("works", True, True, False),
    ],
)
def test_only_a_verdict_says_that_its_issue_stands_open_again(
    db: None, verdict: str, final: bool, with_issue: bool, open_again: bool
) -> None:
    measure = _judged(verdict, final=final, with_issue=with_issue)
    page = signed_in(colleague("wu", "manager")).get(f"/desk/measures/{measure.id}/")
    assert ("is open again" in page.content.decode()) is open_again


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Not shown to work"), ("zh-hans", "未见效果")]
)
def test_an_issue_names_its_measures_and_those_of_what_was_merged_into_it(
    db: None, language: str, words: str
) -> None:
    measure = _judged("not_shown_to_work", final=True)
    assert measure.issue is not None
    lin = Actor("user", measure.owner, ("manager",))
    older = open_issue(["code=network"], started_at=NOW, now=NOW, actor=lin)
    client = signed_in(colleague("wu", "manager"), language)
    page = client.get(f"/desk/hotissues/{measure.issue.id}/").content.decode()
    assert f"/desk/measures/{measure.id}/" in page
    assert words in page
    assert measure.id not in client.get(f"/desk/hotissues/{older.id}/").content.decode()
    merge_into(measure.issue.id, older.id, because="the same cause", actor=lin, now=NOW)
    assert (
        f"/desk/measures/{measure.id}/"
        in client.get(f"/desk/hotissues/{older.id}/").content.decode()
    )


def test_a_plan_is_changed_on_its_page_and_dropped_there(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    lin = colleague("wu", "manager")
    client = signed_in(lin)
    typed = {
        "title": "a menu",
        "cause": "nobody finds it",
        "action": "say it first",
        "owner": lin.ref,
        "starts_on": "2026-06-02",
        "judge_on": "2026-08-10",
        "wash_out_days": "7",
        "expected_drop": "20",
        "treated": "code=network.speed",
        "control": "code=billing",
        "left_from": "",
        "left_to": "",
    }
    client.post("/desk/measures/new/", typed)
    first = Measure.objects.get()
    page = client.get(f"/desk/measures/{first.id}/").content.decode()
    assert f"?instead={first.id}" in page
    form = client.get(f"/desk/measures/new/?instead={first.id}")
    shown = form.context["form"]
    assert {name: str(shown[name].value() or "") for name in typed} == typed
    written = {place: name for _dimension, name, place in form.context["segments"]}
    assert written["code=network.speed"] == "slow line"
    assert "code=network" in written, "a group of classes is a place too"
    assert "<code>channel=web</code>" in form.content.decode()
    client.post("/desk/measures/new/", typed | {"instead": first.id, "expected_drop": "35"})
    changed = Measure.objects.get()
    assert (changed.id != first.id, changed.expected_drop_permille) == (True, 350)
    client.post(f"/desk/measures/{changed.id}/drop/")
    assert not Measure.objects.exists()


def test_the_plan_leaves_out_the_days_from_the_beginning_of_its_issue(db: None) -> None:
    """An alarm comes after the rise it tells of; the days of the rise were left in what was "
    "before."""
    lin = hire("manager", email="lin@example.org")
    issue = open_issue(["code=network.speed"], started_at=NOW, now=NOW, actor=lin)
    for days in (9, 12):
        issue.alarms.create(
            place="code=network.speed",
            grain="day",
            period_start=NOW + timedelta(days=days),
            persons=9,
            expected=1.0,
            evidence=9.0,
            threshold=7.0,
            raised_at=NOW,
        )
    form = signed_in(colleague("wu", "manager")).get(f"/desk/measures/new/?issue={issue.number}")
    began, last = (timezone.localdate(NOW + timedelta(days=days)) for days in (0, 12))
    initial = form.context["form"].initial
    assert (initial["left_from"], initial["left_to"]) == (began, last)


def test_the_command_tells_on_the_way_only_what_looking_often_does_not_spoil(db: None) -> None:
    _judged("not_yet_judgeable", final=False)
    (told,) = amends("hotissues", "measures", "--json").document["measures"]
    assert (told["rate_ratio"], told["low"], told["high"]) == (0.75, 0.5, 1.2)
    assert (told["owner"] != "", told["cause"], told["wash_out_days"]) == (True, "c", 7)
    assert told["against_alarmed"] == [0.98, 0.84, 1.14]
    assert told == json.loads(as_json(measures()[0]))
    assert "0.50–1.20" in amends("hotissues", "measures").out


def test_what_the_rules_refuse_is_shown_at_its_field_and_nothing_typed_is_lost(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    lin = colleague("wu", "manager")
    client = signed_in(lin)
    typed = {
        "title": "a menu",
        "cause": "nobody finds it",
        "action": "say it first",
        "owner": lin.ref,
        "starts_on": "2026-06-02",
        "judge_on": "2026-06-10",
        "wash_out_days": "7",
        "expected_drop": "20",
        "treated": "code=invented\nnonsense",
        "control": "",
        "left_from": "2026-05-20",
        "left_to": "2026-05-01",
    }
    answer = client.post("/desk/measures/new/", typed)
    assert answer.status_code == 400
    errors = answer.context["form"].errors
    assert set(errors) == {"judge_on", "treated", "left_to"}
    assert 'value="a menu"' in answer.content.decode()
    assert "nonsense" in answer.content.decode()
    answer = client.post("/desk/measures/new/", typed | {"left_from": ""})
    assert "left_from" in answer.context["form"].errors
    answer = client.post("/desk/measures/new/", typed | {"starts_on": "0001-01-01"})
    assert "starts_on" in answer.context["form"].errors
    assert not Measure.objects.exists()


def _in_states(*states: str, brand: str = "") -> None:
    for number, state in enumerate(states, Measure.objects.count() + 1):
        Measure.objects.create(
            number=number,
            brand=brand,
            title=f"menu {number}",
            cause="c",
            action="a",
            owner="usr-lin",
            starts_on=date(2026, 6, 1),
            judge_on=date(2026, 8, 10),
            expected_drop_permille=200,
            treated=["code=network.speed"],
            planned_at=NOW,
            planned_by="usr-lin",
            state=state,
            verdict="not_shown_to_work" if state == "judged" else "",
        )


def test_the_list_narrows_to_a_state_and_counts_each(db: None) -> None:
    _in_states("planned", "started", "started")
    _in_states("started", brand="pear")
    client = signed_in(colleague("wu", "manager", brand="plum"))
    page = client.get("/desk/measures/?state=started")
    assert [row.title for row, *_ in page.context["rows"]] == ["menu 3", "menu 2"]
    assert {str(state): count for state, _label, count in page.context["states"]} == {
        "planned": 1,
        "started": 2,
        "judged": 0,
    }
    assert page.context["total"] == 3
    shown = page.content.decode().partition("<main")[2].partition("</main>")[0]
    assert shown.count('aria-current="true"') == 1
    assert "?state=judged" in page.content.decode()
    every = client.get("/desk/measures/")
    assert len(every.context["rows"]) == 3


@pytest.mark.parametrize(
    ("language", "none", "refused"),
    [
        ("en", "No measure is in this state.", "There is no such state of a measure."),
        ("zh-hans", "没有处于这个状态的措施。", "措施没有这个状态。"),
    ],
)
def test_a_state_without_measures_is_no_empty_list_and_an_unknown_one_is_refused(
    db: None, language: str, none: str, refused: str
) -> None:
    _in_states("planned")
    client = signed_in(colleague("wu", "manager"), language)
    assert none in client.get("/desk/measures/?state=judged").content.decode()
    answer = client.get("/desk/measures/?state=begun")
    assert answer.status_code == 404
    assert refused in answer.content.decode()


def test_the_command_lists_a_state_and_refuses_an_unknown_one_before_it_judges(db: None) -> None:
    _in_states("planned", "judged")
    assert "menu 2" not in amends("hotissues", "measures", "--state", "planned").out
    assert (
        "No measure is in this state." in amends("hotissues", "measures", "--state", "started").out
    )
    assert amends("hotissues", "measures", "--state", "judged", "--check").code == 1
    assert amends("hotissues", "measures", "--state", "planned", "--check").code == 0
    refused = amends("hotissues", "measures", "--state", "begun", "--judge")
    assert refused.code == 2
    assert "planned, started, judged" in refused.err


PLAN = {
    "title": "Repair",
    "cause": "a cable",
    "action": "laid anew",
    "expected_drop": "30",
    "wash_out_days": "0",
}


def _plan(**more: str) -> dict[str, str]:
    today = timezone.localdate()
    days = {
        "starts_on": (today + timedelta(days=1)).isoformat(),
        "judge_on": (today + timedelta(days=85)).isoformat(),
    }
    return PLAN | days | more


def test_a_segment_is_picked_and_not_written(db: None) -> None:
    user = colleague("lin.plan", "manager")
    client = signed_in(user)
    page = client.get("/desk/measures/new/").content.decode()
    assert 'name="treated-code"' in page
    picked = {"treated-code": "network.speed", "treated-channel": "phone", "pick": "treated"}
    answer = client.post("/desk/measures/new/", _plan(**picked))
    assert answer.status_code == 200
    shown = answer.content.decode()
    assert "code=network.speed|channel=phone" in shown
    assert 'class="chip">' in shown
    assert "This field is required" not in shown, "nothing was sent yet"
    assert not Measure.objects.exists()
    # What is picked and not added is meant all the same.
    answer = client.post(
        "/desk/measures/new/", _plan(owner=user.ref, **{"treated-code": "network.speed"})
    )
    assert answer.status_code == 302
    assert Measure.objects.get().treated == ["code=network.speed"]


def test_the_smallest_visible_drop_follows_the_form(db: None) -> None:
    client = signed_in(colleague("lin.plan", "manager"))
    asked = client.post("/desk/measures/visible-drop/", _plan())
    assert "Choose what is treated" in asked.content.decode()
    few = client.post("/desk/measures/visible-drop/", _plan(treated="code=network.speed"))
    assert "Too few weeks" in few.content.decode()
    bad = client.post("/desk/measures/visible-drop/", _plan(treated="nonsense"))
    assert "Too few weeks" in bad.content.decode()
    assert (
        signed_in(colleague("h.handler")).post("/desk/measures/visible-drop/", _plan()).status_code
        == 403
    )


def test_the_smallest_visible_drop_is_computed_from_the_record(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill("network.speed", 40, 40, 1)
    update_cube()
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    client = signed_in(colleague("lin.plan", "manager"))
    form = _plan(treated="code=network.speed")
    page = client.post("/desk/measures/visible-drop/", form).content.decode()
    assert "The smallest drop this plan can show is" in page
    wider = client.post("/desk/measures/visible-drop/", form | {"expected_drop": "2"})
    assert "would probably not be" in wider.content.decode()
