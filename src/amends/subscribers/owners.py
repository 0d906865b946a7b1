"""Whose a number, mailbox, identity card or service is: found by blind index, opened by nobody.

A telephone number is given out again: it belongs to whoever has it, and to whoever had it, until
they left or had another, only for what is of their time. An identity card stays with the person,
and so does a mailbox, until the register gives them another and it to somebody else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from amends.database.prepared_queries import PreparedQueryForKeys
from amends.kit.batches import slices
from amends.kit.periods import Period
from amends.subscribers.models import IndexEntry, Service, Subscriber
from amends.subscribers.number_history import ALWAYS, Owner, alone, holders_at, together
from amends.subscribers.queries.personal import index_entries

SHARED = "shared"
"""The column of an index entry that says when a number was another's too, who was erased since."""
A_CROWD = 10
"""A mailbox that more people than this have, such as a shop's, tells nobody."""
# A number rests at least so long before it is given out again: another day of leaving within it is
# a correction of the first.
_A_CORRECTION = timedelta(days=60)
_OWNERS = PreparedQueryForKeys(
    lambda entries: IndexEntry.objects.filter(entry__in=entries).values_list(
        "column", "entry", "subscriber_id", "since", "until", "subscriber__status",
        "subscriber__registered_at", "subscriber__left_at",
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


def owners_of(lookups: Sequence[Lookup]) -> list[str | None]:
    """The pseudonym each lookup finds, in the order given, in a handful of queries.

    None where nobody is found, and where a value belongs to several.
    """
    return [
        next((next(iter(some)) for some in candidates if len(some) == 1), None)
        for candidates in _candidates(lookups)
    ]


class FoundOwner(NamedTuple):
    """Whose each value of a lookup is.

    also  whose number or mailbox may be besides: of a leaving told before, whose they were then
    """

    id_card: set[str]
    phone: set[str]
    email: set[str]
    also: set[str]


def found_by(lookups: Sequence[Lookup]) -> list[FoundOwner]:
    """All whose the identity card, number and mailbox of each lookup are, in the order given."""
    wanted = _entries_of(lookups)
    owners = _owners_of_entries({entry for entries in wanted for entry in entries} - {""})
    found = []
    for lookup, (card, number, mailbox) in zip(lookups, wanted, strict=True):
        by_card, by_number, by_mailbox = (owners.get(one, []) for one in (card, number, mailbox))
        also: set[str] = set()
        if lookup.leaving:
            told_now = replace(lookup, leaving=False)
            also = _holders(by_number, told_now) | _persons(by_mailbox, lookup.at)
        found.append(
            FoundOwner(
                _bearers(by_card, lookup),
                _holders(by_number, lookup),
                _bearers(by_mailbox, lookup),
                also,
            )
        )
    return found


def cards_of(pseudonyms: Iterable[str]) -> dict[str, str]:
    """Pseudonym → index entry of the identity card, of those who have one on record."""
    found: dict[str, str] = {}
    for part in slices(sorted(set(pseudonyms))):
        rows = IndexEntry.objects.filter(subscriber__in=part, column="id_card", until=None)
        found.update(rows.values_list("subscriber_id", "entry"))
    return found


def _candidates(lookups: Sequence[Lookup]) -> list[list[set[str]]]:
    """Whose each value of a lookup is, the most telling value first."""
    by_service = _owners_of_services({lookup.service for lookup in lookups if lookup.service})
    return [
        [{by_service[lookup.service]} if lookup.service in by_service else set(), *found[:3]]
        for lookup, found in zip(lookups, found_by(lookups), strict=True)
    ]


def _holders(owners: Sequence[Owner], lookup: Lookup) -> set[str]:
    """Who of those under whom a number stands had it at the moment of the matter."""
    at = lookup.at
    if at is None:
        return {one.pseudonym for one in owners if one.until is None}
    if lookup.leaving and (gone := _left_by(owners, at)):
        return gone
    return holders_at(owners, at)


def _left_by(owners: Sequence[Owner], at: datetime) -> set[str]:
    """Who was told before to have left about then, perhaps with another day.

    Whoever has the number now has not left by it.
    """
    return {
        one.pseudonym for one in owners
        if one.has_left and one.until and abs(one.until - at) < _A_CORRECTION
    }  # fmt: skip


def _bearers(owners: Sequence[Owner], lookup: Lookup) -> set[str]:
    """Whose an identity card or mailbox is; of one who left and came back, as who they were if that
    is told again."""
    if lookup.leaving and lookup.at and (gone := _left_by(owners, lookup.at)):
        return gone
    return _persons(owners, lookup.at)


def _persons(owners: Sequence[Owner], at: datetime | None) -> set[str]:
    """Whose a mailbox or identity card is; of one who left and came back, as who they are now."""
    if at and (had := [one for one in owners if one.given_up and one.given_up > at]):
        first = min(one.given_up for one in had if one.given_up)
        return {one.pseudonym for one in owners if one.given_up == first or one.since < first}
    theirs_now = {one.pseudonym for one in owners if one.until is None}
    return theirs_now or {one.pseudonym for one in owners}


def former_holders(phone: str) -> dict[str, datetime]:
    """Who had a number and has it no more, with the moment until which it was theirs."""
    (entry,) = index_entries("phone", [phone])
    rows = _owners_of_entries({entry} - {""}).get(entry, [])
    now = {one.pseudonym for one in rows if one.until is None}
    return {
        one.pseudonym: one.until for one in rows
        if one.until and one.pseudonym and one.pseudonym not in now
    }  # fmt: skip


def times_theirs(pseudonym: str) -> dict[str, list[Period]]:
    """Index entry of each number and mailbox on record → while it was this person's: after who had
    it before, until they left or had another; more than once, if others had it in between.

    A number that two had at one time was neither's alone. A mailbox outlasts the contract, and
    several may use it at one time: it has an end where they gave it up and it is somebody else's,
    and a beginning where another had given it up by then; that of a crowd is nobody's.
    """
    own = IndexEntry.objects.filter(subscriber=pseudonym)
    numbers = set(own.filter(column="phone").values_list("entry", flat=True))
    mailboxes = set(own.filter(column="email").values_list("entry", flat=True))
    found: dict[str, list[Period]] = {}
    for entry, some in _owners_of_entries(numbers | mailboxes).items():
        others = [one for one in some if one.pseudonym != pseudonym]
        theirs = [one for one in some if one.pseudonym == pseudonym]
        if entry in numbers:
            found[entry] = alone(some, pseudonym)
        elif len({one.pseudonym for one in some if one.until is None}) > A_CROWD:
            found[entry] = [Period(ALWAYS, ALWAYS)]
        else:
            ends = [one.given_up for one in others if one.given_up]
            found[entry] = [
                _time(one.given_up if others else None, [end for end in ends if end <= one.since])
                for one in theirs
            ]
    return found


def _time(until: datetime | None, ends: Sequence[datetime]) -> Period:
    """Until a moment, since the last of those at which it ceased to be somebody else's."""
    earlier = [end for end in ends if until is None or end < until]
    return Period(max(earlier, default=min(ALWAYS, until or ALWAYS)), until)


def had_meanwhile(entry: str, *, besides: str, since: datetime) -> bool:
    """Whether somebody else had what stands under an index entry after a moment."""
    return any(
        one.pseudonym != besides and (one.until is None or one.until > since)
        for one in _owners_of_entries({entry})[entry]
    )


def times_shared(pseudonym: str, *, now: datetime) -> list[tuple[str, str, Period]]:
    """Others who had a number of this person's at one time with them: pseudonym, entry, when."""
    own = IndexEntry.objects.filter(subscriber=pseudonym, column="phone")
    entries = set(own.values_list("entry", flat=True))
    return [
        (whose, entry, when)
        for entry, some in _owners_of_entries(entries).items()
        for whose, periods in together(some, pseudonym, now=now).items()
        for when in periods
    ]


def _left(status: str, left_at: datetime | None) -> datetime | None:
    """When somebody left; of one who left on a day nobody noted, long ago."""
    return (left_at or ALWAYS) if status == Subscriber.Status.LEFT else None


def _entries_of(lookups: Sequence[Lookup]) -> list[tuple[str, str, str]]:
    """The index entries of each lookup's identity card, number and mailbox."""
    return list(
        zip(
            index_entries("id_card", [lookup.id_card for lookup in lookups]),
            index_entries("phone", [lookup.phone for lookup in lookups]),
            index_entries("email", [lookup.email for lookup in lookups]),
            strict=True,
        )
    )


def _owners_of_entries(entries: set[str]) -> dict[str, list[Owner]]:
    owners: dict[str, list[Owner]] = defaultdict(list)
    for part in slices(list(entries)):
        for column, entry, whose, since, had_until, status, registered, left_at in _OWNERS.rows(
            part
        ):
            if column == SHARED:
                owners[entry].append(Owner("", had_until, since, had_until, has_left=False))
                continue
            left = _left(status, left_at)
            ends = [moment for moment in (had_until, left) if moment]
            until = min(ends, default=None)
            owners[entry].append(
                Owner(whose, until, since or registered, had_until, left is not None)
            )
    for some in owners.values():
        some.sort(key=lambda one: (one.until or ALWAYS, one.pseudonym))
    return owners


def _owners_of_services(refs: set[str]) -> dict[str, str]:
    owners: dict[str, str] = {}
    for part in slices(list(refs)):
        owners.update(Service.objects.filter(ref__in=part).values_list("ref", "subscriber_id"))
    return owners
