"""Numbers of our own that were given to somebody else start again."""

from __future__ import annotations

from datetime import datetime

from amends.causes.protection.actions.change_holder import change_holder
from amends.causes.protection.models import ReportedNumber
from amends.causes.protection.queries import opened_numbers
from amends.people.subscribers.queries import Lookup, identify_many

AT_A_TIME = 1_000


def follow_holders(*, now: datetime) -> int:
    """Compare whose the numbers are now with whose they were when last reported; how many moved."""
    rows = list(
        ReportedNumber.objects.filter(weight__gt=0).order_by("-last_reported_at")[:AT_A_TIME]
    )
    numbers = opened_numbers(rows)
    holders = identify_many([Lookup(phone=number) for number in numbers])
    before = identify_many(
        [
            Lookup(phone=number, at=row.last_reported_at)
            for row, number in zip(rows, numbers, strict=True)
        ]
    )
    moved = [
        number
        for number, present, earlier in zip(numbers, holders, before, strict=True)
        if present is not None and (earlier is None or earlier.pseudonym != present.pseudonym)
    ]
    return sum(change_holder(number, now=now) for number in moved)
