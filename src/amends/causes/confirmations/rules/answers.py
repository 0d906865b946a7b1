"""What somebody replied to a challenge: yes with a code, a code alone, no, or something else."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from hashlib import sha256

CODE_DIGITS = 6
STOPPED_BY_KEYWORD = frozenset(("value_added", "subscription", "gift"))
"""Kinds a word without a number stops; a whole line is named by its number."""
_YES = "Y|YES|OK|是|好|同意|确认|确定|办理"
_NO = "N|NO|否|不|不办|不办理|不同意|不要|不需要|取消|拒绝|TD|T|退订|STOP|CANCEL|REFUSE"
_BETWEEN = r"[\s+:,.，。：、\-]*"
_FORM = re.compile(
    rf"(?:(?P<yes>{_YES})|(?P<no>{_NO}))?{_BETWEEN}(?P<code>\d{{{CODE_DIGITS}}})?{_BETWEEN}[!！]?"
)


_WITHDRAWAL = re.compile(rf"(?:TD|T|退订|STOP){_BETWEEN}(?P<number>\d{{1,3}})?{_BETWEEN}[!！]?")


@dataclass(frozen=True, slots=True)
class UserAnswer:
    """`word` is "yes", "no" or "" (a code alone); `code` is six digits or ""."""

    word: str
    code: str


def read_answer(text: str) -> UserAnswer | None:
    """The answer a message is, or None: a sentence is never taken for a yes, nor for a no.

    >>> read_answer("y 123456"), read_answer("是123456。")
    (UserAnswer(word='yes', code='123456'), UserAnswer(word='yes', code='123456'))
    >>> read_answer("不办"), read_answer("１２３４５６")
    (UserAnswer(word='no', code=''), UserAnswer(word='', code='123456'))
    >>> read_answer("我没有订过这个，请退费") is None
    True
    """
    folded = unicodedata.normalize("NFKC", text[:200]).strip().upper()
    form_match = _FORM.fullmatch(folded)
    if form_match is None or not folded:
        return None
    word = "yes" if form_match["yes"] else "no" if form_match["no"] else ""
    if not word and not form_match["code"]:
        return None
    return UserAnswer(word, form_match["code"] or "")


def read_withdrawal(text: str) -> int | None:
    """The number of the service a message withdraws, 0 where it names none; None for other words.

    >>> read_withdrawal("TD12"), read_withdrawal("退订 3。"), read_withdrawal("td")
    (12, 3, 0)
    >>> read_withdrawal("我要退订彩铃") is read_withdrawal("TD123456") is None
    True
    """
    withdrawal_match = _WITHDRAWAL.fullmatch(
        unicodedata.normalize("NFKC", text[:200]).strip().upper()
    )
    return int(withdrawal_match["number"] or 0) if withdrawal_match else None


def link_digest(token: str) -> str:
    """What is kept of the token in a link; it has 160 random bits."""
    return sha256(token.encode()).hexdigest()
