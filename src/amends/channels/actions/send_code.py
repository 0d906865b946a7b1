"""Send an identity code, within the limits of everything that is sent on request."""

from __future__ import annotations

from datetime import datetime

from amends.channels.actions.post import Outgoing
from amends.channels.actions.send_on_request import UnableToSendOnRequest, send_on_request
from amends.channels.models import IdentityCode, OutboxMessage
from amends.platform.kit.errors import Refused


class UnableToSendCode(Refused):
    """The address was sent as many messages as a day allows, or is refused as a destination."""

    code = "too_many_codes"


def send_code(
    message: Outgoing, *, now: datetime, source: str = "", on_record: bool = True
) -> OutboxMessage:
    """Post the message in the caller's transaction; raises `UnableToSendCode`.

    on_record  False for an address typed by a person
    """
    try:
        return send_on_request(message, source=source, on_record=on_record, now=now)
    except UnableToSendOnRequest as why:
        raise UnableToSendCode(why.what, meaning=why.meaning, next_step=why.next_step) from why


def code_answered(message: str) -> None:
    """The code of the message with this key was answered: its source is the person's own."""
    IdentityCode.objects.filter(message=message).update(answered=True)
