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


def close(stated: float, value: float | None) -> bool:
    """Whether a stated number is that of the record, to the rounding of a price."""
    return value is not None and abs(stated - value) <= max(0.006, abs(value) * 1e-4)


def same_data(stated: float, value: float | None) -> bool:
    """Whether two amounts of data are the same, a GB counted as 1,000 or 1,024 MB."""
    return value is not None and any(
        close(stated * factor, value) for factor in (1, 1.024, 1 / 1.024)
    )


def same_day(stated: float, when: date | None) -> bool:
    """Whether a day that an advert names is that of the record; a year left out is any year."""
    if when is None:
        return False
    year, month_day = divmod(round(stated), 10_000)
    return month_day == when.month * 100 + when.day and year in (0, when.year)


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
    terms_by_trade: dict[str, set[str]] = {"telecom": set(), "shared": set(), "trade": set()}
    for cue in reading.cues:
        word = reading.small[cue.start : cue.end]
        topics = {sense.role for sense in cue.senses if sense.kind == "topic"}
        products = {sense.role for sense in cue.senses if sense.kind == "product"}
        if not topics and products & {"broadband", "mobile", "landline"}:
            topics = {"telecom"}
        for name in topics:
            terms_by_trade[name].add(word)
    for statement in reading.of("allowance", "threshold", "speed", "median_speed", "reduced_speed"):
        if statement.certainty != "unsure":
            alone = _LETTER_ALONE.search(reading.small[statement.start : statement.end])
            terms_by_trade["shared" if alone else "telecom"].add(statement.role)
    for statement in reading.of("unlimited", "minutes", "minutes_unlimited"):
        if statement.certainty != "unsure":
            of_data = statement.role == "unlimited" and _OF_DATA.search(
                reading.small[max(0, statement.start - 6) : statement.end + 6]
            )
            name = "unlimited" if statement.role == "unlimited" else "minutes"
            terms_by_trade["telecom" if of_data else "shared"].add(name)
    terms_by_trade["shared"] -= {"不限量"} if "unlimited" in terms_by_trade["shared"] else set()
    return Trade(*(frozenset(terms_by_trade[name]) for name in ("telecom", "shared", "trade")))


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
        trade = trade_of(self.reading)
        amounts = {
            statement.role
            for statement in self.of(
                "allowance", "threshold", "speed", "median_speed", "minutes", "unlimited"
            )
        }
        recorded = [statement for statement in self.statements if self._is_on_record(statement)]
        right = {str(statement.role) for statement in recorded}
        right |= {f"{statement.role} of a period" for statement in recorded if statement.period > 0}
        right |= {"monthly" for statement in recorded if statement.period > 0}
        amounts_right = {statement.value for statement in recorded if statement.currency}
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
        on_record = len(amounts_right) > 1 or ("monthly" in right and bool(terms or trade.shared))
        if not trade.is_telecom and (trade.other or not on_record):
            return False
        needed = any(statement.period > 0 for statement in self.of("price")) and any(
            item.lower() in self.reading.small for item in self.offer.bundle_required
        )
        own = len(trade.telecom) + len(trade.shared) + len(amounts) + needed
        return own + len(right) - (0 if own else 1) > len(trade.other)

    @cached_property
    def is_in_other_language(self) -> bool:
        """Whether the text is neither English nor Chinese: only its numbers are read."""
        cues_by_language: dict[str, set[str]] = {"other": set(), "english": set()}
        for cue in self.reading.cues:
            for sense in cue.senses:
                if sense.kind == "language":
                    cues_by_language[sense.role].add(self.reading.small[cue.start : cue.end])
        return len(cues_by_language["other"]) > max(1, len(cues_by_language["english"]))

    def _is_on_record(self, statement: AdvertStatement) -> bool:
        """Whether the record has the number, in any of its fields of that unit."""
        offer = self.offer
        if statement.role in ("price", "price_after", "exit_fee", "gift", "money"):
            return self.explained(statement)
        if statement.role in ("start", "end", "date"):
            return same_day(statement.value, offer.sale_from) or same_day(
                statement.value, offer.sale_to
            )
        recorded_amounts: tuple[float | None, ...] = ()
        if statement.role == "places":
            recorded_amounts = (offer.quota,)
        elif statement.role in ("contract_months", "promo_months", "gift_months"):
            recorded_amounts = (offer.contract_months, offer.promo_months, offer.gift_spread)
        return any(close(statement.value, value) for value in recorded_amounts)

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

    def is_price(self, statement: AdvertStatement, price: float | None) -> bool:
        """Whether an amount is a price of the record, a price by the month or as it stands."""
        if price is None:
            return False
        monthly = self.offer.monthly(price)
        if statement.period > 1:
            return close(statement.value / statement.period, monthly)
        if statement.period == 1 and self.offer.period == "year":
            return close(statement.value, monthly)
        return close(statement.value, price) or close(statement.value, monthly)

    def explained(self, statement: AdvertStatement) -> bool:
        """Whether an amount without a certain role is one that the record knows."""
        offer = self.offer
        amounts = (
            offer.early_termination_fee,
            offer.one_time_fee,
            offer.overage_per_gb,
            offer.gift,
        )
        is_recorded = any(close(statement.value, amount) for amount in amounts)
        is_recorded = (
            is_recorded
            or self.is_price(statement, offer.price)
            or self.is_price(statement, offer.promo_price)
        )
        return is_recorded or self.is_instalment(statement)

    def is_instalment(self, statement: AdvertStatement) -> bool:
        """Whether an amount is one payment of the gift: 25 a month of 300 over 12 months."""
        gift, months = self.offer.gift, self.offer.gift_spread
        if not gift or not months:
            return False
        return any(
            close(statement.value, gift / months * every)
            for every in {statement.period or 1, 1, 2, 3}
        )

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
        return value is not None and any(
            close(unread_number, value) for unread_number in self._unread_numbers
        )

    @cached_property
    def unread_text(self) -> str:
        """The text in small letters, what statements and names hold blanked."""
        spans = [(statement.start, statement.end) for statement in self.reading.statements]
        spans += [(mention.start, mention.end) for mention in self.reading.mentions]
        return without_noise(without(self.reading.small, spans))

    @cached_property
    def _unread_numbers(self) -> set[float]:
        values = (value_of(this[0]) for this in _NUMBER.finditer(self.unread_text))
        return {value for value in values if value is not None}

    def at(
        self, code: str, name: str, statement: AdvertStatement, is_: object, unit: str = ""
    ) -> Finding:
        """A finding about what the advert states."""
        quoted = self.reading.text[statement.start : statement.end]
        return Finding(
            code=code,
            severity="block",
            field=name,
            said=quoted,
            is_=say(is_, unit),
            start=statement.start,
            end=statement.end,
            offer=self.offer.id,
        )

    def unsure(self, name: str, statement: AdvertStatement, is_: object = None) -> Finding:
        """A number that a person must look at."""
        quoted = self.reading.text[statement.start : statement.end]
        return Finding(
            code=UNSURE,
            severity="unsure",
            field=name,
            said=quoted,
            is_=say(is_),
            start=statement.start,
            end=statement.end,
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
    settled_statements = []
    statements = list(statements)
    rises = any(statement.role == "price_after" for statement in statements)
    for settled_statement in statements:
        if settled_statement.role == "gift_months" and not offer.gift:
            settled_statement = replace(settled_statement, role="months", certainty="likely")
        if settled_statement.role == "months":
            settled_statement = _length(offer, settled_statement, text, rises)
        settled_statements.append(settled_statement)
    return settled_statements


def _length(offer: KeyFacts, statement: AdvertStatement, text: str, rises: bool) -> AdvertStatement:
    by_price = statement.certainty != "unsure" and text[: statement.start].rstrip().endswith("for")
    if by_price and rises and offer.promo_price is not None:
        return replace(statement, role="promo_months", certainty="certain")
    for role, months in (
        ("contract_months", offer.contract_months),
        ("promo_months", offer.promo_months),
        ("gift_months", offer.gift_spread),
    ):
        if close(statement.value, months):
            return replace(statement, role=role, certainty="likely")  # type: ignore[arg-type]
    if statement.certainty == "unsure":
        return statement
    if by_price and offer.gift and offer.promo_price is None and not offer.contract_months:
        return replace(statement, role="gift_months")
    if offer.promo_price is not None and (by_price or not offer.contract_months):
        return replace(statement, role="promo_months")
    if offer.contract_months:
        return replace(statement, role="contract_months")
    return replace(statement, certainty="unsure")
