"""Whom on record the people of a register are, and whose a number is: nothing is guessed.

By the operator's key or the identity card; where a row has neither, or it is not on record yet, by
the number, and by the mailbox where there is no number. A number goes from one to another only if
the register says so; otherwise the row is set aside.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime

from amends.entrances.feeds.imports.people_of_file import PersonOfFile, people_of
from amends.entrances.feeds.imports.subscriber_rows import SubscriberRow
from amends.people.subscribers.queries.recognition import on_record
from amends.platform.kit.errors import gettext_noop as _

REASONS = {
    "key": _(
        "its key stands in rows that contradict each other (identity card, phone or mailbox): give "
        "each customer one row, or a key of their own."
    ),
    "card": _(
        "its key is on record with another identity card, or its identity card with another "
        "customer: correct the one that is wrong; a key is never given to somebody else."
    ),
    "several": _(
        "its identity card, phone or mailbox is several people's, and nothing tells which of them "
        "it is: give it the customer's key."
    ),
    "twice": _(
        "its phone stands in rows of several customers: leave it in the row of whoever has the "
        "number, and empty in the others."
    ),
    "taken": _(
        "its phone is another customer's on record: give the row that says they left, or have "
        "another number, in the same file or before."
    ),
    "crossed": _(
        "its phone is one person's and its mailbox another's: give it the customer's key or "
        "identity card."
    ),
    "mailbox": _(
        "its mailbox is on record with another phone, and nothing tells whether it is the same "
        "person: give it the customer's key or identity card."
    ),
}


class Matching:
    """The people of a register, matched with the record.

    people   each with whom they are known as, or why their rows are set aside
    leaving  pseudonym → when they left, by this register
    """

    def __init__(self, rows: Sequence[SubscriberRow], *, tells_leaving: bool) -> None:
        self.record = on_record(entry for row in rows for entry in row.marks)
        self.people = people_of(rows)
        self.leaving: dict[str, datetime] = {}
        self.tells_leaving = tells_leaving
        self._sure: dict[str, PersonOfFile] = {}
        self._by_key_and_card()
        self._choose_numbers()
        self._by_number()
        self._by_mailbox()
        self._refuse_contested_numbers()
        self.people = [person for person in self.people if person.rows]

    def is_back(self, pseudonym: str) -> bool:
        """Whether who is said to be served was known to have left."""
        return self.tells_leaving and pseudonym in self.record.left

    def stays_away(self, pseudonym: str) -> bool:
        """Whether who was known to have left is not said to be served: nothing changes for them."""
        return not self.tells_leaving and pseudonym in self.record.left

    def is_known_surely(self, pseudonym: str) -> bool:
        """Whether rows of a key or identity card speak of somebody."""
        return pseudonym in self._sure

    def _by_key_and_card(self) -> None:
        for person in self.people:
            keys, cards = person.marks("customer_key"), person.marks("id_card")
            by_card = self.record.bearers(cards[0]) if cards else set()
            candidates = {
                pseudonym for key in keys for pseudonym in self.record.bearers(key)
            } or by_card
            theirs = {
                card for pseudonym in candidates for card in self.record.have(pseudonym, "id_card")
            }
            if person.why_not or not candidates:
                continue
            if cards and (by_card - candidates or theirs - set(cards)):
                person.why_not = "card"
            elif len(candidates) > 1:
                person.why_not = "several"
            else:
                self._note(person, candidates.pop(), is_sure=True)

    def _note(self, person: PersonOfFile, pseudonym: str, *, is_sure: bool) -> None:
        """Note whom somebody is known as; the rows of one person by two keys become one's."""
        person.known, person.is_sure = pseudonym, is_sure
        if is_sure and (first := self._sure.setdefault(pseudonym, person)) is not person:
            first.rows = sorted((*first.rows, *person.rows), key=lambda row: row.line)
            person.rows = []
            person = first
        if person.left_at and (is_sure or pseudonym not in self._sure):
            self.leaving[pseudonym] = person.left_at
        elif is_sure:
            self.leaving.pop(pseudonym, None)

    def _choose_numbers(self) -> None:
        """Of several numbers in the rows of one person the one on record stays."""
        self._claims: dict[str, dict[PersonOfFile, None]] = defaultdict(dict)
        for person in self.people:
            pseudonym = person.known
            if person.left_at or self.stays_away(pseudonym):
                continue
            numbers = person.marks("phone")
            for number in numbers:
                self._claims[number][person] = None
            own_numbers = (number for number in numbers if pseudonym in self.record.holders(number))
            person.number = next(own_numbers, numbers[0] if numbers else "")
            if not person.number and self.is_back(pseudonym):
                person.number = next(iter(self.record.have(pseudonym, "phone")), "")

    def _by_number(self) -> None:
        """Who left comes first: their number may be somebody else's now."""
        for person in sorted(self.people, key=lambda person: not person.left_at):
            if person.known or person.why_not:
                continue
            holders = self._holders(person)
            claimed = [
                claimant for claimant in self._claims[person.number] if claimant.has_key_or_card
            ]
            if len(holders) != 1 or (person.has_key_or_card and len(claimed) > 1):
                continue
            (pseudonym,) = holders
            if self._contradicts(person, pseudonym) or self._gives_up(pseudonym, person.number):
                continue
            bearers = self._bearers(person)
            if len(bearers) == 1 and pseudonym not in bearers and not person.has_key_or_card:
                person.why_not = "crossed"
            else:
                self._note(person, pseudonym, is_sure=bool(person.marks("customer_key")))

    def _by_mailbox(self) -> None:
        mailbox_counts = Counter(
            entry
            for person in self.people
            if person.has_key_or_card and not person.known
            for entry in person.marks("email")
        )
        for person in self.people:
            if person.known or person.why_not or self._holders(person):
                continue
            bearers, has_number = self._bearers(person), bool(person.marks("phone"))
            if person.has_key_or_card:
                sole = len(bearers) == 1 and mailbox_counts[person.marks("email")[0]] == 1
                if sole and not has_number and not self._contradicts(person, *bearers):
                    is_sure = bool(person.marks("customer_key"))
                    self._note(person, bearers.pop(), is_sure=is_sure)
            elif len(bearers) > 1 and not has_number:
                person.why_not = "several"
            elif (
                len(bearers) == 1 and has_number and self.record.have(next(iter(bearers)), "phone")
            ):
                person.why_not = "mailbox"
            elif len(bearers) == 1:
                self._note(person, bearers.pop(), is_sure=False)

    def _holders(self, person: PersonOfFile) -> set[str]:
        """Whose their number is, or was when they left."""
        if person.left_at:
            numbers = person.marks("phone")
            return self.record.left_with(numbers[0], person.left_at) if numbers else set()
        return self.record.holders(person.number)

    def _bearers(self, person: PersonOfFile) -> set[str]:
        """Whose their mailbox is on record."""
        mailboxes = person.marks("email")
        return self.record.bearers(mailboxes[0]) if mailboxes else set()

    def _contradicts(self, person: PersonOfFile, pseudonym: str) -> bool:
        """Whether somebody has another key or identity card than who stands on record."""
        theirs = self._sure.get(pseudonym)
        for name in ("customer_key", "id_card"):
            recorded_marks = self.record.have(pseudonym, name) | set(
                theirs.marks(name) if theirs else ()
            )
            if (
                recorded_marks
                and (row_marks := person.marks(name))
                and not recorded_marks & set(row_marks)
            ):
                return True
        return False

    def _gives_up(self, pseudonym: str, number: str) -> bool:
        """Whether the register says that somebody left, or has another number by now."""
        person = self._sure.get(pseudonym)
        if pseudonym in self.leaving:
            return True
        return bool(person and not person.why_not and person.number not in ("", number))

    def _refuse_contested_numbers(self) -> None:
        wanting = [
            person
            for person in self.people
            if person.number
            and not person.why_not
            and person.known not in self.record.holders(person.number)
        ]
        for person in wanting:
            if len(self._claims[person.number]) > 1:
                person.why_not = "twice"
        refused = True
        while refused:  # who is refused keeps the number of before, which another may want
            refused = False
            for person in wanting:
                holders = self.record.holders(person.number)
                if not person.why_not and not all(
                    self._gives_up(pseudonym, person.number) for pseudonym in holders
                ):
                    several = len(holders) > 1 and not person.has_key_or_card
                    person.why_not = "several" if several else "taken"
                    refused = True
