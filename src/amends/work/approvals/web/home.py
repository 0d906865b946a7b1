"""The panels of approvals on the first page after sign-in, for both sides."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from amends.people.access.queries.colleagues import people
from amends.platform.kit.actors import Actor
from amends.platform.registry import HomeRow
from amends.work.approvals.queries import (
    WaitingItem,
    WaitingState,
    asked_by,
    deciders,
    decision_named,
    waiting_for,
)


def waits_for_me(actor: Actor, now: datetime) -> Sequence[HomeRow]:
    """Requests that this person may decide, the most urgent first."""
    items = waiting_for(actor, now=now)
    names = people({item.asked_by for item in items})
    return [_row(item, names.get(item.asked_by, item.asked_by)) for item in items]


def asked_by_me(actor: Actor, now: datetime) -> Sequence[HomeRow]:
    """The requests of this person that no one has answered."""
    rows = []
    for item in asked_by(actor):
        if item.state == WaitingState.WAITING:
            able = deciders(item, now=now)
            waits = _("waits for %(names)s") % {"names": ", ".join(sorted(able.values()))}
            rows.append(_row(item, waits if able else _("no one else may decide it")))
    return rows


def _row(item: WaitingItem, note: str) -> HomeRow:
    title = f"{decision_named(item.decision).title} · {item.subject_title}"
    return HomeRow(
        title=title, path=reverse("approval", args=[item.ref]), note=note, due_at=item.due_at
    )
