"""Notify the second contact of a subscriber who may become the victim of a fraud."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from amends.causes.protection.choices import DeliveryAction
from amends.causes.protection.models import StoppedDelivery
from amends.causes.protection.numbers import masked
from amends.causes.protection.queries.settings import second_contact_of
from amends.causes.protection.rules.delivery import DeliveryRules
from amends.channels.actions.post import Outgoing
from amends.channels.actions.send_on_request import UnableToSendOnRequest, send_on_request
from amends.channels.queries.capabilities import reached_by
from amends.people.access.actions.reach import reach_many
from amends.people.subscribers.queries import SubscriberView
from amends.platform.kit.actors import system
from amends.platform.kit.errors import gettext_noop
from amends.platform.kit.formats import is_chinese


def notify_second_contact(
    person: SubscriberView, *, rules: DeliveryRules, now: datetime, harmed: bool = False
) -> bool:
    """Notify the second contact of a likely victim, at most once a day.

    Likely victims have received several likely frauds within a day, or reported that they paid or
    shared a code (`harmed`).
    """
    contact = second_contact_of(person.pseudonym)
    if not contact:
        return False
    received = StoppedDelivery.objects.filter(
        subscriber=person.pseudonym, fraud=True, at__gt=now - rules.within
    ).exclude(action=DeliveryAction.BLOCK)
    if not harmed and received.count() < rules.likely_frauds:
        return False
    chinese = is_chinese(person.language)
    number = _number_of(person, now)
    with override("zh-hans" if chinese else "en"):
        if harmed:
            body = _(
                "%(number)s, who named you as second contact, has reported that they paid or "
                "shared a code after a fraud. Please call them now; the bank and the police can "
                "still stop payments."
            )
        else:
            body = _(
                "%(number)s, who named you as second contact, is receiving messages or calls that "
                "look like a fraud. Please call them and ask whether somebody wants money or codes "
                "from them."
            )
        body = body % {"number": number or _("A subscriber")}
    local_day = timezone.localtime(now, ZoneInfo(person.zone)).date()
    letter = Outgoing(
        key=f"second-contact:{person.pseudonym}:{local_day}:{'harmed' if harmed else 'received'}",
        channel=reached_by("phone"),
        recipient=contact,
        body=body,
        language="zh" if chinese else "en",
    )
    try:
        with transaction.atomic():
            send_on_request(letter, asked_by=person.pseudonym, now=now)
    except UnableToSendOnRequest:
        return False
    return True


def _number_of(person: SubscriberView, now: datetime) -> str:
    """The number of the likely victim with its middle hidden; "" where none is on record.

    A second contact of several people must know which of them to call.
    """
    contacts = reach_many(
        system("protection"),
        {person.pseudonym: person.pseudonym},
        reason=gettext_noop("named to your second contact after a likely fraud"),
        now=now,
    )
    contact = contacts.get(person.pseudonym)
    return masked(contact.phone) if contact is not None and contact.phone else ""
