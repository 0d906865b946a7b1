"""Send what a person causes to be sent: one limiter, whatever the message is for.

Codes, second contacts, subscriptions, transcripts, receipts and answers to text messages pass here;
notices that the operator owes and answers to a contact in its own register do not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings

from amends.channels.actions.post import Outgoing, post_many
from amends.channels.models import IdentityCode, OutboxMessage
from amends.channels.queries.contacts import contact_index
from amends.channels.register import channels
from amends.channels.rules.destinations import EMERGENCY, NO_NUMBER, refused_destination
from amends.platform.database.locks import advisory_lock
from amends.platform.kit.errors import Refused, gettext_noop
from amends.platform.vault.normal_forms import phone_region

MAX_A_DAY = 5
"""Messages from one source to one address."""
MAX_OF_ALL_A_DAY = 20
"""Messages to one address from all sources; after that one in each `THEN_EVERY`."""
THEN_EVERY = timedelta(minutes=30)
TRUSTED_FOR = timedelta(days=30)
_DAY = timedelta(days=1)
_RECEIPTS = "receipts"
"""Receipts and replies have a separate count, so that codes can still be sent."""


class UnableToSendOnRequest(Refused):
    """Nothing is sent to such a number, or as much was sent as a day allows."""

    code = "not_sent_on_request"


def send_on_request(
    message: Outgoing,
    *,
    now: datetime,
    asked_by: str = "",
    source: str = "",
    on_record: bool = False,
) -> OutboxMessage:
    """Post the message in the caller's transaction; raises `UnableToSendOnRequest`.

    asked_by   the subscriber or chat that causes it; "" for an unknown person
    source     blind index of the network address it was asked from; "" where Amends itself asks
    on_record  the address is a contact in the operator's register, not typed by a person

    The limits are the same for all entrances. One source causes at most `MAX_A_DAY` messages to a
    number, however often it is entered there; other sources have a separate count. Many sources
    together are slowed down, except those a code was answered from in the last 30 days.
    """
    if not on_record:
        _refuse_destination(message)
    index = contact_index(message.recipient)
    # The asker first: locks are taken in one order by everybody.
    advisory_lock("messages on request", [asked_by] if asked_by else [])
    advisory_lock("identity codes", [index])
    if OutboxMessage.objects.filter(key=message.key).exists():
        return post_many([message], now=now)[0]
    sent = IdentityCode.objects.filter(recipient_index=index)
    today = sent.filter(sent_at__gt=now - _DAY)
    if source and today.filter(source=source).count() >= MAX_A_DAY:
        raise _too_many()
    if not source and today.filter(source="", asked_by=asked_by).count() >= MAX_A_DAY:
        raise _too_many()
    trusted = source and sent.filter(source=source, answered=True).exists()
    if not trusted and today.count() >= MAX_OF_ALL_A_DAY:
        newest = today.latest("sent_at").sent_at
        if newest > now - THEN_EVERY:
            raise _too_many()
    if asked_by and not on_record:
        _refuse_new_contact(asked_by, index, now)
    IdentityCode.objects.create(
        recipient_index=index,
        source=source,
        message=message.key[:120],
        asked_by=asked_by,
        on_record=on_record,
        sent_at=now,
    )
    return post_many([message], now=now)[0]


def send_many_on_request(messages: Sequence[Outgoing], *, now: datetime) -> list[OutboxMessage]:
    """Post messages to addresses that people typed; what is over a limit is left out.

    For receipts and replies, which their page shows as well. Two statements for all of them.
    """
    allowed = [message for message in messages if not _refusal(message)]
    indexes = {message.key: contact_index(message.recipient) for message in allowed}
    counts = Counter(
        IdentityCode.objects.filter(
            recipient_index__in=set(indexes.values()), sent_at__gt=now - _DAY
        ).values_list("recipient_index", flat=True)
    )
    chosen = []
    for allowed_message in allowed:
        counts[indexes[allowed_message.key]] += 1
        if counts[indexes[allowed_message.key]] <= MAX_OF_ALL_A_DAY:
            chosen.append(allowed_message)
    IdentityCode.objects.bulk_create(
        IdentityCode(
            recipient_index=indexes[message.key],
            message=message.key[:120],
            asked_by=_RECEIPTS,
            sent_at=now,
        )
        for message in chosen
    )
    return post_many(chosen, now=now)


def _refusal(message: Outgoing) -> str:
    channel = channels().get(message.channel)
    if channel is None or channel.reaches != "phone":
        return ""
    region = phone_region(settings.JURISDICTION)
    return refused_destination(message.recipient, region=region, allowed=settings.SEND_TO)


def _refuse_destination(message: Outgoing) -> None:
    if why := _refusal(message):
        raise _not_there(why)


def _refuse_new_contact(asked_by: str, index: str, now: datetime) -> None:
    contacts = IdentityCode.objects.filter(
        asked_by=asked_by, on_record=False, sent_at__gt=now - _DAY
    )
    known_indexes = set(contacts.values_list("recipient_index", flat=True))
    if index not in known_indexes and len(known_indexes) >= settings.NEW_CONTACTS_A_DAY:
        raise UnableToSendOnRequest(
            gettext_noop("You have had messages sent to as many new contacts as a day allows."),
            meaning=gettext_noop("Nothing was sent."),
            next_step=gettext_noop("Try again tomorrow."),
        )


def _not_there(why: str) -> UnableToSendOnRequest:
    if why == NO_NUMBER:
        what = gettext_noop("This is not a complete phone number.")
    elif why == EMERGENCY:
        what = gettext_noop("Nothing is sent to emergency numbers.")
    else:
        what = gettext_noop("Nothing is sent to premium, satellite and foreign numbers.")
    return UnableToSendOnRequest(
        what,
        meaning=gettext_noop("Nothing was sent."),
        next_step=gettext_noop("Enter an ordinary number of this country."),
    )


def _too_many() -> UnableToSendOnRequest:
    return UnableToSendOnRequest(
        gettext_noop("Today's limit of messages to this address is reached."),
        meaning=gettext_noop("Nothing was sent."),
        next_step=gettext_noop("Try again tomorrow, or at a counter."),
    )
