"""The wording to use instead of what was found, in the language of the copy."""

from __future__ import annotations

from datetime import date

from amends.causes.publicity.rules.findings import say
from amends.record.facts.offers.key_facts import KeyFacts

_SIGNS = {"CNY": "¥", "GBP": "£", "USD": "$", "EUR": "€", "INR": "₹", "AUD": "A$"}
_PERIODS = {"month": " a month", "year": " a year", "once": ""}
_MONTHS = (
    "January February March April May June July August September October November December"
).split()


def replacement(code: str, field: str, offer: KeyFacts, *, chinese: bool) -> str:
    """What the copy may say instead; "" where the words have to go without a replacement.

    >>> replacement("FEE_MISMATCH", "", KeyFacts("a", currency="GBP", early_termination_fee=120),
    ...             chinese=False)
    '£120 for leaving early'
    """
    write = _Chinese(offer) if chinese else _English(offer)
    match code:
        case "PRICE_MISMATCH" if field in ("price", "promo_price", "promo_months"):
            return write.price()
        case "PRICE_AFTER_PROMO_MISSING":
            return write.price_after()
        case "ALLOWANCE_MISMATCH":
            return write.minutes() if field == "voice_min" else write.data()
        case "SPEED_MISMATCH" | "BANDWIDTH_CONDITION_MISSING":
            return write.speed()
        case "VALIDITY_MISMATCH" | "VALIDITY_MISSING":
            return write.sale()
        case "CONTRACT_TERM_MISMATCH" | "CONTRACT_TERM_MISSING":
            return write.contract()
        case "FEE_MISMATCH":
            return write.exit_fee()
        case "QUOTA_MISMATCH" | "QUOTA_MISSING":
            return write.places()
        case "GIFT_MISMATCH" | "GIFT_CONDITION_MISSING":
            return write.gift()
        case "UNLIMITED_UNQUALIFIED" | "THROTTLE_MISMATCH":
            return write.reduced()
        case "BUNDLE_CONDITION":
            return write.bundle()
    return ""


class _English:
    def __init__(self, offer: KeyFacts) -> None:
        self.offer = offer

    def money(self, amount: float | None, currency: str = "") -> str:
        if amount is None:
            return ""
        sign = _SIGNS.get((currency or self.offer.currency).upper())
        figure = f"{amount:,.2f}".removesuffix(".00")
        return f"{sign}{figure}" if sign else f"{currency or self.offer.currency} {figure}"

    def regular(self) -> str:
        return self.money(self.offer.price) + _PERIODS[self.offer.period]

    def price(self) -> str:
        offer = self.offer
        if offer.promo_price is None or not offer.promo_months:
            return self.regular()
        promo = self.money(offer.promo_price) + _PERIODS[offer.period]
        return f"{promo} for the first {say(offer.promo_months)} months, then {self.regular()}"

    def price_after(self) -> str:
        return f"then {self.regular()}"

    def data(self) -> str:
        gb = self.offer.data_gb if self.offer.data_gb is not None else self.offer.threshold_gb
        return f"{say(gb)} GB of data" if gb is not None else ""

    def minutes(self) -> str:
        return f"{say(self.offer.voice_min)} minutes" if self.offer.voice_min else ""

    def speed(self) -> str:
        nominal, median = self.offer.down_nominal_mbps, self.offer.down_median_peak_mbps
        speed_text = f"up to {say(nominal)} Mbit/s" if nominal else ""
        if median:
            speed_text += f", {say(median)} Mbit/s on average at peak times"
        return speed_text.removeprefix(", ")

    def day(self, day: date) -> str:
        if self.offer.currency.upper() == "USD":
            return f"{_MONTHS[day.month - 1]} {day.day}, {day.year}"
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"

    def sale(self) -> str:
        begin, end = self.offer.sale_from, self.offer.sale_to
        parts = [f"from {self.day(begin)}"] if begin else []
        return " ".join([*parts, *([f"until {self.day(end)}"] if end else [])])

    def exit_fee(self) -> str:
        fee = self.offer.early_termination_fee
        return f"{self.money(fee)} for leaving early" if fee else ""

    def contract(self) -> str:
        months = self.offer.contract_months
        term = f"{say(months)}-month contract" if months else "no contract"
        return ", ".join(part for part in (term, self.exit_fee()) if part)

    def places(self) -> str:
        return f"for the first {self.offer.quota:,.0f} customers" if self.offer.quota else ""

    def gift(self) -> str:
        if not self.offer.gift:
            return ""
        currency = self.offer.credit_currency if self.offer.gift_cny is None else ""
        gift_text = f"{self.money(self.offer.gift, currency)} credit"
        months = self.offer.gift_spread
        return (
            f"{gift_text}, paid over {say(months)} months" if months and months > 1 else gift_text
        )

    def reduced(self) -> str:
        limit, speed = self.offer.threshold_gb, self.offer.throttle_mbps
        if limit is None:
            return ""
        if speed is None:
            return f"up to {say(limit)} GB"
        return f"after {say(limit)} GB the speed falls to {say(speed)} Mbit/s"

    def bundle(self) -> str:
        if self.offer.needs_other:
            return f"only together with {', '.join(self.offer.bundle_required)}"
        return "available on its own"


class _Chinese(_English):
    def money(self, amount: float | None, currency: str = "") -> str:
        currency = (currency or self.offer.currency).upper()
        if amount is None or currency != "CNY":
            return super().money(amount, currency)
        return f"{amount:.2f}".removesuffix(".00") + "元"

    def regular(self) -> str:
        period = {"month": "/月", "year": "/年", "once": ""}[self.offer.period]
        return self.money(self.offer.price) + period

    def price(self) -> str:
        offer = self.offer
        if offer.promo_price is None or not offer.promo_months:
            return self.regular()
        promo = self.money(offer.promo_price)
        return f"前{say(offer.promo_months)}个月{promo}/月，之后{self.regular()}"

    def price_after(self) -> str:
        return f"优惠期后{self.regular()}"

    def data(self) -> str:
        gb = self.offer.data_gb if self.offer.data_gb is not None else self.offer.threshold_gb
        return f"{say(gb)}GB流量" if gb is not None else ""

    def minutes(self) -> str:
        return f"{say(self.offer.voice_min)}分钟通话" if self.offer.voice_min else ""

    def speed(self) -> str:
        nominal, median = self.offer.down_nominal_mbps, self.offer.down_median_peak_mbps
        speed_text = f"最高{say(nominal)}Mbps" if nominal else ""
        if median:
            speed_text += f"，忙时实测中位数{say(median)}Mbps"
        return speed_text.removeprefix("，")

    def day(self, day: date) -> str:
        return f"{day.year}年{day.month}月{day.day}日"

    def sale(self) -> str:
        begin, end = self.offer.sale_from, self.offer.sale_to
        if begin and end:
            return f"{self.day(begin)}至{self.day(end)}"
        return f"至{self.day(end)}" if end else f"{self.day(begin)}起" if begin else ""

    def exit_fee(self) -> str:
        fee = self.offer.early_termination_fee
        return f"提前解约付违约金{self.money(fee)}" if fee else ""

    def contract(self) -> str:
        months = self.offer.contract_months
        term = f"合约期{say(months)}个月" if months else "无合约期"
        return "，".join(part for part in (term, self.exit_fee()) if part)

    def places(self) -> str:
        return f"限前{self.offer.quota:.0f}名" if self.offer.quota else ""

    def gift(self) -> str:
        if not self.offer.gift:
            return ""
        currency = self.offer.credit_currency if self.offer.gift_cny is None else ""
        gift_text = f"送{self.money(self.offer.gift, currency)}话费"
        months = self.offer.gift_spread
        return f"{gift_text}，分{say(months)}个月返还" if months and months > 1 else gift_text

    def reduced(self) -> str:
        limit, speed = self.offer.threshold_gb, self.offer.throttle_mbps
        if limit is None:
            return ""
        if speed is None:
            return f"最多{say(limit)}GB"
        return f"用满{say(limit)}GB后限速至{say(speed)}Mbps"

    def bundle(self) -> str:
        if self.offer.needs_other:
            return f"须同时办理{'、'.join(self.offer.bundle_required)}"
        return "可单独办理"
