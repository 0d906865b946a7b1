"""Whom on record the register speaks of: by identity card, number, mailbox and name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from amends.kit.person_names import Name, relation
from amends.subscribers.owners import A_CROWD as A_CROWD
from amends.subscribers.owners import FoundOwner, Lookup, cards_of, found_by
from amends.subscribers.queries.personal import index_entries, names_on_record

_MANY = 60
"""Of so many with one number only the same card or the same spelling of a name is looked for."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What the register says of one person, in one row.

    lookup  what they are found by; the identity card is the one of any of their rows
    names   what they are called in any of their rows
    card, called  the same of this row: it counts before what the others say
    """

    lookup: Lookup
    names: tuple[Name, ...] = ()
    card: str = ""
    called: tuple[Name, ...] = ()


@dataclass(frozen=True, slots=True)
class Recognised:
    """Whom a claim speaks of.

    pseudonym  "" where nobody on record is known to be meant
    is_sure    their identity card or name says so, not a number or mailbox alone
    by_phone   it is their number that says so
    why_not    "several": its number or mailbox is several people's, "crossed": the number is one's
               and the mailbox another's; either way nothing tells which of them it is
    others     whether its number or mailbox is somebody else's
    """

    pseudonym: str = ""
    is_sure: bool = False
    by_phone: bool = False
    why_not: str = ""
    others: bool = False


def recognise(claims: Sequence[Claim]) -> list[Recognised]:
    """One answer for each claim, in the order given, in a handful of queries.

    Who has another identity card, or where one of the two has no card another name, is somebody
    else, also with the same number or mailbox: both are given out again, and used by several.
    """
    found = [
        some._replace(email=set()) if _is_known_otherwise(claim) and len(some.email) > A_CROWD
        else some
        for claim, some in zip(
            claims, found_by([claim.lookup for claim in claims]), strict=True
        )
    ]  # fmt: skip
    people = {whose for some in found for one in some for whose in one}
    cards, names = cards_of(people), names_on_record(people)
    given = index_entries("id_card", [claim.lookup.id_card for claim in claims])
    own = index_entries("id_card", [claim.card for claim in claims])
    by_spelling: dict[str, set[str]] = defaultdict(set)
    for whose, name in names.items():
        for spelling in name.spellings:
            by_spelling[spelling].add(whose)
    answers = []
    for claim, card, own_card, some in zip(claims, given, own, found, strict=True):
        asked = set().union(*some)
        about: dict[str, bool | None] = {}
        if len(asked) > _MANY:
            called = {one for name in (*claim.names, *claim.called) for one in name.spellings}
            if not called and not card:
                about = dict.fromkeys(asked)
            like = {whose for one in called for whose in by_spelling.get(one, ())}
            asked = (asked & like) | some.id_card
        for whose in asked:
            theirs = cards.get(whose, ""), [names.get(whose, Name())]
            said = relation(own_card, claim.called, *theirs)
            about[whose] = relation(card, claim.names, *theirs) if said is None else said
        answers.append(_settled(some, about, has_card=bool(card)))
    return answers


def is_somebody_else(claims: Sequence[tuple[str, Claim]]) -> list[bool]:
    """Whether each row has another identity card, or another name, than who stands beside it."""
    people = {whose for whose, _ in claims}
    cards, names = cards_of(people), names_on_record(people)
    own = index_entries("id_card", [claim.card for _, claim in claims])
    return [
        relation(card, claim.called, cards.get(whose, ""), [names.get(whose, Name())]) is False
        for (whose, claim), card in zip(claims, own, strict=True)
    ]


def _is_known_otherwise(claim: Claim) -> bool:
    return bool(claim.lookup.phone or claim.lookup.id_card)


def _settled(
    found: FoundOwner, answers: Mapping[str, bool | None], *, has_card: bool
) -> Recognised:
    if len(found.email) > A_CROWD:
        return Recognised(why_not="several", others=True)
    sure = {whose for whose, answer in answers.items() if answer}
    if sure:
        for some in (sure, sure & found.id_card, sure & found.phone, sure & found.email):
            if len(some) == 1:
                (whose,) = some
                return Recognised(whose, is_sure=True, others=len(answers) > 1)
        return Recognised(why_not="several")
    by_phone, by_mailbox = (
        {whose for whose in some if answers.get(whose, False) is None}
        for some in (found.phone, found.email)
    )
    if len(both := by_phone & by_mailbox) == 1:
        by_phone = by_mailbox = both
    told = {next(iter(some)) for some in (by_phone, by_mailbox) if len(some) == 1}
    if len(told) == 1:
        whose = told.pop()
        return Recognised(whose, by_phone=whose in found.phone, others=len(answers) > 1)
    if (by_phone or by_mailbox) and not has_card:
        return Recognised(why_not="crossed" if told else "several", others=True)
    return Recognised(others=any(found))
