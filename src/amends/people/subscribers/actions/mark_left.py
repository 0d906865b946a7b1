"""Who has left: noted with the day, and found again when the term of what is kept has ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from amends.people.subscribers.models import Subscriber
from amends.platform.database.rows import update

_SERVED = ("active", "suspended", "left")


def leave(moments: Mapping[str, datetime]) -> int:
    """Note when subscribers left; how many of them were not known to have left by then.

    The register's newest word counts: another moment replaces the one before. Who was erased stays
    erased, and pseudonyms nobody has are passed over.
    """
    with transaction.atomic():
        people = Subscriber.objects.select_for_update().filter(
            pseudonym__in=list(moments), status__in=_SERVED
        )
        changed = [
            person
            for person in people.order_by("pseudonym")
            if (person.status, person.left_at) != ("left", moments[person.pseudonym])
        ]
        for person in changed:
            person.status, person.left_at = Subscriber.Status.LEFT, moments[person.pseudonym]
        update(changed, ("status", "left_at"))
    return len(changed)


def left_before(
    before: datetime, *, after: tuple[datetime, str] | None = None, limit: int = 500
) -> list[tuple[str, str, datetime]]:
    """Who left at or before a moment, first come first: (pseudonym, pseudonym, left)."""
    rows = _left(before)
    if after is not None:
        left, last_pseudonym = after
        rows = rows.filter(Q(left_at__gt=left) | Q(left_at=left, pseudonym__gt=last_pseudonym))
    left_rows = rows.order_by("left_at", "pseudonym").values_list("pseudonym", "left_at")[:limit]
    return [(pseudonym, pseudonym, left) for pseudonym, left in left_rows]


def take_left(wanted: Sequence[str], before: datetime) -> list[tuple[str, str, datetime]]:
    """Lock those of `wanted` who still count as left, inside a transaction."""
    rows = _left(before).filter(pseudonym__in=wanted).order_by("pseudonym")
    rows = rows.select_for_update(skip_locked=connection.features.has_select_for_update_skip_locked)
    return [
        (pseudonym, pseudonym, left) for pseudonym, left in rows.values_list("pseudonym", "left_at")
    ]


def _left(before: datetime) -> QuerySet[Subscriber]:
    return Subscriber.objects.filter(status="left", left_at__lte=before)
