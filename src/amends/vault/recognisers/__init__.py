"""Recognisers of personal data in free text, and the masked text that may be shown and stored.

Own rules for what people write in complaints, in Chinese and in English: identity cards, phones,
bank cards, mailboxes, addresses, devices, names after a cue. A text without a digit, an @ or a cue
is passed over at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from amends.vault.masks import (
    STAR,
    mask_address,
    mask_email,
    mask_id_card,
    mask_name,
    mask_number,
    mask_phone,
)
from amends.vault.recognisers import numbers, phones, words
from amends.vault.recognisers.spans import Reading

__all__ = ["Masked", "mask_text", "mask_texts"]


@dataclass(frozen=True, slots=True)
class Masked:
    """A text that may be shown, and what was hidden: (kind, start, end) in the original text."""

    text: str
    found: list[tuple[str, int, int]] = field(default_factory=list)


_CUES = (
    r"我叫|本人叫|名叫|名字|姓名|机主|户主|联系人|收件人|投诉人|持卡人|开户人|当事人|本人是|客户|用户|我是"
    r"|[Nn]ame|\b[Mm]r\b|\b[Mm]rs\b|\b[Mm]s\b|\bMiss\b|\bDr\b|\b[Dd]ear\b|\bHi\b|\bI am\b|\bI'm\b"
    r"|[Tt]his is|was called|egards|incerely"
)
_ANYTHING = re.compile(
    rf"[0-9０-９@]|{_CUES}|地址|住址|家住|住在|幺|一[三四五六七八九][零〇一二三四五六七八九]|[一二三四五六七八九十](?:号|栋|幢|单元|室)"
)
_NAME_CUE = re.compile(_CUES)
_LONG_NUMBER = re.compile(r"\d(?:[ \-.()（）\u3000–]{0,3}\d){5}")
_CHINESE_PLACE = re.compile(
    r"地址|住址|家住|住在|[0-9A-Za-z一二三四五六七八九十](?:号|弄|栋|幢|座|单元|室)"
)
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
    if not _ANYTHING.search(text):
        return Masked(text)
    work = text.translate(_NARROW) if _WIDE.search(text) else text
    found = _found(work)
    if not found:
        return Masked(text)
    parts: list[str] = []
    at = 0
    for kind, start, end in found:
        parts += (text[at:start], _MASKS.get(kind, mask_number)(work[start:end]))
        at = end
    parts.append(text[at:])
    return Masked("".join(parts), found)


def mask_texts(texts: Iterable[str]) -> list[Masked]:
    """Many texts, in the order given."""
    return [mask_text(text) for text in texts]


def _found(work: str) -> list[tuple[str, int, int]]:
    reading = Reading(work, work)
    numbers.emails(reading)
    if _LONG_NUMBER.search(work):
        for recogniser in _LONG_NUMBER_RECOGNISERS:
            recogniser(reading)
    if "幺" in work or "一" in work:
        phones.spoken_phones(reading)
    if _CHINESE_PLACE.search(work):
        words.chinese_addresses(reading)
    if _LATIN.search(work):
        words.english_addresses(reading)
    if ":" in work or "." in work:
        numbers.net_addresses(reading)
    if _NAME_CUE.search(work):
        words.names(reading)
    return sorted(reading.found, key=lambda span: span[1])


_LONG_NUMBER_RECOGNISERS: tuple[Callable[[Reading], None], ...] = (
    numbers.accounts,
    numbers.id_cards,
    numbers.sim_cards,
    numbers.bank_cards,
    numbers.old_id_cards,
    numbers.devices,
    numbers.documents,
    numbers.social_security,
    numbers.chat_accounts,
    phones.phones,
)
