"""The name under a letter: alone in its line after a closing word, or as the last words of all."""

from __future__ import annotations

import re

from amends.platform.vault.recognisers.scanned_text import ScannedText
from amends.platform.vault.recognisers.words import (
    CHINESE_NAME,
    FULL_NAME,
    NOT_ENGLISH_NAMES,
    NOT_NAMES,
)

CLOSINGS = (
    "\n",
    "——",
    "署名",
    "落款",
    "签名",
    "签字",
    "敬上",
    "hank",
    "heers",
    "Best",
    "best",
    "ours",
    "igned",
    "egards",
)
"""A text without one of these is signed by nobody."""

_GAP = r"[\s\u3000]{0,4}"
"""A blank line or two; bounded, so that a page of empty lines costs no more than any other page."""

_DATE = rf"(?:{_GAP}\d{{2,4}} ?[年./\-] ?\d{{1,2}} ?[月./\-] ?\d{{1,4}}日?)?"
_CHINESE = re.compile(
    rf"(?:(?:署名|落款|签名|签字)[：: 　]*|——{_GAP}|敬礼[!！。，,]?{_GAP}"
    r"|[\n\r][ \t\u3000\-]{0,8})"
    rf"({CHINESE_NAME})(?:{_GAP}(?:敬上|谨上|上|先生|女士))?{_DATE}{_GAP}$"
)
_NO_NAME = re.compile(r"谢谢|万分|马上|明天|明日|何时|何故|请速|急急|高价|常年|项")
_CLOSINGS = (
    r"(?:[Mm]any [Tt]hanks|[Tt]hanks(?: in advance| again| a lot| so much)?"
    r"|[Tt]hank you(?: very much)?|[Cc]heers|(?:[Aa]ll the )?[Bb]est(?: [Ww]ishes)?"
    r"|(?:[Ww]ith )?(?:[Kk]ind(?:est)? |[Bb]est |[Ww]arm )?[Rr]egards"
    r"|[Yy]ours(?: (?:faithfully|sincerely|truly|ever))?|[Ss]incerely(?: yours)?)"
)
_ENGLISH = re.compile(
    rf"(?:(?:^|[\n.!?;]{_GAP}){_CLOSINGS}[,.!]?[ \t]{{0,4}}(?:\n{_GAP}|(?<=,)[ \t]{{0,4}})"
    rf"|[\n.!?] ?[Ss]igned(?: by)?[:,]?{_GAP}|\n ?(?:--|—){_GAP})"
    rf"({FULL_NAME})(?=[.,]?{_GAP}(?:\n|$))"
)


def signatures(reading: ScannedText) -> None:
    """Claim the name a text is signed with."""
    for match in _CHINESE.finditer(reading.work):
        name = match.group(1)
        if not (_NO_NAME.match(name) or NOT_NAMES.match(name)):
            reading.claim("name", *match.span(1))
    for match in _ENGLISH.finditer(reading.work):
        if match.group(1).split()[0].rstrip(".") not in NOT_ENGLISH_NAMES:
            reading.claim("name", *match.span(1))
