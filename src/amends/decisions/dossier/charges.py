"""What was charged: anything at all, anything twice, anything after the stop?"""

from __future__ import annotations

from amends.decisions.dossier.sheet import Sheet
from amends.decisions.dossier.texts import Values
from amends.decisions.evidence_account import RECURRING, AccountCharge

_JUDGED_WITH = {".roaming_cap": "roaming_data", ".limit_reached": "overage"}


def charge_found(sheet: Sheet) -> None:
    """What was charged in the period, and whether billing's records of it are complete."""
    account, texts = sheet.account, sheet.texts
    period = sheet.window
    inside = [charge for charge in account.charges if charge.at_ms >= period[0]]
    if not inside:
        sheet.silence("charge_found", "charges", kinds=("ChargeMade",), period=period)
        return
    total = sum(charge.amount_minor for charge in inside)
    said = texts.say(
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
        said,
        facts=[charge.fact for charge in inside],
        gaps=gaps,
        coverage=account.stated(("ChargeMade",), *period),
    )


def other_charges(sheet: Sheet) -> None:
    """What was charged by use or once, which no other question explains.

    Charges that a notice was due for are judged with the notice, exit fees with the contract.
    """
    account, texts, question = sheet.account, sheet.texts, "other_charges"
    told = {
        kind
        for _, fact in account.of("NoticeDue")
        for duty, kind in _JUDGED_WITH.items()
        if sheet.data.duty_name(str(fact.payload["duty"])) == duty
    }
    known = RECURRING | told | {"exit_fee"}
    other = [
        charge
        for charge in account.charges
        if charge.at_ms >= account.window_ms and charge.kind not in known
    ]
    if not other:
        sheet.silence(question, "other", kinds=("ChargeMade",), period=sheet.window)
        return
    kinds = dict.fromkeys(texts.word("charge_kind", charge.kind) for charge in other)
    total = sum(charge.amount_minor for charge in other)
    said = texts.say(
        "other.yes",
        charges=texts.charges(len(other)),
        total=texts.money(total, other[0].currency),
        kinds=texts.listed(kinds),
    )
    sheet.row(question, "yes", said, facts=[charge.fact for charge in other])


def charged_once(sheet: Sheet) -> None:
    """Is the same period of the same service charged twice?"""
    account, texts, question = sheet.account, sheet.texts, "charged_once"
    alike: dict[tuple[object, ...], list[AccountCharge]] = {}
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
            alike.setdefault(key, []).append(charge)
    doubles = [group for group in alike.values() if len(group) > 1]
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
        kept, *surplus = sorted(group, key=lambda each: (each.refunded_minor, each.at_ms, each.ref))
        said = texts.say(
            "once.no",
            name=texts.name(kept.offer),
            count=texts.count(len(group)),
            amount=texts.money(kept.amount_minor, kept.currency),
            first=texts.when(kept.at_ms),
            again=texts.listed(texts.when(each.at_ms) for each in surplus),
        )
        about = f"{kept.service} {kept.start_ms or kept.at_ms}"
        sheet.row(
            question,
            "no",
            said,
            about=about,
            facts=[each.fact for each in group],
            period=(kept.start_ms or kept.at_ms, kept.end_ms or kept.at_ms),
        )
        for charge in surplus:
            sheet.ground(
                "double_charge",
                question,
                charge,
                about=about,
                facts=(kept.fact,),
                event_at_ms=charge.at_ms,
                excess_minor=charge.amount_minor,
            )


def charged_after_stop(sheet: Sheet) -> None:
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
        said = texts.say("stop.yes", charges=texts.charges(len(late)), total=total, **values)
        sheet.row(
            question,
            "yes",
            said,
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
