"""Inform holders of numbers of a consequence, and likely victims of what they can still do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from amends.causes.protection.choices import DeliveryAction, Step
from amends.causes.protection.models import ReportedNumber, StoppedDelivery
from amends.causes.protection.queries import opened_numbers
from amends.causes.protection.queries.settings import careful_among
from amends.causes.protection.rules.consequences import advice_rule
from amends.causes.protection.texts.after_payment import to_the_police
from amends.channels.actions.post import Outgoing, post_many
from amends.channels.queries.capabilities import reached_by
from amends.people.access.actions.reach import reach_many
from amends.people.subscribers.queries import Lookup, identify_many, subscribers
from amends.platform.kit.actors import system
from amends.platform.kit.formats import format_date, is_chinese
from amends.platform.kit.packs import zone_of

JOB = system("protection")
AT_A_TIME = 500


def inform_holders(*, now: datetime) -> int:
    """Inform holders, where they are our subscribers, why their number has a consequence, until
    when, and how to appeal; how many were informed."""
    rows = list(
        ReportedNumber.objects.exclude(step="")
        .exclude(step=F("holder_step"))
        .order_by("ref")[:AT_A_TIME]
    )
    holders = identify_many([Lookup(phone=number) for number in opened_numbers(rows)])
    pairs = {row.ref: holder.pseudonym for row, holder in zip(rows, holders, strict=True) if holder}
    by_ref = {row.ref: row for row in rows}
    zone = zone_of(settings.JURISDICTION)

    def text(ref: str, language: str) -> str:
        row = by_ref[ref]
        return _(
            "Your number: %(step)s until %(until)s, because %(people)s people reported messages or "
            "calls from it. If this is wrong, appeal at “Your protection”; a person answers within "
            "five working days."
        ) % {
            "step": Step(row.step).label,
            "until": format_date(row.step_until, language, zone) if row.step_until else "",
            "people": row.people,
        }

    with transaction.atomic():
        sent = _send(
            pairs,
            text,
            reason=gettext_noop("informed of a consequence for this number"),
            prefix="number-consequence",
            stamp=f"{now:%Y%m%d}",
            now=now,
        )
        for row in rows:
            ReportedNumber.objects.filter(ref=row.ref).update(holder_step=row.step)
    return sent


def advise_victims(*, now: datetime) -> int:
    """Advise recipients of a number that was found to be a fraud; how many were advised.

    Once it is blocked; minors, and elders with a second contact, once callees are warned of it.
    """
    rule = advice_rule(timezone.localdate(now))
    since = now - timedelta(days=rule.days)
    fresh = ReportedNumber.objects.filter(
        step__in=(rule.step, rule.careful_step), frauds__gt=0, step_at__gt=since
    )
    steps = dict(fresh.values_list("entry", "step"))
    received = StoppedDelivery.objects.filter(
        entry__in=list(steps), at__gt=since, advised_at__isnull=True
    ).exclude(action=DeliveryAction.BLOCK)
    rows = list(received.order_by("at", "ref")[:AT_A_TIME])
    careful = careful_among({row.subscriber for row in rows}, now=now)
    advised_rows = [
        row for row in rows if steps[row.entry] == rule.step or row.subscriber in careful
    ]
    latest = {row.subscriber: row.ref for row in advised_rows}

    def text(_ref: str, _language: str) -> str:
        return _(
            "A number that contacted you in the last days has turned out to be a fraud. If you "
            "paid: call your bank now and have the payment stopped, then %(police)s. If you "
            "shared a code or password: change it, and have your SIM card checked by our hotline."
        ) % {"police": to_the_police()}

    with transaction.atomic():
        sent = _send(
            {ref: subscriber for subscriber, ref in latest.items()},
            text,
            reason=gettext_noop("advised after contact with a number that is a fraud"),
            prefix="fraud-advice",
            stamp="",
            now=now,
        )
        refs = [row.ref for row in advised_rows]
        StoppedDelivery.objects.filter(ref__in=refs).update(advised_at=now)
    return sent


def _send(
    people: Mapping[str, str],
    text: Callable[[str, str], str],
    *,
    reason: str,
    prefix: str,
    stamp: str,
    now: datetime,
) -> int:
    """Send a text message to each subscriber of `people` (reference → pseudonym)."""
    if not people:
        return 0
    references = {subscriber: ref for ref, subscriber in people.items()}
    contacts = reach_many(JOB, references, reason=reason, now=now)
    subscribers_by_ref = subscribers(references)
    letters = []
    for ref, subscriber in people.items():
        contact = contacts.get(subscriber)
        if contact is None or not (contact.phone or contact.email):
            continue
        chinese = is_chinese(subscribers_by_ref[subscriber].language or "zh")
        with override("zh-hans" if chinese else "en"):
            body = text(ref, "zh-hans" if chinese else "en")
        letters.append(
            Outgoing(
                key=f"{prefix}:{ref}:{stamp}",
                channel=reached_by("phone" if contact.phone else "email"),
                recipient=contact.phone or contact.email,
                subject="" if contact.phone else "Amends",
                body=body,
                language="zh" if chinese else "en",
                reference=ref,
                subscriber=subscriber,
            )
        )
    post_many(letters, now=now)
    return len(letters)
