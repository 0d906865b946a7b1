"""Under whom the keys, identity cards, numbers and mailboxes of a register stand on record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from sys import intern

from amends.people.subscribers.models import IndexEntry
from amends.people.subscribers.queries.number_history import NumberOwner
from amends.people.subscribers.queries.owners import bearers, holders, owners_of_entries
from amends.platform.kit.batches import slices

# A number rests at least so long before it is given out again: another day of leaving within it is
# a correction of the first, and a day so long before somebody was registered is another's.
_A_CORRECTION = timedelta(days=60)


@dataclass(slots=True)
class OnRecord:
    """What is on record under some index entries.

    columns  pseudonym → column and entry of what is theirs now
    left     who has left
    """

    owners: Mapping[str, Sequence[NumberOwner]]
    columns: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    left: set[str] = field(default_factory=set)

    def have(self, pseudonym: str, column: str) -> set[str]:
        """The index entries of somebody's keys, identity card, number or mailbox."""
        return {entry for name, entry in self.columns.get(pseudonym, ()) if name == column}

    def bearers(self, entry: str) -> set[str]:
        """Whose a key, identity card or mailbox is."""
        return bearers(self.owners.get(entry, ()))

    def holders(self, entry: str) -> set[str]:
        """Whose a number is now."""
        return holders(self.owners.get(entry, ()))

    def left_with(self, entry: str, at: datetime) -> set[str]:
        """Who left at a moment with a number or mailbox: told before, perhaps with another day, or
        whose it was until then."""
        owners = self.owners.get(entry, ())
        matching = {
            owner.pseudonym
            for owner in owners
            if owner.has_left and owner.until and abs(owner.until - at) < _A_CORRECTION
        }
        if matching:
            return matching
        had = {owner.pseudonym for owner in owners if owner.since - _A_CORRECTION <= at}
        return had & holders(owners, at)


def on_record(entries: Iterable[str]) -> OnRecord:
    """What is on record under index entries, in a handful of queries for each thousand."""
    recognition = OnRecord(owners_of_entries(entries))
    people = {
        owner.pseudonym for entry_owners in recognition.owners.values() for owner in entry_owners
    }
    recognition.left = {
        owner.pseudonym
        for entry_owners in recognition.owners.values()
        for owner in entry_owners
        if owner.has_left
    }
    for part in slices(sorted(people)):
        rows = IndexEntry.objects.filter(subscriber__in=part, until=None)
        for pseudonym, column, entry in rows.values_list("subscriber_id", "column", "entry"):
            recognition.columns.setdefault(pseudonym, []).append((intern(column), intern(entry)))
    return recognition
