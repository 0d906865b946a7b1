"""Was money paid back: what was refunded already, and what was granted and never came?"""

from __future__ import annotations

from amends.decisions.dossier.sheet import Sheet
from amends.decisions.dossier.texts import Values


def refunded_already(sheet: Sheet) -> None:
    """Has any charge been paid back?"""
    texts, question = sheet.texts, "refunded_already"
    back = [charge for charge in sheet.account.charges if charge.refunded_minor]
    if not back:
        sheet.silence(
            question, "refund", kinds=("RefundMade",), source="billing", period=sheet.window
        )
        return
    total = sum(charge.refunded_minor for charge in back)
    said = texts.say(
        "refund.yes", total=texts.money(total, back[0].currency), charges=texts.charges(len(back))
    )
    sheet.row(question, "yes", said, facts=[fact for each in back for fact in each.refund_facts])


def refund_paid(sheet: Sheet) -> None:
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
