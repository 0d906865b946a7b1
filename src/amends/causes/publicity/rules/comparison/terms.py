"""Sale window, contract, gift and places of an advert held against the record."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from amends.causes.publicity.rules.comparison.advert import Advert, close, same_day
from amends.causes.publicity.rules.findings import Finding, say
from amends.causes.publicity.rules.reader.statements import AdvertStatement

_RUNS_OUT = re.compile(r"expir|renew|到期|过期|续费")
"""What somebody's own plan or credit does; it says nothing of the sale of an offer without end."""
_YEAR = re.compile(r"\b(?:a|one|two|the) (?:full |whole )?years?(?!\w| of | ago)|一年|两年")
"""Years that were read as something else, or not."""
_SPREAD = re.compile(
    r"分(?!钟)|逐月|按月|每月[返送赠]|连返|到账|返完|\bover\b|instal|\bparts?\b|monthly"
    r"|each month|every month"
    r"|a month for|spread|months of"
)
"""Words of paying in parts, without which the months of the contract are not those of the gift."""
_GOES = ("前", "before")
"""Words with which a day itself may be left out: before 1 January is until 31 December."""


def sale(ad: Advert) -> Iterator[Finding]:
    """An offer that is no longer or not yet sold, and wrong days of its sale."""
    offer = ad.offer
    if offer.sale_to and ad.on > offer.sale_to:
        yield ad.missing("DISCONTINUED", "sale_to", offer.sale_to.isoformat())
    elif offer.places_left == 0:
        yield ad.missing("QUOTA_EXHAUSTED", "quota", offer.quota)
    if offer.sale_from and ad.on < offer.sale_from:
        for one in ad.of("now")[:1]:
            yield ad.at("VALIDITY_MISMATCH", "sale_from", one, offer.sale_from.isoformat())
    for one in ad.of("start"):
        known = same_day(one.value, offer.sale_from) or same_day(one.value, offer.sale_to)
        if offer.sale_from and not known:
            yield ad.at("VALIDITY_MISMATCH", "sale_from", one, offer.sale_from.isoformat())
    right = any(_ends(ad, one) for one in ad.of("end"))
    for one in ad.of("end"):
        if right and not _ends(ad, one):
            yield ad.unsure("sale_to", one, offer.sale_to)
        elif offer.sale_to is None and _RUNS_OUT.search(
            ad.reading.small[max(0, one.start - 24) : one.end + 6]
        ):
            yield ad.unsure("sale_to", one)
        elif not _ends(ad, one):
            is_ = offer.sale_to.isoformat() if offer.sale_to else ""
            yield ad.at("VALIDITY_MISMATCH", "sale_to", one, is_)
    for one in ad.any_of("date"):
        if not (same_day(one.value, offer.sale_to) or same_day(one.value, offer.sale_from)):
            yield ad.unsure("sale_to", one, offer.sale_to)


def _ends(ad: Advert, one: AdvertStatement) -> bool:
    end = ad.offer.sale_to
    if same_day(one.value, end):
        return True
    return (
        end is not None
        and end < date.max
        and same_day(one.value, end + timedelta(days=1))
        and any(word in ad.reading.small[max(0, one.start - 9) : one.end + 3] for word in _GOES)
    )


def contract(ad: Advert) -> Iterator[Finding]:
    """Length of the contract and the fee for leaving it."""
    offer = ad.offer
    stated = ad.of("contract_months")
    right = any(close(one.value, offer.contract_months) for one in stated)
    wrong = False
    for one in stated:
        if close(one.value, offer.contract_months):
            continue
        other = close(one.value, offer.promo_months) or close(one.value, offer.gift_spread)
        if one.certainty == "likely" and (right or other or not offer.contract_months):
            continue
        if right:
            yield ad.unsure("contract_months", one, offer.contract_months)
            continue
        wrong = True
        yield ad.at("CONTRACT_TERM_MISMATCH", "contract_months", one, offer.contract_months)
    free, no_fee = ad.of("contract_none"), ad.of("exit_none")
    if free and offer.contract_months and not right:
        yield ad.at("CONTRACT_TERM_MISMATCH", "contract_months", free[0], offer.contract_months)
        return
    if no_fee and offer.early_termination_fee:
        yield ad.at("FEE_MISMATCH", "early_termination_fee", no_fee[0], offer.early_termination_fee)
    if ad.sells and not wrong:
        yield from _missing_terms(ad, no_fee=bool(no_fee))


def _missing_terms(ad: Advert, *, no_fee: bool) -> Iterator[Finding]:
    offer = ad.offer
    missing, doubtful = [], False
    if offer.contract_months and not any(
        close(one.value, offer.contract_months)
        for one in ad.any_of("contract_months", "promo_months", "gift_months", "months", "other")
        if not one.currency
    ):
        missing.append(f"{say(offer.contract_months)} months")
        doubtful = bool(ad.unexplained("months")) or ad.unread(offer.contract_months)
        doubtful = doubtful or bool(_YEAR.search(ad.unread_text))
    fee = offer.early_termination_fee
    if (
        fee
        and not no_fee
        and not ad.of("exit_fee")
        and not any(
            one.currency and close(one.value, fee)
            for one in ad.any_of("money", "fee", "price", "other", "price_after", "gift")
        )
    ):
        missing.append(f"exit fee {say(fee)} {offer.currency}")
        doubtful = doubtful or bool(ad.unexplained("money")) or ad.unread(fee)
    if missing:
        found = ad.missing("CONTRACT_TERM_MISSING", "contract_months", ", ".join(missing))
        yield found.doubted() if doubtful else found


def gift(ad: Advert) -> Iterator[Finding]:
    """Amount, spread, places and end of a gift."""
    offer = ad.offer
    gifts = ad.of("gift")
    right = any(_is_gift(ad, one) for one in gifts)
    for one in gifts:
        if _is_gift(ad, one):
            continue
        if one.period and ad.explained(one):
            continue
        if one.certainty == "likely" or right:
            if not ad.explained(one):
                yield ad.unsure("gift_cny", one, offer.gift)
        else:
            yield ad.at("GIFT_MISMATCH", "gift_cny", one, offer.gift)
    amounts = (one.value for one in ad.any_of("money", "price", "other") if one.currency)
    if not offer.gift or not (
        gifts or ad.gift_words or any(close(amount, offer.gift) for amount in amounts)
    ):
        return
    months = offer.gift_spread
    stated = ad.of("gift_months")
    wrong = False
    term_said = any(close(one.value, offer.contract_months) for one in ad.of("contract_months"))
    for one in stated:
        others = (months, None if term_said else offer.contract_months, offer.promo_months)
        if months and one.value > 1 and not any(close(one.value, known) for known in others):
            wrong = True
            yield ad.at("GIFT_MISMATCH", "gift_months", one, months)
            break
    every = ad.any_of("gift_months", "months", "contract_months", "promo_months", "other")
    if not _SPREAD.search(ad.reading.small):
        every = [
            one for one in every if one.role != "contract_months" or one.certainty != "certain"
        ]
    said = any(not one.currency and close(one.value, months) for one in every)
    if months and months > 1 and not said and not wrong:
        found = ad.missing("GIFT_CONDITION_MISSING", "gift_months", months)
        yield found.doubted() if ad.unexplained("months") or ad.unread(months) else found
    if offer.quota and not ad.of("places"):
        found = ad.missing("QUOTA_MISSING", "quota", offer.quota)
        yield found.doubted() if ad.any_of("places") or ad.unread(offer.quota) else found
    ends = ad.of("end") or [
        one for one in ad.any_of("date", "start") if same_day(one.value, offer.sale_to)
    ]
    if offer.sale_to and not ends:
        found = ad.missing("VALIDITY_MISSING", "sale_to", offer.sale_to.isoformat())
        unread = ad.unread(offer.sale_to.day) and ad.unread(offer.sale_to.month)
        yield found.doubted() if unread or ad.any_of("date") else found


def _is_gift(ad: Advert, one: AdvertStatement) -> bool:
    return close(one.value, ad.offer.gift) or ad.is_instalment(one)


def places(ad: Advert) -> Iterator[Finding]:
    """How many may have the offer."""
    offer = ad.offer
    stated = ad.of("places")
    if offer.places_left == 0:
        return
    right = any(close(one.value, offer.quota) for one in stated)
    for one in stated:
        if right and not close(one.value, offer.quota):
            yield ad.unsure("quota", one, offer.quota)
        elif not right:
            found = ad.at("QUOTA_MISMATCH", "quota", one, offer.quota)
            yield found if offer.quota or one.certainty == "certain" else found.doubted()
    if (
        offer.quota
        and not stated
        and ad.of("scarce")
        and not (offer.gift and (ad.of("gift") or ad.gift_words))
    ):
        found = ad.missing("QUOTA_MISSING", "quota", offer.quota)
        yield found.doubted() if ad.any_of("places") or ad.unread(offer.quota) else found
