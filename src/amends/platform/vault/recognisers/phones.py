"""Telephone numbers of persons; public short codes and service lines are left alone."""

from __future__ import annotations

import re

from amends.platform.vault.recognisers.scanned_text import ScannedText

_MOBILE = re.compile(
    r"(?<![\dA-Z])(?:[(（]?\+?(?:00)?86[)）]?[ \-]?)?"
    r"(?:1[3-9]\d([ \-.]?)\d{4}\1\d{4}|1[3-9]\d{2}[ \-]\d{3}[ \-]\d{4}|1 [3-9](?: \d){9})(?!\d)"
)
_SPOKEN_MOBILE = re.compile(
    r"[幺一][三四五六七八九](?:[零〇一幺二三四五六七八九]){9}(?![零〇一幺二三四五六七八九])"
)
_LANDLINE = re.compile(
    r"(?<![\d.A-Z\-])[(（]?0(?:10|2[0-57-9]|[3-9]\d{2})[)）]?[ \-]?[2-8]\d{2,3}[ \-]?\d{4}"
    r"(?:(?:转|-)\d{1,5})?(?!\d)"
)
# Figures in a row are cut in one way only, five at a time: to try every other cut of a long row at
# each plus sign took seconds. Too few figures are refused afterwards.
_INTERNATIONAL = re.compile(
    r"(?<![\d+])(?:\+|00(?=[1-9]\d{0,2}[ \-]))\d{1,3}+\)?"
    r"(?:[ \-.]?\(?(?:\d{5}(?=\d)|\d{1,5}(?!\d))\)?){1,6}"
    r"(?: ?(?:x|ext\.?) ?\d{1,5})?(?!\d)"
)
_AMERICAN = re.compile(
    r"(?<![\d\-.])(?:1[ \-.])?(?:\([2-9]\d{2}\) ?|[2-9]\d{2}[\-. ])\d{3}[\-. ]\d{4}"
    r"(?: ?(?:x|ext\.?) ?\d{1,5})?(?![\d\-])"
)
_NATIONAL = re.compile(r"0(?<![\d.\-:]0)\d{1,4}(?:[ .\-]\d{2,7}){1,4}(?![\d:]|\.\d)")
_BRITISH_MOBILE = re.compile(r"(?<!\d)07\d{9}(?!\d)")
_WORDS = (
    r"手机|电话|号码|座机|固话|联系方式|致电|回电|拨打|机号"
    r"|phone|mobile|cell|\btel\b|telephone|\bfax|\bdesk\b|office|\bcall\b|\breach\b|answering"
    r"|messages? to|registered|contact|whatsapp|\bnumber\b|\btext me\b|\bline\b"
)
_PLAIN = re.compile(r"(?<!\d)[+(]?\d(?:[ .\-()]{0,2}\d){6,14}(?:x\d{1,5})?(?!\d)")
_NAMED = re.compile(rf"(?:{_WORDS})[^，。；,;!?\n\d\x00+(]{{0,14}}\Z", re.IGNORECASE)
_LONGEST_NAME = 14 + len("messages to")
# The figure in front is looked for after the first character, which the engine can then skip to.
_LABEL = re.compile(r"[ \-](?<=\d[ \-])[ \-]?(?:office|fax|mobile|desk|cell|home)\b", re.IGNORECASE)
_LABELLED = re.compile(r"(?<![\d.])[+(]?\d(?:[ .\-()]{0,2}\d){5,14}\Z")
_LONGEST_LABELLED = 2 + 3 * 14
# 400 and 800 lines and numbers of five or six digits belong to firms and authorities.
_PUBLIC = re.compile(r"(?:\+?86)?(?:400|800)\d{7}|1\d{4,5}|9[56]\d{3,6}")
_DATE = re.compile(r"(?:19|20)\d{2}[\-./ ]?(?:0?[1-9]|1[0-2])[\-./ ]?(?:0?[1-9]|[12]\d|3[01])\D*")


def phones(reading: ScannedText) -> None:
    """Chinese mobiles and landlines, numbers with a country code, other numbers by their words."""
    for pattern in (_MOBILE, _LANDLINE, _INTERNATIONAL, _AMERICAN, _BRITISH_MOBILE):
        for match in pattern.finditer(reading.work):
            _claim(reading, *match.span())
    for match in _NATIONAL.finditer(reading.work):
        if 9 <= _digits(match.group()) <= 12:
            _claim_if_a_persons(reading, match)
    work = reading.work
    for match in _PLAIN.finditer(work):
        if _NAMED.search(work, max(0, match.start() - _LONGEST_NAME), match.start()):
            _claim_if_a_persons(reading, match)
    work = reading.work
    for label in _LABEL.finditer(work):
        before = max(0, label.start() - _LONGEST_LABELLED)
        if number := _LABELLED.search(work, before, label.start()):
            _claim_if_a_persons(reading, number)


def written_out_phones(reading: ScannedText) -> None:
    """Mobiles written in Chinese figures."""
    for match in _SPOKEN_MOBILE.finditer(reading.work):
        reading.claim("phone", *match.span())


def _claim_if_a_persons(reading: ScannedText, match: re.Match[str]) -> None:
    if not reading.names_a_thing(match.start()):
        _claim(reading, *match.span())


def _claim(reading: ScannedText, start: int, end: int) -> None:
    text = reading.work[start:end]
    bare = re.sub(r"[^\d+]", "", text)
    if _PUBLIC.fullmatch(bare) or _DATE.fullmatch(text) or not 7 <= _digits(text) <= 20:
        return
    reading.claim("phone", start, end)


def _digits(text: str) -> int:
    return sum(character.isdigit() for character in text)
