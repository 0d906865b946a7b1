"""Numbers and mailboxes that were somebody's before: kept sealed beside their index entries.

What came from them in that time is found, handed out and erased with the rest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from amends.database.rows import create, update
from amends.kit.batches import slices
from amends.subscribers.models import IndexEntry
from amends.subscribers.owners import had_meanwhile
from amends.subscribers.queries.personal import (
    INDEXED_FIELDS,
    index_entries,
    open_personal,
    sealed_former,
)
from amends.vault.data_keys import SubscriberKey, data_keys

_OPEN = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ContactMove:
    """Somebody has another number, mailbox or card; `before` is "" where they had none."""

    key: SubscriberKey
    column: str
    before: str
    after: str


def move(moves: Sequence[ContactMove], *, now: datetime) -> None:
    """Let index entries follow, from now on.

    Back at a number they had before, it was theirs all the time, unless it was another's meanwhile.
    """
    for column in INDEXED_FIELDS:
        _move(column, [one for one in moves if one.column == column], now)


def _move(column: str, moves: Sequence[ContactMove], now: datetime) -> None:
    known = _entries_of((one.key.subscriber for one in moves), column)
    before = index_entries(column, [one.before for one in moves])
    after = index_entries(column, [one.after for one in moves])
    changed: list[IndexEntry] = []
    added: list[IndexEntry] = []
    for one, old, new in zip(moves, before, after, strict=True):
        whose = one.key.subscriber
        for row in known[whose, old]:
            if row.until is None:
                row.until, row.former = now, sealed_former(one.key, old, one.before)
                changed.append(row)
        last = max(known[whose, new], key=lambda row: row.until or _OPEN, default=None)
        if last is None or (last.until and had_meanwhile(new, besides=whose, since=last.until)):
            added.append(IndexEntry(subscriber_id=whose, column=column, entry=new, since=now))
        else:
            last.until = last.former = None
            changed.append(last)
    update(changed, ("until", "former"))
    create(added)


def _entries_of(people: Iterable[str], column: str) -> Mapping[tuple[str, str], list[IndexEntry]]:
    """Pseudonym and entry → one row for each time it was theirs."""
    found: dict[tuple[str, str], list[IndexEntry]] = defaultdict(list)
    for part in slices(sorted(set(people))):
        for row in IndexEntry.objects.filter(subscriber__in=part, column=column):
            found[row.subscriber_id, row.entry].append(row)
    return found


def keep_first_times(left: Mapping[str, datetime], *, now: datetime) -> None:
    """Of those who left and are back: keep until when a number was theirs that was another's since;
    from now on it is theirs again.

    left  pseudonym → when they left; before it is forgotten
    """
    keys, held = data_keys(left), open_personal(left, ("phone",))
    phones = {whose: values["phone"] for whose, values in held.items()}
    entries = index_entries("phone", list(phones.values()))
    back = [
        (whose, entry, phone) for (whose, phone), entry in zip(phones.items(), entries, strict=True)
        if entry and had_meanwhile(entry, besides=whose, since=left[whose])
    ]  # fmt: skip
    again = [
        row for whose, entry, _ in back
        for row in IndexEntry.objects.filter(
            subscriber=whose, column="phone", entry=entry, until=None
        )
    ]  # fmt: skip
    create(
        IndexEntry(
            subscriber_id=whose, column="phone", entry=entry, since=row.since, until=left[whose],
            former=sealed_former(keys[whose], entry, phone),
        )
        for (whose, entry, phone), row in zip(back, again, strict=True)
    )  # fmt: skip
    for row in again:
        row.since = now
    update(again, ("since",))
