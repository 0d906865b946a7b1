"""Assignment: a person takes complaints over, or returns them to the queue."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from amends.access.actors import Actor
from amends.complaints.models import Complaint, Event
from amends.kit.errors import Refused


class UnableToTake(Refused):
    """Nobody handles a complaint that is closed, or that came in as history."""

    code = "unable_to_take"


def take(refs: Iterable[str], *, actor: Actor, now: datetime) -> list[Complaint]:
    """Make the actor the handler of open complaints of their brand; returns those that changed."""
    return _hand(refs, to=actor.ref, verb="taken", actor=actor, now=now)


def hand_back(refs: Iterable[str], *, actor: Actor, now: datetime) -> list[Complaint]:
    """Leave complaints to whoever takes them next; returns those that changed."""
    return _hand(refs, to="", verb="handed_back", actor=actor, now=now)


def _hand(
    refs: Iterable[str], *, to: str, verb: str, actor: Actor, now: datetime
) -> list[Complaint]:
    with transaction.atomic():
        rows = Complaint.objects.select_for_update().filter(id__in=list(refs), is_open=True)
        if actor.brand:
            rows = rows.filter(brand=actor.brand)
        changed = [item for item in rows if item.handler != to]
        for item in changed:
            item.handler = to
        Complaint.objects.bulk_update(changed, ["handler"], batch_size=200)
        Event.objects.bulk_create(
            Event(complaint=item, at=now, verb=verb, actor=actor.ref) for item in changed
        )
    return changed
