"""Sale window, contract, gift and places of an advert held against the record."""

from __future__ import annotations

import re
from collections.abc import Iterator

from amends.publicity.rules.check_prices import is_monthly_price
from amends.publicity.rules.comparison import AdvertComparison, close, same_day
from amends.publicity.rules.days import Day
from amends.publicity.rules.findings import Finding, say
from amends.publicity.rules.terms import SCARCE, TERMS
from amends.publicity.rules.text import StatedFact

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


def sale(c: AdvertComparison) -> Iterator[Finding]:
    offer = c.offer
    if offer.sale_to and c.on > offer.sale_to:
        yield c.missing("DISCONTINUED", "sale_to", offer.sale_to.isoformat())
    elif offer.places_left == 0:
        yield c.missing("QUOTA_EXHAUSTED", "quota", offer.quota)
    if offer.sale_from and c.on < offer.sale_from and (now := _NOW.search(c.cut.text)):
        yield Finding(
            "VALIDITY_MISMATCH",
            "block",
            "sale_from",
            now[0],
            offer.sale_from.isoformat(),
            now.start(),
            now.end(),
        )
    for day in c.days:
        yield from _day(c, day)


def _day(c: AdvertComparison, day: Day) -> Iterator[Finding]:
    offer = c.offer
    if day.role == "aside":
        return
    if not day.real:
        yield c.unsure("sale_to", day, offer.sale_to)
    elif day.role == "start" and offer.sale_from and not same_day(day, offer.sale_from):
        yield c.at("VALIDITY_MISMATCH", "sale_from", day, offer.sale_from.isoformat())
    elif day.role == "end" and not same_day(day, offer.sale_to):
        is_ = offer.sale_to.isoformat() if offer.sale_to else ""
        yield c.at("VALIDITY_MISMATCH", "sale_to", day, is_)
    elif day.role == "unsure" and not (
        same_day(day, offer.sale_to) or same_day(day, offer.sale_from)
    ):
        yield c.unsure("sale_to", day, offer.sale_to)


def contract(c: AdvertComparison) -> Iterator[Finding]:
    offer, text = c.offer, c.cut.text
    stated = c.of("months", "contract")
    if not stated and offer.promo_price is None and offer.contract_months:
        stated = [fact for fact in c.of("months", "promo") if fact.value > 1]
    free, no_fee = _NO_CONTRACT.search(text), _NO_EXIT.search(text)
    for fact in stated:
        if not close(fact.value, offer.contract_months) and not _other_term(c, fact):
            yield c.at("CONTRACT_TERM_MISMATCH", "contract_months", fact, offer.contract_months)
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
    said = stated or [fact for fact in c.of("months") if close(fact.value, offer.contract_months)]
    if offer.contract_months and not said:
        missing.append(f"{say(offer.contract_months)} months")
    fee = c.of("money", "exit") or [
        fact
        for fact in c.of("money", "bare", "fee")
        if close(fact.value, offer.early_termination_fee)
    ]
    if offer.early_termination_fee and not fee and not no_fee:
        missing.append(f"exit fee {say(offer.early_termination_fee)} {offer.currency}")
    if missing:
        yield c.missing("CONTRACT_TERM_MISSING", "contract_months", ", ".join(missing))


def _other_term(c: AdvertComparison, fact: StatedFact) -> bool:
    """A length that the record knows as that of the promotion or the gift, and that no word of a
    contract stands right before."""
    before = c.cut.text[c.cut.clause(fact.start)[0] : fact.start]
    if TERMS.search(before[-10:]) and c.offer.contract_months:
        return False
    return close(fact.value, c.offer.promo_months) or close(fact.value, c.offer.gift_months)


def gift(c: AdvertComparison) -> Iterator[Finding]:
    offer = c.offer
    gifts = c.of("money", "gift")
    for fact in gifts:
        if not _gift_holds(c, fact) and not is_monthly_price(c, fact):
            yield c.at("GIFT_MISMATCH", "gift_cny", fact, offer.gift_cny)
    if not offer.gift_cny or not (gifts or c.rulebook.finds("gift", c.cut.text)):
        return
    spread = c.of("months", "gift")
    for fact in spread:
        if (
            offer.gift_months
            and not close(fact.value, offer.gift_months)
            and not close(fact.value, offer.contract_months)
        ):
            yield c.at("GIFT_MISMATCH", "gift_months", fact, offer.gift_months)
    spread = spread or [fact for fact in c.of("months") if close(fact.value, offer.gift_months)]
    if offer.gift_months and offer.gift_months > 1 and not spread:
        yield c.missing("GIFT_CONDITION_MISSING", "gift_months", offer.gift_months)
    if offer.quota and not c.of("places"):
        yield c.missing("QUOTA_MISSING", "quota", offer.quota)
    ends = [day for day in c.days if day.role == "end" or same_day(day, offer.sale_to)]
    if offer.sale_to and not ends:
        yield c.missing("VALIDITY_MISSING", "sale_to", offer.sale_to.isoformat())


def _gift_holds(c: AdvertComparison, fact: StatedFact) -> bool:
    gift, months = c.offer.gift_cny, c.offer.gift_months
    if not gift:
        return False
    if close(fact.value, gift):
        return True
    return bool(months) and close(fact.value / (fact.months or 1), gift / (months or 1))


def places(c: AdvertComparison) -> Iterator[Finding]:
    offer = c.offer
    stated = c.of("places")
    for fact in stated:
        if offer.places_left != 0 and not close(fact.value, offer.quota):
            yield c.at("QUOTA_MISMATCH", "quota", fact, offer.quota)
    if offer.quota and not offer.gift_cny and not stated and SCARCE.search(c.cut.text):
        yield c.missing("QUOTA_MISSING", "quota", offer.quota)
