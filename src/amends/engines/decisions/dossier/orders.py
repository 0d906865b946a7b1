"""Questions about orders: was the service confirmed, and was what was advertised delivered?"""

from __future__ import annotations

from collections.abc import Iterator

from amends.engines.decisions.dossier.account import (
    RECURRING,
    VALUE_ADDED,
    AccountCharge,
    AccountService,
    Beginning,
    Seen,
)
from amends.engines.decisions.dossier.money import months_of
from amends.engines.decisions.dossier.sheet import Both, DossierSheet, Values
from amends.engines.decisions.evidence import FactLike, add_months

ACTIVATION, CHANGE, NONE = "service_confirmed", "change_confirmed", "added_service"
_HOUR_MS = 3_600_000


def service_confirmed(sheet: DossierSheet) -> None:
    """One row for each beginning or change of a service that is open to doubt.

    Value-added services are always asked about; other services when they began or changed while
    charges may still be disputed. What began at the user's own wish is asked about only if he
    says he never wished it and nothing else is in doubt. If nothing is, one row says so.
    """
    listed = [
        (service, beginning_index)
        for service in sheet.account.services.values()
        for beginning_index, beginning in enumerate(service.beginnings)
        if _in_doubt(sheet, service, beginning)
    ]
    undated = [
        service
        for service in sheet.account.services.values()
        if service.kind == VALUE_ADDED and service.charges and not service.beginnings
    ]
    if not listed and not undated and sheet.account.matter.code == "consent.unauthorised_change":
        listed = [
            (service, beginning_index)
            for service in sheet.account.services.values()
            for beginning_index, beginning in enumerate(service.beginnings)
            if sheet.account.window_ms <= beginning.at_ms <= sheet.account.until_ms
        ]
    for service, beginning_index in listed:
        _one(
            sheet,
            service,
            service.beginnings[beginning_index],
            list(_charges_of(service, beginning_index)),
        )
    for service in undated:
        _without_beginning(sheet, service)
    if not listed and not undated:
        sheet.silence(NONE, "confirm.no_service", kinds=("ChargeMade",), period=sheet.window)


def _in_doubt(sheet: DossierSheet, service: AccountService, beginning: Beginning) -> bool:
    if beginning.at_ms > sheet.account.until_ms:
        return False
    if service.kind == VALUE_ADDED:
        return True
    own_wish = beginning.initiator == "subscriber" and not beginning.before
    return beginning.at_ms >= sheet.account.window_ms and not own_wish


def _question(beginning: Beginning) -> str:
    return CHANGE if beginning.before else ACTIVATION


def _charges_of(service: AccountService, beginning_index: int) -> Iterator[AccountCharge]:
    """The charges between one beginning and the next."""
    start = service.beginnings[beginning_index].at_ms
    later = service.beginnings[beginning_index + 1 :]
    end = later[0].at_ms if later else 1 << 62
    return (charge for charge in service.charges if start <= charge.at_ms < end)


def _answers(sheet: DossierSheet, kind: str, beginning: Beginning) -> list[Seen]:
    """Confirmations or refusals that speak of this beginning: same service, offer and order."""
    lookback = beginning.at_ms - sheet.number("confirmation_lookback_hours") * _HOUR_MS
    answers = []
    for at_ms, fact in sheet.account.of(kind):
        if fact.subject != beginning.service or fact.payload["offer"] != beginning.offer:
            continue
        if beginning.order:
            if fact.payload["order"] == beginning.order:
                answers.append((at_ms, fact))
        elif at_ms >= lookback:
            answers.append((at_ms, fact))
    return answers


def _one(
    sheet: DossierSheet, service: AccountService, beginning: Beginning, charges: list[AccountCharge]
) -> None:
    grace_ms = sheet.number("confirmation_grace_minutes") * 60_000
    confirmations = _answers(sheet, "ConfirmationGiven", beginning)
    refused = _answers(sheet, "ConfirmationRefused", beginning)
    in_time = [row for row in confirmations if row[0] <= beginning.at_ms + grace_ms]
    values = _values(sheet, beginning)
    if confirmations and refused:
        _conflict(sheet, beginning, confirmations[0], refused[-1], values)
    elif in_time:
        _confirmed(sheet, beginning, in_time[0], values)
    elif refused:
        at_ms, fact = refused[-1]
        sentence = sheet.texts.say("confirm.refused", when=sheet.texts.when(at_ms), **values)
        sheet.row(
            _question(beginning),
            "no",
            sentence,
            about=service.ref,
            facts=(fact.id, beginning.fact),
            period=(beginning.ordered_ms or at_ms, beginning.at_ms),
        )
        _excess(sheet, service, beginning, charges, (fact.id, beginning.fact))
    elif confirmations:
        at_ms, fact = confirmations[0]
        sentence = sheet.texts.say("confirm.late", when=sheet.texts.when(at_ms), **values)
        sheet.row(
            _question(beginning),
            "no",
            sentence,
            about=service.ref,
            facts=(fact.id, beginning.fact),
            period=(beginning.at_ms, at_ms),
        )
        before = [charge for charge in charges if charge.at_ms < at_ms]
        _excess(sheet, service, beginning, before, (fact.id, beginning.fact))
    else:
        _nothing(sheet, service, beginning, charges, values)


def _values(sheet: DossierSheet, beginning: Beginning) -> Values:
    """How the service began, as the first half of every sentence about it."""
    texts = sheet.texts
    shown_values: Values = {
        "name": texts.name(beginning.offer),
        "activated": texts.when(beginning.at_ms),
        "initiator": texts.word("initiator", beginning.initiator),
    }
    if not beginning.before:
        return {"begun": texts.say("confirm.activated", **shown_values)}
    return {
        "begun": texts.say("confirm.changed", before=texts.name(beginning.before), **shown_values)
    }


def _confirmed(sheet: DossierSheet, beginning: Beginning, answer: Seen, values: Values) -> None:
    at_ms, fact = answer
    sentence = sheet.texts.say(
        "confirm.yes",
        when=sheet.texts.when(at_ms),
        confirmation=_confirmation(sheet, fact),
        **values,
    )
    sheet.row(
        _question(beginning),
        "yes",
        sentence,
        about=beginning.service,
        facts=(fact.id, beginning.fact),
        period=(beginning.ordered_ms or at_ms, beginning.at_ms),
    )


def _confirmation(sheet: DossierSheet, fact: FactLike) -> Both:
    """How it was confirmed: by which method and, unless its name says so, on which channel."""
    method = sheet.texts.word("method", str(fact.payload["method"]))
    channel = sheet.texts.word("channel", str(fact.payload["channel"]))
    if channel[0] in method[0]:
        return method
    return sheet.texts.say("confirm.by", method=method, channel=channel)


def _conflict(
    sheet: DossierSheet, beginning: Beginning, confirmation: Seen, refused: Seen, values: Values
) -> None:
    sentence = sheet.texts.say(
        "confirm.conflict",
        given=sheet.texts.when(confirmation[0]),
        refused=sheet.texts.when(refused[0]),
        **values,
    )
    sheet.row(
        _question(beginning),
        "no",
        sentence,
        about=beginning.service,
        conflicting=True,
        facts=(confirmation[1].id, refused[1].id, beginning.fact),
        period=(min(confirmation[0], refused[0]), beginning.at_ms),
    )


def _nothing(
    sheet: DossierSheet,
    service: AccountService,
    beginning: Beginning,
    charges: list[AccountCharge],
    values: Values,
) -> None:
    lookback_ms = sheet.number("confirmation_lookback_hours") * _HOUR_MS
    start = beginning.ordered_ms or beginning.at_ms - lookback_ms
    end = beginning.at_ms + sheet.number("confirmation_grace_minutes") * 60_000
    covered = sheet.silence(
        _question(beginning),
        "confirm",
        kinds=("ConfirmationGiven",),
        period=(start, end),
        about=service.ref,
        facts=(beginning.fact,),
        values=values,
    )
    if covered:
        asked_facts = tuple(fact.id for _, fact in _answers(sheet, "ConfirmationAsked", beginning))
        _excess(sheet, service, beginning, charges, (beginning.fact, *asked_facts))


def _excess(
    sheet: DossierSheet,
    service: AccountService,
    beginning: Beginning,
    charges: list[AccountCharge],
    facts: tuple[str, ...],
) -> None:
    """All of an unconfirmed service is unsupported; of an unconfirmed change, the dearer part."""
    if not beginning.before:
        for charge in charges:
            sheet.ground(
                "unconfirmed",
                ACTIVATION,
                charge,
                about=service.ref,
                facts=facts,
                event_at_ms=beginning.at_ms,
                excess_minor=charge.amount_minor,
            )
        return
    old = sheet.account.version_at(beginning.before, beginning.at_ms)
    for charge in charges:
        if charge.kind in RECURRING and old is not None:
            dearer = max(0, charge.amount_minor - old.price_minor * months_of(charge))
            sheet.ground(
                "changed_unconfirmed",
                CHANGE,
                charge,
                about=service.ref,
                facts=facts,
                event_at_ms=beginning.at_ms,
                excess_minor=dearer,
            )


def _without_beginning(sheet: DossierSheet, service: AccountService) -> None:
    """Charged, but nothing says when it began: without that, silence proves nothing."""
    name = sheet.texts.name(service.offer)
    for at_ms, fact in sheet.account.of("ConfirmationGiven"):
        if fact.subject == service.ref:
            sentence = sheet.texts.say(
                "confirm.yes_undated",
                name=name,
                when=sheet.texts.when(at_ms),
                confirmation=_confirmation(sheet, fact),
            )
            sheet.row(ACTIVATION, "yes", sentence, about=service.ref, facts=(fact.id,))
            return
    first = service.charges[0]
    period = (sheet.account.start_ms, max(first.at_ms, sheet.account.start_ms + 1))
    sentence = sheet.texts.say(
        "confirm.no_beginning", name=name, charged=sheet.texts.when(first.at_ms)
    )
    sheet.row(
        ACTIVATION,
        "not_covered",
        sentence,
        about=service.ref,
        facts=(first.fact,),
        source="crm",
        period=period,
        gaps=[period],
    )


# What was published on which channel that day, and was it kept?


def price_as_advertised(sheet: DossierSheet) -> None:
    """One row each service bought on a published claim: is it charged at the published price?"""
    for service in sheet.account.services.values():
        for beginning in service.beginnings:
            if beginning.claim and beginning.at_ms <= sheet.account.until_ms:
                _bought_on_claim(sheet, service, beginning)


def _bought_on_claim(sheet: DossierSheet, service: AccountService, beginning: Beginning) -> None:
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
        sentence = texts.say("promise.yes", **values)
        sheet.row(question, "yes", sentence, about=service.ref, facts=facts, period=period)
        return
    excess = sum(charge.amount_minor - price * months_of(charge) for charge in above)
    sentence = texts.say(
        "promise.no",
        excess=texts.money(excess, currency),
        charged=texts.money(round(above[0].amount_minor / months_of(above[0])), currency),
        **values,
    )
    sheet.row(question, "no", sentence, about=service.ref, facts=facts, period=period)
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
    sheet: DossierSheet, service: AccountService, beginning: Beginning, claim: Seen
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


def published_where(sheet: DossierSheet) -> None:
    """One row each service begun in the period: what each channel said that day, and the offer."""
    for service in sheet.account.services.values():
        for beginning in service.beginnings:
            day = beginning.ordered_ms or beginning.at_ms
            if sheet.account.window_ms <= day <= sheet.account.until_ms:
                _published(sheet, beginning, day)


def _published(sheet: DossierSheet, beginning: Beginning, day: int) -> None:
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
    offers_listed = [
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
        offers_listed.append(offer)
    listed = texts.listed(offers_listed)
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
