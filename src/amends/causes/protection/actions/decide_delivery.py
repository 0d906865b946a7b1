"""Decide what the network does with a message or call on its way to a subscriber."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext_noop as _

from amends.causes.protection.actions.record_contact import record_contact
from amends.causes.protection.actions.second_contact import notify_second_contact
from amends.causes.protection.choices import DeliveryAction, ReportedThing
from amends.causes.protection.models import (
    ChosenNumber,
    Guardianship,
    ProtectionSettings,
    ReportedNumber,
    StoppedDelivery,
)
from amends.causes.protection.numbers import entry_of, is_foreign, national, spelled
from amends.causes.protection.queries.protected import protection_of
from amends.causes.protection.rules.delivery import (
    Delivery,
    DeliveryRules,
    IncomingDelivery,
    Wishes,
    decide,
    delivery_rules,
    quiet_until,
)
from amends.causes.protection.rules.messages import judge_messages
from amends.engines.classification.links import hosts_on
from amends.people.subscribers.queries import SubscriberView, identify
from amends.platform.database.rows import insert_new
from amends.platform.kit.errors import BadInput
from amends.platform.kit.formats import is_chinese
from amends.platform.kit.ids import random_id
from amends.platform.vault.indexes import blind_index
from amends.platform.vault.sealing import seal

TABLE = "protection_stopped"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryQuestion:
    """A message or call on its way.

    key     idempotency key of the network: the same key gives the same answer
    thing   "message" or "call"
    number  of the sender; to: phone number of the subscriber
    text    of a message
    """

    key: str
    thing: str
    number: str
    to: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class DeliveryDecision:
    """The action for a message or call.

    action  a `DeliveryAction`; "mark" shows `text` with it
    reason  code of the reason
    text    warning in the subscriber's language, "" unless the action is "mark"
    until   when a held message is delivered, None otherwise
    rules   the rule file that decided
    """

    action: str
    reason: str
    text: str
    until: datetime | None
    rules: str


def decide_delivery(
    question: DeliveryQuestion, *, now: datetime, brand: str = ""
) -> DeliveryDecision:
    """Decide by what the subscriber chose and what is known of the sender; store what is stopped.

    A number that belongs to no subscriber (of the brand) is judged by the defaults.
    """
    if question.thing not in ("message", "call") or not question.number.strip():
        raise BadInput(
            _("The number of the sender or the kind of delivery is missing."),
            meaning=_("Nothing was decided."),
            next_step=_("Give the sender's number, and “message” or “call”."),
            code="unable_to_decide_delivery",
        )
    rules = delivery_rules(timezone.localdate(now))
    person = identify(phone=question.to)
    if person is not None and brand and person.brand != brand:
        person = None
    number = spelled(question.number)
    key = blind_index("protection.delivery", question.key)
    if earlier := StoppedDelivery.objects.filter(key=key).first():
        delivery = Delivery(
            action=earlier.action, reason=earlier.reason, fraud=earlier.fraud, until=earlier.until
        )
        return _decision(delivery, person, rules)
    entry = entry_of(question.number)
    incoming = _incoming(question, number, entry, now)
    if person is not None and not incoming.protected:
        record_contact(entry, person.pseudonym, now=now)
    delivery = decide(incoming, _wishes(person, entry, now), rules=rules)
    if person is not None and delivery.action != DeliveryAction.PASS:
        _store(key, delivery, question, number, entry, person, now)
    if person is not None and delivery.fraud and delivery.action != DeliveryAction.BLOCK:
        notify_second_contact(person, rules=rules, now=now)
    return _decision(delivery, person, rules)


def _incoming(
    question: DeliveryQuestion, number: str, entry: str, now: datetime
) -> IncomingDelivery:
    label, score = "", 0.0
    if question.thing == "message" and question.text.strip():
        hosts = hosts_on(timezone.localdate(now))
        judged = next(judge_messages([question.text], hosts=hosts, explain=False))
        label, score = judged.label, judged.score
    protecting = protection_of(number, on=timezone.localdate(now))
    reported = None if protecting else ReportedNumber.objects.filter(entry=entry).first()
    lasts = reported is not None and reported.step_until is not None and reported.step_until > now
    return IncomingDelivery(
        thing=question.thing,
        number=national(number),
        foreign=is_foreign(number),
        protected=protecting.kind if protecting else "",
        step=reported.step if reported and lasts else "",
        weight=reported.weight if reported else 0.0,
        frauds=reported.frauds if reported else 0,
        label=label,
        score=score,
    )


def _wishes(person: SubscriberView | None, entry: str, now: datetime) -> Wishes:
    if person is None:
        return Wishes()
    chosen = ChosenNumber.objects.filter(subscriber=person.pseudonym, entry=entry).first()
    minor = Guardianship.objects.filter(
        minor=person.pseudonym, until__gte=timezone.localdate(now)
    ).exists()
    row = ProtectionSettings.objects.filter(subscriber=person.pseudonym).first()
    if row is None:
        return Wishes(careful=minor, chosen=chosen.treatment if chosen else "")
    local = timezone.localtime(now, ZoneInfo(person.zone))
    return Wishes(
        level=row.level,
        careful=minor or bool(row.contact_entry),
        chosen=chosen.treatment if chosen else "",
        international_calls_off=row.international_calls_off,
        quiet_until=quiet_until(local, quiet_from=row.quiet_from, until=row.quiet_until),
    )


def _store(
    key: str,
    delivery: Delivery,
    question: DeliveryQuestion,
    number: str,
    entry: str,
    person: SubscriberView,
    now: datetime,
) -> None:
    ref = random_id("stp", length=12)
    row = StoppedDelivery(
        ref=ref,
        key=key,
        subscriber=person.pseudonym,
        brand=person.brand,
        entry=entry,
        number=seal(TABLE, "number", ref, number),
        thing=ReportedThing(question.thing),
        action=delivery.action,
        reason=delivery.reason,
        fraud=delivery.fraud,
        at=now,
        until=delivery.until,
    )
    insert_new(row)


def _decision(
    delivery: Delivery, person: SubscriberView | None, rules: DeliveryRules
) -> DeliveryDecision:
    text = ""
    if delivery.action == DeliveryAction.MARK:
        chinese, english = rules.texts[delivery.reason]
        text = chinese if person is None or is_chinese(person.language) else english
    until = delivery.until.astimezone(UTC) if delivery.until else None
    return DeliveryDecision(
        action=delivery.action, reason=delivery.reason, text=text, until=until, rules=rules.version
    )
