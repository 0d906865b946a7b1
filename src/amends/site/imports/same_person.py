"""Which rows of one file of subscribers speak of the same person, before any is on record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from amends.subscribers.actions.register import NewSubscriber
from amends.subscribers.queries import normal_form

_Mark = tuple[str, ...]


@dataclass(slots=True)
class PeopleOfFile:
    """Who came with the rows read so far; each is a number, counted from 0.

    Two rows are one person where they share a phone, a mailbox or an identity card, as they would
    be in two files; not where they bear two identity cards, or left on two days, for a number is
    given out again. Of a row that has none of the three, the operator's key decides.
    """

    _by_mark: dict[_Mark, list[tuple[int, str]]] = field(default_factory=dict)
    _count: int = 0

    def number_of(self, key: str, person: NewSubscriber) -> tuple[int, bool]:
        """The person's number, and whether this row is the first that speaks of them."""
        card = normal_form("id_card", person.id_card) if person.id_card else ""
        marks = list(_marks(key, person, card))
        for mark in marks:
            for number, other in self._by_mark.get(mark, ()):
                if not card or not other or card == other:
                    return number, False
        number, self._count = self._count, self._count + 1
        for mark in marks:
            self._by_mark.setdefault(mark, []).append((number, card))
        return number, True


def _marks(key: str, person: NewSubscriber, card: str) -> Iterator[_Mark]:
    """What a person is known by, the most telling first."""
    if card:
        yield "id_card", card
    if person.phone:
        left = person.left_at.isoformat() if person.left_at else ""
        yield "phone", normal_form("phone", person.phone), left
    if person.email:
        yield "email", normal_form("email", person.email)
    if key and not (card or person.phone or person.email):
        yield "key", key
