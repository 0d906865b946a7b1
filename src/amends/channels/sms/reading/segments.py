"""A message from a person, as far as one `deliver_sm` holds it."""

from __future__ import annotations

from dataclasses import dataclass

from amends.channels.sms.reading.deliveries import (
    SAR_NUMBER,
    SAR_REFERENCE,
    SAR_TOTAL,
    DeliveredMessage,
)
from amends.channels.sms.writing.addresses import number_of
from amends.channels.sms.writing.alphabets import gsm7_text


@dataclass(frozen=True, slots=True)
class SmsSegmentText:
    """One part of what somebody wrote; `of` is 1 where it is the whole.

    binary  it holds no words: a ring tone, a contact card, a setting
    """

    sender: str
    text: str
    reference: int = 0
    number: int = 1
    of: int = 1
    binary: bool = False


def read_segment(delivery: DeliveredMessage, *, default_alphabet: str = "gsm7") -> SmsSegmentText:
    """The words of a delivered message, whatever is in it; never raises.

    default_alphabet  what data coding 0 means at this centre: `gsm7` or `latin-1`
    """
    octets = delivery.octets
    joining = _by_tlv(delivery)
    if delivery.has_header:
        joining = _by_header(octets) or joining
        octets = octets[octets[0] + 1 :] if octets else b""
    reference, of, number = joining or (0, 1, 1)
    if not 1 <= number <= of:
        reference, of, number = 0, 1, 1
    text, binary = _decoded(octets, delivery.data_coding, default_alphabet)
    return SmsSegmentText(
        sender=number_of(delivery.source_ton, delivery.source),
        text=text,
        reference=reference,
        number=number,
        of=of,
        binary=binary,
    )


def _by_tlv(delivery: DeliveredMessage) -> tuple[int, int, int] | None:
    sar_fields = [delivery.tlvs.get(tag) for tag in (SAR_REFERENCE, SAR_TOTAL, SAR_NUMBER)]
    if not all(sar_fields):
        return None
    reference, of, number = (int.from_bytes(value or b"") for value in sar_fields)
    return reference, of, number


def _by_header(octets: bytes) -> tuple[int, int, int] | None:
    """Reference, count and number from a user data header (TS 23.040, 9.2.3.24.1 and .8)."""
    header = octets[1 : octets[0] + 1] if octets else b""
    at = 0
    while at + 2 <= len(header):
        element, length = header[at], header[at + 1]
        value = header[at + 2 : at + 2 + length]
        if element == 0x00 and len(value) == 3:
            return value[0], value[1], value[2]
        if element == 0x08 and len(value) == 4:
            return int.from_bytes(value[:2]), value[2], value[3]
        at += 2 + length
    return None


def _decoded(octets: bytes, coding: int, default_alphabet: str) -> tuple[str, bool]:
    """The text, and whether there is none to read (SMPP 3.4, 5.2.19; TS 23.038, 4)."""
    if coding & 0xF0 in {0xC0, 0xD0, 0xF0}:  # message waiting; data coding with a class
        coding = 0x04 if coding & 0xF4 == 0xF4 else 0x00
    elif coding & 0xF0 == 0xE0:
        coding = 0x08
    elif coding in {0x10, 0x11, 0x12, 0x13}:
        coding = 0x00
    elif coding in {0x18, 0x19, 0x1A, 0x1B}:
        coding = 0x08
    if coding == 0x08:
        return octets.decode("utf-16-be", "replace"), False
    if coding in {0x02, 0x04}:
        return "", True
    if coding == 0x01 or (coding == 0 and default_alphabet == "latin-1"):
        return octets.decode("latin-1"), False
    if coding == 0x03:
        return octets.decode("latin-1"), False
    return gsm7_text(octets), False
