"""A drill of a few hours asks the scan by the hour as well; nothing of it is kept with the desk."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.core.cache import caches
from django.utils import timezone
from tests.actions.hotissues.conftest import hire
from tests.actions.hotissues.desk_days import NOW
from tests.actions.hotissues.test_scan_hours import at, busy
from tests.pages.conftest import colleague, signed_in
from typer.testing import CliRunner

from amends.problems.emergencies.actions.detect_drill import Detection
from amends.problems.emergencies.actions.detect_drill_hours import HOURS, detect_drill_hours
from amends.problems.emergencies.actions.start_drill import start_drill
from amends.problems.emergencies.rules.drills import invented
from amends.problems.hotissues.actions.fill_cube import update_cube
from amends.problems.hotissues.actions.scan_hours import scan_hours, whole_hour
from amends.problems.hotissues.models import HotIssue
from amends.site.cli.app import commands, loaded

app = loaded("hotissues", commands())

pytestmark = pytest.mark.django_db


def asked(size: int, kind: str = "network") -> Detection:
    return detect_drill_hours(invented(0, size), kind, brand="", now=NOW)


@pytest.fixture
def desk() -> None:
    caches["process"].clear()
    busy(21)
    update_cube()


def test_a_rise_of_hours_is_found_in_one_of_them(desk: None) -> None:
    found = asked(40)
    assert found.why == "", found
    assert found.ended is not None
    assert whole_hour(NOW) - timedelta(hours=HOURS) < found.ended <= whole_hour(NOW)
    assert 5 <= found.persons <= 40
    assert found.evidence > found.threshold > 0
    assert "network" in found.place


def test_few_are_not_found_and_it_is_said_why(desk: None) -> None:
    assert asked(2).why == "few_persons"
    few = asked(5)
    assert few.why in ("below", "explained")
    assert few.ended is not None


def test_without_three_weeks_nothing_can_be_found() -> None:
    busy(4, days=10)
    update_cube()
    assert (asked(40).why, asked(40).days) == ("few_days", 21)


def test_what_runs_hot_anyway_is_not_laid_to_the_drill() -> None:
    caches["process"].clear()
    busy(21)
    at([1] * 20 + [2] * 20 + [3] * 20 + [4] * 10, "network.speed", "north")
    update_cube()
    assert asked(8).why == "already"


def test_both_scans_are_asked_and_the_desk_stays_as_it_was(desk: None) -> None:
    manager = hire("manager")
    before = scan_hours(now=NOW).issues
    drill = start_drill(
        title="t", kind="network", persons=400, by_hours=True, actor=manager, now=NOW
    )
    noted = drill.happenings.get(verb="drill_found").details
    assert noted["hourly"] == asked(40).as_details()
    assert noted["hourly"]["ended"]
    assert not noted["detection"]["ended"]
    assert HotIssue.objects.filter(drill=False).count() == len(before)
    assert (
        "hourly"
        not in start_drill(title="t", kind="network", persons=400, actor=manager, now=NOW)
        .happenings.get(verb__startswith="drill_")
        .details
    )


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "By the hour: The detector finds it by"), ("zh-hans", "按小时：")],
)
def test_the_pages_and_the_command_say_it(
    desk: None, monkeypatch: pytest.MonkeyPatch, language: str, words: str
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    client = signed_in(colleague("wang", "manager"), language)
    fields = {"title": "x", "kind": "network", "persons": "400", "over": "hours"}
    client.post("/desk/hotissues/drills/", fields)
    drill = HotIssue.objects.get(drill=True)
    for part in ("emergency/", "after-action/", ""):
        assert words in client.get(f"/desk/hotissues/{drill.id}/{part}").content.decode()
    assert words in client.get("/desk/hotissues/drills/").content.decode()
    hire("manager")
    asks = ["drill", "x", "--by", "manager-x", "--kind", "network", "--persons", "400", "--hours"]
    said = json.loads(CliRunner().invoke(app, [*asks, "--json"]).stdout)
    assert said["hourly"]["why"] == ""
