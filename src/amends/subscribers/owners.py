"""Whose a number, mailbox, identity card or service is: found by blind index, opened by nobody.

A telephone number is given out again: it belongs to whoever has it, and to whoever had it only for
what is of their time. A mailbox and an identity card stay with the person.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db.models import Q

from amends.database.kept import KeptFew
from amends.kit.periods import Period
from amends.kit.slices import slices
from amends.subscribers.models import IndexEntry, Service, Subscriber
from amends.subscribers.personal import index_entries

_ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
# A number rests at least so long before it is given out again: another day of leaving within it is
# a correction of the first.
_A_CORRECTION = timedelta(days=60)
_OWNERS = KeptFew(
    lambda entries: IndexEntry.objects.filter(entry__in=entries).values_list(
        "entry", "subscriber_id", "subscriber__status", "subscriber__left_at"
    ),
    most=8,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Lookup:
    """What a person gave to be recognised by; the first that finds exactly one person counts.

    at       of which moment the matter is: whose the number was then; None: whose it is now
    leaving  the row says that this person left at that moment: it may have been told before
    """

    phone: str = ""
    email: str = ""
    service: str = ""
    id_card: str = ""
    at: datetime | None = None
    leaving: bool = False


@dataclass(frozen=True, slots=True)
class _Owner:
    """Somebody under whose value an entry stands; `left_at` is None while they are served."""

    pseudonym: str
    left_at: datetime | None


def owners_of(lookups: Sequence[Lookup]) -> list[str | None]:
    """The pseudonym each lookup finds, in the order given, in a handful of queries.

    None where nobody is found, and where a value belongs to several.
    """
    return [
        next((next(iter(some)) for some in candidates if len(some) == 1), None)
        for candidates in _candidates(lookups)
    ]


def of_several(lookups: Sequence[Lookup]) -> list[bool]:
    """Whether what a lookup gives belongs to several people, so that it finds none of them."""
    return [
        any(candidates) and all(len(some) != 1 for some in candidates)
        for candidates in _candidates(lookups)
    ]


def with_another_card(found: Sequence[tuple[str, str]]) -> list[bool]:
    """Whether each person on record bears an identity card, and not the one given with them.

    found   pseudonym and identity card; "" for one that was not given
    """
    given = index_entries("id_card", [card for _, card in found])
    asked = sorted({whose for (whose, _), entry in zip(found, given, strict=True) if entry})
    borne: dict[str, set[str]] = defaultdict(set)
    for part in slices(asked):
        rows = IndexEntry.objects.filter(subscriber__in=part, column="id_card")
        for whose, entry in rows.values_list("subscriber_id", "entry"):
            borne[whose].add(entry)
    return [
        bool(entry and borne[whose]) and entry not in borne[whose]
        for (whose, _), entry in zip(found, given, strict=True)
    ]


def _candidates(lookups: Sequence[Lookup]) -> list[list[set[str]]]:
    """Whose each value of a lookup is, the most telling value first."""
    wanted = _entries_of(lookups)
    owners = _owners_of_entries({entry for _, entries in wanted for entry in entries})
    by_service = _owners_of_services({lookup.service for lookup in lookups if lookup.service})
    found: list[list[set[str]]] = []
    for lookup, (number, entries) in zip(lookups, wanted, strict=True):
        candidates = [{by_service[lookup.service]}] if lookup.service in by_service else []
        for entry in entries:
            some = owners.get(entry, [])
            candidates.append(_holders(some, lookup) if entry == number else _persons(some))
        found.append(candidates)
    return found


def _holders(owners: Sequence[_Owner], lookup: Lookup) -> set[str]:
    """Who of those under whom a number stands had it at the moment of the matter."""
    served = [one for one in owners if one.left_at is None]
    at = lookup.at
    if at is None:
        return {one.pseudonym for one in served}
    gone = [(one.left_at, one.pseudonym) for one in owners if one.left_at is not None]
    if lookup.leaving and (same := [one for one in gone if abs(one[0] - at) < _A_CORRECTION]):
        # Told before, perhaps with another day: whoever has the number now has not left by it.
        return {min(same, key=lambda one: abs(one[0] - at))[1]}
    if later := [(left, whose) for left, whose in gone if left > at]:
        return {min(later)[1]}
    return {one.pseudonym for one in served}


def _persons(owners: Sequence[_Owner]) -> set[str]:
    """Whose a mailbox or identity card is; of one who left and came back, as who they are now."""
    served = {one.pseudonym for one in owners if one.left_at is None}
    return served or {one.pseudonym for one in owners}


def former_holders(phone: str) -> dict[str, datetime]:
    """Who had a number and has left, with the moment until which it was theirs."""
    (entry,) = index_entries("phone", [phone])
    rows = _owners_of_entries({entry} - {""}).get(entry, [])
    return {one.pseudonym: one.left_at for one in rows if one.left_at is not None}


def number_theirs(pseudonym: str) -> Period:
    """While the number on record was this person's: after who had it before, until they left."""
    own = Subscriber.objects.filter(pseudonym=pseudonym).values_list("status", "left_at").first()
    until = _left(*own) if own else None
    entries = IndexEntry.objects.filter(subscriber=pseudonym, column="phone").values("entry")
    others = IndexEntry.objects.filter(column="phone", entry__in=entries).exclude(
        subscriber=pseudonym
    )
    before = others.filter(~Q(subscriber__left_at=None), subscriber__status="left")
    ends = [left for left in before.values_list("subscriber__left_at", flat=True) if left]
    earlier = [left for left in ends if until is None or left < until]
    return Period(max(earlier, default=min(_ALWAYS, until or _ALWAYS)), until)


def _left(status: str, left_at: datetime | None) -> datetime | None:
    """When somebody left; of one who left on a day nobody noted, long ago."""
    return (left_at or _ALWAYS) if status == Subscriber.Status.LEFT else None


def _entries_of(lookups: Sequence[Lookup]) -> list[tuple[str, list[str]]]:
    """The number's index entry, and all of them, for each lookup the most telling first."""
    columns = (
        index_entries("id_card", [lookup.id_card for lookup in lookups]),
        index_entries("phone", [lookup.phone for lookup in lookups]),
        index_entries("email", [lookup.email for lookup in lookups]),
    )
    return [
        (entries[1], [entry for entry in entries if entry])
        for entries in zip(*columns, strict=True)
    ]


def _owners_of_entries(entries: set[str]) -> dict[str, list[_Owner]]:
    owners: dict[str, list[_Owner]] = defaultdict(list)
    for part in slices(list(entries)):
        for entry, whose, status, left_at in _OWNERS.rows(part):
            owners[entry].append(_Owner(whose, _left(status, left_at)))
    for some in owners.values():
        some.sort(key=lambda one: (one.left_at or _ALWAYS, one.pseudonym))
    return owners


def _owners_of_services(refs: set[str]) -> dict[str, str]:
    owners: dict[str, str] = {}
    for part in slices(list(refs)):
        owners.update(Service.objects.filter(ref__in=part).values_list("ref", "subscriber_id"))
    return owners
