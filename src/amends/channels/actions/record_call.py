"""Take down a call: a message like any other, with the caller's number in one form."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_noop as _

from amends.channels.actions.receive import Incoming, ReceivedFile, receive
from amends.channels.models import InboundMessage
from amends.people.subscribers.queries import normal_form
from amends.platform.kit.errors import BadInput


class UnableToTakeDown(BadInput):
    """The call lacks what makes it a message."""

    code = "call_malformed"


def take_down(
    *,
    call: str,
    text: str,
    started_at: datetime,
    now: datetime,
    caller: str = "",
    tracking_code: str = "",
    language: str = "",
    brand: str = "",
    recording: ReceivedFile | None = None,
    agreed: bool = False,
) -> InboundMessage:
    """Keep a call as a received message on the channel `phone`.

    call       the call system's id of the call; taking it down twice keeps it once
    words      what the caller said, as written down
    caller     the number, "" if it is withheld
    brand      brand of the client or colleague who took it down, "" for all
    recording  the recording, if there is one
    agreed     whether the caller agreed to be recorded; without it no recording is kept

    Raises `UnableToTakeDown` for a call without words, with a number that is none, or with a
    recording nobody agreed to.
    """
    if not text.strip():
        raise UnableToTakeDown(
            _("The call was written down without words."),
            next_step=_("Write down what the caller said, or that nothing was said."),
        )
    number = normal_form("phone", caller) if caller.strip() else ""
    if number and not number.lstrip("+").isdigit():
        raise UnableToTakeDown(
            _("The caller's number is no telephone number."),
            next_step=_("Correct it, or leave it empty if it is withheld."),
        )
    if recording is not None and not agreed:
        raise UnableToTakeDown(
            _("The caller has not agreed to the recording."),
            meaning=_("Nothing was kept."),
            next_step=_("Leave the recording out, or state that the caller agreed."),
        )
    return receive(
        Incoming(
            channel="phone",
            external_id=f"call:{call}",
            sender=number,
            text=text,
            received_at=started_at,
            tracking_code=tracking_code,
            language=language,
            brand=brand,
            reason="recording agreed to" if recording else "",
            files=[recording] if recording else [],
        ),
        now=now,
    )
