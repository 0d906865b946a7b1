"""Reading `deliver_sm`: what a message centre hands us, a message or a receipt.

Read here and not by smpplib, which cuts the last character off an optional text that does not end
in NUL (many centres send message ids so) and reads past the end of short ones.
"""

from __future__ import annotations

from dataclasses import dataclass, field

_MANDATORY_AFTER_ADDRESSES = 3  # esm_class, protocol_id, priority_flag
_MAX_TLVS = 64
RECEIPTED_MESSAGE_ID, MESSAGE_STATE, NETWORK_ERROR_CODE = 0x001E, 0x0427, 0x0423
MESSAGE_PAYLOAD = 0x0424
SAR_REFERENCE, SAR_TOTAL, SAR_NUMBER = 0x020C, 0x020E, 0x020F


class UnableToReadDelivery(ValueError):
    """The bytes are no `deliver_sm`."""


@dataclass(frozen=True, slots=True)
class DeliveredMessage:
    """One `deliver_sm`. `octets` are the message without its header; `body` is all of it, raw."""

    sequence: int
    source_ton: int
    source: str
    destination: str
    esm_class: int
    data_coding: int
    octets: bytes
    body: bytes = b""
    tlvs: dict[int, bytes] = field(default_factory=dict)

    @property
    def is_receipt(self) -> bool:
        """Whether it reports on a message of ours: a receipt or a notice on the way (5.2.12)."""
        return self.esm_class & 0x3C in {0x04, 0x20}

    @property
    def has_header(self) -> bool:
        """Whether `octets` begin with a user data header."""
        return bool(self.esm_class & 0x40)


def read_delivery(body: bytes, *, sequence: int = 0) -> DeliveredMessage:
    """The `deliver_sm` whose body is `body` (SMPP 3.4, 4.6.1); raises `UnableToReadDelivery`."""
    try:
        return _read(body, sequence)
    except (IndexError, ValueError) as error:
        raise UnableToReadDelivery(str(error)) from error


def _read(body: bytes, sequence: int) -> DeliveredMessage:
    _service, at = _text(body, 0, 6)
    source_ton = body[at]
    source, at = _text(body, at + 2, 21)
    destination, at = _text(body, at + 2, 21)
    esm_class = body[at]
    at += _MANDATORY_AFTER_ADDRESSES
    _schedule, at = _text(body, at, 17)
    _validity, at = _text(body, at, 17)
    data_coding, length = body[at + 2], body[at + 4]
    octets = body[at + 5 : at + 5 + length]
    if len(octets) != length:
        raise UnableToReadDelivery("the message is shorter than it says")
    tlvs = _tlvs(body[at + 5 + length :])
    return DeliveredMessage(
        sequence=sequence,
        source_ton=source_ton,
        source=source,
        destination=destination,
        esm_class=esm_class,
        data_coding=data_coding,
        octets=octets or tlvs.get(MESSAGE_PAYLOAD, b""),
        body=body,
        tlvs=tlvs,
    )


def _text(body: bytes, at: int, limit: int) -> tuple[str, int]:
    """A C octet string of at most `limit` octets with its NUL, and what follows it."""
    end = body.find(0, at, at + limit)
    if end < 0:
        raise UnableToReadDelivery("a text without its end")
    return body[at:end].decode("latin-1"), end + 1


def _tlvs(tlv_bytes: bytes) -> dict[int, bytes]:
    """Optional parameters; what is cut short is left out, for the message itself is whole."""
    tlvs: dict[int, bytes] = {}
    at = 0
    while at + 4 <= len(tlv_bytes) and len(tlvs) < _MAX_TLVS:
        tag = int.from_bytes(tlv_bytes[at : at + 2])
        length = int.from_bytes(tlv_bytes[at + 2 : at + 4])
        value = tlv_bytes[at + 4 : at + 4 + length]
        if len(value) == length:
            tlvs.setdefault(tag, value)
        at += 4 + length
    return tlvs
