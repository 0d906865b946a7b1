"""Numbers and mailboxes that were somebody's before: kept sealed beside their index entries.

What came from them in that time is found, handed out and erased with the rest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from amends.people.subscribers.models import IndexEntry
from amends.people.subscribers.queries.owners import had_meanwhile
from amends.people.subscribers.queries.personal import INDEXED_FIELDS, index_entries, sealed_value
from amends.platform.database.rows import create, update
from amends.platform.kit.batches import slices
from amends.platform.vault.data_keys import SubscriberKey

_OPEN = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ContactMove:
    """Somebody has another number, mailbox or card, or is back with the same after they left.

    before  "" where they had none
    until   until when the one before was theirs: now, or when they left
    """

    key: SubscriberKey
    column: str
    before: str
    after: str
    until: datetime


def move(moves: Sequence[ContactMove], *, now: datetime) -> None:
    """Let index entries follow, from now on.

    Back at a number they had before, it was theirs all the time, unless it was another's meanwhile.
    """
    for column in INDEXED_FIELDS:
        _move(
            column, [contact_move for contact_move in moves if contact_move.column == column], now
        )


def _move(column: str, moves: Sequence[ContactMove], now: datetime) -> None:
    entries_by_owner = _entries_of((contact_move.key.subscriber for contact_move in moves), column)
    before = index_entries(column, [contact_move.before for contact_move in moves])
    after = index_entries(column, [contact_move.after for contact_move in moves])
    changed: list[IndexEntry] = []
    added: list[IndexEntry] = []
    for contact_move, old, new in zip(moves, before, after, strict=True):
        pseudonym = contact_move.key.subscriber
        if old != new or had_meanwhile(old, besides=pseudonym, since=contact_move.until):
            for row in entries_by_owner[pseudonym, old]:
                if row.until is None:
                    row.until, row.value = (
                        contact_move.until,
                        sealed_value(contact_move.key, old, contact_move.before),
                    )
                    changed.append(row)
        last = max(
            entries_by_owner[pseudonym, new], key=lambda row: row.until or _OPEN, default=None
        )
        if last is None or (last.until and had_meanwhile(new, besides=pseudonym, since=last.until)):
            added.append(IndexEntry(subscriber_id=pseudonym, column=column, entry=new, since=now))
        elif last.until:
            last.until = last.value = None
            changed.append(last)
    update(changed, ("until", "value"))
    create(added)


def _entries_of(people: Iterable[str], column: str) -> Mapping[tuple[str, str], list[IndexEntry]]:
    """Pseudonym and entry → one row for each time it was theirs."""
    entries_by_owner: dict[tuple[str, str], list[IndexEntry]] = defaultdict(list)
    for part in slices(sorted(set(people))):
        for row in IndexEntry.objects.filter(subscriber__in=part, column=column):
            entries_by_owner[row.subscriber_id, row.entry].append(row)
    return entries_by_owner
