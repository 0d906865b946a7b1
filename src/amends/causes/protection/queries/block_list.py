"""The block list as pages, exports and notices show it: never a number that nothing may block."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from amends.causes.protection.models import BlockListChange, ReportedNumber
from amends.causes.protection.numbers import entry_of
from amends.causes.protection.queries import opened_numbers
from amends.causes.protection.queries.protected import protection_of

CHANGES_AT_A_TIME = 50_000


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockedNumber:
    """A change of the block list: a number added, or taken off.

    sequence  number of the change; ask for those after the last one you have
    until     when it ends unless it is taken off before, milliseconds are left out
    """

    sequence: int
    number: str
    added: bool
    at: datetime
    until: datetime | None
    reason: str


def block_list_changes(since: int = 0, *, limit: int = CHANGES_AT_A_TIME) -> list[BlockedNumber]:
    """The changes of the block list after the one numbered `since`, in order."""
    return [
        BlockedNumber(
            sequence=row.id,
            number=number,
            added=row.added,
            at=row.at,
            until=row.until,
            reason=row.reason,
        )
        for row, number in changes_with_numbers(since, limit=limit)
    ]


def changes_with_numbers(since: int = 0, *, limit: int) -> list[tuple[BlockListChange, str]]:
    """Changes after the one numbered `since`, with their numbers; at most `most`, none at the end.

    The entry of a number that is never blocked is left out, its removal is not: systems that took
    the entry of an earlier version learn that it has ended.
    """
    while True:
        rows = BlockListChange.objects.filter(id__gt=since).select_related("number")
        part = list(rows.order_by("id")[:limit])
        listed = allowed_changes(part)
        if listed or not part:
            return listed
        since = part[-1].id


def allowed_changes(rows: Iterable[BlockListChange]) -> list[tuple[BlockListChange, str]]:
    """The rows with their numbers, without blocks of numbers that are never blocked."""
    rows = list(rows)
    today = timezone.localdate()
    numbers = opened_numbers([row.number for row in rows])
    return [
        (row, number)
        for row, number in zip(rows, numbers, strict=True)
        if not row.added or protection_of(number, on=today) is None
    ]


def is_known(number: str, *, now: datetime) -> bool:
    """Whether callees are warned of a number: all that the public is shown of it."""
    if protection_of(number, on=timezone.localdate(now)) is not None:
        return False
    rows = ReportedNumber.objects.filter(entry=entry_of(number), step_until__gt=now)
    return rows.exclude(step="").exists()
