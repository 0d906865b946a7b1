"""A drill begins with the detector: found on a day, or not and why; nothing of it is kept."""

from __future__ import annotations

import json

import pytest
from django.utils import timezone
from tests.actions.hotissues.conftest import hire
from tests.actions.hotissues.desk_days import NOW, ordinary, write
from tests.pages.conftest import colleague, signed_in
from typer.testing import CliRunner

from amends.cases.complaints.models import Complaint
from amends.problems.emergencies.actions.detect_drill import Detection, detect_drill
from amends.problems.emergencies.actions.start_drill import start_drill
from amends.problems.emergencies.rules.drills import invented
from amends.problems.emergencies.web.drill_words import detection_of
from amends.problems.hotissues.actions.fill_cube import update_cube
from amends.problems.hotissues.actions.scan_desk import scan_desk
from amends.problems.hotissues.models import CubeDay, HotIssue
from amends.problems.hotissues.queries import issues
from amends.site.cli.app import commands, loaded

app = loaded("hotissues", commands())

pytestmark = pytest.mark.django_db


def asked(size: int, kind: str = "network") -> Detection:
    return detect_drill(invented(0, size), kind, brand="", now=NOW)


@pytest.fixture
def desk() -> None:
    ordinary(21)
    update_cube()


def test_many_are_found_on_a_day_with_their_evidence(desk: None) -> None:
    found = asked(40)
    assert found.why == ""
    assert found.day is not None
    assert NOW.date() > found.day
    assert found.persons in {6, 20, 40}
    assert found.evidence > found.threshold > 0
    assert "network" in found.place


def test_the_more_complain_the_sooner(desk: None) -> None:
    many, more = asked(40), asked(200)
    assert many.day
    assert more.day
    assert more.day <= many.day


def test_few_stay_under_the_threshold_and_it_is_said_where(desk: None) -> None:
    found = asked(6)
    assert (found.why, found.persons, bool(found.place)) == ("below", 6, True)
    assert found.evidence <= found.threshold
    assert asked(2).why == "few_persons"


def test_what_is_hot_anyway_is_not_laid_to_the_drill() -> None:
    ordinary(21)
    write([3] * 30 + [2] * 30 + [1] * 30, "network.speed")
    update_cube()
    assert asked(10).why == "already"


def test_without_a_past_nothing_can_be_found() -> None:
    assert asked(40).why == "few_days"


def test_a_class_nobody_complained_of_is_found_too(desk: None) -> None:
    assert (found := asked(20, "privacy")).why == ""
    assert "privacy" in found.place


def test_it_is_kept_with_the_drill_and_nothing_of_it_with_the_desk() -> None:
    ordinary(21)
    assert scan_desk(now=NOW).issues == []
    before = list(CubeDay.objects.order_by("day").values_list("day", "columns"))
    drill = start_drill(title="t", kind="network", persons=400, actor=hire("manager"), now=NOW)
    noted = drill.happenings.get(verb="drill_found")
    assert noted.details["detection"] == asked(40).as_details()
    assert list(CubeDay.objects.order_by("day").values_list("day", "columns")) == before
    assert not Complaint.objects.filter(id__startswith="drill-").exists()
    assert scan_desk(now=NOW).issues == []
    assert issues() == []
    assert drill.level


@pytest.mark.parametrize(
    ("language", "found", "missed"),
    [
        ("en", "The detector finds it by the end of", "The detector would not find it"),
        ("zh-hans", "检测能发现", "检测不会发现"),
    ],
)
def test_the_pages_say_when_or_why_not(
    desk: None, monkeypatch: pytest.MonkeyPatch, language: str, found: str, missed: str
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    client = signed_in(colleague("wang", "manager"), language)
    for persons, words in (("400", found), ("60", missed)):
        client.post(
            "/desk/hotissues/drills/", {"title": "x", "kind": "network", "persons": persons}
        )
        drill = HotIssue.objects.filter(drill=True).latest("number")
        for part in ("emergency/", "after-action/", ""):
            assert words in client.get(f"/desk/hotissues/{drill.id}/{part}").content.decode()
    listed = client.get("/desk/hotissues/drills/").content.decode()
    assert found in listed
    assert missed in listed


def test_the_command_says_it(desk: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    hire("manager")
    asks = ["drill", "x", "--by", "manager-x", "--kind", "network", "--persons", "400"]
    said = json.loads(CliRunner().invoke(app, [*asks, "--json"]).stdout)
    assert said["detection"]["why"] == ""
    assert said["detection"] == detection_of(HotIssue.objects.get(drill=True))
    words = " ".join(CliRunner().invoke(app, asks).stdout.split())
    assert "The detector finds it by the end of" in words
