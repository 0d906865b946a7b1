"""Whose a number, mailbox, identity card or service is: found by blind index, opened by nobody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from amends.database.kept import KeptFew
from amends.kit.slices import slices
from amends.subscribers.models import IndexEntry, Service
from amends.subscribers.personal import index_entries

_OWNERS = KeptFew(
    lambda entries: IndexEntry.objects.filter(entry__in=entries).values_list(
        "entry", "subscriber_id"
    ),
    most=8,
)


@dataclass(frozen=True, slots=True)
class Lookup:
    """What a person gave to be recognised by; the first that finds exactly one person counts."""

    phone: str = ""
    email: str = ""
    service: str = ""
    id_card: str = ""


def owners_of(lookups: Sequence[Lookup]) -> list[str | None]:
    """The pseudonym each lookup finds, in the order given, in a handful of queries.

    None where nobody is found, and where a value belongs to several.
    """
    wanted = _entries_of(lookups)
    owners = _owners_of_entries({entry for entries in wanted for entry in entries})
    by_service = _owners_of_services({lookup.service for lookup in lookups if lookup.service})
    found: list[str | None] = []
    for lookup, entries in zip(lookups, wanted, strict=True):
        candidates = [{by_service[lookup.service]}] if lookup.service in by_service else []
        candidates += [owners.get(entry, set()) for entry in entries]
        found.append(next((next(iter(some)) for some in candidates if len(some) == 1), None))
    return found


def _entries_of(lookups: Sequence[Lookup]) -> list[list[str]]:
    """The index entries to look for, for each lookup the most telling first."""
    columns = (
        index_entries("id_card", [lookup.id_card for lookup in lookups]),
        index_entries("phone", [lookup.phone for lookup in lookups]),
        index_entries("email", [lookup.email for lookup in lookups]),
    )
    return [[entry for entry in entries if entry] for entries in zip(*columns, strict=True)]


def _owners_of_entries(entries: set[str]) -> dict[str, set[str]]:
    owners: dict[str, set[str]] = defaultdict(set)
    for part in slices(list(entries)):
        for entry, owner in _OWNERS.rows(part):
            owners[entry].add(owner)
    return owners


def _owners_of_services(refs: set[str]) -> dict[str, str]:
    owners: dict[str, str] = {}
    for part in slices(list(refs)):
        owners.update(Service.objects.filter(ref__in=part).values_list("ref", "subscriber_id"))
    return owners
