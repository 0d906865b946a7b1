"""While a number was whose: one's after the other's, and nobody's alone while two had it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from amends.platform.kit.periods import Period

ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class NumberOwner:
    """Somebody under whose value an entry stands.

    until      when it ceased to be theirs: they left, or had another; None while it is
    since      when the register named it as theirs
    given_up   when they had another
    has_left   whether they are served no more
    """

    pseudonym: str
    until: datetime | None
    since: datetime
    given_up: datetime | None
    has_left: bool


def begin(owner: NumberOwner, owners: Sequence[NumberOwner]) -> datetime:
    """From when a number counts as somebody's: since it ceased to be another's, for the register
    tells late; where another had it still, since the register named it."""
    other_owners = [
        other_owner for other_owner in owners if other_owner.pseudonym != owner.pseudonym
    ]
    if any(
        other_owner.since < owner.since and (other_owner.until or _NEVER) > owner.since
        for other_owner in other_owners
    ):
        return owner.since
    ends = [
        other_owner.until
        for other_owner in other_owners
        if other_owner.until and other_owner.until <= owner.since
    ]
    return max(ends, default=min(ALWAYS, owner.until or ALWAYS))


def holders_at(owners: Sequence[NumberOwner], at: datetime) -> set[str]:
    """Who had a number at a moment."""
    return {
        owner.pseudonym
        for owner in owners
        if at < (owner.until or _NEVER) and begin(owner, owners) <= at
    }


def alone(owners: Sequence[NumberOwner], pseudonym: str) -> list[Period]:
    """While a number was this person's and nobody else's; never: a time without length."""
    free_spans = []
    other_spans = [
        span for owner in owners if owner.pseudonym != pseudonym for span in _span(owner, owners)
    ]
    for owner in owners:
        if owner.pseudonym == pseudonym:
            free_spans += _without(list(_span(owner, owners)), other_spans)
    if free_spans:
        return [Period(start, None if end == _NEVER else end) for start, end in free_spans]
    ends = [owner.until for owner in owners if owner.pseudonym == pseudonym and owner.until]
    return [Period(max(ends, default=ALWAYS), max(ends, default=ALWAYS))]


def _span(owner: NumberOwner, owners: Sequence[NumberOwner]) -> Iterator[tuple[datetime, datetime]]:
    start, end = begin(owner, owners), owner.until or _NEVER
    if start < end:
        yield start, end


def _without(
    spans: list[tuple[datetime, datetime]], other_spans: Sequence[tuple[datetime, datetime]]
) -> list[tuple[datetime, datetime]]:
    for first, last in other_spans:
        spans = [
            part
            for start, end in spans
            for part in ((start, min(end, first)), (max(start, last), end))
            if part[0] < part[1]
        ]
    return spans
