"""Was the charge covered by the offer in force, at the price this subscriber agreed to?"""

from __future__ import annotations

from dataclasses import dataclass, replace

from amends.decisions.dossier.sheet import Sheet
from amends.decisions.dossier.texts import Both
from amends.decisions.evidence_account import RECURRING, AccountCharge, AccountService, Beginning

_DAY_MS = 86_400_000
_MONTH_DAYS = 30.44
_RISE_NOTICE_DAYS = 60


def charge_within_offer(sheet: Sheet) -> None:
    """One row a service: is any recurring charge above the price in force for this subscriber?"""
    for service in sheet.account.services.values():
        recurring = [charge for charge in service.charges if charge.kind in RECURRING]
        if recurring:
            _within_offer(sheet, service, recurring)


@dataclass(frozen=True, slots=True)
class _Price:
    """The most a charge may be, the fact that says so, and the ground if it is more.

    `gaps` says that a change of price may have been announced in a time nobody has records of;
    `coverage` names the statements by which none was announced.
    """

    limit_minor: int
    fact: str
    ground: str = "above_offer"
    gaps: tuple[tuple[int, int], ...] = ()
    coverage: tuple[str, ...] = ()


def _within_offer(sheet: Sheet, service: AccountService, charges: list[AccountCharge]) -> None:
    texts, question = sheet.texts, "charge_within_offer"
    priced = [(charge, _price_of(sheet, service, charge)) for charge in charges]
    name, currency = texts.name(service.offer), charges[0].currency
    unknown = [charge for charge, price in priced if price is None]
    judged = [(charge, price) for charge, price in priced if price is not None]
    unclear = [(charge, price) for charge, price in judged if price.gaps]
    if unknown or unclear:
        key = "offer.unknown" if unknown else "offer.rise_unclear"
        found = unknown or [charge for charge, _ in unclear]
        gaps = [(found[0].at_ms, found[-1].at_ms + 1)]
        gaps = gaps if unknown else [gap for _, price in unclear for gap in price.gaps]
        sheet.row(
            question,
            "not_covered",
            texts.say(key, name=name),
            about=service.ref,
            source="publicity" if unknown else "notices",
            facts=[charge.fact for charge in found],
            period=(found[0].at_ms, found[-1].at_ms + 1),
            gaps=gaps,
            coverage=sorted({fact for _, price in unclear for fact in price.coverage}),
        )
        return
    _judge_prices(sheet, service, judged, name, currency)


def _judge_prices(
    sheet: Sheet,
    service: AccountService,
    judged: list[tuple[AccountCharge, _Price]],
    name: Both,
    currency: str,
) -> None:
    texts, question = sheet.texts, "charge_within_offer"
    above = [row for row in judged if row[0].amount_minor > row[1].limit_minor]
    shown = above or judged
    excess = sum(charge.amount_minor - price.limit_minor for charge, price in above)
    price_shown = (above[0] if above else judged[-1])[1].limit_minor
    said = texts.say(
        "offer.no" if above else "offer.yes",
        name=name,
        price=texts.money(price_shown, currency),
        charges=texts.charges(len(shown)),
        excess=texts.money(excess, currency),
    )
    sheet.row(
        question,
        "no" if above else "yes",
        said,
        about=service.ref,
        facts=sorted({fact for charge, price in shown for fact in (charge.fact, price.fact)}),
        period=(judged[0][0].at_ms, judged[-1][0].at_ms + 1),
        coverage=sorted({fact for _, price in shown for fact in price.coverage}),
    )
    for charge, price in above:
        sheet.ground(
            price.ground,
            question,
            charge,
            about=service.ref,
            event_at_ms=charge.at_ms,
            excess_minor=charge.amount_minor - price.limit_minor,
            facts=(price.fact,),
        )


def _price_of(sheet: Sheet, service: AccountService, charge: AccountCharge) -> _Price | None:
    """What a subscriber owes for a period: the price he started with, until a change was announced.

    None where no record says what he agreed to. Without an announcement the older price holds
    (ground `rise_untold`).
    """
    begun, months = beginning_for(service, charge), months_of(charge)
    agreed = sheet.account.version_at(
        charge.offer, begun.at_ms if begun else charge.at_ms, begun.version if begun else ""
    )
    if agreed is None:
        if begun is None or begun.agreed_minor is None:
            return None
        return _Price(begun.agreed_minor * months, begun.fact)
    later = [
        version
        for version in sheet.account.offers[charge.offer]
        if agreed.at_ms < version.at_ms <= charge.at_ms and version.price_minor > agreed.price_minor
    ]
    old = _Price(agreed.price_minor * months, agreed.fact.id)
    if not later or charge.amount_minor <= old.limit_minor:
        return old
    new = _Price(later[-1].price_minor * months, later[-1].fact.id)
    since = later[-1].at_ms - _RISE_NOTICE_DAYS * _DAY_MS
    if _announced(sheet, service.ref, since, charge.at_ms):
        return new
    if charge.amount_minor > new.limit_minor:
        return old
    asked = (("NoticeDelivered",), since, charge.at_ms)
    return replace(
        old,
        ground="rise_untold",
        gaps=tuple(sheet.account.gaps(*asked)),
        coverage=sheet.account.stated(*asked),
    )


def beginning_for(service: AccountService, charge: AccountCharge) -> Beginning | None:
    past = [each for each in service.beginnings if each.at_ms <= charge.at_ms]
    return past[-1] if past else None


def _announced(sheet: Sheet, service: str, since: int, until: int) -> bool:
    """Whether a change was announced to this service before it was charged."""
    return any(
        since <= told_ms <= until
        and fact.subject == service
        and sheet.data.duty_name(str(fact.payload["duty"])) == "change_ahead"
        for told_ms, fact in sheet.account.of("NoticeDelivered")
    )


def months_of(charge: AccountCharge) -> int:
    """How many months one charge pays for; at least one."""
    if not charge.start_ms or not charge.end_ms:
        return 1
    return max(1, round((charge.end_ms - charge.start_ms) / _DAY_MS / _MONTH_DAYS))
