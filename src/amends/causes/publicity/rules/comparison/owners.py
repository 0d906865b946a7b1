"""Which offer each statement belongs to, where an advert speaks of several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from amends.causes.publicity.rules.comparison.advert import Advert, close, same_data, same_day
from amends.causes.publicity.rules.reader.reading import Mention, Reading
from amends.causes.publicity.rules.reader.statements import AdvertStatement
from amends.record.facts.offers.key_facts import KeyFacts

_MONEY = {"price", "price_after", "money", "exit_fee", "fee", "gift"}
_DATA = {"allowance", "threshold"}
_SPEED = {"speed", "median_speed", "reduced_speed"}
_MONTHS = {"contract_months", "promo_months", "gift_months", "months"}
_GROUPS = (_MONEY, _DATA, _SPEED, _MONTHS, {"minutes"}, {"places"}, {"start", "end", "date"})
TIER_REACH = 30
"""How far the amount of another tier stands from its price, in characters."""


def explains(offer: KeyFacts, statement: AdvertStatement) -> bool:
    """Whether the record of an offer has a value like that of a statement, in whichever role.

    >>> explains(KeyFacts("a", price=10), AdvertStatement("price", 10, 0, 3))
    True
    """
    if statement.role in _MONEY or statement.currency:
        ad = Advert(offer=offer, reading=_NOTHING, statements=(), on=date.min)
        return ad.explained(statement)
    if statement.role in _DATA:
        volumes = (offer.data_gb, offer.throttle_after_gb, offer.data_cap_gb)
        return any(same_data(statement.value, value) for value in volumes)
    values: tuple[float | None, ...]
    if statement.role in _SPEED:
        values = (offer.down_nominal_mbps, offer.down_median_peak_mbps, offer.throttle_mbps)
    elif statement.role in _MONTHS:
        values = (offer.contract_months, offer.promo_months, offer.gift_spread)
    elif statement.role == "minutes":
        values = (offer.voice_min,)
    elif statement.role == "places":
        values = (offer.quota,)
    elif statement.role == "unlimited":
        return not offer.data_gb
    elif statement.role in ("start", "end", "date"):
        return same_day(statement.value, offer.sale_from) or same_day(
            statement.value, offer.sale_to
        )
    else:
        return True
    return any(close(statement.value, value) for value in values)


_NOTHING: Reading = None  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class Owned:
    """The statements of a copy by the offer they belong to; those of an offer that is not on record
    are left out."""

    own: list[AdvertStatement]
    others: dict[str, list[AdvertStatement]]


def owned(
    reading: Reading,
    own: KeyFacts,
    offers: Mapping[str, KeyFacts],
    rivals: Sequence[tuple[int, int]] = (),
) -> Owned:
    """Attach each statement to the offer it stands with; what is said of rivals is left out.

    What the record of the copy's own offer explains is its own. Of the rest, a statement belongs to
    another offer where that offer's name stands in its clause, or was the last name before it.
    """
    reading = replace(
        reading, statements=tuple(_as_recorded(own, statement) for statement in reading.statements)
    )
    strange = [statement for statement in reading.statements if not explains(own, statement)]
    owned_statements = Owned([], {})
    if not strange:
        owned_statements.own.extend(reading.statements)
        return owned_statements
    rivals_named = [
        mention
        for mention in reading.mentions
        if mention.offer != own.id and _sells(reading, mention)
    ]
    left_out = _unknown_offers(reading, own, strange)
    clauses = [reading.layout.clause(*span) for span in rivals]
    left_out |= {
        strange_statement
        for strange_statement in strange
        if any(low <= strange_statement.start < high for low, high in clauses)
    }
    unexplained = set(strange)
    for statement in reading.statements:
        if statement not in unexplained:
            owned_statements.own.append(statement)
        elif needed := _needed_offer(reading, statement, own.id, offers):
            owned_statements.others.setdefault(needed, []).append(statement)
        elif rivals_named and (name := _governing(reading, statement, rivals_named, own.id)):
            if name in offers:
                owned_statements.others.setdefault(name, []).append(statement)
        elif statement not in left_out:
            owned_statements.own.append(statement)
    for name, statements in owned_statements.others.items():
        theirs = set(statements)
        statements.extend(
            statement
            for statement in reading.statements
            if statement not in theirs and explains(offers[name], statement)
        )
    return owned_statements


def _as_recorded(offer: KeyFacts, statement: AdvertStatement) -> AdvertStatement:
    """A price in words, in its reading that the record explains."""
    if statement.otherwise and not explains(offer, statement):
        alternative = replace(statement, value=statement.otherwise)
        return alternative if explains(offer, alternative) else statement
    return statement


def _sells(reading: Reading, mention: Mention) -> bool:
    """Whether a name stands for an offer that is sold here, not for a product that is needed."""
    low, high = reading.layout.clause(mention.start, mention.end)
    return not any(
        low <= cue.start < high and any(sense.kind == "condition" for sense in cue.senses)
        for cue in reading.cues
    )


def _needed_offer(
    reading: Reading, statement: AdvertStatement, own: str, offers: Mapping[str, KeyFacts]
) -> str:
    """The offer named in the same sentence whose record has the value: a plan that is needed beside
    this one, with its own price; "" for none."""
    low, high = reading.layout.sentence(statement.start)
    for mention in reading.mentions:
        rival_offer = offers.get(mention.offer)
        if (
            rival_offer is not None
            and mention.offer != own
            and low <= mention.start < high
            and not _sells(reading, mention)
            and statement.role not in ("other", "unlimited")
            and explains(rival_offer, statement)
        ):
            return mention.offer
    return ""


def _governing(
    reading: Reading, statement: AdvertStatement, rivals: Sequence[Mention], own: str
) -> str:
    """The other offer whose name governs a statement; "" for none."""
    low, high = reading.layout.clause(statement.start, statement.end)
    inside = [mention for mention in rivals if low <= mention.start < high]
    before = [mention for mention in inside if mention.start <= statement.start]
    if inside:
        return (before[-1] if before else inside[0]).offer
    names = sorted(
        [*rivals, *(mention for mention in reading.mentions if mention.offer == own)],
        key=lambda mention: mention.start,
    )
    last = [mention for mention in names if mention.start <= statement.start]
    return last[-1].offer if last and last[-1].offer != own else ""


def _unknown_offers(
    reading: Reading, own: KeyFacts, strange: Sequence[AdvertStatement]
) -> set[AdvertStatement]:
    """Statements of offers that are not on record: introduced as another choice, or one tier of a
    list, in a text that states the price of the own offer too."""
    ad = Advert(offer=own, reading=reading, statements=(), on=date.min)
    prices = reading.of("price", "money", "price_after")
    right = [
        statement
        for statement in prices
        if ad.is_price(statement, own.price) or ad.is_price(statement, own.promo_price)
    ]
    if not right:
        return set()
    foreign_statements: set[AdvertStatement] = set()
    beginning = None
    for price in strange:
        if price.role not in ("price", "money", "price_after") or price.start < right[0].start:
            continue
        low, _high = reading.layout.sentence(price.start)
        if (
            any(low <= position <= price.end + TIER_REACH for position in reading.aside)
            and price.start > right[0].end
        ):
            beginning = min(price.start if beginning is None else beginning, max(low, right[0].end))
            break
    if beginning is not None:
        back = [
            mention.start
            for mention in reading.mentions
            if mention.offer == own.id and mention.start > beginning
        ]
        foreign_statements |= {
            statement
            for statement in strange
            if statement.start >= beginning and not (back and statement.start > back[0])
        }
    return foreign_statements | _tiers(reading, own, strange)


def _tiers(
    reading: Reading, own: KeyFacts, strange: Sequence[AdvertStatement]
) -> set[AdvertStatement]:
    """A price with an amount beside it, both of another tier, where the own pair stands too."""
    tier_statements: set[AdvertStatement] = set()
    for roles in (_DATA | {"unlimited"}, _SPEED):
        if not any(
            statement.role in roles and explains(own, statement) for statement in reading.statements
        ):
            continue
        for price in strange:
            if price.role not in ("price", "money"):
                continue
            near = [
                statement
                for statement in strange
                if statement.role in roles
                and min(abs(statement.start - price.end), abs(price.start - statement.end))
                <= TIER_REACH
            ]
            if near:
                tier_statements |= {price, *near}
    return tier_statements
