"""`amends hotissues list | show | rebuild | measures | drill`: one JSON document each."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from tests.actions.hotissues import desk_days
from tests.actions.hotissues.conftest import hire
from tests.actions.hotissues.desk_days import ordinary, write
from tests.actions.measures.test_measures import JUDGED, NOW, fill
from typer.testing import CliRunner

from amends.people.access.models import User
from amends.problems.hotissues.actions.fill_cube import update_cube
from amends.problems.hotissues.actions.scan_desk import scan_desk
from amends.problems.hotissues.models import CubeDay, HotIssue
from amends.problems.hotissues.queries.issue_summary import carriers_of_issue
from amends.problems.measures.actions.measure import plan_measure, start_measure
from amends.problems.measures.jobs import judge_due
from amends.problems.measures.rules.measure_terms import MeasureTerms
from amends.site.cli.app import commands, loaded

app = loaded("hotissues", commands())

pytestmark = pytest.mark.django_db


def run(*arguments: str, code: int = 0) -> Any:
    done = CliRunner().invoke(app, [*arguments, "--json"])
    assert done.exit_code == code, done.output
    return json.loads(done.stdout)


def test_measures_are_listed_and_a_failed_one_is_found() -> None:
    assert run("measures", "--check") == {"measures": [], "judged_now": 0, "state": ""}
    manager = hire("manager")
    fill("consent.cancel_stop", 40, 40, 3)
    fill("network.speed", 120, 120, 4)
    terms = MeasureTerms(
        "t",
        "c",
        "a",
        manager.ref,
        NOW.date(),
        JUDGED.date(),
        7,
        200,
        ("code=consent.cancel_stop",),
        ("code=network.speed",),
    )
    start_measure(plan_measure(terms, actor=manager, now=NOW).id, actor=manager, now=NOW)
    judge_due(now=JUDGED + timedelta(days=1))
    (row,) = run("measures", "--check", code=1)["measures"]
    assert (row["verdict"], row["state"], row["expected_drop"]) == (
        "not_shown_to_work",
        "judged",
        0.2,
    )
    assert row["low"] < 1 < row["high"]


def test_a_drill_is_started_by_somebody_who_may() -> None:
    hire("manager")
    hire("handler")
    said = run("drill", "光缆中断", "--by", "manager-x", "--persons", "200", "--kind", "outage")
    assert (said["drill"], said["level"]) == (True, "level3")
    assert "assign" in [one["step"] for one in said["steps"] if not one["done"]]
    done = CliRunner().invoke(app, ["drill", "x", "--by", "handler-x"])
    assert done.exit_code != 0
    assert User.objects.count() == 2


def test_an_issue_is_listed_and_shown_with_what_it_shares() -> None:
    ordinary(1)
    write([0] * 20, "network.outage", area="south", first_words="全楼断网了")
    scan_desk(now=desk_days.NOW)
    (row,) = run("list")["issues"]
    assert (row["state"], row["persons"] >= 20) == ("open", True)
    shown = run("show", str(row["number"]))
    texts = [row["name"], shown["name"], *(one["says"] for one in shown["causes"])]
    assert not any("\u4e00" <= letter <= "\u9fff" for one in texts for letter in one), texts
    assert {one["value"] for one in shown["shared"]} >= {"network.outage", "south"}
    assert len(shown["quoted"]) <= 5
    assert [one["kind"] for one in shown["causes"]]
    assert shown["suspected_one_sender"] == 0
    said = CliRunner().invoke(app, ["show", str(row["number"])])
    assert said.exit_code == 0, said.output
    assert "complained" in said.output
    assert CliRunner().invoke(app, ["show", "99999"]).exit_code != 0


def test_the_cube_is_made_anew_and_the_same() -> None:
    ordinary(2, days=20)
    update_cube()
    kept = {row.day: (row.rows, bytes(row.columns)) for row in CubeDay.objects.all()}
    CubeDay.objects.filter(day=min(kept)).delete()
    document = run("rebuild")
    assert document["complaints"] == sum(rows for rows, _ in kept.values())
    assert {row.day: (row.rows, bytes(row.columns)) for row in CubeDay.objects.all()} == kept


def test_what_carries_an_issue_is_named_with_its_areas() -> None:
    ordinary(6)
    write([0] * 25, "network.outage", area="south", channel="phone")
    scan_desk(now=desk_days.NOW)
    row = run("list")["issues"][0]
    (first, *_) = run("show", str(row["number"]))["carried_by"]
    assert first["persons"] >= 20 > 5 * first["expected"]
    assert "south" in first["values"].values() or "phone" in first["values"].values()


def test_what_carries_an_issue_stands_on_the_detectors_expectation() -> None:
    """Kept as it was when the issue was first seen: a baseline that goes on learning would take the
    issue for what is usual."""
    ordinary(6)
    write([0] * 25, "network.outage", area="south", channel="phone")
    scan_desk(now=desk_days.NOW)
    issue = HotIssue.objects.get()
    usual = dict(issue.usual)
    assert 8.0 < usual[""] < 14.0
    assert usual["area=north"] + usual["area=south"] == pytest.approx(usual[""], rel=0.1)
    assert all("|" not in place or issue.cells.filter(place=place) for place in usual)
    write([-1] * 9, "network.outage", area="south", channel="phone")
    scan_desk(now=desk_days.NOW + timedelta(days=1))
    assert HotIssue.objects.get().usual == usual
    plainly = carriers_of_issue(issue)
    assert plainly[0].persons >= 20
    much = ("", "area=south", "channel=phone", "code=network", "code=network.outage")
    HotIssue.objects.update(usual={**usual, **dict.fromkeys(much, 400.0)})
    assert carriers_of_issue(HotIssue.objects.get()) == []
