"""Prices and fees of an advert held against the record."""

from __future__ import annotations

import re
from collections.abc import Iterator

from amends.publicity.rules.comparison import AdvertComparison, close
from amends.publicity.rules.findings import Finding, say
from amends.publicity.rules.numerals import NUMBER
from amends.publicity.rules.text import StatedFact

_I = re.I
_FIXED = re.compile(r"锁定|保价|固定|不变|不涨|\b(?:fixed|guaranteed|locked|frozen)\b", _I)
_NEVER = re.compile(
    r"(?:永不|绝不|永远不|终身不|不会)涨价|永久(?:低价|优惠价)|"
    r"\b(?:no|never any|without) (?:mid-contract )?price (?:rises?|increases?|hikes?)\b|"
    r"\bprice (?:will )?never (?:rises?|goes up|changes?|go up|increases?)|\bfor life\b|"
    r"\bforever\b", _I,
)  # fmt: skip
_NEVER = re.compile(
    r"(?:永不|绝不|永远不|终身不|不会)涨价|永久(?:低价|优惠价)|"
    r"\b(?:no|never any|without) (?:mid-contract )?price (?:rises?|increases?|hikes?)\b|"
    r"\bprice (?:will )?never (?:rises?|goes up|changes?|go up|increases?)|\bfor life\b|"
    r"\bforever\b", _I,
)  # fmt: skip
_DOLLARS = {"USD", "AUD", "CAD", "NZD", "HKD", "SGD"}


def _stated_prices(c: AdvertComparison) -> list[StatedFact]:
    """Prices, and an amount without a role where no other price stands in the text."""
    prices = [
        *c.of("money", "price", "after"),
        *(fact for fact in c.of("money", "gift") if is_monthly_price(c, fact)),
    ]
    bare = [fact for fact in c.of("money", "bare") if not _known(c, fact)]
    return prices or bare


def is_monthly_price(c: AdvertComparison, fact: StatedFact) -> bool:
    """An amount a month that was read as an instalment and is the price."""
    prices = (c.offer.price, c.offer.promo_price)
    return bool(fact.months) and any(_is_price(c, fact, price) for price in prices)


def _known(c: AdvertComparison, fact: StatedFact) -> bool:
    return close(fact.value, c.offer.early_termination_fee) or close(fact.value, c.offer.gift_cny)


def _is_price(c: AdvertComparison, fact: StatedFact, price: float | None) -> bool:
    if price is None:
        return False
    if fact.months:
        return close(fact.value, c.offer.monthly(price))
    return close(fact.value, price) or close(fact.value, c.offer.monthly(price))


def _is_instalment(c: AdvertComparison, fact: StatedFact) -> bool:
    gift, months = c.offer.gift_cny, c.offer.gift_months
    return bool(gift and months and fact.months and close(fact.value, gift / months))


def _foreign(c: AdvertComparison, fact: StatedFact) -> bool:
    own = c.offer.currency.upper()
    if not fact.currency or fact.currency == own:
        return False
    return not (
        (fact.currency == "USD" and own in _DOLLARS)
        or (fact.currency == "CNY" and own in ("JPY", "RMB"))
    )


_FREE_MONTHS = re.compile(
    rf"(?:首月|首年|第一个月|前\s?{NUMBER}\s?个?月)[^，,。；;\d]{{0,4}}(?:免费|免月?[租费]|白用|白送)"
    rf"|(?:first|initial) (?:{NUMBER} )?months? (?:is |are |comes? |entirely |completely )?free\b"
    rf"|\b{NUMBER} months? (?:for )?free\b"
    rf"|\bfree for (?:the first |your first )?(?:{NUMBER} )?months?\b",
    _I,
)
_EXTRA = re.compile(
    r"会员|电视|彩铃|音乐|视频|云盘|roaming|music|\btv\b|streaming|membership|insurance|calls?", _I
)


def free_months(c: AdvertComparison) -> Iterator[Finding]:
    """Months without a price, which the record has not."""
    for found in _FREE_MONTHS.finditer(c.cut.text):
        low, high = c.cut.clause(found.start())
        other = _EXTRA.search(c.cut.text[low : max(high, found.end())])
        if c.offer.price and c.offer.promo_price != 0 and not other:
            yield c.words("PRICE_MISMATCH", "price", found, _price_said(c))
            return


def prices(c: AdvertComparison) -> Iterator[Finding]:
    offer = c.offer
    stated = _stated_prices(c)
    bare = [fact for fact in c.of("money", "bare") if fact not in stated and not _known(c, fact)]
    for fact in [*bare, *c.of("money", "unsure")]:
        if not _is_price(c, fact, offer.price) and not _is_price(c, fact, offer.promo_price):
            yield c.unsure("price", fact, offer.price)
    everything = [*stated, *bare]
    for fact in stated:
        if _foreign(c, fact) or offer.price is None:
            yield c.unsure("price", fact, offer.price)
        elif _is_instalment(c, fact) and not _is_price(c, fact, offer.price):
            continue
        elif not _price_holds(c, fact):
            yield c.at("PRICE_MISMATCH", "price", fact, _price_said(c))
    yield from free_months(c)
    yield from _discounts(c)
    yield from _promo_months(c)
    yield from _after_promo(c, everything)


def _price_holds(c: AdvertComparison, fact: StatedFact) -> bool:
    if _is_price(c, fact, c.offer.price):
        return True
    return fact.role != "after" and _is_price(c, fact, c.offer.promo_price)


def _price_said(c: AdvertComparison) -> str:
    offer = c.offer
    regular = f"{say(offer.price)} {offer.currency}/{offer.period}"
    if offer.promo_price is None:
        return regular
    return f"{say(offer.promo_price)} ({say(offer.promo_months)} months), {regular}"


def _discounts(c: AdvertComparison) -> Iterator[Finding]:
    offer = c.offer
    for fact in c.of("discount"):
        if fact.role == "unsure" or not offer.price:
            yield c.unsure("promo_price", fact, offer.promo_price)
        elif offer.promo_price is None or abs(offer.promo_price / offer.price - fact.value) > 0.01:
            yield c.at("PRICE_MISMATCH", "promo_price", fact, _price_said(c))


def _promo_months(c: AdvertComparison) -> Iterator[Finding]:
    offer = c.offer
    if offer.promo_price is None or not offer.promo_months:
        return
    rises = bool(c.of("money", "after"))
    for fact in c.of("months"):
        fixed = _is_fixed(c, fact) and fact.value > offer.promo_months
        if fact.role != "promo" and not fixed:
            continue
        first = fact.value == 1 and fact.value <= offer.promo_months
        term = close(fact.value, offer.contract_months) and not rises and not fixed
        if not first and not term and not close(fact.value, offer.promo_months):
            yield c.at("PRICE_MISMATCH", "promo_months", fact, offer.promo_months)


def _is_fixed(c: AdvertComparison, fact: StatedFact) -> bool:
    low, high = c.cut.clause(fact.start)
    return bool(_FIXED.search(c.cut.text[low:high]))


def _after_promo(c: AdvertComparison, stated: list[StatedFact]) -> Iterator[Finding]:
    offer = c.offer
    if offer.promo_price is None or offer.price is None or close(offer.promo_price, offer.price):
        return
    headline = any(_is_price(c, fact, offer.promo_price) for fact in stated) or bool(
        c.of("discount", "price")
    )
    after = any(fact.role == "after" or _is_price(c, fact, offer.price) for fact in stated)
    if never := _NEVER.search(c.cut.text):
        is_ = _price_said(c)
        yield Finding("PRICE_MISMATCH", "block", "price", never[0], is_, never.start(), never.end())
    fixed = any(
        _is_fixed(c, fact) and fact.value > (offer.promo_months or 0) for fact in c.of("months")
    )
    if headline and not after and not never and not fixed:
        yield c.missing(
            "PRICE_AFTER_PROMO_MISSING",
            "price",
            f"{say(offer.price)} {offer.currency}/{offer.period}",
        )


def fees(c: AdvertComparison) -> Iterator[Finding]:
    offer = c.offer
    for fact in c.of("money", "fee"):
        amounts = (offer.early_termination_fee, offer.one_time_fee, offer.overage_per_gb)
        known = any(close(fact.value, amount) for amount in amounts)
        prices_of = (offer.price, offer.promo_price)
        known = known or any(_is_price(c, fact, price) for price in prices_of)
        if fact.value > 0 and not known:
            yield c.at("PRICE_MISMATCH", "fee", fact, None)
    for fact in c.of("money", "exit"):
        if not offer.early_termination_fee:
            if fact.value > 0:
                yield c.at("PRICE_MISMATCH", "early_termination_fee", fact, None)
        elif not close(fact.value, offer.early_termination_fee):
            yield c.at("FEE_MISMATCH", "early_termination_fee", fact, offer.early_termination_fee)
