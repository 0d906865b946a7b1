"""Erase a person at their request, hold and release: the privacy officer's acts, inside a case."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from amends.people.access.actions.hold_record import hold_fact
from amends.people.access.models import BreakGlass
from amends.people.access.queries.authority import authorise_case
from amends.people.access.queries.cases import find
from amends.people.subscribers.actions.erase import erase as erase_from_register
from amends.people.subscribers.actions.hold import place_hold, release_holds
from amends.platform.kit.actors import Actor
from amends.platform.registry import Erasure
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append


def erase(erasure: Erasure) -> int:
    """Erase the subscriber and their keys: the last step of an erasure. Always 1."""
    erase_subscriber(erasure.actor, erasure.case, now=erasure.now)
    return 1


def erase_subscriber(actor: Actor, case: str, *, now: datetime) -> None:
    """Erase the subscriber of a privacy request; a legal hold refuses it with its reason."""
    case_row = find(case)
    authorise_case(actor, "erase", case_row, now=now)
    with transaction.atomic():
        # A typed reason may name the person; the ledger keeps it masked.
        BreakGlass.objects.filter(subscriber=case_row.subscriber).update(reason="")
        erase_from_register(case_row.subscriber, now=now)


def hold_subscriber(actor: Actor, case: str, *, reason: str, now: datetime) -> None:
    """Keep the data of a case's subscriber from erasure."""
    case_row = find(case)
    authorise_case(actor, "hold", case_row, now=now)
    with transaction.atomic():
        place_hold(
            case_row.subscriber, reason=reason, by=actor.ref, now=now, reference=case_row.reference
        )
        append([_held(actor, "HoldPlaced", case_row.subscriber, now)], now=now)


def release_subscriber(actor: Actor, case: str, *, now: datetime) -> None:
    """Release the holds on the data of a case's subscriber."""
    case_row = find(case)
    authorise_case(actor, "hold", case_row, now=now)
    with transaction.atomic():
        release_holds(case_row.subscriber, by=actor.ref, now=now)
        append([_held(actor, "HoldLifted", case_row.subscriber, now)], now=now)


def _held(actor: Actor, what: str, subscriber: str, now: datetime) -> Fact:
    return hold_fact(what, "subscriber", "", actor, now, subscriber=subscriber)
