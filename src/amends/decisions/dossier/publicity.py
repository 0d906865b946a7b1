"""What was published on which channel that day, and was it kept?"""

from __future__ import annotations

from amends.decisions.dossier.prices import months_of
from amends.decisions.dossier.sheet import Sheet
from amends.decisions.dossier.texts import Values
from amends.decisions.evidence_account import (
    RECURRING,
    AccountCharge,
    AccountService,
    Beginning,
    Seen,
)
from amends.decisions.evidence_dates import add_months


def promise_kept(sheet: Sheet) -> None:
    """One row each service bought on a published claim: is it charged at the published price?"""
    for service in sheet.account.services.values():
        for beginning in service.beginnings:
            if beginning.claim and beginning.at_ms <= sheet.account.until_ms:
                _bought_on_claim(sheet, service, beginning)


def _bought_on_claim(sheet: Sheet, service: AccountService, beginning: Beginning) -> None:
    texts, question = sheet.texts, "promise_kept"
    name = texts.name(beginning.offer)
    claim = sheet.account.claims.get(beginning.claim)
    day = beginning.ordered_ms or beginning.at_ms
    if claim is None:
        sheet.silence(
            question,
            "promise",
            kinds=("ClaimPublished",),
            about=service.ref,
            period=(day, day + 1),
            facts=(beginning.fact,),
            values={"name": name},
        )
        return
    price = claim[1].payload.get("price_minor")
    if not isinstance(price, int):
        return
    charges = _charges_under(sheet, service, beginning, claim)
    # The price is that of a month; a charge may pay for a quarter or a year.
    above = [charge for charge in charges if charge.amount_minor > price * months_of(charge)]
    currency = str(claim[1].payload.get("currency", sheet.account.matter.currency))
    values: Values = {
        "name": name,
        "channel": texts.word("channel", str(claim[1].payload["channel"])),
        "day": texts.day(claim[0]),
        "ordered": texts.day(day),
        "price": texts.money(price, currency),
        "charges": texts.charges(len(above) or len(charges)),
    }
    facts = (claim[1].id, beginning.fact, *(charge.fact for charge in above or charges))
    period = (day, charges[-1].at_ms + 1 if charges else day + 1)
    if not above:
        said = texts.say("promise.yes", **values)
        sheet.row(question, "yes", said, about=service.ref, facts=facts, period=period)
        return
    excess = sum(charge.amount_minor - price * months_of(charge) for charge in above)
    said = texts.say(
        "promise.no",
        excess=texts.money(excess, currency),
        charged=texts.money(round(above[0].amount_minor / months_of(above[0])), currency),
        **values,
    )
    sheet.row(question, "no", said, about=service.ref, facts=facts, period=period)
    for charge in above:
        sheet.ground(
            "above_promise",
            question,
            charge,
            about=service.ref,
            event_at_ms=day,
            facts=(claim[1].id, beginning.fact),
            excess_minor=charge.amount_minor - price * months_of(charge),
        )


def _charges_under(
    sheet: Sheet, service: AccountService, beginning: Beginning, claim: Seen
) -> list[AccountCharge]:
    """The recurring charges made while the claimed price holds: its months, or without end."""
    months = claim[1].payload.get("months")
    end = 1 << 62
    if isinstance(months, int) and months:
        end = add_months(beginning.at_ms, months, sheet.account.matter.zone)
    return [
        charge
        for charge in service.charges
        if charge.kind in RECURRING and beginning.at_ms <= (charge.start_ms or charge.at_ms) < end
    ]


def published_where(sheet: Sheet) -> None:
    """One row each service begun in the period: what each channel said that day, and the offer."""
    for service in sheet.account.services.values():
        for beginning in service.beginnings:
            day = beginning.ordered_ms or beginning.at_ms
            if sheet.account.window_ms <= day <= sheet.account.until_ms:
                _published(sheet, beginning, day)


def _published(sheet: Sheet, beginning: Beginning, day: int) -> None:
    texts, question = sheet.texts, "published_where"
    name = texts.name(beginning.offer)
    live = [
        (at_ms, fact)
        for at_ms, fact in sheet.account.claims.values()
        if fact.payload.get("offer", fact.subject) == beginning.offer
        and at_ms <= day < int(fact.payload.get("until_ms", 1 << 62))
        and isinstance(fact.payload.get("price_minor"), int)
    ]
    if not live:
        sheet.silence(
            question,
            "published",
            kinds=("ClaimPublished",),
            source="publicity",
            period=(day, day + 1),
            about=beginning.service,
            values={"name": name, "day": texts.day(day)},
        )
        return
    said = [
        texts.say(
            "published.one",
            channel=texts.word("channel", str(fact.payload["channel"])),
            price=texts.money(
                int(fact.payload["price_minor"]),
                str(fact.payload.get("currency", sheet.account.matter.currency)),
            ),
        )
        for _, fact in sorted(live, key=lambda row: str(row[1].payload["channel"]))
    ]
    prices = {int(fact.payload["price_minor"]) for _, fact in live}
    version = sheet.account.version_at(beginning.offer, day, beginning.version)
    facts = [fact.id for _, fact in live]
    if version is not None:
        prices.add(version.price_minor)
        facts.append(version.fact.id)
        offer = texts.say(
            "published.offer",
            price=texts.money(version.price_minor, str(version.fact.payload["currency"])),
        )
        said.append(offer)
    listed = texts.listed(said)
    key, answer = ("published.same", "yes") if len(prices) == 1 else ("published.differ", "no")
    sentence = texts.say(key, name=name, day=texts.day(day), listed=listed)
    sheet.row(
        question,
        "yes" if answer == "yes" else "no",
        sentence,
        about=beginning.service,
        facts=facts,
        period=(day, day + 1),
    )
