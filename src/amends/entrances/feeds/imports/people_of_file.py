"""Which rows of one register speak of the same person, in whatever order they stand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from amends.entrances.feeds.imports.subscriber_rows import SubscriberRow
from amends.people.subscribers.actions.register import NewSubscriber

_FIRST = ("name", "id_card", "address", "language", "zone", "province", "area", "brand")


@dataclass(slots=True, eq=False)
class PersonOfFile:
    """The rows that speak of one person.

    known    whom on record they mean; "" for somebody new
    is_sure  the operator's key or the identity card says so, not a number or mailbox alone
    number   the index entry of the number that is theirs now by these rows
    why_not  why the rows are set aside, a name in `REASONS`
    """

    rows: list[SubscriberRow]
    known: str = ""
    is_sure: bool = False
    number: str = ""
    why_not: str = ""

    @property
    def left_at(self) -> datetime | None:
        """When they left; None where a row says that they are served."""
        moments = [row.person.left_at for row in self.rows]
        return max((moment for moment in moments if moment), default=None) if all(moments) else None

    @property
    def telling(self) -> list[SubscriberRow]:
        """The rows of a contract they are served under, else all."""
        return [row for row in self.rows if not row.person.left_at] or self.rows

    def marks(self, name: str) -> list[str]:
        """The index entries of their keys, identity card, numbers or mailboxes, in order."""
        every = self.rows if name in ("customer_key", "id_card") else self.telling
        entries = dict.fromkeys(getattr(row.marks, name) for row in every)
        return [entry for entry in entries if entry]

    @property
    def has_key_or_card(self) -> bool:
        """Whether a row says who they are, not by a number or mailbox alone."""
        return any(row.marks.customer_key or row.marks.id_card for row in self.rows)

    def as_new_subscriber(self, mailbox: str = "") -> NewSubscriber:
        """What the rows say: of each field the first value, and of several numbers `number`.

        mailbox  index entry of the mailbox on record: it stays while it is among them
        """
        rows = self.telling
        values = {
            name: next((v for row in rows if (v := getattr(row.person, name))), "")
            for name in _FIRST
        }
        phones = {row.marks.phone: row.person.phone for row in rows if row.marks.phone}
        mailboxes = {row.marks.email: row.person.email for row in rows if row.marks.email}
        return NewSubscriber(
            **values,
            phone=phones.get(self.number or next(iter(phones), ""), ""),
            email=mailboxes.get(mailbox) or next(iter(mailboxes.values()), ""),
            customer_keys=tuple(
                {row.marks.customer_key: row.key for row in self.rows if row.key}.values()
            ),
            left_at=self.left_at,
        )


def people_of(rows: Sequence[SubscriberRow]) -> list[PersonOfFile]:
    """The people of some rows.

    Rows of one key are one person's, and rows of one identity card. A row that has neither is of
    whoever else in the file has its number, or its mailbox where it gives no number.
    """
    people: dict[str, PersonOfFile] = {}
    contrary = _contrary_keys(rows)
    card_of = {
        row.marks.customer_key: row.marks.id_card
        for row in rows
        if row.marks.id_card and row.marks.customer_key not in contrary
    }
    with_number: list[Any] = []
    with_mailbox: list[Any] = []
    for row in rows:
        key, card, number, _ = row.marks
        if key in contrary:
            _add(people, f"contrary {key}", row).why_not = "key"
        elif key or card:
            _add(people, card or card_of.get(key) or key, row)
        else:
            (with_number if number else with_mailbox).append(row)
    people_by_mark = _by_mark(people.values(), "phone")
    for row in with_number:
        candidates = people_by_mark.get(_of_leaving(row, "phone"), [])
        _add(people, _of_leaving(row, "phone"), row, candidates)
    people_by_mark = _by_mark(people.values(), "email")
    for row in with_mailbox:
        matches = people_by_mark.get(_of_leaving(row, "email"), [])
        person = _add(people, _of_leaving(row, "email"), row, matches)
        if len(matches) > 1:
            person.why_not = "several"
    for person in people.values():
        person.rows.sort(key=lambda row: row.line)
    return sorted(people.values(), key=lambda person: person.rows[0].line)


def _add(
    people: dict[str, PersonOfFile],
    name: str,
    row: SubscriberRow,
    same: Sequence[PersonOfFile] = (),
) -> PersonOfFile:
    """Add a row to the one person who has the same, else to the person called so here."""
    person = same[0] if len(same) == 1 else people.setdefault(name, PersonOfFile([]))
    person.rows.append(row)
    return person


def _contrary_keys(rows: Iterable[SubscriberRow]) -> set[str]:
    """The keys whose rows have two identity cards, or are served with two numbers or mailboxes."""
    entries_by_key: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in rows:
        for name in ("id_card", "phone", "email"):
            entry = getattr(row.marks, name)
            if entry and (name == "id_card" or not row.person.left_at):
                entries_by_key[row.marks.customer_key, name].add(entry)
    return {key for (key, _), entries in entries_by_key.items() if key and len(entries) > 1}


def _of_leaving(row: SubscriberRow, name: str) -> str:
    """A number or mailbox is of one leaving only: who left and who has it now are two."""
    left = row.person.left_at
    return f"{getattr(row.marks, name)} {left.isoformat() if left else ''}"


def _by_mark(people: Iterable[PersonOfFile], name: str) -> dict[str, list[PersonOfFile]]:
    people_by_mark: dict[str, dict[PersonOfFile, None]] = defaultdict(dict)
    for person in people:
        for row in person.rows:
            if getattr(row.marks, name):
                people_by_mark[_of_leaving(row, name)][person] = None
    return {mark: list(bearers) for mark, bearers in people_by_mark.items()}
