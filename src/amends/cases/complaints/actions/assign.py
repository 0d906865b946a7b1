"""Assignment: a person takes complaints over, or returns them to the queue."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from amends.cases.complaints.models import Complaint
from amends.platform.kit.actors import Actor
from amends.work.casework.actions.assign import assign_to_person, return_to_queue


def take(refs: Iterable[str], *, actor: Actor, now: datetime) -> list[Complaint]:
    """Make the actor the handler of open complaints of their brand; returns those that changed."""
    with transaction.atomic():
        rows = _open(refs, actor)
        changed = assign_to_person("complaint", rows, actor.ref, actor=actor, now=now)
        return _changed(rows, changed, handler=actor.ref)


def hand_back(refs: Iterable[str], *, actor: Actor, now: datetime) -> list[Complaint]:
    """Leave complaints to whoever takes them next; returns those that changed."""
    with transaction.atomic():
        rows = _open(refs, actor)
        changed = return_to_queue("complaint", rows, actor=actor, now=now)
        return _changed(rows, changed, handler="")


def _open(refs: Iterable[str], actor: Actor) -> dict[str, Complaint]:
    """The open complaints of the actor's brand among `refs`, locked, in the order of receipt."""
    rows = Complaint.objects.select_for_update().filter(id__in=list(refs), is_open=True)
    if actor.brand:
        rows = rows.filter(brand=actor.brand)
    return {row.id: row for row in rows}


def _changed(rows: dict[str, Complaint], keys: list[str], *, handler: str) -> list[Complaint]:
    changed = [rows[key] for key in keys]
    for row in changed:
        row.handler = handler
    return changed
