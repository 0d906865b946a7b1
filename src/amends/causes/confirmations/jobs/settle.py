"""Carry out what is due, let lapse what nobody answered, and send the monthly list of services."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_noop

from amends.causes.confirmations.actions.execute import execute_due, lapse_due
from amends.causes.confirmations.models import BillSent, RunningService
from amends.causes.confirmations.queries.order_details import language_of
from amends.causes.confirmations.rules.requirements import demand
from amends.causes.confirmations.rules.texts import message
from amends.channels.actions.post import Outgoing, post_many
from amends.channels.queries.capabilities import reached_by
from amends.people.access.actions.reach import UnableToReach, reach
from amends.people.operator.queries import public_address
from amends.platform.kit.actors import system
from amends.platform.kit.formats import format_money, is_chinese, join_words, local
from amends.platform.kit.packs import zone_of
from amends.record.catalogue.queries import offer_name


def settle(*, now: datetime) -> tuple[int, int]:
    """Orders carried out, and orders lapsed; both may be run twice at once."""
    return execute_due(now=now), lapse_due(now=now)


def send_bills(*, now: datetime, limit: int = 200) -> int:
    """Send subscribers the monthly list of their services, where the rules of today require it.

    Only subscribers with a service activated by Amends get it: we do not know all services of
    others.
    """
    here = local(now, zone_of(settings.JURISDICTION))
    bill_demand = demand(
        settings.JURISDICTION, order="open", kind="any", initiator="subscriber", on=here.date()
    )
    if not bill_demand.monthly_bill:
        return 0
    month = f"{here:%Y-%m}"
    informed = BillSent.objects.filter(month=month).values("subscriber")
    first = here.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    runs = RunningService.objects.filter(
        until__isnull=True, origin=RunningService.Origin.AMENDS, since__lt=first
    )
    due_runs = runs.exclude(subscriber__in=informed).order_by("subscriber")
    people = list(due_runs.values_list("subscriber", flat=True).distinct()[:limit])
    return sum(_send_bill(person, month, now) for person in people)


def _send_bill(subscriber: str, month: str, now: datetime) -> int:
    with transaction.atomic():
        _row, fresh = BillSent.objects.get_or_create(
            subscriber=subscriber, month=month, defaults={"at": now}
        )
        if not fresh:
            return 0
        try:
            with transaction.atomic():
                contact = reach(
                    system("confirmations"),
                    subscriber=subscriber,
                    reference=f"bill {month}",
                    reason=gettext_noop("monthly list of services"),
                    now=now,
                )
        except UnableToReach:
            return 0
        post_many(
            [_bill(subscriber, month, reached_by(contact.kind), contact.recipient, now)], now=now
        )
    return 1


def _bill(subscriber: str, month: str, channel: str, recipient: str, now: datetime) -> Outgoing:
    language = language_of(subscriber)
    rows = list(
        RunningService.objects.filter(subscriber=subscriber, until__isnull=True).order_by("since")
    )
    fields = {
        "month": month,
        "services": join_words([_service_line(row, language, now) for row in rows], language),
        "mine": f"{public_address()}/mine/",
    }
    key = f"bill:{subscriber}:{month}"
    return Outgoing(
        key=key,
        channel=channel,
        recipient=recipient,
        subject="Amends",
        body=message("bill", language, fields),
        language="zh" if is_chinese(language) else "en",
        reference=f"bill:{month}",
        duty="monthly_bill",
        duty_key=key,
        subscriber=subscriber,
        service=rows[0].service,
    )


def _service_line(row: RunningService, language: str, now: datetime) -> str:
    chinese = is_chinese(language)
    own = row.name_zh if chinese else row.name_en
    name = own or offer_name(row.offer, now, chinese=chinese)
    if row.price_minor is None:
        return name
    return f"{name} {format_money(row.price_minor, row.currency)}"
