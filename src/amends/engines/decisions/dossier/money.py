"""Questions about money: charges, prices, exit fees, refunds."""

from __future__ import annotations

from dataclasses import dataclass, replace

from amends.engines.decisions.dossier.account import (
    RECURRING,
    AccountCharge,
    AccountService,
    Beginning,
)
from amends.engines.decisions.dossier.sheet import Both, DossierSheet, Values
from amends.engines.decisions.evidence import add_months

_JUDGED_WITH = {".roaming_cap": "roaming_data", ".limit_reached": "overage"}


def charge_found(sheet: DossierSheet) -> None:
    """What was charged in the period, and whether billing's records of it are complete."""
    account, texts = sheet.account, sheet.texts
    period = sheet.window
    inside = [charge for charge in account.charges if charge.at_ms >= period[0]]
    if not inside:
        sheet.silence("charge_found", "charges", kinds=("ChargeMade",), period=period)
        return
    total = sum(charge.amount_minor for charge in inside)
    sentence = texts.say(
        "charges.yes",
        charges=texts.charges(len(inside)),
        start=texts.day(period[0]),
        end=texts.day(period[1]),
        total=texts.money(total, inside[0].currency),
    )
    gaps = account.gaps(("ChargeMade",), *period)
    sheet.row(
        "charge_found",
        "yes",
        sentence,
        facts=[charge.fact for charge in inside],
        gaps=gaps,
        coverage=account.stated(("ChargeMade",), *period),
    )


def other_charges(sheet: DossierSheet) -> None:
    """What was charged by use or once, which no other question explains.

    Charges that a notice was due for are judged with the notice, exit fees with the contract.
    """
    account, texts, question = sheet.account, sheet.texts, "other_charges"
    asked_kinds = {
        kind
        for _, fact in account.of("NoticeDue")
        for duty, kind in _JUDGED_WITH.items()
        if sheet.data.duty_name(str(fact.payload["duty"])) == duty
    }
    excluded_kinds = RECURRING | asked_kinds | {"exit_fee"}
    other_charges_found = [
        charge
        for charge in account.charges
        if charge.at_ms >= account.window_ms and charge.kind not in excluded_kinds
    ]
    if not other_charges_found:
        sheet.silence(question, "other", kinds=("ChargeMade",), period=sheet.window)
        return
    kinds = dict.fromkeys(texts.word("charge_kind", charge.kind) for charge in other_charges_found)
    total = sum(charge.amount_minor for charge in other_charges_found)
    sentence = texts.say(
        "other.yes",
        charges=texts.charges(len(other_charges_found)),
        total=texts.money(total, other_charges_found[0].currency),
        kinds=texts.listed(kinds),
    )
    sheet.row(question, "yes", sentence, facts=[charge.fact for charge in other_charges_found])


def charged_once(sheet: DossierSheet) -> None:
    """Is the same period of the same service charged twice?"""
    account, texts, question = sheet.account, sheet.texts, "charged_once"
    charges_by_key: dict[tuple[object, ...], list[AccountCharge]] = {}
    for charge in account.charges:
        if charge.at_ms >= account.window_ms and (charge.start_ms or charge.kind in RECURRING):
            key = (
                charge.service,
                charge.kind,
                charge.offer,
                charge.amount_minor,
                charge.start_ms or charge.at_ms,
                charge.end_ms,
            )
            charges_by_key.setdefault(key, []).append(charge)
    doubles = [group for group in charges_by_key.values() if len(group) > 1]
    if not doubles:
        sheet.silence(
            question,
            "once",
            kinds=("ChargeMade",),
            source="billing",
            period=sheet.window,
        )
        return
    for group in doubles:
        # The one paid back already is the surplus one, whichever came first.
        first_charge, *surplus = sorted(
            group, key=lambda each: (each.refunded_minor, each.at_ms, each.ref)
        )
        sentence = texts.say(
            "once.no",
            name=texts.name(first_charge.offer),
            count=texts.count(len(group)),
            amount=texts.money(first_charge.amount_minor, first_charge.currency),
            first=texts.when(first_charge.at_ms),
            again=texts.listed(texts.when(each.at_ms) for each in surplus),
        )
        about = f"{first_charge.service} {first_charge.start_ms or first_charge.at_ms}"
        sheet.row(
            question,
            "no",
            sentence,
            about=about,
            facts=[each.fact for each in group],
            period=(
                first_charge.start_ms or first_charge.at_ms,
                first_charge.end_ms or first_charge.at_ms,
            ),
        )
        for charge in surplus:
            sheet.ground(
                "double_charge",
                question,
                charge,
                about=about,
                facts=(first_charge.fact,),
                event_at_ms=charge.at_ms,
                excess_minor=charge.amount_minor,
            )


def charged_after_stop(sheet: DossierSheet) -> None:
    """One row a stopped service: when was it stopped, and was anything charged for later?"""
    account, texts, question = sheet.account, sheet.texts, "charged_after_stop"
    for service in account.services.values():
        stops = [row for row in service.stops if row[0] <= account.until_ms]
        if not stops:
            continue
        stopped_ms, fact = stops[-1]
        begun = max((each.at_ms for each in service.beginnings), default=0)
        if begun > stopped_ms:
            continue
        first_stop = min((at for at, _ in stops if at >= begun), default=stopped_ms)
        late = [
            charge
            for charge in service.charges
            if charge.kind in RECURRING and (charge.start_ms or charge.at_ms) >= first_stop
        ]
        values: Values = {
            "name": texts.name(service.offer),
            "stopped": texts.when(first_stop),
            "initiator": texts.word("initiator", str(fact.payload["initiator"])),
        }
        if not late:
            sheet.silence(
                question,
                "stop",
                kinds=("ChargeMade",),
                source="billing",
                period=(first_stop, account.until_ms),
                about=service.ref,
                facts=(fact.id,),
                values=values,
            )
            continue
        total = texts.money(sum(each.amount_minor for each in late), late[0].currency)
        sentence = texts.say("stop.yes", charges=texts.charges(len(late)), total=total, **values)
        sheet.row(
            question,
            "yes",
            sentence,
            about=service.ref,
            period=(first_stop, account.until_ms),
            facts=(fact.id, *(each.fact for each in late)),
        )
        for charge in late:
            sheet.ground(
                "after_stop",
                question,
                charge,
                about=service.ref,
                facts=(fact.id,),
                event_at_ms=first_stop,
                excess_minor=charge.amount_minor,
            )


# Was the charge covered by the offer in force, at the price this subscriber agreed to?


_DAY_MS = 86_400_000
_MONTH_DAYS = 30.44
_RISE_NOTICE_DAYS = 60


def charge_within_offer(sheet: DossierSheet) -> None:
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


def _within_offer(
    sheet: DossierSheet, service: AccountService, charges: list[AccountCharge]
) -> None:
    texts, question = sheet.texts, "charge_within_offer"
    priced = [(charge, _price_of(sheet, service, charge)) for charge in charges]
    name, currency = texts.name(service.offer), charges[0].currency
    unknown = [charge for charge, price in priced if price is None]
    judged = [(charge, price) for charge, price in priced if price is not None]
    unclear = [(charge, price) for charge, price in judged if price.gaps]
    if unknown or unclear:
        key = "offer.unknown" if unknown else "offer.rise_unclear"
        unclear_charges = unknown or [charge for charge, _ in unclear]
        gaps = [(unclear_charges[0].at_ms, unclear_charges[-1].at_ms + 1)]
        gaps = gaps if unknown else [gap for _, price in unclear for gap in price.gaps]
        sheet.row(
            question,
            "not_covered",
            texts.say(key, name=name),
            about=service.ref,
            source="publicity" if unknown else "notices",
            facts=[charge.fact for charge in unclear_charges],
            period=(unclear_charges[0].at_ms, unclear_charges[-1].at_ms + 1),
            gaps=gaps,
            coverage=sorted({fact for _, price in unclear for fact in price.coverage}),
        )
        return
    _judge_prices(sheet, service, judged, name, currency)


def _judge_prices(
    sheet: DossierSheet,
    service: AccountService,
    judged: list[tuple[AccountCharge, _Price]],
    name: Both,
    currency: str,
) -> None:
    texts, question = sheet.texts, "charge_within_offer"
    above = [row for row in judged if row[0].amount_minor > row[1].limit_minor]
    shown_prices = above or judged
    excess = sum(charge.amount_minor - price.limit_minor for charge, price in above)
    price_shown = (above[0] if above else judged[-1])[1].limit_minor
    sentence = texts.say(
        "offer.no" if above else "offer.yes",
        name=name,
        price=texts.money(price_shown, currency),
        charges=texts.charges(len(shown_prices)),
        excess=texts.money(excess, currency),
    )
    sheet.row(
        question,
        "no" if above else "yes",
        sentence,
        about=service.ref,
        facts=sorted(
            {fact for charge, price in shown_prices for fact in (charge.fact, price.fact)}
        ),
        period=(judged[0][0].at_ms, judged[-1][0].at_ms + 1),
        coverage=sorted({fact for _, price in shown_prices for fact in price.coverage}),
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


def _price_of(sheet: DossierSheet, service: AccountService, charge: AccountCharge) -> _Price | None:
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
    evidence_range = (("NoticeDelivered",), since, charge.at_ms)
    return replace(
        old,
        ground="rise_untold",
        gaps=tuple(sheet.account.gaps(*evidence_range)),
        coverage=sheet.account.stated(*evidence_range),
    )


def beginning_for(service: AccountService, charge: AccountCharge) -> Beginning | None:
    past = [each for each in service.beginnings if each.at_ms <= charge.at_ms]
    return past[-1] if past else None


def _announced(sheet: DossierSheet, service: str, since: int, until: int) -> bool:
    """Whether a change was announced to this service before it was charged."""
    return any(
        since <= notified_ms <= until
        and fact.subject == service
        and sheet.data.duty_name(str(fact.payload["duty"])) == "change_ahead"
        for notified_ms, fact in sheet.account.of("NoticeDelivered")
    )


def months_of(charge: AccountCharge) -> int:
    """How many months one charge pays for; at least one."""
    if not charge.start_ms or not charge.end_ms:
        return 1
    return max(1, round((charge.end_ms - charge.start_ms) / _DAY_MS / _MONTH_DAYS))


# Is the exit fee due under the contract?


def exit_fee_due(sheet: DossierSheet) -> None:
    """One row an exit fee: does the contract have one, and was it still running?"""
    for charge in sheet.account.charges:
        if charge.kind == "exit_fee":
            _exit_fee(sheet, sheet.account.services[charge.service], charge)


def _exit_fee(sheet: DossierSheet, service: AccountService, charge: AccountCharge) -> None:
    texts, question = sheet.texts, "exit_fee_due"
    begun = beginning_for(service, charge)
    version = sheet.account.version_at(
        charge.offer, begun.at_ms if begun else charge.at_ms, begun.version if begun else ""
    )
    name = texts.name(charge.offer)
    amount = texts.money(charge.amount_minor, charge.currency)
    if version is None or begun is None:
        gap = (sheet.account.start_ms, max(charge.at_ms, sheet.account.start_ms + 1))
        sentence = texts.say("exit.unknown", name=name, amount=amount)
        sheet.row(
            question, "not_covered", sentence, about=charge.ref, facts=(charge.fact,), gaps=[gap]
        )
        return
    fee, months = version.number("exit_fee_minor") or 0, version.number("contract_months") or 0
    ended_ms = add_months(begun.at_ms, months, sheet.account.matter.zone)
    left_ms = min((at for at, _ in service.stops if at >= begun.at_ms), default=charge.at_ms)
    over = left_ms >= ended_ms
    due_minor = 0 if over else fee
    key = "exit.over" if over and months else "exit.none" if not due_minor else "exit.above"
    facts = (charge.fact, begun.fact, version.fact.id)
    values: Values = {
        "name": name,
        "amount": amount,
        "fee": texts.money(fee, charge.currency),
        "begun": texts.day(begun.at_ms),
        "ended": texts.day(ended_ms),
        "left": texts.day(left_ms),
        "months": texts.count(months),
    }
    if charge.amount_minor <= due_minor:
        sentence = texts.say("exit.yes", **values)
        sheet.row(question, "yes", sentence, about=charge.ref, facts=facts)
        return
    sheet.row(question, "no", texts.say(key, **values), about=charge.ref, facts=facts)
    sheet.ground(
        "exit_fee",
        question,
        charge,
        about=charge.ref,
        event_at_ms=charge.at_ms,
        facts=facts[1:],
        excess_minor=charge.amount_minor - due_minor,
    )


# Was money paid back: what was refunded already, and what was granted and never came?


def refunded_already(sheet: DossierSheet) -> None:
    """Has any charge been paid back?"""
    texts, question = sheet.texts, "refunded_already"
    back = [charge for charge in sheet.account.charges if charge.refunded_minor]
    if not back:
        sheet.silence(
            question, "refund", kinds=("RefundMade",), source="billing", period=sheet.window
        )
        return
    total = sum(charge.refunded_minor for charge in back)
    sentence = texts.say(
        "refund.yes", total=texts.money(total, back[0].currency), charges=texts.charges(len(back))
    )
    sheet.row(
        question, "yes", sentence, facts=[fact for each in back for fact in each.refund_facts]
    )


def refund_paid(sheet: DossierSheet) -> None:
    """Was every refund that was granted also paid?"""
    account, texts, question = sheet.account, sheet.texts, "refund_paid"
    paid: dict[str, int] = {}
    for _, fact in account.of("RefundMade"):
        remedy = str(fact.payload["remedy"])
        paid[remedy] = paid.get(remedy, 0) + int(fact.payload["amount_minor"])
    charges = {charge.ref: charge for charge in account.charges}
    for at_ms, fact in account.of("RemedyGranted"):
        remedy, charge_ref = str(fact.payload["remedy"]), str(fact.payload.get("charge", ""))
        granted, currency = int(fact.payload["amount_minor"]), str(fact.payload["currency"])
        if not granted or at_ms > account.until_ms:
            continue
        owed = granted - paid.get(remedy, 0)
        values: Values = {"granted": texts.money(granted, currency), "when": texts.day(at_ms)}
        if owed <= 0:
            sheet.row(
                question, "yes", texts.say("paid.yes", **values), about=remedy, facts=(fact.id,)
            )
            continue
        covered = sheet.silence(
            question,
            "paid",
            kinds=("RefundMade",),
            source="billing",
            period=(at_ms, account.until_ms),
            about=remedy,
            facts=(fact.id,),
            values=values,
        )
        if covered and charge_ref in charges:
            sheet.ground(
                "refund_not_paid",
                question,
                charges[charge_ref],
                about=remedy,
                event_at_ms=at_ms,
                facts=(fact.id,),
                excess_minor=owed + charges[charge_ref].refunded_minor,
            )
