"""A line to the message centre that does not stand is missed, also where nothing is due."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest

from amends.channels.jobs.sms_session import TOLD_EVERY, hold_line
from amends.channels.models import SmsLine
from amends.channels.queries import line_down_s
from amends.operations.health.alarms import sounding
from amends.operations.health.readings import readings


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> None:
    """A centre is set; no test goes there."""
    monkeypatch.setenv("AMENDS_SMPP_URL", "smpps://amends:secret@centre.example:3550")
    monkeypatch.setenv("AMENDS_SMS_FROM", "10086")


class Turns:
    """A worker whose line goes round a few times, at moments that are given; then it is stopped."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, moments: list) -> None:
        self.stopping = threading.Event()
        self._moments: Iterator = iter(moments)
        self.now = moments[0]
        monkeypatch.setattr("amends.channels.jobs.sms_session.SmsWorker", lambda *a, **k: self)
        monkeypatch.setattr("amends.channels.jobs.sms_session.close_old_connections", lambda: None)
        monkeypatch.setattr("amends.channels.jobs.sms_session.connections.close_all", lambda: None)

    def __enter__(self):
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def turn(self, *, wait_s: float) -> None:
        following = next(self._moments, None)
        if following is None:
            self.stopping.set()
        else:
            self.now = following

    def run(self) -> None:
        hold_line(self.stopping, clock=lambda: self.now, holder="a")


def _heard(now) -> bool:
    return "AmendsSmsLineDown" in {one.alarm.id for one in sounding(readings(now=now))}


def test_without_a_centre_nobody_is_missed(db, now, monkeypatch):
    monkeypatch.delenv("AMENDS_SMPP_URL", raising=False)
    assert line_down_s(now=now) is None
    assert not _heard(now + timedelta(days=1))


def test_before_anybody_was_to_hold_it_nothing_is_told(db, now, account):
    assert line_down_s(now=now) is None


def test_a_centre_that_never_answers_is_missed(db, now, account, monkeypatch):
    monkeypatch.setattr("amends.channels.jobs.sms_session._WAITS_S", (0.0,))
    monkeypatch.setattr("amends.channels.jobs.sms_session.close_old_connections", lambda: None)
    monkeypatch.setattr("amends.channels.jobs.sms_session.connections.close_all", lambda: None)
    stopping = threading.Event()
    tries = []

    def clock():
        return now + timedelta(seconds=len(tries))

    class Refused:
        def __init__(self, *_: object, **__: object) -> None:
            from amends.channels.senders import UnableToReachProvider

            tries.append(1)
            if len(tries) == 3:
                stopping.set()
            raise UnableToReachProvider("The message centre does not let us in.")

    monkeypatch.setattr("amends.channels.jobs.sms_session.SmsWorker", Refused)
    hold_line(stopping, clock=clock, holder="a")
    assert SmsLine.objects.get().stood_at is None
    assert line_down_s(now=now + timedelta(seconds=60)) == 60, "from when it was first awaited"
    assert not _heard(now + timedelta(seconds=120))
    assert _heard(now + timedelta(seconds=121))


def test_a_line_that_stands_tells_it_now_and_then(db, now, account, monkeypatch):
    told = [
        now,
        now + timedelta(seconds=1),
        now + TOLD_EVERY,
        now + TOLD_EVERY + timedelta(seconds=9),
    ]
    Turns(monkeypatch, told).run()
    assert SmsLine.objects.get().stood_at == now + TOLD_EVERY
    assert line_down_s(now=now + TOLD_EVERY + timedelta(seconds=5)) == 5
    assert not _heard(now + TOLD_EVERY + timedelta(seconds=100))
    assert _heard(now + timedelta(hours=1)), "it, or its process, went away"


def test_a_clock_set_back_does_not_keep_it_from_being_told(db, now, account, monkeypatch):
    Turns(monkeypatch, [now, now - timedelta(hours=2)]).run()
    assert SmsLine.objects.get().stood_at == now - timedelta(hours=2)


def test_another_account_is_another_line(db, now, account, monkeypatch):
    Turns(monkeypatch, [now]).run()
    monkeypatch.setenv("AMENDS_SMPP_URL", "smpps://other:secret@centre.example:3550")
    assert line_down_s(now=now + timedelta(hours=1)) is None
