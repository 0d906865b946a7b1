"""Lengths of time and numbers of places that an advert states."""

from __future__ import annotations

import re
from collections.abc import Iterator

from amends.publicity.rules.numerals import NUMBER, number
from amends.publicity.rules.text import Around, StatedFact, Text, any_of

_I = re.I
_TERM = re.compile(
    rf"(?:(?<!第)(?<!每)(?P<n>{NUMBER})[\s-]?(?P<unit>个月|(?<=\d)期(?=到|返|发|赠|给|领|，|,|$)|月(?=合约|期|在网|套餐|协议)|年(?![\d]|[内度前]?\d)|"
    r"months?\b|years?\b|mths?\b)|(?P<half>半年)|(?P<first>首月)|(?P<year>首年|first year))", _I,
)  # fmt: skip
TERMS = any_of(
    r"合约|协议|在网|签约|承诺|合同|最低期限|绑定|未满|不满|提前|最短|contract|minimum|commit|tie|lock|"
    r"\bterm\b|agreement|sign up for|plan length|within the"
)
_SPREAD = any_of(r"返|到账|赠|送|分期|over\b|spread|credit|instal|paid|bonus|gift|voucher|领取")
_INTRO = any_of(
    r"前(?=$|\s)|首|优惠|体验|内(?=$)|first|intro|half[- ]price|promo|discount|折|for\s?(?:the )?$"
)


def terms(text: Text) -> Iterator[StatedFact]:
    """Lengths in months: contract, gift (how long it is paid out), promo, unsure."""
    for this in _TERM.finditer(text.text):
        if this["half"] or this["first"] or this["year"]:
            value = 6.0 if this["half"] else 1.0 if this["first"] else 12.0
        else:
            value = number(this["n"]) or 0
            if value >= 1900 or not value:
                continue
            if this["unit"].lower().startswith(("年", "year")):
                value *= 12
        if re.search(
            r"(?:every|month|per|/|每|第|满)\s?$",
            text.text[max(0, this.start() - 7) : this.start()],
            _I,
        ) and not (text.text[max(0, this.start() - 2) : this.start()].endswith(("未满", "不满"))):
            continue
        yield StatedFact(
            "months",
            _term_role(this, text.around(this.start(), this.end())),
            value,
            this.start(),
            this.end(),
        )


def _term_role(this: re.Match[str], around: Around) -> str:
    before, behind = around.before[-14:], around.after[:16]
    if this["first"] or this["year"]:
        return "promo"
    near = [
        (_distance(words, before, behind), role)
        for words, role in ((TERMS, "contract"), (_SPREAD, "gift"))
    ]
    distance, role = min(near)
    if re.search(r"(?:前|首|优惠期?|体验期?)\s?$|first\s$|for the first\s?$", before, _I):
        return "promo"
    if distance < 100:
        return role
    if _INTRO.search(before) or re.search(r"half|introduct|promo|五折|优惠", around.clause, _I):
        return "promo"
    if TERMS.search(around.clause):
        return "contract"
    return "unsure"


def _distance(words: re.Pattern[str], before: str, behind: str) -> int:
    ahead = [len(before) - found.end() for found in words.finditer(before)]
    after = [found.start() for found in words.finditer(behind)]
    return min([*ahead, *after, 100])


_COUNTED = r"名|位|户|人|份|台|张|套|部|单|个名额|个(?!月|G|工作日|小时)"
_PLACES = re.compile(
    rf"(?:(?:前|首批?|限(?:量|额|定)?|名额|共|数量|仅限?)[^，。；,;\d零一二两三四五六七八九十]{{0,5}}(?P<a>{NUMBER})\s?(?:{_COUNTED})"
    rf"|名额[^，。；\d]{{0,3}}(?P<e>{NUMBER})|(?P<b>{NUMBER})\s?(?:个?名额)"
    rf"|(?:the )?first (?P<c>{NUMBER})(?! ?(?:months?|years?|GB|days?|weeks?|minutes))(?= |\b)"
    rf"|(?:limited to|only|just|maximum(?: of)?)(?: the first)? (?P<f>{NUMBER}) (?:new )?"
    rf"(?:customers|"
    rf"places|people|users|subscribers|sign|orders|students|spots|units)"
    rf"|(?P<d>{NUMBER}) (?:places|spots|units available|vouchers available))", _I,
)  # fmt: skip
SCARCE = any_of(
    r"名额有限|数量有限|限量|先到先得|[赠送领售]完即止|抢完|limited (?:places|numbers?|"
    r"quantit\w+|availability)|"
    r"while (?:stocks|supplies) last|first[- ]come"
)


def places(text: Text) -> Iterator[StatedFact]:
    """How many may have it."""
    for this in _PLACES.finditer(text.text):
        said = next(value for value in (this[name] for name in "abcdef") if value)
        value = number(said)
        ahead = text.text[max(0, this.start() - 6) : this.start()]
        if value is None or re.search(r"每(?:人|户|号|位|客户|个)|per ", ahead, _I):
            continue
        if value >= 5:
            yield StatedFact("places", "quota", value, this.start(), this.end())
