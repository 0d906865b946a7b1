"""Delivery receipts: what a message centre says became of a message of ours."""

from __future__ import annotations

import re
from dataclasses import dataclass

from amends.channels.sms.reading.deliveries import (
    MESSAGE_STATE,
    RECEIPTED_MESSAGE_ID,
    DeliveredMessage,
)

# SMPP 3.4, 5.2.28 and appendix B: the state as a number, and as the seven letters of the text.
_STATES = {
    1: "ENROUTE",
    2: "DELIVRD",
    3: "EXPIRED",
    4: "DELETED",
    5: "UNDELIV",
    6: "ACCEPTD",
    7: "UNKNOWN",
    8: "REJECTD",
}
MEANINGS = {
    "DELIVRD": "delivered",
    "EXPIRED": "failed",
    "DELETED": "failed",
    "UNDELIV": "failed",
    "REJECTD": "failed",
}
_FIELD = re.compile(r"\b(id|stat|err):([^\s]{1,65})", re.I)


@dataclass(frozen=True, slots=True)
class SmppReceipt:
    """What became of one part: `meaning` is `delivered`, `failed`, or "" while it is under way."""

    provider_id: str
    state: str
    error: str
    meaning: str


def read_receipt(delivery: DeliveredMessage, *, ids: str = "as-given") -> SmppReceipt | None:
    """The receipt in a delivery, from its optional parameters or its text; None if it names none.

    ids  how this centre writes message ids in receipts; see `normal_id`
    """
    fields = {
        name.lower(): value
        for name, value in reversed(_FIELD.findall(delivery.octets[:300].decode("latin-1")))
    }
    named = delivery.tlvs.get(RECEIPTED_MESSAGE_ID, b"").rstrip(b"\x00").decode("latin-1")
    provider_id = named or fields.get("id", "")
    if not provider_id:
        return None
    number = int.from_bytes(delivery.tlvs.get(MESSAGE_STATE, b""))
    state = _STATES.get(number) or fields.get("stat", "UNKNOWN").upper()[:8]
    error = fields.get("err", "")[:8]
    return SmppReceipt(
        provider_id=normal_id(provider_id, ids),
        state=state,
        error=error,
        meaning=MEANINGS.get(state, ""),
    )


def normal_id(provider_id: str, ids: str) -> str:
    """The id as the answer to `submit_sm` gave it.

    ids  `as-given`; `decimal` where receipts name in decimal what answers give in hexadecimal;
         `hexadecimal` for the other way round (both are common)

    >>> normal_id("2748", "decimal"), normal_id("0ABC", "hexadecimal"), normal_id("x-1", "decimal")
    ('abc', '2748', 'x-1')
    """
    try:
        if ids == "decimal":
            return f"{int(provider_id):x}"
        if ids == "hexadecimal":
            return str(int(provider_id, 16))
    except ValueError:
        pass
    return provider_id[:65]


def answered_id(provider_id: str, ids: str) -> str:
    """The id an answer to `submit_sm` gave, in the spelling receipts are brought to.

    >>> answered_id("00000ABC", "decimal"), answered_id("0042", "hexadecimal")
    ('abc', '42')
    """
    try:
        if ids == "decimal":
            return f"{int(provider_id, 16):x}"
        if ids == "hexadecimal":
            return str(int(provider_id))
    except ValueError:
        pass
    return provider_id[:65]
