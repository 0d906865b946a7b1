"""Reported numbers and guardians: contacts on record, and the second person who approves."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from amends.causes.protection.actions.guardianship import NewGuardian, request_guardian
from amends.causes.protection.actions.record_contact import record_contact
from amends.causes.protection.models import ReportedNumber
from amends.causes.protection.numbers import entry_of
from amends.platform.kit.actors import Actor
from amends.work.approvals.actions.decide import approve
from amends.work.approvals.models import WaitingItem

SECOND = Actor("user", "usr-second", ("manager",))


def received(person: str, number: str, *, at: datetime) -> None:
    """The network asked what to do with a message or call of this number to this person."""
    record_contact(entry_of(number), person, now=at)


def agree_to_block(*, now: datetime) -> ReportedNumber:
    """A second person approves the block that the rules asked for."""
    item = WaitingItem.objects.get(decision="protection.block_number", state="waiting")
    approve(item.ref, actor=SECOND, now=now)
    return ReportedNumber.objects.get(ref=item.subject_key)


def record_guardian(ward: str, guardian: str, *, actor: Actor, now: datetime, **terms: Any) -> None:
    """Two people record a guardian: of a minor who comes of age in May 2031, unless stated."""
    given = {
        "basis": "minor",
        "document": "Birth certificate, seen at the counter",
        "born": date(2013, 5, 2),
        "until": date(2031, 5, 1),
        **terms,
    }
    item = request_guardian(
        NewGuardian(ward=ward, guardian=guardian, **given), actor=actor, now=now
    )
    approve(item.ref, actor=SECOND, now=now)
