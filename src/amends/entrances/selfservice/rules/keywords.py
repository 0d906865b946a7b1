"""Keywords of text messages and of the chat."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

Business = Literal["usage", "offers", "order", "running", "stop", "reminders", "remind", "speed"]

_GAP = r"[\s:,.，。：、\-]*"
_FORMS: tuple[tuple[Business, str], ...] = (
    ("usage", "YL|用量|查用量|查询用量|USAGE"),
    ("offers", "YW|业务|可办业务|OFFERS"),
    ("running", "KT|已开通|我的业务|SERVICES"),
    ("reminders", "TX|提醒|提醒设置|REMINDERS?"),
    ("speed", "CS|测速|SPEED|SPEED TEST"),
)
_BARE = tuple((name, re.compile(rf"(?:{pattern}){_GAP}[?？!！]?")) for name, pattern in _FORMS)
_ORDER = re.compile(
    rf"(?:DG|订购|办理|开通|ORDER){_GAP}(?P<what>[A-Z0-9][A-Z0-9._\-]{{0,63}}){_GAP}"
)
_STOP = re.compile(rf"(?:TD|T|退订|STOP){_GAP}(?P<number>\d{{1,3}})?{_GAP}[!！]?")
_REMIND = re.compile(
    rf"(?:TX|提醒|REMINDERS?){_GAP}(?P<number>\d{{1,2}})\s*[\s:,，：]\s*"
    r"(?P<wish>ON|OFF|开|关|开启|关闭|不要|取消|\d{1,7}(?:\.\d{1,2})?)\s*(?:元|YUAN)?"
)
_OFF = ("OFF", "关", "关闭", "不要", "取消")
_ON = ("ON", "开", "开启")


@dataclass(frozen=True, slots=True)
class Keyword:
    """A business requested by a text.

    what    reference of the offer to order
    number  position in the list last shown, from 1; 0 where none is given
    wish    of a reminder: `on`, `off` or an amount such as "50"
    """

    business: Business
    what: str = ""
    number: int = 0
    wish: str = ""


def read_keyword(text: str) -> Keyword | None:
    """The business of a text; None for anything else, so that no sentence is taken for an order.

    >>> read_keyword("yl").business, read_keyword("dg ring-10").what
    ('usage', 'RING-10')
    >>> read_keyword("提醒2 关").wish, read_keyword("TX 1 50元").wish, read_keyword("TD3").number
    ('off', '50', 3)
    >>> read_keyword("用量不对，我没用这么多") is None
    True
    """
    folded = unicodedata.normalize("NFKC", text[:200]).strip().upper()
    for business, form in _BARE:
        if form.fullmatch(folded):
            return Keyword(business)
    if match := _ORDER.fullmatch(folded):
        return Keyword("order", what=match["what"])
    if match := _STOP.fullmatch(folded):
        return Keyword("stop", number=int(match["number"] or 0))
    if match := _REMIND.fullmatch(folded):
        return Keyword("remind", number=int(match["number"]), wish=_wish(match["wish"]))
    return None


def _wish(word: str) -> str:
    return "off" if word in _OFF else "on" if word in _ON else word
