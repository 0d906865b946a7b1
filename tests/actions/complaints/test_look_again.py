"""Feeds are stated complete a day later: what only waited for that is read anew and settled."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from tests.actions.complaints.conftest import NOW, PHONE, World, covered

from amends.cases.complaints.actions.assign import take
from amends.cases.complaints.actions.intake import Submission
from amends.cases.complaints.actions.receive import receive
from amends.cases.complaints.jobs import pipeline
from amends.cases.complaints.jobs.reinvestigate import reinvestigate
from amends.cases.complaints.models import Complaint, Decision, Event
from amends.platform.kit.actors import Actor
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append

FILED = NOW + timedelta(hours=3)
NEXT_DAY = NOW + timedelta(days=1)
HANDLER = Actor("user", "usr-1", ("handler",))


@pytest.fixture
def waiting(world: World) -> str:
    """Filed three hours after the last statement of every feed: read at once, left to a person."""
    said = Submission(
        channel="app",
        key="k-1",
        received_at=FILED,
        phone=PHONE,
        identity="operator_login",
        text="每月扣我10块钱彩铃费，我从来没有订过彩铃，请退钱！",
    )
    ref = receive(said, now=FILED).complaint
    assert not pipeline.process(now=FILED).settled
    return ref


def _state(*facts: Fact) -> None:
    with transaction.atomic():
        append(facts, now=NEXT_DAY)


def _of_the_day() -> tuple[Fact, ...]:
    return (
        covered("crm", "ServiceOrdered,ServiceActivated,ServiceChanged,ServiceStopped", NEXT_DAY),
        covered("billing", "ChargeMade,RefundMade", NEXT_DAY),
    )


def test_records_that_came_later_settle_what_waited_for_them(waiting: str) -> None:
    assert reinvestigate(now=NEXT_DAY) == []
    assert Decision.objects.filter(complaint=waiting).count() == 1

    _state(*_of_the_day())
    later = NEXT_DAY + timedelta(minutes=15)
    assert reinvestigate(now=later) == [waiting]
    item = Complaint.objects.get(id=waiting)
    assert (item.verdict, item.amount_minor, item.state) == ("upheld", 3000, "implementing")
    assert Event.objects.filter(complaint=waiting, verb="records_came").count() == 1
    assert reinvestigate(now=later + timedelta(minutes=15)) == []
    assert Decision.objects.filter(complaint=waiting).count() == 2


def test_a_statement_that_leaves_the_gap_is_read_once(waiting: str) -> None:
    _state(covered("billing", "ChargeMade,RefundMade", NEXT_DAY, complete=0))
    for minutes in (15, 30, 45):
        assert reinvestigate(now=NEXT_DAY + timedelta(minutes=minutes)) == []
    assert Decision.objects.filter(complaint=waiting).count() == 2
    assert Complaint.objects.get(id=waiting).state == "investigating"


def test_what_somebody_has_taken_over_is_theirs(waiting: str) -> None:
    take([waiting], actor=HANDLER, now=FILED)
    _state(*_of_the_day())
    assert reinvestigate(now=NEXT_DAY + timedelta(minutes=15)) == []
    assert Decision.objects.filter(complaint=waiting).count() == 1


def test_one_that_cannot_be_read_keeps_nobody_waiting(
    waiting: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError("no such offer")

    _state(*_of_the_day())
    with monkeypatch.context() as patch:
        patch.setattr("amends.cases.complaints.jobs.reinvestigate.investigate_again", broken)
        assert reinvestigate(now=NEXT_DAY + timedelta(minutes=15)) == []
    assert reinvestigate(now=NEXT_DAY + timedelta(minutes=30)) == [waiting]
