"""Recognisers of personal data in free text, and the masked text that may be shown and stored.

Own rules for what people write in complaints, in Chinese and in English: identity cards, phones,
bank cards, mailboxes, addresses, devices, names after a cue and under a letter. A text without a
digit, an @ or a cue is passed over at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from amends.platform.vault.masks import (
    STAR,
    mask_address,
    mask_email,
    mask_id_card,
    mask_name,
    mask_number,
    mask_phone,
)
from amends.platform.vault.recognisers import numbers, phones, words
from amends.platform.vault.recognisers.scanned_text import ScannedText
from amends.platform.vault.recognisers.signatures import CLOSINGS, signatures

__all__ = ["RECOGNISERS", "Masked", "ScannedText", "mask_text", "mask_texts"]


@dataclass(frozen=True, slots=True)
class Masked:
    """A text that may be shown, and what was hidden: (kind, start, end) in the original text."""

    text: str
    found: list[tuple[str, int, int]] = field(default_factory=list)


_CHINESE_HOMES = ("地址", "住址", "家住", "住在")
_SPOKEN_NUMBER = re.compile("幺|一[三四五六七八九][零〇一二三四五六七八九]")
_SPOKEN_DOOR = re.compile("[一二三四五六七八九十](?:号|栋|幢|单元|室)")
_ENGLISH_CUES = (*words.NAME_CUES, *words.SPEAKER_CUES)
_FIGURE = re.compile(r"\d")
_DIGIT = re.compile("[0-9０-９@]")
_LONG_NUMBER = re.compile(r"\d(?:[ \-.()（）\u3000–]{0,3}\d){5}")
_DOORS = ("号", "弄", "栋", "幢", "座", "单元", "室")
_DOOR = re.compile("[0-9A-Za-z](?:号|弄|栋|幢|座|单元|室)")
_VERY_LONG_NUMBER = re.compile(r"\d(?:[ \-\u3000–]?\d){11}")
_LATIN = re.compile(r"[A-Za-z]{2}")
_WIDE = re.compile(r"[０-９－＠＋Ａ-Ｚ]")
_NARROW = (
    {wide: wide - 0xFEE0 for wide in range(0xFF10, 0xFF1A)}
    | {
        ord("－"): ord("-"),
        ord("＠"): ord("@"),
        ord("＋"): ord("+"),
    }
    | {wide: wide - 0xFEE0 for wide in range(0xFF21, 0xFF3B)}
)

_MASKS: dict[str, Callable[[str], str]] = {
    "phone": mask_phone,
    "id_card": mask_id_card,
    "name": mask_name,
    "address": mask_address,
    "email": mask_email,
    "ip": lambda text: re.sub(r"(?<=[.:])[0-9A-Fa-f]+", STAR, text),
    "us_ssn": lambda text: f"***-**-{text[-4:]}",
}


def mask_text(text: str) -> Masked:
    """The text with every personal value masked, and where each stood.

    >>> masked = mask_text("我叫王小明，手机13812348000，身份证11010519491231002X，充值100元")
    >>> masked.text
    '我叫王**，手机138****8000，身份证110***********002X，充值100元'
    >>> [kind for kind, _, _ in masked.found]
    ['name', 'phone', 'id_card']
    """
    if not _may_hold_something(text):
        return Masked(text)
    work = text.translate(_NARROW) if _WIDE.search(text) else text
    spans = _found(work)
    if not spans:
        return Masked(text)
    parts: list[str] = []
    at = 0
    for kind, start, end in spans:
        parts += (text[at:start], _MASKS.get(kind, mask_number)(work[start:end]))
        at = end
    parts.append(text[at:])
    return Masked("".join(parts), spans)


def mask_texts(texts: Iterable[str]) -> list[Masked]:
    """Many texts, in the order given."""
    return [mask_text(text) for text in texts]


def _may_hold_something(text: str) -> bool:
    """Whether a text has a digit, an @, a closing or a word that announces a value."""
    if _DIGIT.search(text) or words.holds(text, CLOSINGS) or words.holds(text, _ENGLISH_CUES):
        return True
    return not text.isascii() and (
        words.holds(text, (*words.CHINESE_CUES, *_CHINESE_HOMES))
        or bool(_SPOKEN_NUMBER.search(text) or _SPOKEN_DOOR.search(text))
    )


def _found(work: str) -> list[tuple[str, int, int]]:
    reading = ScannedText(work)
    numbers.emails(reading)
    if _LONG_NUMBER.search(work):
        _long_numbers(reading)
    if not work.isascii():
        _chinese_values(reading, work)
    latin = _LATIN.search(work) is not None
    if latin and _FIGURE.search(work):
        words.english_addresses(reading)
    if ":" in work or "." in work:
        numbers.net_addresses(reading)
    if words.holds(work, words.CHINESE_CUES) or (latin and words.holds(work, _ENGLISH_CUES)):
        words.names(reading)
    if words.holds(work, CLOSINGS):
        signatures(reading)
    return sorted(reading.found, key=lambda span: span[1])


def _chinese_values(reading: ScannedText, work: str) -> None:
    if _SPOKEN_NUMBER.search(work):
        phones.written_out_phones(reading)
    if words.holds(work, _CHINESE_HOMES) or (
        words.holds(work, _DOORS) and (_DOOR.search(work) or _SPOKEN_DOOR.search(work))
    ):
        words.chinese_addresses(reading)


def _long_numbers(reading: ScannedText) -> None:
    numbers.accounts(reading)
    if _VERY_LONG_NUMBER.search(reading.work):
        for recogniser in _VERY_LONG_NUMBER_RECOGNISERS:
            recogniser(reading)
    for recogniser in _LONG_NUMBER_RECOGNISERS:
        recogniser(reading)


_VERY_LONG_NUMBER_RECOGNISERS: tuple[Callable[[ScannedText], None], ...] = (
    numbers.id_cards,
    numbers.sim_cards,
    numbers.bank_cards,
    numbers.old_id_cards,
    numbers.devices,
)
_LONG_NUMBER_RECOGNISERS: tuple[Callable[[ScannedText], None], ...] = (
    numbers.documents,
    numbers.social_security,
    numbers.chat_accounts,
    phones.phones,
)
RECOGNISERS: tuple[Callable[[ScannedText], None], ...] = (
    numbers.emails,
    numbers.accounts,
    *_VERY_LONG_NUMBER_RECOGNISERS,
    *_LONG_NUMBER_RECOGNISERS,
    phones.written_out_phones,
    words.chinese_addresses,
    words.english_addresses,
    numbers.net_addresses,
    words.names,
    signatures,
)
"""All of them; each takes time in proportion to the length of the text."""
