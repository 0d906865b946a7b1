"""Whom on record the people of a file are, all taken together: nobody on record is two of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from amends.feeds.imports.same_person import PersonOfFile
from amends.kit.batches import slices
from amends.kit.person_names import relation
from amends.subscribers.queries import Lookup, SubscriberView, subscribers
from amends.subscribers.queries.recognition import Claim, Recognised, is_somebody_else, recognise


@dataclass(slots=True)
class OnRecord:
    """What the record says of the rows of a file, by their line.

    known    who is meant
    unclear  "several" or "crossed", as `Recognised` has it: nothing tells who is meant
    others   has a number or mailbox that is somebody else's
    """

    known: dict[int, SubscriberView] = field(default_factory=dict)
    unclear: dict[int, str] = field(default_factory=dict)
    others: set[int] = field(default_factory=set)


def on_record(people: Sequence[PersonOfFile]) -> OnRecord:
    """Look up every row with the identity card and name of its person; rows nobody is known by
    follow those of the same person that somebody is known by.

    A row that is this person's by its number or mailbox alone must not be another's on record.
    """
    claims = _claims(people)
    answers = _answers(people, claims)
    _tell_apart(people, answers)
    told, known = OnRecord(), dict[int, str]()
    follow = _followers(people, claims, answers)
    for person in people:
        telling = person.telling()
        meant = {one for line in telling if (one := answers[line].pseudonym)}
        for row in person.rows:
            line, answer = row.line, answers[row.line]
            if answer.others or person.is_shared:
                told.others.add(line)
            whose = answer.pseudonym or follow.get(line, "")
            if line not in telling and (answer.why_not or whose not in meant | {""}):
                told.unclear[line] = answer.why_not or "several"
            elif whose:
                known[line] = whose
            elif len(meant) > 1 or answer.why_not or person.unclear_by:
                told.unclear[line] = answer.why_not or "several"
    views = subscribers(set(known.values()))
    told.known = {line: views[whose] for line, whose in known.items()}
    return told


def _followers(
    people: Sequence[PersonOfFile],
    claims: Mapping[int, Claim],
    answers: Mapping[int, Recognised],
) -> dict[int, str]:
    """Line of a row nobody is known by → who is by the other rows of its person, unless that is
    somebody of another name or card."""
    pairs: list[tuple[int, str]] = []
    for person in people:
        meant = {one for line in person.telling() if (one := answers[line].pseudonym)}
        if len(meant) == 1:
            (whose,) = meant
            pairs += [(row.line, whose) for row in person.rows if not answers[row.line].pseudonym]
    found: dict[int, str] = {}
    for some in slices(pairs):
        apart = is_somebody_else([(whose, claims[line]) for line, whose in some])
        found |= {pair[0]: pair[1] for pair, no in zip(some, apart, strict=True) if not no}
    return found


def _claims(people: Sequence[PersonOfFile]) -> dict[int, Claim]:
    """Line → what its person is known again by; of one who left, whose the number was until then.

    A row that is this person's by its number or mailbox alone speaks for itself.
    """
    found = dict[int, Claim]()
    for person in people:
        telling = person.telling()
        for row in person.rows:
            told, called = row.person, row.names
            is_telling = row.line in telling
            lookup = Lookup(
                told.phone, told.email, "", person.id_card if is_telling else told.id_card,
                told.left_at, leaving=bool(told.left_at),
            )  # fmt: skip
            names = person.names if is_telling else called
            found[row.line] = Claim(lookup, names, told.id_card, called)
    return found


def _answers(people: Sequence[PersonOfFile], claims: Mapping[int, Claim]) -> dict[int, Recognised]:
    """Line → whom it speaks of on record."""
    found: dict[int, Recognised] = {}
    for lines in slices(list(claims)):
        found |= zip(lines, recognise([claims[line] for line in lines]), strict=True)
    for person in people:
        for row in person.rows if person.unclear_by else ():
            one = found[row.line]
            if not one.is_sure and not (one.by_phone and person.unclear_by == {"email"}):
                found[row.line] = Recognised(why_not=one.why_not or "several")
    return found


def _tell_apart(people: Sequence[PersonOfFile], answers: dict[int, Recognised]) -> None:
    """Of several people of the file who could be the same on record, and are not each other: those
    whom only a number or mailbox makes it are somebody else."""
    meant: dict[str, dict[int, PersonOfFile]] = defaultdict(dict)
    for number, person in enumerate(people):
        for row in person.rows:
            if whose := answers[row.line].pseudonym:
                meant[whose][number] = person
    for whose, some in meant.items():
        for person in _contradicted(some.values()):
            for row in person.rows:
                one = answers[row.line]
                if one.pseudonym == whose and not one.is_sure:
                    is_somebody = person.id_card or any(name.spellings for name in person.names)
                    why_not = "" if is_somebody else "several"
                    answers[row.line] = Recognised(why_not=why_not, others=True)


def _contradicted(some: Iterable[PersonOfFile]) -> list[PersonOfFile]:
    return [
        person
        for pair in combinations(some, 2)
        if relation(pair[0].id_card, pair[0].names, pair[1].id_card, pair[1].names) is False
        for person in pair
    ]
