"""What an advert states held against what the record of its offer says.

A false statement is a mismatch and not also a missing statement. An empty field of the record
means that the offer has none of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from amends.facts.offers.key_facts import KeyFacts
from amends.publicity.rules.days import Day
from amends.publicity.rules.facts import SCARCE, Fact, Text
from amends.publicity.rules.findings import UNSURE, Finding, say
from amends.publicity.rules.rulebook import Rulebook

_I = re.I
_NO_CONTRACT = re.compile(
    r"(?:无|零|免|没有|不签|无需签|不用签)(?:任何)?合约|(?:无|没有)合约期|随时(?:可|都能|均可)?(?:退|取消|解约|停)|"
    r"\bno (?:fixed |long |minimum )?(?:contract|commitment|minimum term|term|lock-?in|"
    r"tie-?in)s?\b|contract-?free|"
    r"cancel any ?time|leave any ?time|leave (?:when|whenever) you|without (?:a |"
    r"any )?(?:contract|commitment)|"
    r"rolling (?:month|contract)|(?:30|one)-(?:day|month) rolling", _I,
)  # fmt: skip
_NO_EXIT = re.compile(
    r"(?:无|免|零|不收|没有|不用付|无需支付)(?:任何)?(?:违约金|解约金|退网费)|违约金(?:全免|为零)|"
    r"\bno (?:early )?(?:exit|termination|cancellation|early termination) (?:fees?|"
    r"charges?)|leave free|free to leave", _I,
)  # fmt: skip
_NOW = re.compile(
    r"即日起|现已|现正|正在热销|热销中|今日起|今天起|现在(?:就|即可|办理)|立即办理|"
    r"已上线|马上办理|\b(?:available |on sale |out )?now\b|today\b",
    _I,
)
_CALLS = re.compile(
    r"(?:通话|语音|分钟数)(?:时长)?(?:不限|无限)|(?:不限|无限)(?:时|次)?(?:通话|语音)|"
    r"\bunlimited (?:\w+ )?(?:calls?|minutes|mins|voice|talk)\b", _I,
)  # fmt: skip
_FIXED = re.compile(r"锁定|保价|固定|不变|不涨|\b(?:fixed|guaranteed|locked|frozen)\b", _I)
_NEVER = re.compile(
    r"(?:永不|绝不|永远不|终身不|不会)涨价|永久(?:低价|优惠价)|"
    r"\b(?:no|never any|without) (?:mid-contract )?price (?:rises?|increases?|hikes?)\b|"
    r"\bprice (?:will )?never (?:rises?|goes up|changes?|go up|increases?)|\bfor life\b|"
    r"\bforever\b", _I,
)  # fmt: skip
_DOLLARS = {"USD", "AUD", "CAD", "NZD", "HKD", "SGD"}


def close(said: float, value: float | None) -> bool:
    """Whether a stated number is that of the record, to the rounding of a price."""
    return value is not None and abs(said - value) <= max(0.006, abs(value) * 1e-4)


@dataclass(slots=True)
class Comparison:
    """One advert beside one offer."""

    offer: KeyFacts
    cut: Text
    facts: list[Fact]
    days: list[Day]
    on: date
    rulebook: Rulebook

    def findings(self) -> Iterator[Finding]:
        """All findings that the record decides."""
        yield from self._sale()
        yield from self._prices()
        yield from self._fees()
        yield from self._contract()
        yield from self._speeds()
        yield from self._allowances()
        yield from self._unlimited()
        yield from self._gift()
        yield from self._places()

    def _of(self, unit: str, *roles: str) -> list[Fact]:
        return [
            fact for fact in self.facts if fact.unit == unit and (not roles or fact.role in roles)
        ]

    def _at(self, code: str, field: str, fact: Fact | Day, is_: object, unit: str = "") -> Finding:
        said = self.cut.text[fact.start : fact.end]
        return Finding(code, "block", field, said, say(is_, unit), fact.start, fact.end)

    def _unsure(self, field: str, fact: Fact | Day, is_: object = None) -> Finding:
        said = self.cut.text[fact.start : fact.end]
        return Finding(UNSURE, "unsure", field, said, say(is_), fact.start, fact.end)

    @staticmethod
    def _missing(code: str, field: str, is_: object, unit: str = "") -> Finding:
        return Finding(code, "block", field, "", say(is_, unit))

    # --- sale window -----------------------------------------------------------------------

    def _sale(self) -> Iterator[Finding]:
        offer = self.offer
        if offer.sale_to and self.on > offer.sale_to:
            yield self._missing("DISCONTINUED", "sale_to", offer.sale_to.isoformat())
        elif offer.quota == 0:
            yield self._missing("QUOTA_EXHAUSTED", "quota", offer.quota)
        if offer.sale_from and self.on < offer.sale_from and (now := _NOW.search(self.cut.text)):
            yield Finding(
                "VALIDITY_MISMATCH",
                "block",
                "sale_from",
                now[0],
                offer.sale_from.isoformat(),
                now.start(),
                now.end(),
            )
        for day in self.days:
            yield from self._day(day)

    def _day(self, day: Day) -> Iterator[Finding]:
        offer = self.offer
        if day.role == "aside":
            return
        if not day.real:
            yield self._unsure("sale_to", day, offer.sale_to)
        elif day.role == "start" and offer.sale_from and not _same(day, offer.sale_from):
            yield self._at("VALIDITY_MISMATCH", "sale_from", day, offer.sale_from.isoformat())
        elif day.role == "end" and not _same(day, offer.sale_to):
            is_ = offer.sale_to.isoformat() if offer.sale_to else ""
            yield self._at("VALIDITY_MISMATCH", "sale_to", day, is_)
        elif day.role == "unsure" and not (
            _same(day, offer.sale_to) or _same(day, offer.sale_from)
        ):
            yield self._unsure("sale_to", day, offer.sale_to)

    # --- prices ----------------------------------------------------------------------------

    def _stated_prices(self) -> list[Fact]:
        """Prices, and an amount without a role where no other price stands in the text."""
        prices = [
            *self._of("money", "price", "after"),
            *(fact for fact in self._of("money", "gift") if self._is_monthly_price(fact)),
        ]
        bare = [fact for fact in self._of("money", "bare") if not self._known(fact)]
        return prices or bare

    def _is_monthly_price(self, fact: Fact) -> bool:
        """An amount a month that was read as an instalment and is the price."""
        prices = (self.offer.price, self.offer.promo_price)
        return bool(fact.months) and any(self._is_price(fact, price) for price in prices)

    def _known(self, fact: Fact) -> bool:
        return close(fact.value, self.offer.early_termination_fee) or close(
            fact.value, self.offer.gift_cny
        )

    def _is_price(self, fact: Fact, price: float | None) -> bool:
        if price is None:
            return False
        if fact.months:
            return close(fact.value, self.offer.monthly(price))
        return close(fact.value, price) or close(fact.value, self.offer.monthly(price))

    def _is_instalment(self, fact: Fact) -> bool:
        gift, months = self.offer.gift_cny, self.offer.gift_months
        return bool(gift and months and fact.months and close(fact.value, gift / months))

    def _foreign(self, fact: Fact) -> bool:
        own = self.offer.currency.upper()
        if not fact.currency or fact.currency == own:
            return False
        return not (
            (fact.currency == "USD" and own in _DOLLARS)
            or (fact.currency == "CNY" and own in ("JPY", "RMB"))
        )

    def _prices(self) -> Iterator[Finding]:
        offer = self.offer
        stated = self._stated_prices()
        bare = [
            fact
            for fact in self._of("money", "bare")
            if fact not in stated and not self._known(fact)
        ]
        for fact in [*bare, *self._of("money", "unsure")]:
            if not self._is_price(fact, offer.price) and not self._is_price(
                fact, offer.promo_price
            ):
                yield self._unsure("price", fact, offer.price)
        everything = [*stated, *bare]
        for fact in stated:
            if self._foreign(fact) or offer.price is None:
                yield self._unsure("price", fact, offer.price)
            elif self._is_instalment(fact) and not self._is_price(fact, offer.price):
                continue
            elif not self._price_holds(fact):
                yield self._at("PRICE_MISMATCH", "price", fact, self._price_said())
        yield from self._discounts()
        yield from self._promo_months()
        yield from self._after_promo(everything)

    def _price_holds(self, fact: Fact) -> bool:
        if self._is_price(fact, self.offer.price):
            return True
        return fact.role != "after" and self._is_price(fact, self.offer.promo_price)

    def _price_said(self) -> str:
        offer = self.offer
        regular = f"{say(offer.price)} {offer.currency}/{offer.period}"
        if offer.promo_price is None:
            return regular
        return f"{say(offer.promo_price)} ({say(offer.promo_months)} months), {regular}"

    def _discounts(self) -> Iterator[Finding]:
        offer = self.offer
        for fact in self._of("discount"):
            if fact.role == "unsure" or not offer.price:
                yield self._unsure("promo_price", fact, offer.promo_price)
            elif (
                offer.promo_price is None
                or abs(offer.promo_price / offer.price - fact.value) > 0.01
            ):
                yield self._at("PRICE_MISMATCH", "promo_price", fact, self._price_said())

    def _promo_months(self) -> Iterator[Finding]:
        offer = self.offer
        if offer.promo_price is None or not offer.promo_months:
            return
        rises = bool(self._of("money", "after"))
        for fact in self._of("months"):
            fixed = self._is_fixed(fact) and fact.value > offer.promo_months
            if fact.role != "promo" and not fixed:
                continue
            first = fact.value == 1 and fact.value <= offer.promo_months
            term = close(fact.value, offer.contract_months) and not rises and not fixed
            if not first and not term and not close(fact.value, offer.promo_months):
                yield self._at("PRICE_MISMATCH", "promo_months", fact, offer.promo_months)

    def _is_fixed(self, fact: Fact) -> bool:
        low, high = self.cut.clause(fact.start)
        return bool(_FIXED.search(self.cut.text[low:high]))

    def _after_promo(self, stated: list[Fact]) -> Iterator[Finding]:
        offer = self.offer
        if (
            offer.promo_price is None
            or offer.price is None
            or close(offer.promo_price, offer.price)
        ):
            return
        headline = any(self._is_price(fact, offer.promo_price) for fact in stated) or bool(
            self._of("discount", "price")
        )
        after = any(fact.role == "after" or self._is_price(fact, offer.price) for fact in stated)
        if never := _NEVER.search(self.cut.text):
            is_ = self._price_said()
            yield Finding(
                "PRICE_MISMATCH", "block", "price", never[0], is_, never.start(), never.end()
            )
        fixed = any(
            self._is_fixed(fact) and fact.value > (offer.promo_months or 0)
            for fact in self._of("months")
        )
        if headline and not after and not never and not fixed:
            yield self._missing(
                "PRICE_AFTER_PROMO_MISSING",
                "price",
                f"{say(offer.price)} {offer.currency}/{offer.period}",
            )

    def _fees(self) -> Iterator[Finding]:
        offer = self.offer
        for fact in self._of("money", "fee"):
            known = close(fact.value, offer.early_termination_fee) or self._is_price(
                fact, offer.price
            )
            if fact.value > 0 and not known and not self._is_price(fact, offer.promo_price):
                yield self._at("PRICE_MISMATCH", "fee", fact, None)
        for fact in self._of("money", "exit"):
            if not offer.early_termination_fee:
                if fact.value > 0:
                    yield self._at("PRICE_MISMATCH", "early_termination_fee", fact, None)
            elif not close(fact.value, offer.early_termination_fee):
                yield self._at(
                    "FEE_MISMATCH", "early_termination_fee", fact, offer.early_termination_fee
                )

    # --- contract --------------------------------------------------------------------------

    def _contract(self) -> Iterator[Finding]:
        offer, text = self.offer, self.cut.text
        stated = self._of("months", "contract")
        if not stated and offer.promo_price is None and offer.contract_months:
            stated = [fact for fact in self._of("months", "promo") if fact.value > 1]
        free, no_fee = _NO_CONTRACT.search(text), _NO_EXIT.search(text)
        for fact in stated:
            if not close(fact.value, offer.contract_months) and not self._other_term(fact):
                yield self._at(
                    "CONTRACT_TERM_MISMATCH", "contract_months", fact, offer.contract_months
                )
        if free and offer.contract_months:
            yield Finding(
                "CONTRACT_TERM_MISMATCH",
                "block",
                "contract_months",
                free[0],
                say(offer.contract_months),
                free.start(),
                free.end(),
            )
            return
        if no_fee and offer.early_termination_fee:
            yield Finding(
                "FEE_MISMATCH",
                "block",
                "early_termination_fee",
                no_fee[0],
                say(offer.early_termination_fee),
                no_fee.start(),
                no_fee.end(),
            )
        missing = []
        said = stated or [
            fact for fact in self._of("months") if close(fact.value, offer.contract_months)
        ]
        if offer.contract_months and not said:
            missing.append(f"{say(offer.contract_months)} months")
        fee = self._of("money", "exit") or [
            fact
            for fact in self._of("money", "bare", "fee")
            if close(fact.value, offer.early_termination_fee)
        ]
        if offer.early_termination_fee and not fee and not no_fee:
            missing.append(f"exit fee {say(offer.early_termination_fee)} {offer.currency}")
        if missing:
            yield self._missing("CONTRACT_TERM_MISSING", "contract_months", ", ".join(missing))

    def _other_term(self, fact: Fact) -> bool:
        """A length that the record knows as that of the promotion or the gift."""
        return close(fact.value, self.offer.promo_months) or close(
            fact.value, self.offer.gift_months
        )

    # --- speed -----------------------------------------------------------------------------

    def _speeds(self) -> Iterator[Finding]:
        offer = self.offer
        nominal, median = offer.down_nominal_mbps, offer.down_median_peak_mbps
        for fact in self._of("mbps", "nominal", "descriptor"):
            plain_median = close(fact.value, median) and not fact.up_to
            if (
                not close(fact.value, nominal)
                and not plain_median
                and not close(fact.value, offer.throttle_mbps)
            ):
                yield self._at("SPEED_MISMATCH", "down_nominal_mbps", fact, nominal, " Mbps")
        for fact in self._of("mbps", "median"):
            if median is None:
                if nominal is not None and fact.value > nominal:
                    yield self._at(
                        "SPEED_MISMATCH", "down_median_peak_mbps", fact, nominal, " Mbps"
                    )
                else:
                    yield self._unsure("down_median_peak_mbps", fact)
            elif fact.value > median * 1.005 or fact.value < median * 0.9:
                yield self._at("SPEED_MISMATCH", "down_median_peak_mbps", fact, median, " Mbps")
        for fact in self._of("mbps", "throttle"):
            if not close(fact.value, offer.throttle_mbps):
                yield self._at(
                    "THROTTLE_MISMATCH", "throttle_mbps", fact, offer.throttle_mbps, " Mbps"
                )
        claims = [
            fact
            for fact in self._of("mbps", "nominal", "descriptor")
            if close(fact.value, nominal) and not self._in_name(fact)
        ]
        lacks_median = median is not None and not self._of("mbps", "median")
        if claims and (not any(fact.up_to for fact in claims) or lacks_median):
            is_ = f"≤ {say(nominal)} Mbps" + (
                f", median {say(median)} Mbps" if median is not None else ""
            )
            yield self._at("BANDWIDTH_CONDITION_MISSING", "down_nominal_mbps", claims[0], is_)

    def _in_name(self, fact: Fact) -> bool:
        said = self.cut.text[fact.start : fact.end].lower().replace(" ", "")
        return fact.role == "descriptor" and said in self.offer.name.lower().replace(" ", "")

    # --- allowances ------------------------------------------------------------------------

    def _allowances(self) -> Iterator[Finding]:
        offer = self.offer
        for fact in self._of("gb"):
            if fact.role == "unsure":
                yield self._unsure("data_gb", fact, offer.data_gb)
                continue
            known = (offer.data_gb, offer.throttle_after_gb, offer.data_cap_gb)
            if fact.role == "threshold" and offer.threshold_gb is not None:
                known = (offer.throttle_after_gb, offer.data_cap_gb, None)
            if not any(self._same_data(fact.value, value) for value in known):
                field = "throttle_after_gb" if fact.role == "threshold" else "data_gb"
                is_ = (
                    offer.threshold_gb
                    if fact.role == "threshold" or offer.data_gb is None
                    else offer.data_gb
                )
                yield self._at("ALLOWANCE_MISMATCH", field, fact, is_, " GB")
        for fact in self._of("minutes"):
            if not close(fact.value, offer.voice_min):
                yield self._at("ALLOWANCE_MISMATCH", "voice_min", fact, offer.voice_min, " min")
        if offer.voice_min and (calls := _CALLS.search(self.cut.text)):
            yield Finding(
                "ALLOWANCE_MISMATCH",
                "block",
                "voice_min",
                calls[0],
                say(offer.voice_min, " min"),
                calls.start(),
                calls.end(),
            )

    @staticmethod
    def _same_data(said: float, value: float | None) -> bool:
        return value is not None and (
            close(said, value) or close(said * 1.024, value) or close(said / 1.024, value)
        )

    def _unlimited(self) -> Iterator[Finding]:
        offer = self.offer
        found = unlimited(self.cut.text, self.rulebook)
        if not found:
            return
        if offer.threshold_gb is None:
            if offer.data_gb:
                yield Finding(
                    "ALLOWANCE_MISMATCH",
                    "block",
                    "data_gb",
                    found[0],
                    say(offer.data_gb, " GB"),
                    found.start(),
                    found.end(),
                )
            return
        slowed = offer.throttle_mbps is None or self._of("mbps", "throttle")
        if not slowed:
            slowed = [
                fact
                for fact in self._of("mbps", "nominal")
                if close(fact.value, offer.throttle_mbps)
            ]
        if not self._of("gb", "threshold", "allowance") or not slowed:
            is_ = f"> {say(offer.threshold_gb)} GB: {say(offer.throttle_mbps, ' Mbps') or '0'}"
            yield Finding(
                "UNLIMITED_UNQUALIFIED",
                "block",
                "throttle_after_gb",
                found[0],
                is_,
                found.start(),
                found.end(),
            )

    # --- gift and places -------------------------------------------------------------------

    def _gift(self) -> Iterator[Finding]:
        offer = self.offer
        gifts = self._of("money", "gift")
        for fact in gifts:
            if not self._gift_holds(fact) and not self._is_monthly_price(fact):
                yield self._at("GIFT_MISMATCH", "gift_cny", fact, offer.gift_cny)
        if not offer.gift_cny or not (gifts or self.rulebook.finds("gift", self.cut.text)):
            return
        spread = self._of("months", "gift")
        for fact in spread:
            if (
                offer.gift_months
                and not close(fact.value, offer.gift_months)
                and not close(fact.value, offer.contract_months)
            ):
                yield self._at("GIFT_MISMATCH", "gift_months", fact, offer.gift_months)
        spread = spread or [
            fact for fact in self._of("months") if close(fact.value, offer.gift_months)
        ]
        if offer.gift_months and offer.gift_months > 1 and not spread:
            yield self._missing("GIFT_CONDITION_MISSING", "gift_months", offer.gift_months)
        if offer.quota and not self._of("places"):
            yield self._missing("QUOTA_MISSING", "quota", offer.quota)
        ends = [day for day in self.days if day.role == "end" or _same(day, offer.sale_to)]
        if offer.sale_to and not ends:
            yield self._missing("VALIDITY_MISSING", "sale_to", offer.sale_to.isoformat())

    def _gift_holds(self, fact: Fact) -> bool:
        gift, months = self.offer.gift_cny, self.offer.gift_months
        if not gift:
            return False
        if close(fact.value, gift):
            return True
        return bool(months) and close(fact.value / (fact.months or 1), gift / (months or 1))

    def _places(self) -> Iterator[Finding]:
        offer = self.offer
        stated = self._of("places")
        for fact in stated:
            if offer.quota != 0 and not close(fact.value, offer.quota):
                yield self._at("QUOTA_MISMATCH", "quota", fact, offer.quota)
        if offer.quota and not offer.gift_cny and not stated and SCARCE.search(self.cut.text):
            yield self._missing("QUOTA_MISSING", "quota", offer.quota)


def unlimited(text: str, rulebook: Rulebook) -> re.Match[str] | None:
    """Where a text calls data unlimited."""
    blanked = text
    if exempt := rulebook.words.get("unlimited_exempt"):
        blanked = exempt.sub(lambda found: " " * len(found[0]), text)
    return rulebook.finds("unlimited", blanked)


def _same(day: Day, when: date | None) -> bool:
    if when is None or (day.month, day.day) != (when.month, when.day):
        return False
    return not day.year or day.year == when.year
