"""A text cut into the parts a message centre takes, joined again on the telephone."""

from __future__ import annotations

from dataclasses import dataclass

from amends.channels.sms.writing.alphabets import gsm7_units, ucs2_units

GSM7, UCS2 = 0x00, 0x08
_OCTETS = {GSM7: (160, 153), UCS2: (140, 134)}  # alone; beside a header of six octets
MAX_PARTS = 255


class UnableToCompose(ValueError):
    """The text cannot be a text message."""


@dataclass(frozen=True, slots=True)
class SmsPartText:
    """What one `submit_sm` carries. `joined` says that `octets` begin with a joining header."""

    data_coding: int
    octets: bytes
    joined: bool


def compose(text: str, *, reference: int, max_parts: int = MAX_PARTS) -> list[SmsPartText]:
    """The parts of `text`, in order: 7 bits if all of it is in that alphabet, else UCS-2.

    reference  what the parts share, 0–255; two long messages to one telephone, one after the other,
               need two

    No character is cut in two, neither an extended one of the 7-bit alphabet nor an emoji
    (TS 23.040, 9.2.3.24.1). Raises `UnableToCompose` for no words or too many.

    >>> [len(part.octets) for part in compose("a" * 161, reference=7)]
    [159, 14]
    >>> len(compose("您好" * 36, reference=7))
    2
    """
    clean_text = text.replace("\x00", "").replace("\r\n", "\n").strip()
    if not clean_text:
        raise UnableToCompose("a text message without words")
    units = gsm7_units(clean_text)
    coding = UCS2 if units is None else GSM7
    units = ucs2_units(clean_text) if units is None else units
    alone, in_parts = _OCTETS[coding]
    if sum(map(len, units)) <= alone:
        return [SmsPartText(coding, b"".join(units), joined=False)]
    chunks = _chunks(units, in_parts)
    if len(chunks) > min(max_parts, MAX_PARTS):
        raise UnableToCompose(f"{len(chunks)} parts, at most {min(max_parts, MAX_PARTS)}")
    return [
        SmsPartText(
            coding, bytes([5, 0, 3, reference & 0xFF, len(chunks), number]) + chunk, joined=True
        )
        for number, chunk in enumerate(chunks, start=1)
    ]


def _chunks(units: list[bytes], room: int) -> list[bytes]:
    chunks, chunk = [], bytearray()
    for unit in units:
        if len(chunk) + len(unit) > room:
            chunks.append(bytes(chunk))
            chunk = bytearray()
        chunk += unit
    chunks.append(bytes(chunk))
    return chunks


def count_parts(text: str) -> int:
    """How many parts `text` is sent in, which is what a message centre counts and charges.

    >>> count_parts("You have used 80% of your data."), count_parts("您的流量已用八成。" * 8)
    (1, 2)
    """
    return len(compose(text, reference=0))
