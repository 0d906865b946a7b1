"""What the record says of itself: on the board and the command, in both languages."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.utils import timezone, translation
from tests.actions.hotissues.desk_days import NOW, ordinary, write
from tests.pages.conftest import colleague, signed_in
from typer.testing import CliRunner

from amends.cases.complaints.models import Complaint
from amends.problems.hotissues.actions.scan_desk import scan_desk
from amends.problems.hotissues.models import Doubt
from amends.problems.hotissues.queries import doubts, issues
from amends.problems.hotissues.texts.data_quality_words import doubt_words
from amends.site.cli.app import commands, loaded

app = loaded("hotissues", commands())


def _told() -> dict[str, str]:
    with translation.override("en"):
        return {one.kind: doubt_words(one) for one in doubts()}


def test_an_ordinary_quarter_calls_for_no_second_look(db: None) -> None:
    ordinary(1)
    scan_desk(now=NOW)
    assert not Doubt.objects.exists()


def test_a_class_drawn_anew_is_said_for_two_weeks(db: None) -> None:
    ordinary(5)
    since = NOW - timedelta(days=3)
    Complaint.objects.filter(code="network.speed", received_at__gt=since).update(
        code="network.coverage"
    )
    scan_desk(now=NOW)
    assert issues() == []
    said = [doubt_words(one) for one in doubts() if one.kind == "moved"]
    assert said
    scan_desk(now=NOW + timedelta(days=13))
    assert [one for one in doubts() if one.kind == "moved"]
    scan_desk(now=NOW + timedelta(days=30))
    assert not doubts()


def test_a_rise_that_an_issue_is_open_for_is_no_move(db: None) -> None:
    ordinary(1)
    for place in ("code=network.speed", "code=billing.refund_credit"):
        Doubt.objects.create(
            kind="moved", place=place, day=NOW.date(), noted_at=NOW, numbers={"n": 30}
        )
    write([0] * 60, "network.speed")
    scan_desk(now=NOW)
    assert issues()
    assert [one.place for one in doubts()] == ["code=billing.refund_credit"]


def test_a_bot_and_one_who_never_stops_are_said_and_counted(db: None) -> None:
    ordinary(2)
    write([0] * 300, "billing.refund_credit", text_print=77)
    write([0] * 120, "service.support", person="the-same")
    scan_desk(now=NOW)
    told = _told()
    assert "300 complaints within a minute have nearly the same text" in told["one_sender"]
    assert told["one_person"].startswith("120 complaints of the last five weeks are of one person")
    assert any(one.persons >= 300 for one in issues())


def test_days_on_which_nothing_was_received_are_unknown_and_said(db: None) -> None:
    ordinary(3)
    for day in range(120):
        write([day] * 12, "other.unspecific")
    gone = Complaint.objects.filter(
        received_at__lt=NOW - timedelta(days=4), received_at__gt=NOW - timedelta(days=7)
    )
    assert gone.delete()[0]
    scan_desk(now=NOW)
    assert issues() == []
    (one,) = doubts()
    assert (one.kind, one.numbers["n"]) in {("silent_days", 2), ("silent_days", 3)}
    assert "not as zero" in doubt_words(one)


def test_history_of_days_that_were_already_received_here_is_said(db: None) -> None:
    ordinary(4)
    write([day for day in range(1, 30) for _ in range(40)], "network.outage", history=True)
    scan_desk(now=NOW)
    assert "1,160 complaints" in _told()["history"]
    assert "--live" in _told()["history"]


def test_a_clock_that_was_moved_is_said(db: None) -> None:
    ordinary(6)
    write([day for day in range(7, 40) for _ in range(30)], "other.unspecific")
    refs = write([day for day in range(7) for _ in range(30)], "other.unspecific")
    for one in Complaint.objects.filter(id__in=refs):
        one.received_at -= timedelta(hours=5)
        one.save(update_fields=["received_at"])
    scan_desk(now=NOW)
    assert "5 hours earlier than before" in _told()["clock"]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "300 complaints within a minute have nearly the same text"),
        ("zh-hans", "300件投诉在一分钟内内容几乎相同"),
    ],
)
def test_the_board_and_the_command_say_it(
    db: None, monkeypatch: pytest.MonkeyPatch, language: str, words: str
) -> None:
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    ordinary(2)
    write([0] * 300, "billing.refund_credit", text_print=77)
    scan_desk(now=NOW)
    page = signed_in(colleague("wang", "manager"), language).get("/desk/hotissues/")
    assert words in page.content.decode()
    listed = json.loads(CliRunner().invoke(app, ["list", "--json"]).stdout)
    (said,) = [one for one in listed["doubts"] if one["kind"] == "one_sender"]
    assert said["n"] == 300
