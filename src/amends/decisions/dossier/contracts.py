"""Is the exit fee due under the contract?"""

from __future__ import annotations

from amends.decisions.dossier.prices import beginning_for
from amends.decisions.dossier.sheet import Sheet
from amends.decisions.dossier.texts import Values
from amends.decisions.evidence_account import AccountCharge, AccountService
from amends.decisions.evidence_dates import add_months


def exit_fee_due(sheet: Sheet) -> None:
    """One row an exit fee: does the contract have one, and was it still running?"""
    for charge in sheet.account.charges:
        if charge.kind == "exit_fee":
            _exit_fee(sheet, sheet.account.services[charge.service], charge)


def _exit_fee(sheet: Sheet, service: AccountService, charge: AccountCharge) -> None:
    texts, question = sheet.texts, "exit_fee_due"
    begun = beginning_for(service, charge)
    version = sheet.account.version_at(
        charge.offer, begun.at_ms if begun else charge.at_ms, begun.version if begun else ""
    )
    name = texts.name(charge.offer)
    amount = texts.money(charge.amount_minor, charge.currency)
    if version is None or begun is None:
        gap = (sheet.account.start_ms, max(charge.at_ms, sheet.account.start_ms + 1))
        said = texts.say("exit.unknown", name=name, amount=amount)
        sheet.row(question, "not_covered", said, about=charge.ref, facts=(charge.fact,), gaps=[gap])
        return
    fee, months = version.number("exit_fee_minor") or 0, version.number("contract_months") or 0
    ended_ms = add_months(begun.at_ms, months, sheet.account.matter.zone)
    left_ms = min((at for at, _ in service.stops if at >= begun.at_ms), default=charge.at_ms)
    over = left_ms >= ended_ms
    due = 0 if over else fee
    key = "exit.over" if over and months else "exit.none" if not due else "exit.above"
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
    if charge.amount_minor <= due:
        said = texts.say("exit.yes", **values)
        sheet.row(question, "yes", said, about=charge.ref, facts=facts)
        return
    sheet.row(question, "no", texts.say(key, **values), about=charge.ref, facts=facts)
    sheet.ground(
        "exit_fee",
        question,
        charge,
        about=charge.ref,
        event_at_ms=charge.at_ms,
        facts=facts[1:],
        excess_minor=charge.amount_minor - due,
    )
