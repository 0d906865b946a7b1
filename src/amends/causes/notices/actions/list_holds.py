"""Number what is held and released, so that the network reads on from where it was and misses none.

A hold comes into being in many transactions, some of them slow. Numbers given there could be read
out of order; so they are given here, one reader at a time, to what has committed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from amends.causes.notices.models import Hold, HoldChange, StreamPosition
from amends.platform.kit.periods import from_ms, to_ms

_BOOKMARK = "holds listed"
HELD, RELEASED = "held", "released"
_UNLISTED = (Q(ended_at_ms=None) & ~Q(listed=HELD)) | (
    Q(ended_at_ms__isnull=False) & ~Q(listed=RELEASED)
)
MOST = 1_000


@dataclass(frozen=True, slots=True)
class HoldStep:
    """One hold or release, as the network carries it out; `number` is where to read on from.

    state   held or released
    action  hold: nothing more until the user consents; stop
    by      what released it: consent or period
    """

    number: int
    key: str
    state: str
    subscriber: str
    service: str
    duty: str
    counter: str
    action: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ListedHolds:
    """Holds and releases in order; `cursor` is where to read on."""

    holds: list[HoldStep]
    cursor: int


def list_holds(since: int, *, now: datetime, limit: int = MOST) -> list[HoldStep]:
    """The holds and releases after a number, in order; 0 for all of them.

    Applied twice each is the same as once: the last state of a key holds.
    """
    with transaction.atomic():
        StreamPosition.objects.get_or_create(name=_BOOKMARK)
        StreamPosition.objects.select_for_update().get(name=_BOOKMARK)
        fresh = list(Hold.objects.filter(_UNLISTED).order_by("id")[: 5 * MOST])
        for hold in fresh:
            hold.listed = HELD if hold.ended_at_ms is None else RELEASED
        HoldChange.objects.bulk_create(
            HoldChange(hold=hold, state=hold.listed, at_ms=to_ms(now)) for hold in fresh
        )
        Hold.objects.bulk_update(fresh, ["listed"], batch_size=300)
    rows = HoldChange.objects.filter(id__gt=since).select_related("hold").order_by("id")
    return [
        HoldStep(
            number=row.id,
            key=row.hold.key,
            state=row.state,
            subscriber=row.hold.subscriber,
            service=row.hold.service,
            duty=row.hold.duty,
            counter=row.hold.counter,
            action=row.hold.action,
            by=row.hold.ended_by if row.state == RELEASED else "",
            at=from_ms(row.at_ms),
        )
        for row in rows[:limit]
    ]
