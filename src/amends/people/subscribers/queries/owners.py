"""Whose a number, mailbox, identity card or service is: found by blind index, opened by nobody.

A telephone number is given out again: it belongs to whoever has it, and to whoever had it, until
they left or had another, only for what is of their time. An identity card stays with the person,
and so does a mailbox, until the register gives them another and it to somebody else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from sys import intern

from amends.people.subscribers.models import IndexEntry, Service, Subscriber
from amends.people.subscribers.queries.number_history import ALWAYS, NumberOwner, alone, holders_at
from amends.people.subscribers.queries.personal import CUSTOMER_KEY, index_entries
from amends.platform.database.prepared_queries import PreparedQueryForKeys
from amends.platform.kit.batches import slices
from amends.platform.kit.periods import Period

_A_CROWD = 10
"""A mailbox that more people than this have, such as a shop's, is nobody's."""
_OWNERS = PreparedQueryForKeys(
    lambda entries: IndexEntry.objects.filter(entry__in=entries).values_list(
        "entry",
        "subscriber_id",
        "since",
        "until",
        "subscriber__status",
        "subscriber__registered_at",
        "subscriber__left_at",
    ),
    max_texts=8,
)


@dataclass(frozen=True, slots=True)
class Lookup:
    """What a person gave to be recognised by; the first that finds exactly one person counts.

    at  of which moment the matter is: whose the number was then; None: whose it is now
    """

    phone: str = ""
    email: str = ""
    service: str = ""
    id_card: str = ""
    at: datetime | None = None


def owners_of(lookups: Sequence[Lookup]) -> list[str | None]:
    """The pseudonym each lookup finds, in the order given, in a handful of queries.

    None where nobody is found, and where a value belongs to several.
    """
    wanted = [
        index_entries(name, [getattr(lookup, name) for lookup in lookups])
        for name in ("id_card", "phone", "email")
    ]
    owners = owners_of_entries(entry for entries in wanted for entry in entries)
    services = _owners_of_services({lookup.service for lookup in lookups if lookup.service})
    sole_owners = []
    for lookup, card, number, mailbox in zip(lookups, *wanted, strict=True):
        candidates = (
            {services[lookup.service]} if lookup.service in services else set(),
            bearers(owners.get(card, []), lookup.at),
            holders(owners.get(number, []), lookup.at),
            bearers(owners.get(mailbox, []), lookup.at),
        )
        sole_owners.append(
            next(
                (
                    next(iter(candidate_set))
                    for candidate_set in candidates
                    if len(candidate_set) == 1
                ),
                None,
            )
        )
    return sole_owners


def owners_of_keys(keys: Iterable[str]) -> dict[str, str]:
    """The operator's own key → pseudonym of the customer; unknown keys are absent."""
    sorted_keys = sorted(set(keys))
    entries = index_entries(CUSTOMER_KEY, sorted_keys)
    owners = owners_of_entries(entries)
    return {
        key: owners[entry][0].pseudonym
        for key, entry in zip(sorted_keys, entries, strict=True)
        if entry in owners
    }


def holders(owners: Sequence[NumberOwner], at: datetime | None = None) -> set[str]:
    """Who of those under whom a number stands has it now, or had it at a moment."""
    if at is None:
        return {owner.pseudonym for owner in owners if owner.until is None}
    return holders_at(owners, at)


def bearers(owners: Sequence[NumberOwner], at: datetime | None = None) -> set[str]:
    """Whose a mailbox or identity card is; of one who left and came back, as who they are now."""
    if at and (had := [owner for owner in owners if owner.given_up and owner.given_up > at]):
        first = min(earlier_owner.given_up for earlier_owner in had if earlier_owner.given_up)
        return {
            owner.pseudonym for owner in owners if owner.given_up == first or owner.since < first
        }
    theirs_now = {owner.pseudonym for owner in owners if owner.until is None}
    return theirs_now or {owner.pseudonym for owner in owners}


def former_holders(phone: str) -> dict[str, datetime]:
    """Who had a number and has it no more, with the moment until which it was theirs."""
    (entry,) = index_entries("phone", [phone])
    rows = owners_of_entries([entry]).get(entry, [])
    now = holders(rows)
    return {row.pseudonym: row.until for row in rows if row.until and row.pseudonym not in now}


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
    times_by_entry: dict[str, list[Period]] = {}
    for entry, entry_owners in owners_of_entries(numbers | mailboxes).items():
        other_owners = [owner for owner in entry_owners if owner.pseudonym != pseudonym]
        theirs = [owner for owner in entry_owners if owner.pseudonym == pseudonym]
        if entry in numbers:
            times_by_entry[entry] = alone(entry_owners, pseudonym)
        elif len({owner.pseudonym for owner in entry_owners if owner.until is None}) > _A_CROWD:
            times_by_entry[entry] = [Period(ALWAYS, ALWAYS)]
        else:
            ends = [owner.given_up for owner in other_owners if owner.given_up]
            times_by_entry[entry] = [
                _time(
                    their.given_up if other_owners else None,
                    [end for end in ends if end <= their.since],
                )
                for their in theirs
            ]
    return times_by_entry


def _time(until: datetime | None, ends: Sequence[datetime]) -> Period:
    """Until a moment, since the last of those at which it ceased to be somebody else's."""
    earlier = [end for end in ends if until is None or end < until]
    return Period(max(earlier, default=min(ALWAYS, until or ALWAYS)), until)


def had_meanwhile(entry: str, *, besides: str, since: datetime) -> bool:
    """Whether somebody else had what stands under an index entry after a moment."""
    return any(
        owner.pseudonym != besides and (owner.until is None or owner.until > since)
        for owner in owners_of_entries([entry])[entry]
    )


def _left(status: str, left_at: datetime | None) -> datetime | None:
    """When somebody left; of one who left on a day nobody noted, long ago."""
    return (left_at or ALWAYS) if status == Subscriber.Status.LEFT else None


def owners_of_entries(entries: Iterable[str]) -> dict[str, list[NumberOwner]]:
    """Index entry → under whom it stands, the earliest first; those of nobody are absent."""
    owners: dict[str, list[NumberOwner]] = defaultdict(list)
    for part in slices(sorted({entry for entry in entries if entry})):
        for entry, pseudonym, since, given_up, status, registered, left_at in _OWNERS.rows(part):
            left = _left(status, left_at)
            until = min((moment for moment in (given_up, left) if moment), default=None)
            owners[intern(entry)].append(
                NumberOwner(
                    pseudonym=intern(pseudonym),
                    until=until,
                    since=since or registered,
                    given_up=given_up,
                    has_left=left is not None,
                )
            )
    for entry_owners in owners.values():
        entry_owners.sort(
            key=lambda entry_owner: (entry_owner.until or ALWAYS, entry_owner.pseudonym)
        )
    return owners


def _owners_of_services(refs: set[str]) -> dict[str, str]:
    owners: dict[str, str] = {}
    for part in slices(list(refs)):
        owners.update(Service.objects.filter(ref__in=part).values_list("ref", "subscriber_id"))
    return owners
