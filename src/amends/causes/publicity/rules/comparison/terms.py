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
        for statement in ad.of("now")[:1]:
            yield ad.at("VALIDITY_MISMATCH", "sale_from", statement, offer.sale_from.isoformat())
    for statement in ad.of("start"):
        is_on_sale_day = same_day(statement.value, offer.sale_from) or same_day(
            statement.value, offer.sale_to
        )
        if offer.sale_from and not is_on_sale_day:
            yield ad.at("VALIDITY_MISMATCH", "sale_from", statement, offer.sale_from.isoformat())
    right = any(_ends(ad, statement) for statement in ad.of("end"))
    for statement in ad.of("end"):
        if right and not _ends(ad, statement):
            yield ad.unsure("sale_to", statement, offer.sale_to)
        elif offer.sale_to is None and _RUNS_OUT.search(
            ad.reading.small[max(0, statement.start - 24) : statement.end + 6]
        ):
            yield ad.unsure("sale_to", statement)
        elif not _ends(ad, statement):
            is_ = offer.sale_to.isoformat() if offer.sale_to else ""
            yield ad.at("VALIDITY_MISMATCH", "sale_to", statement, is_)
    for statement in ad.any_of("date"):
        if not (
            same_day(statement.value, offer.sale_to) or same_day(statement.value, offer.sale_from)
        ):
            yield ad.unsure("sale_to", statement, offer.sale_to)


def _ends(ad: Advert, statement: AdvertStatement) -> bool:
    end = ad.offer.sale_to
    if same_day(statement.value, end):
        return True
    return (
        end is not None
        and end < date.max
        and same_day(statement.value, end + timedelta(days=1))
        and any(
            word in ad.reading.small[max(0, statement.start - 9) : statement.end + 3]
            for word in _GOES
        )
    )


def contract(ad: Advert) -> Iterator[Finding]:
    """Length of the contract and the fee for leaving it."""
    offer = ad.offer
    stated = ad.of("contract_months")
    right = any(close(statement.value, offer.contract_months) for statement in stated)
    wrong = False
    for statement in stated:
        if close(statement.value, offer.contract_months):
            continue
        is_other_term = close(statement.value, offer.promo_months) or close(
            statement.value, offer.gift_spread
        )
        if statement.certainty == "likely" and (
            right or is_other_term or not offer.contract_months
        ):
            continue
        if right:
            yield ad.unsure("contract_months", statement, offer.contract_months)
            continue
        wrong = True
        yield ad.at("CONTRACT_TERM_MISMATCH", "contract_months", statement, offer.contract_months)
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
        close(statement.value, offer.contract_months)
        for statement in ad.any_of(
            "contract_months", "promo_months", "gift_months", "months", "other"
        )
        if not statement.currency
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
            statement.currency and close(statement.value, fee)
            for statement in ad.any_of("money", "fee", "price", "other", "price_after", "gift")
        )
    ):
        missing.append(f"exit fee {say(fee)} {offer.currency}")
        doubtful = doubtful or bool(ad.unexplained("money")) or ad.unread(fee)
    if missing:
        finding = ad.missing("CONTRACT_TERM_MISSING", "contract_months", ", ".join(missing))
        yield finding.doubted() if doubtful else finding


def gift(ad: Advert) -> Iterator[Finding]:
    """Amount, spread, places and end of a gift."""
    offer = ad.offer
    gifts = ad.of("gift")
    right = any(_is_gift(ad, statement) for statement in gifts)
    for statement in gifts:
        if _is_gift(ad, statement):
            continue
        if statement.period and ad.explained(statement):
            continue
        if statement.certainty == "likely" or right:
            if not ad.explained(statement):
                yield ad.unsure("gift_cny", statement, offer.gift)
        else:
            yield ad.at("GIFT_MISMATCH", "gift_cny", statement, offer.gift)
    amounts = (
        statement.value for statement in ad.any_of("money", "price", "other") if statement.currency
    )
    if not offer.gift or not (
        gifts or ad.gift_words or any(close(amount, offer.gift) for amount in amounts)
    ):
        return
    months = offer.gift_spread
    stated = ad.of("gift_months")
    wrong = False
    term_said = any(
        close(statement.value, offer.contract_months) for statement in ad.of("contract_months")
    )
    for statement in stated:
        other_terms = (months, None if term_said else offer.contract_months, offer.promo_months)
        if (
            months
            and statement.value > 1
            and not any(close(statement.value, term) for term in other_terms)
        ):
            wrong = True
            yield ad.at("GIFT_MISMATCH", "gift_months", statement, months)
            break
    every = ad.any_of("gift_months", "months", "contract_months", "promo_months", "other")
    if not _SPREAD.search(ad.reading.small):
        every = [
            statement
            for statement in every
            if statement.role != "contract_months" or statement.certainty != "certain"
        ]
    has_months = any(
        not statement.currency and close(statement.value, months) for statement in every
    )
    if months and months > 1 and not has_months and not wrong:
        finding = ad.missing("GIFT_CONDITION_MISSING", "gift_months", months)
        yield finding.doubted() if ad.unexplained("months") or ad.unread(months) else finding
    if offer.quota and not ad.of("places"):
        finding = ad.missing("QUOTA_MISSING", "quota", offer.quota)
        yield finding.doubted() if ad.any_of("places") or ad.unread(offer.quota) else finding
    ends = ad.of("end") or [
        statement
        for statement in ad.any_of("date", "start")
        if same_day(statement.value, offer.sale_to)
    ]
    if offer.sale_to and not ends:
        finding = ad.missing("VALIDITY_MISSING", "sale_to", offer.sale_to.isoformat())
        unread = ad.unread(offer.sale_to.day) and ad.unread(offer.sale_to.month)
        yield finding.doubted() if unread or ad.any_of("date") else finding


def _is_gift(ad: Advert, statement: AdvertStatement) -> bool:
    return close(statement.value, ad.offer.gift) or ad.is_instalment(statement)


def places(ad: Advert) -> Iterator[Finding]:
    """How many may have the offer."""
    offer = ad.offer
    stated = ad.of("places")
    if offer.places_left == 0:
        return
    right = any(close(statement.value, offer.quota) for statement in stated)
    for statement in stated:
        if right and not close(statement.value, offer.quota):
            yield ad.unsure("quota", statement, offer.quota)
        elif not right:
            finding = ad.at("QUOTA_MISMATCH", "quota", statement, offer.quota)
            yield finding if offer.quota or statement.certainty == "certain" else finding.doubted()
    if (
        offer.quota
        and not stated
        and ad.of("scarce")
        and not (offer.gift and (ad.of("gift") or ad.gift_words))
    ):
        finding = ad.missing("QUOTA_MISSING", "quota", offer.quota)
        yield finding.doubted() if ad.any_of("places") or ad.unread(offer.quota) else finding
    elif not offer.quota and not stated and not offer.gift and ad.of("scarce"):
        yield ad.at("QUOTA_MISMATCH", "quota", ad.of("scarce")[0], offer.quota).doubted()
