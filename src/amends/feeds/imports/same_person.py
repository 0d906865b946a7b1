"""Which rows of one file of subscribers speak of the same person, in whatever order they stand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations, islice

from amends.feeds.imports.subscriber_rows import SubscriberRow
from amends.kit.person_names import Name, relation
from amends.subscribers.actions.register import NewSubscriber
from amends.subscribers.queries import normal_form
from amends.subscribers.queries.recognition import A_CROWD

_MANY = 60
"""Of so many with one number only the same spelling of a name is looked for."""
PERSONAL = ("phone", "id_card", "address", "email")
LABELS = ("language", "zone", "province", "area", "brand")
_MARKS = ("id_card", "key", "phone", "email")


@dataclass(slots=True)
class PersonOfFile:
    """The rows that speak of one person.

    id_card     in its normal form, names as they are compared
    unclear_by  "phone", "email": by what they could be one or another of this file, and nothing
                tells which
    is_shared   somebody else of this file has the same number or mailbox
    """

    rows: list[SubscriberRow] = field(default_factory=list)
    id_card: str = ""
    names: tuple[Name, ...] = ()
    unclear_by: set[str] = field(default_factory=set)
    is_shared: bool = False

    def is_named_by(self, row: SubscriberRow) -> bool:
        """Whether a row has the person's identity card, or their name if it has no card."""
        return relation(row.card, row.names, self.id_card, self.names) is True

    def telling(self) -> set[int]:
        """The lines that have their identity card, name or key, not a number or mailbox alone."""
        named = [row for row in self.rows if self.is_named_by(row)]
        keys = {row.key for row in named} - {""}
        sure = {row.line for row in named} | {row.line for row in self.rows if row.key in keys}
        return sure or {row.line for row in self.rows}

    def _called(self, rows: Sequence[SubscriberRow]) -> str:
        named = [row for row in rows if self.is_named_by(row)] or rows[:1]
        whole = [row for row in named if any(name.spellings for name in row.names)]
        return _first([row.person for row in whole or named], "name")

    def as_told_by(self, rows: Sequence[SubscriberRow]) -> NewSubscriber:
        """The person to register: who they are as the rows say that have their identity card or
        name, the rest as any row says it; the first that says something counts."""
        sure = [row.person for row in rows if self.is_named_by(row)] or [rows[0].person]
        every = [row.person for row in rows]
        return NewSubscriber(
            name=self._called(rows),
            **{field_: _first(sure, field_) for field_ in PERSONAL},
            **{field_: _first(every, field_) for field_ in LABELS},
            left_at=max((one.left_at for one in every if one.left_at), default=None),
        )


def people_of(rows: Sequence[SubscriberRow]) -> list[PersonOfFile]:
    """The people of some rows.

    Rows are one person's where they share the identity card; and where they share the key, a number
    or a mailbox, and neither card nor name says otherwise. Two cards or two names are two people: a
    number is given out again, and a household uses one.
    """
    people = [PersonOfFile([row], row.card, row.names) for row in rows]
    for mark in _MARKS:
        people = _united(people, mark)
    for person in people:
        person.rows.sort(key=lambda row: row.line)
    return sorted(people, key=lambda person: person.rows[0].line)


def keys_of_two(rows: Iterable[SubscriberRow], apart: Collection[str]) -> set[str]:
    """The keys under which rows name two people; of those in `apart`, whose rows are two people on
    record, also the keys whose rows do not say that they name one."""
    by_key: dict[str, dict[tuple[str, tuple[Name, ...]], None]] = defaultdict(dict)
    for row in rows:
        if row.key:
            by_key[row.key][row.card, row.names] = None
    found = set()
    for key, told in by_key.items():
        answers = [relation(*one, *other) for one, other in combinations(islice(told, _MANY), 2)]
        if False in answers or (key in apart and not _says_one(told)):
            found.add(key)
    return found


def _says_one(told: Iterable[tuple[str, tuple[Name, ...]]]) -> bool:
    (card, names), *rest = told
    return all(relation(card, names, *other) for other in [(card, names), *rest])


def _united(people: Sequence[PersonOfFile], mark: str) -> list[PersonOfFile]:
    """The people, those put together that one mark says are one."""
    buckets: dict[str, list[int]] = defaultdict(list)
    for number, person in enumerate(people):
        for value in {value for row in person.rows for value in _values(row, mark)}:
            buckets[value].append(number)
    into = list(range(len(people)))

    def root(number: int) -> int:
        while into[number] != number:
            into[number] = number = into[into[number]]
        return number

    for bucket in buckets.values():
        if len(some := sorted({root(number) for number in bucket})) < 2:
            continue
        parts, unclear = _told_apart([people[number] for number in some], mark)
        for first, *rest in parts:
            for one in rest:
                into[some[one]] = some[first]
                _add(people[some[first]], people[some[one]])
        if mark in ("phone", "email"):
            for part in parts:
                people[some[part[0]]].is_shared |= len(parts) > 1
            for one in unclear:
                people[some[one]].unclear_by.add(mark)
    return [person for number, person in enumerate(people) if into[number] == number]


def _add(person: PersonOfFile, other: PersonOfFile) -> None:
    told = bool(person.id_card or person.names), bool(other.id_card or other.names)
    if all(told) or not any(told):
        person.unclear_by |= other.unclear_by
    else:  # whoever could not be told has the other's card or name now
        person.unclear_by = person.unclear_by if told[0] else other.unclear_by
    person.is_shared |= other.is_shared
    person.rows += other.rows
    person.id_card = person.id_card or other.id_card
    person.names = tuple(dict.fromkeys(person.names + other.names))


def _told_apart(some: Sequence[PersonOfFile], mark: str) -> tuple[list[list[int]], set[int]]:
    """Those with one mark in common: which are one person, by place; and who could be of several.

    Each card is somebody, and each whole name. Who has neither is the one there is, if there is
    one only. A mailbox of a crowd, such as a shop's, tells nobody.
    """
    places = range(len(some))
    if mark == "email" and len(some) > A_CROWD:
        known = [_is_known_otherwise(person) for person in some]
        return [[one] for one in places], {one for one in places if not known[one]}
    if len(some) > _MANY:
        return _by_spelling(some)
    answers = [
        [relation(one.id_card, one.names, other.id_card, other.names) for other in some]
        for one in some
    ]
    torn = {one for one in places if _is_torn(answers, one, _likely(answers[one], one))}
    unclear = {one for one in torn if not some[one].id_card}
    parts = _joined(answers, [[one] for one in places], True, without=unclear)
    return _joined(answers, parts, None, without=torn), unclear


def _is_known_otherwise(person: PersonOfFile) -> bool:
    return bool(person.id_card) or any(row.person.phone for row in person.rows)


def _likely(answers: Sequence[bool | None], one: int) -> list[int]:
    """With whom somebody may be one: those whose card or name they have, else all not excluded."""
    sure = [other for other, answer in enumerate(answers) if answer and other != one]
    maybe = [other for other, answer in enumerate(answers) if answer is None and other != one]
    return sure or maybe


def _is_torn(answers: Sequence[Sequence[bool | None]], one: int, likely: Sequence[int]) -> bool:
    return any(answers[first][second] is False for first in likely for second in likely)


def _joined(
    answers: Sequence[Sequence[bool | None]],
    parts: Sequence[list[int]],
    wanted: bool | None,
    *,
    without: Collection[int],
) -> list[list[int]]:
    """The parts, those put together between whose members one answer stands and none says no."""
    found: list[list[int]] = []
    for part in parts:
        like = [
            known for known in found
            if any(
                answers[a][b] is wanted
                for a in part if a not in without for b in known if b not in without
            )
            and not any(answers[a][b] is False for a in part for b in known)
        ]  # fmt: skip
        for known in like[1:]:
            found.remove(known)
            like[0].extend(known)
        if like:
            like[0].extend(part)
        else:
            found.append(list(part))
    return found


def _by_spelling(some: Sequence[PersonOfFile]) -> tuple[list[list[int]], set[int]]:
    parts: dict[str, list[int]] = {}
    unclear: set[int] = set()
    if not any(person.id_card or person.names for person in some):
        return [list(range(len(some)))], unclear
    for place, person in enumerate(some):
        spelled = sorted(spelling for name in person.names for spelling in name.spellings)
        if person.id_card or not spelled:
            parts[f" {place}"] = [place]
            unclear |= set() if person.id_card else {place}
            continue
        known = next((parts[one] for one in spelled if one in parts), None)
        part = known if known is not None else []
        part.append(place)
        parts |= dict.fromkeys(spelled, part)
    return [list(one) for one in dict.fromkeys(map(tuple, parts.values()))], unclear


def _first(people: Sequence[NewSubscriber], field_: str) -> str:
    return next((value for one in people if (value := getattr(one, field_)).strip()), "")


def _values(row: SubscriberRow, mark: str) -> Iterator[str]:
    """What a row has of a mark; a number or a key is of one leaving only."""
    person = row.person
    left = person.left_at.isoformat() if person.left_at else ""
    if mark == "key":
        if row.key:
            yield f"{row.key} {left}"
    elif given := getattr(person, mark):
        yield normal_form(mark, given) + (f" {left}" if mark == "phone" else "")
