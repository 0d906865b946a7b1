"""Send an identity code, limited by address and by who asks."""

from __future__ import annotations

from datetime import datetime, timedelta

from amends.channels.actions.post import Outgoing, post_many
from amends.channels.models import IdentityCode, OutboxMessage
from amends.channels.queries.contacts import contact_index
from amends.database.locks import advisory_lock
from amends.kit.errors import Refused, gettext_noop

MAX_A_DAY = 5
"""Codes from one source to one address."""
MAX_OF_ALL_A_DAY = 20
"""Codes to one address, whoever asks; after that one in each `THEN_EVERY`."""
THEN_EVERY = timedelta(minutes=30)
TRUSTED_FOR = timedelta(days=30)
_DAY = timedelta(days=1)


class UnableToSendCode(Refused):
    """The address was sent as many codes as a day allows."""

    code = "too_many_codes"


def send_code(message: Outgoing, *, source: str = "", now: datetime) -> OutboxMessage:
    """Post the message in the caller's transaction; raises `UnableToSendCode`.

    source  blind index of the network address it was asked from; "" where Amends itself asks

    The limits are the same for all entrances and all complaints. A stranger who names somebody's
    number again and again makes no more than `MAX_A_DAY` messages, and does not keep that person
    from a code: another source has a count of its own. Many sources together are slowed down, but
    not the sources a code was answered from of late.
    """
    index = contact_index(message.recipient)
    advisory_lock("identity codes", [index])
    sent = IdentityCode.objects.filter(recipient_index=index)
    today = sent.filter(sent_at__gt=now - _DAY)
    if today.filter(source=source).count() >= MAX_A_DAY:
        raise _too_many()
    trusted = source and sent.filter(source=source, answered=True).exists()
    if not trusted and today.count() >= MAX_OF_ALL_A_DAY:
        newest = today.latest("sent_at").sent_at
        if newest > now - THEN_EVERY:
            raise _too_many()
    IdentityCode.objects.create(
        recipient_index=index, source=source, message=message.key, sent_at=now
    )
    return post_many([message], now=now)[0]


def code_answered(message: str) -> None:
    """The code of the message with this key was answered: its source is the person's own."""
    IdentityCode.objects.filter(message=message).update(answered=True)


def _too_many() -> UnableToSendCode:
    return UnableToSendCode(
        gettext_noop("Too many codes were asked for today."),
        next_step=gettext_noop("Try again tomorrow, or at a counter."),
    )
