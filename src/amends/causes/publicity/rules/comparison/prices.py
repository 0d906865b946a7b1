"""Prices, fees and discounts of an advert held against the record."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from amends.causes.publicity.rules.comparison.advert import Advert, close
from amends.causes.publicity.rules.findings import Finding, say
from amends.causes.publicity.rules.reader.statements import AdvertStatement

_EXTRAS = re.compile(
    r"会员|电视|彩铃|音乐|视频|云盘|体验|roaming|music|\btv\b|streaming|membership|insurance|calls?|netflix"
    r"|disney|spotify|apple"
)
_OF_PRICE = re.compile(
    r"价|月费|月租|资费|元|优惠|\bprice|£|\$|€|₹|\bpay|a month|per month|/mo|deal|offer"
)
_NEVER = re.compile(r"\s*(?:and |it |that |which )*never (?:goes up|rises|increases|changes)\s*$")
"""A sentence of its own about what was said before: the price."""
_GIVEN = re.compile(r"免费|会员|质保|维修|使用权|号码|流量|保修|免|送|warranty|support|number")


def prices(ad: Advert) -> Iterator[Finding]:
    """Amounts that are no price of the record, and a price after the promotion left out."""
    amounts = list(_amounts(ad))
    yield from amounts
    yield from _discounts(ad)
    yield from _free_months(ad)
    yield from _promo_months(ad)
    yield from _rises(ad)
    yield from _after_promo(ad, false=any(amount.severity == "block" for amount in amounts))


def price_said(ad: Advert) -> str:
    """The price of the record in words."""
    offer = ad.offer
    regular = f"{say(offer.price)} {offer.currency}/{offer.period}"
    if offer.promo_price is None:
        return regular
    return f"{say(offer.promo_price)} ({say(offer.promo_months)} months), {regular}"


def _holds(ad: Advert, statement: AdvertStatement) -> bool:
    if ad.is_price(statement, ad.offer.price):
        return True
    return statement.role != "price_after" and ad.is_price(statement, ad.offer.promo_price)


def _amounts(ad: Advert) -> Iterator[Finding]:
    stated = ad.of("price", "price_after")
    bare = ad.unexplained("money")
    if not stated and len(bare) == 1 and not ad.any_of("price", "price_after"):
        stated = bare
    if not stated and not bare and ad.offer.needs_other:
        stated = _of_add_on(ad)
    now = [*ad.of("price", "price_after"), *ad.any_of("money")]
    right = any(_holds(ad, statement) for statement in now)
    # Beside all prices of the record a further one is that of an extra: a second SIM, insurance.
    promo = ad.offer.promo_price
    settled = right and (promo is None or any(ad.is_price(statement, promo) for statement in now))
    for statement in stated:
        if _is_foreign(ad, statement) or ad.offer.price is None:
            yield ad.unsure("price", statement, ad.offer.price)
        elif _holds(ad, statement) or (
            statement.role == "price" and ad.is_instalment(statement) and ad.gift_words
        ):
            continue
        elif statement.certainty == "certain" and (statement.role == "price_after" or not settled):
            yield ad.at("PRICE_MISMATCH", "price", statement, price_said(ad))
        elif ad.explained(statement):
            continue
        elif right:
            yield ad.unsure("price", statement, ad.offer.price)
        else:
            yield ad.at("PRICE_MISMATCH", "price", statement, price_said(ad))
    for statement in bare:
        if statement not in stated:
            yield ad.unsure("price", statement, ad.offer.price)


def _of_add_on(ad: Advert) -> list[AdvertStatement]:
    """The only price of an add-on, where the copy speaks of it as an extra: add a tablet for …"""
    prices = [
        statement for statement in ad.any_of("other") if statement.currency and statement.period > 0
    ]
    return [replace(prices[0], role="price", certainty="certain")] if len(prices) == 1 else []


def _is_foreign(ad: Advert, statement: AdvertStatement) -> bool:
    return bool(statement.currency) and statement.currency != ad.offer.currency.upper()


def _discounts(ad: Advert) -> Iterator[Finding]:
    offer = ad.offer
    for statement in ad.of("discount"):
        if not offer.price:
            yield ad.unsure("promo_price", statement, offer.promo_price)
        elif offer.promo_price is not None:
            if abs(offer.promo_price / offer.price - statement.value) > 0.01:
                yield ad.at("PRICE_MISMATCH", "promo_price", statement, price_said(ad))
        elif statement.certainty == "certain":
            yield ad.at("PRICE_MISMATCH", "promo_price", statement, price_said(ad))
        else:
            yield ad.unsure("promo_price", statement, offer.price)


def _free_months(ad: Advert) -> Iterator[Finding]:
    """Months without a price, which the record has not."""
    for statement in ad.of("free_months")[:1]:
        low, high = ad.reading.layout.clause(statement.start, statement.end)
        if (
            ad.offer.price
            and ad.offer.promo_price != 0
            and not _EXTRAS.search(ad.reading.small[low:high])
        ):
            yield ad.at("PRICE_MISMATCH", "price", statement, price_said(ad))


def _promo_months(ad: Advert) -> Iterator[Finding]:
    offer = ad.offer
    if offer.promo_price is None or not offer.promo_months:
        return
    stated = ad.of("promo_months")
    right = any(close(statement.value, offer.promo_months) for statement in stated)
    for statement in stated:
        if close(statement.value, offer.promo_months) or statement.value <= 1:
            continue
        other_lengths = (offer.contract_months, offer.gift_spread)
        if statement.certainty == "likely" and (
            right or any(close(statement.value, length) for length in other_lengths)
        ):
            continue
        yield ad.at("PRICE_MISMATCH", "promo_months", statement, offer.promo_months)
        return


def _rises(ad: Advert) -> Iterator[Finding]:
    """A rise in per cent, where the jurisdiction allows rises in money only."""
    if ad.rises_in_money:
        for statement in ad.of("price_rise")[:1]:
            yield ad.at("PRICE_MISMATCH", "price", statement, price_said(ad))


def _after_promo(ad: Advert, *, false: bool) -> Iterator[Finding]:
    """A promotion without the price that follows; a false price is not also a missing one."""
    offer = ad.offer
    if offer.promo_price is None or offer.price is None or close(offer.promo_price, offer.price):
        return
    never = [statement for statement in ad.of("forever") if _speaks_of_price(ad, statement)]
    for statement in never[:1]:
        yield ad.at("PRICE_MISMATCH", "price", statement, price_said(ad))
    money = ad.any_of("price", "price_after", "money", "other")
    headline = any(
        ad.is_price(statement, offer.promo_price)
        for statement in money
        if statement.role != "other"
    ) or bool(ad.of("discount"))
    after = bool(ad.of("price_after")) or any(
        statement.currency and ad.is_price(statement, offer.price) for statement in money
    )
    too_long = any(
        statement.value > offer.promo_months and statement.certainty == "certain"
        for statement in ad.of("promo_months")
        if offer.promo_months
    )
    if headline and not (after or never or too_long or false):
        is_ = f"{say(offer.price)} {offer.currency}/{offer.period}"
        if ad.unexplained("money", "price_after") or ad.unread(offer.price):
            yield Finding(
                code="UNSURE", severity="unsure", field="price", said="", is_=is_, offer=offer.id
            )
        else:
            yield ad.missing("PRICE_AFTER_PROMO_MISSING", "price", is_)


def _speaks_of_price(ad: Advert, statement: AdvertStatement) -> bool:
    low, high = ad.reading.layout.clause(statement.start, statement.end)
    clause = ad.reading.small[low:high]
    if _NEVER.match(clause):
        return True
    return "pri" in clause[statement.start - low :][:24] or (
        bool(_OF_PRICE.search(clause)) and not _GIVEN.search(clause)
    )


def fees(ad: Advert) -> Iterator[Finding]:
    """Fees that the record lacks, and a wrong fee for leaving early."""
    offer = ad.offer
    for statement in ad.of("fee"):
        if statement.value > 0 and not ad.explained(statement):
            yield ad.at("PRICE_MISMATCH", "fee", statement, None)
    right = any(
        close(statement.value, offer.early_termination_fee) for statement in ad.of("exit_fee")
    )
    for statement in ad.of("exit_fee"):
        if not offer.early_termination_fee:
            if statement.value > 0 and not (
                statement.certainty == "likely" and ad.explained(statement)
            ):
                yield ad.at("PRICE_MISMATCH", "early_termination_fee", statement, None)
        elif right and not close(statement.value, offer.early_termination_fee):
            yield ad.unsure("early_termination_fee", statement, offer.early_termination_fee)
        elif not right:
            yield ad.at(
                "FEE_MISMATCH", "early_termination_fee", statement, offer.early_termination_fee
            )
