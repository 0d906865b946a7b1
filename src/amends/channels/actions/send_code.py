"""Send an identity code; the rate limit is five codes a day to one address."""

from __future__ import annotations

from datetime import datetime, timedelta

from amends.channels.actions.post import Outgoing, post_many
from amends.channels.models import IdentityCode, OutboxMessage
from amends.channels.queries.contacts import contact_index
from amends.database.locks import advisory_lock
from amends.kit.errors import Refused, gettext_noop

MAX_A_DAY = 5


class UnableToSendCode(Refused):
    """The address was sent as many codes as a day allows."""

    code = "too_many_codes"


def send_code(message: Outgoing, *, now: datetime) -> OutboxMessage:
    """Post the message in the caller's transaction; raises `UnableToSendCode`.

    The limit is one for all entrances and all complaints: a stranger who names somebody's number
    again and again makes no more messages than that.
    """
    index = contact_index(message.recipient)
    advisory_lock("identity codes", [index])
    sent = IdentityCode.objects.filter(recipient_index=index, sent_at__gt=now - timedelta(days=1))
    if sent.count() >= MAX_A_DAY:
        raise UnableToSendCode(
            gettext_noop("Too many codes were asked for today."),
            next_step=gettext_noop("Try again tomorrow, or at a counter."),
        )
    IdentityCode.objects.create(recipient_index=index, sent_at=now)
    return post_many([message], now=now)[0]
