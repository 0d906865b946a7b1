"""The wave of scams: protection marks, blocks, and complaints fall."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from amends.people.access.actions.add_user import add_user
from amends.people.subscribers.actions.register import NewSubscriber, register
from amends_demo.actions.scam_wave import play_scam_wave

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 2, tzinfo=UTC)


@pytest.mark.parametrize("gates", [False, True])
def test_complaints_fall_once_the_network_asks(gates: bool) -> None:
    for number in range(60):
        register(NewSubscriber(phone=f"154001{number:05d}"), now=NOW - timedelta(days=90))
    password = "correct horse battery staple 7"
    add_user("li.na", password=password, roles=["senior_handler"])
    wave = play_scam_wave(seed=3, now=NOW, gates=gates)
    assert wave.people == 30
    assert wave.complaints_without > 0
    if gates:
        assert wave.blocked_after_h is not None
        assert wave.complaints < wave.complaints_without
        assert min(wave.marked, wave.blocked) > 0
    else:
        assert wave.complaints == wave.complaints_without
        assert (wave.marked, wave.blocked) == (0, 0)
        assert wave.blocked_after_h is None, "the receipt of no report is verified"
