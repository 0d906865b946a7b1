"""One advert beside the record of one offer: what every comparison asks of both."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from amends.causes.publicity.rules.findings import UNSURE, Finding, say
from amends.causes.publicity.rules.reader.numbers import NUMBER, value_of
from amends.causes.publicity.rules.reader.quantities import without, without_noise
from amends.causes.publicity.rules.reader.reading import Reading
from amends.causes.publicity.rules.reader.statements import AdvertStatement, Role
from amends.record.facts.offers.key_facts import KeyFacts

_NUMBER = re.compile(NUMBER)
_LETTER_ALONE = re.compile(r"(?<![a-z])[gmt]$")
"""30 m is a length, too, and 50 g a weight."""
_OF_DATA = re.compile(r"\bdata\b|流量")


def close(said: float, value: float | None) -> bool:
    """Whether a stated number is that of the record, to the rounding of a price."""
    return value is not None and abs(said - value) <= max(0.006, abs(value) * 1e-4)


def same_data(said: float, value: float | None) -> bool:
    """Whether two amounts of data are the same, a GB counted as 1,000 or 1,024 MB."""
    return value is not None and any(
        close(said * factor, value) for factor in (1, 1.024, 1 / 1.024)
    )


def same_day(said: float, when: date | None) -> bool:
    """Whether a day that an advert names is that of the record; a year left out is any year."""
    if when is None:
        return False
    year, rest = divmod(round(said), 10_000)
    return rest == when.month * 100 + when.day and year in (0, when.year)


@dataclass(frozen=True, slots=True)
class Trade:
    """The words that show what a text sells.

    telecom   of telecommunications alone; an amount of data or a speed too
    shared    of other trades too: plan, unlimited, 套餐
    other     of another trade
    """

    telecom: frozenset[str]
    shared: frozenset[str]
    other: frozenset[str]

    @property
    def is_telecom(self) -> bool:
        """Whether it sells telecommunications: by a word of theirs, or by two shared ones where no
        word of another trade stands."""
        return bool(self.telecom) or (len(self.shared) > 1 and not self.other)


def trade_of(reading: Reading) -> Trade:
    """What the words and amounts of a text show of its trade."""
    words: dict[str, set[str]] = {"telecom": set(), "shared": set(), "trade": set()}
    for cue in reading.cues:
        word = reading.small[cue.start : cue.end]
        topics = {sense.role for sense in cue.senses if sense.kind == "topic"}
        products = {sense.role for sense in cue.senses if sense.kind == "product"}
        if not topics and products & {"broadband", "mobile", "landline"}:
            topics = {"telecom"}
        for name in topics:
            words[name].add(word)
    for one in reading.of("allowance", "threshold", "speed", "median_speed", "reduced_speed"):
        if one.certainty != "unsure":
            alone = _LETTER_ALONE.search(reading.small[one.start : one.end])
            words["shared" if alone else "telecom"].add(one.role)
    for one in reading.of("unlimited", "minutes", "minutes_unlimited"):
        if one.certainty != "unsure":
            of_data = one.role == "unlimited" and _OF_DATA.search(
                reading.small[max(0, one.start - 6) : one.end + 6]
            )
            name = "unlimited" if one.role == "unlimited" else "minutes"
            words["telecom" if of_data else "shared"].add(name)
    words["shared"] -= {"不限量"} if "unlimited" in words["shared"] else set()
    return Trade(*(frozenset(words[name]) for name in ("telecom", "shared", "trade")))


@dataclass(frozen=True)
class Advert:
    """An advert beside one offer.

    rises_in_money  whether its jurisdiction forbids price rises in per cent
    """

    offer: KeyFacts
    reading: Reading
    statements: Sequence[AdvertStatement]
    on: date
    rises_in_money: bool = False

    @cached_property
    def gift_words(self) -> bool:
        """Whether words of a gift stand in it."""
        return any(
            sense.role == "gift" and sense.kind in ("says", "money") and sense.side != "behind"
            for cue in self.reading.cues
            for sense in cue.senses
        )

    @cached_property
    def is_of_telecom(self) -> bool:
        """Whether the text names the offer, or shows that it sells telecommunications and speaks
        more of them than of another trade: what a supermarket or a gym advertises is not held
        against an offer."""
        if any(mention.offer == self.offer.id for mention in self.reading.mentions):
            return True
        currencies = {statement.currency for statement in self.statements if statement.currency}
        if currencies and self.offer.currency.upper() not in currencies:
            return False
        shown = trade_of(self.reading)
        amounts = {
            one.role
            for one in self.of(
                "allowance", "threshold", "speed", "median_speed", "minutes", "unlimited"
            )
        }
        recorded = [statement for statement in self.statements if self._is_on_record(statement)]
        right = {str(one.role) for one in recorded}
        right |= {f"{one.role} of a period" for one in recorded if one.period > 0}
        right |= {"monthly" for one in recorded if one.period > 0}
        amounts_right = {one.value for one in recorded if one.currency}
        terms = self.of(
            "contract_months",
            "contract_none",
            "exit_fee",
            "exit_none",
            "promo_months",
            "price_after",
            "places",
            "gift",
            "free_months",
        )
        on_record = len(amounts_right) > 1 or ("monthly" in right and bool(terms or shown.shared))
        if not shown.is_telecom and (shown.other or not on_record):
            return False
        needed = any(one.period > 0 for one in self.of("price")) and any(
            item.lower() in self.reading.small for item in self.offer.bundle_required
        )
        own = len(shown.telecom) + len(shown.shared) + len(amounts) + needed
        return own + len(right) - (0 if own else 1) > len(shown.other)

    @cached_property
    def is_in_other_language(self) -> bool:
        """Whether the text is neither English nor Chinese: only its numbers are read."""
        said: dict[str, set[str]] = {"other": set(), "english": set()}
        for cue in self.reading.cues:
            for sense in cue.senses:
                if sense.kind == "language":
                    said[sense.role].add(self.reading.small[cue.start : cue.end])
        return len(said["other"]) > max(1, len(said["english"]))

    def _is_on_record(self, one: AdvertStatement) -> bool:
        """Whether the record has the number, in any of its fields of that unit."""
        offer = self.offer
        if one.role in ("price", "price_after", "exit_fee", "gift", "money"):
            return self.explained(one)
        if one.role in ("start", "end", "date"):
            return same_day(one.value, offer.sale_from) or same_day(one.value, offer.sale_to)
        known: tuple[float | None, ...] = ()
        if one.role == "places":
            known = (offer.quota,)
        elif one.role in ("contract_months", "promo_months", "gift_months"):
            known = (offer.contract_months, offer.promo_months, offer.gift_spread)
        return any(close(one.value, value) for value in known)

    def of(self, *roles: Role) -> list[AdvertStatement]:
        """The statements of some roles that a comparison may rest on."""
        return [
            statement
            for statement in self.statements
            if statement.role in roles and statement.certainty != "unsure"
        ]

    def any_of(self, *roles: Role) -> list[AdvertStatement]:
        """The statements of some roles, those that are not certain included."""
        return [statement for statement in self.statements if statement.role in roles]

    def is_price(self, one: AdvertStatement, price: float | None) -> bool:
        """Whether an amount is a price of the record, a price by the month or as it stands."""
        if price is None:
            return False
        monthly = self.offer.monthly(price)
        if one.period > 1:
            return close(one.value / one.period, monthly)
        if one.period == 1 and self.offer.period == "year":
            return close(one.value, monthly)
        return close(one.value, price) or close(one.value, monthly)

    def explained(self, one: AdvertStatement) -> bool:
        """Whether an amount without a certain role is one that the record knows."""
        offer = self.offer
        amounts = (
            offer.early_termination_fee,
            offer.one_time_fee,
            offer.overage_per_gb,
            offer.gift,
        )
        known = any(close(one.value, amount) for amount in amounts)
        known = known or self.is_price(one, offer.price) or self.is_price(one, offer.promo_price)
        return known or self.is_instalment(one)

    def is_instalment(self, one: AdvertStatement) -> bool:
        """Whether an amount is one payment of the gift: 25 a month of 300 over 12 months."""
        gift, months = self.offer.gift, self.offer.gift_spread
        if not gift or not months:
            return False
        return any(close(one.value, gift / months * every) for every in {one.period or 1, 1, 2, 3})

    def unexplained(self, *roles: Role) -> list[AdvertStatement]:
        """Numbers that the grammar did not understand."""
        return [
            statement
            for statement in self.statements
            if statement.role in roles
            and statement.certainty == "unsure"
            and not (statement.role == "months" and statement.value <= 1)
            and not self.explained(statement)
        ]

    def unread(self, value: float | None) -> bool:
        """Whether a number of the record stands in the text without having been understood."""
        return value is not None and any(close(said, value) for said in self._unread_numbers)

    @cached_property
    def unread_text(self) -> str:
        """The text in small letters, what statements and names hold blanked."""
        held = [(statement.start, statement.end) for statement in self.reading.statements]
        held += [(mention.start, mention.end) for mention in self.reading.mentions]
        return without_noise(without(self.reading.small, held))

    @cached_property
    def _unread_numbers(self) -> set[float]:
        found = (value_of(this[0]) for this in _NUMBER.finditer(self.unread_text))
        return {value for value in found if value is not None}

    def at(
        self, code: str, name: str, one: AdvertStatement, is_: object, unit: str = ""
    ) -> Finding:
        """A finding about what the advert states."""
        said = self.reading.text[one.start : one.end]
        return Finding(
            code=code,
            severity="block",
            field=name,
            said=said,
            is_=say(is_, unit),
            start=one.start,
            end=one.end,
            offer=self.offer.id,
        )

    def unsure(self, name: str, one: AdvertStatement, is_: object = None) -> Finding:
        """A number that a person must look at."""
        said = self.reading.text[one.start : one.end]
        return Finding(
            code=UNSURE,
            severity="unsure",
            field=name,
            said=said,
            is_=say(is_),
            start=one.start,
            end=one.end,
            offer=self.offer.id,
        )

    def missing(self, code: str, name: str, is_: object) -> Finding:
        """A finding about what the advert leaves out."""
        return Finding(
            code=code, severity="block", field=name, said="", is_=say(is_), offer=self.offer.id
        )

    @property
    def sells(self) -> bool:
        """Whether the advert sells the offer: it states a price, an amount, a speed or a gift."""
        return bool(
            self.of(
                "price",
                "price_after",
                "allowance",
                "threshold",
                "speed",
                "median_speed",
                "minutes",
                "gift",
                "unlimited",
                "places",
                "contract_months",
                "exit_fee",
                "discount",
            )
        )


def settled(
    offer: KeyFacts, statements: Iterable[AdvertStatement], text: str
) -> list[AdvertStatement]:
    """Statements with the lengths of time resolved whose role the words alone do not decide."""
    found = []
    statements = list(statements)
    rises = any(statement.role == "price_after" for statement in statements)
    for one in statements:
        if one.role == "gift_months" and not offer.gift:
            one = replace(one, role="months", certainty="likely")
        if one.role == "months":
            one = _length(offer, one, text, rises)
        found.append(one)
    return found


def _length(offer: KeyFacts, one: AdvertStatement, text: str, rises: bool) -> AdvertStatement:
    by_price = one.certainty != "unsure" and text[: one.start].rstrip().endswith("for")
    if by_price and rises and offer.promo_price is not None:
        return replace(one, role="promo_months", certainty="certain")
    for role, months in (
        ("contract_months", offer.contract_months),
        ("promo_months", offer.promo_months),
        ("gift_months", offer.gift_spread),
    ):
        if close(one.value, months):
            return replace(one, role=role, certainty="likely")  # type: ignore[arg-type]
    if one.certainty == "unsure":
        return one
    if by_price and offer.gift and offer.promo_price is None and not offer.contract_months:
        return replace(one, role="gift_months")
    if offer.promo_price is not None and (by_price or not offer.contract_months):
        return replace(one, role="promo_months")
    if offer.contract_months:
        return replace(one, role="contract_months")
    return replace(one, certainty="unsure")
