"""The numbers of an advert with their units: the text is cut into them once."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from amends.causes.publicity.rules.reader.days import days_of
from amends.causes.publicity.rules.reader.grammar import Place, UnitPatterns
from amends.causes.publicity.rules.reader.numbers import CENTS, NUMBER, pair_of, value_of


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with its unit.

    kind    money, data (GB), speed (Mbit/s), months, minutes, places, day (as `NamedDay.value`),
            percent, share (of a price that is paid), from_month (the month something begins with)
    period  of money: months it pays for, 0 where not said, -1 for days and weeks
    ranged  one end of a range: from £10 to £30
    said    what else the words say of it: "first"/"last" of a range of days, "unreal" of a day
    otherwise  the other reading of a price in words: "four ninety-nine" is 4.99, or 499
    """

    kind: str
    value: float
    start: int
    end: int
    currency: str = ""
    period: float = 0
    ranged: bool = False
    said: str = ""
    after: bool = False
    otherwise: float = 0


_BLANK = "\x00"
# Addresses, and then telephone numbers, times of day, house numbers, ratings, names of devices and
# network generations, are blanked before anything is read: their figures are no facts of an offer.
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|(?<![\w.-])[\w.-]{1,40}@[\w-]{1,40}\.[\w.]{1,40}")
_NOISE = re.compile(
    r"(?<![\d£$€¥₹.])(?:\+\d{1,3}[ -]?)?(?:\(?0\d{2,4}\)?|1?-?800|400|1[3-9]\d|1300"
    r"|1800)[ -]\d{3,4}[ -]?\d{3,4}(?!\d)"
    r"|(?<![\d£$€¥₹.])(?:0\d{8,11}|1[3-9]\d{9}|400\d{7}|\d{11,20})(?!\d)"
    r"|(?:热线|电话|拨打?|致电|客服|call(?: us)?(?: on| at)?|text(?: [a-z]+)? to|dial|sms to"
    r"|phone)\s?[:：]?\s?\d{3,6}(?![\d,.]|\s?(?:分钟|min|元|块|g|个|条))"
    r"|(?<![\d£$€¥₹.])\d{1,2}[:：]\d{2}(?::\d{2})?(?:\s?[ap]\.?m\b)?(?:\s?-\s?\d{1,2}[:：]\d{2})?"
    r"|(?<![\d£$€¥₹.])\d{1,2}(?:\.\d\d)?\s?(?:[ap]\.?m\b\.?)?\s?(?:-|to"
    r"|and)\s?\d{1,2}(?:\.\d\d)?\s?[ap]\.?m\b"
    r"|(?<![\d£$€¥₹.])(?:[1-9]|1[0-2])\s?[ap]m\b|(?<!\d)\d{1,2}[点时](?!\d)|24\s?/\s?7"
    r"|7\s?[x×*]\s?24|24 hours|24小时"
    r"|(?<!\d)\d{1,5}(?:号(?!前|止|截)|弄|楼|室|栋|路)"
    r"|\b(?:no\.?|unit|floor|suite) ?\d+\b(?!\s?(?:gb|month))"
    r"|(?<![\d£$€¥₹.])\d{1,5} [a-z]{1,20} (?:street|road|avenue|lane|square|high street)\b"
    r"|\d(?:\.\d+)? (?:out of|stars?)(?: \d+)?|\d\.\d/5|百分之|双十[一二]|一二三"
    r"|三星|五星|4k\b|8k\b|1080p"
    r"|(?<!\d)\d{3,4}p\b(?=\s?(?:video|画质|高清))"
    r"|wi-?fi ?\d\w?|iphone ?\d+|[a-z]\d{1,4}\b(?=\s?(?:手机|phone))"
    r"|(?<![\d.])[2-6]g(?![a-z0-9])(?!流量包|/)"
)
_PERIOD_UNIT = (
    r"(?P<u>28 days|30 days|days?|months?|mths?|mo|mnth|m|月|年|years?|yrs?|annum|季度?|半年"
    r"|quarters?|weeks?|wks?|天|日(?!前|止)|周|fortnight|billing (?:cycle|period))(?![a-z])"
)
_PERIOD_BEHIND = re.compile(
    rf"(?:/-\s?)?[ ,]?(?:(?:/ ?|per |an? |each |every |every|每|一个?|包"
    rf"|p\.?/?(?=[my]))\s?(?:(?P<n>{NUMBER})\s?-?个?)?{_PERIOD_UNIT}"
    r"|(?:for|valid for|validity) (?P<days>28|30) days|for (?:one|a) month"
    r"|for each(?= of (?:the|your) (?:first|next|last))"
    r"|(?P<month>monthly|pcm(?![a-z])|pm(?![a-z])|月付|包月|月租|月费)|(?P<year>yearly|annually|年付|包年"
    r"|年费))"
)
_PERIOD_BEFORE = re.compile(
    rf"(?:(?:每|every )(?P<n>{NUMBER})?\s?个?(?P<u>months?|月|年|季度|天|日|周|year|week|day)"
    r"|(?P<month>月[租费付缴基功固使资]|包月|一个月|月套餐"
    r"|monthly|a month for|per month|each month|every month"
    r"|/month)"
    r"|(?P<year>年[费付缴]|包年"
    r"|一年(?!半|合约|协议|在网|期|内|后|起|以)|年套餐|yearly|annual|a year for|every year))"
    r"[^，。；;,.!！、|()\d\x00]{0,14}$"
)
_LENGTHS = {
    "月": 1,
    "年": 12,
    "季": 3,
    "半": 6,
    "mo": 1,
    "mt": 1,
    "mn": 1,
    "ye": 12,
    "yr": 12,
    "an": 12,
    "qu": 3,
    "bi": 1,
}
_YEARS_AND = re.compile(
    r"(?<![a-z])(?P<years>an?|one|two|three|four|first|[1-4])[ -]"
    r"(?:and[ -]a[ -](?P<share>half|quarter)[ -]years?"
    r"|years? and a (?P<part>half|quarter)"
    r"|years?,? and (?P<more>an?|one|two|three|four|six|eight|nine|ten|\d{1,2}) months?)"
    r"(?![a-z])"
    r"|(?<![a-z])(?P<quarters>a|one|three|3|three-)[ -]?quarters? of"
    r" (?:an?|the|your|the first) year"
    r"|(?P<han>[一两二三1-4])年(?P<han_more>零[一二两三四五六七八九十]|[二两三四五六七八九十]|零?\d{1,2})个月"
)
"""Years with a part of one: a year and a half, three quarters of a year, 一年零三个月."""
_SPECIAL = re.compile(
    r"(?P<half>half[ -]a?[ -]?year|半年(?!费)|six-monthly)|(?P<later_half>过了半年)"
    r"|(?P<yearly>(?<=for )a (?:full |whole )?year|a year(?='s?[ -])"
    r"|a (?:full|whole) year|(?<=over )a year"
    r"|首年(?!半)|头一年(?!半)|first year|整年|一整年"
    r"|全年(?!\d))|(?P<monthly>首月|first month|头一个月)"
    r"|(?P<couple>(?:a )?couple of years)|(?P<dozen>a dozen months)"
    r"|(?P<gigabit>gigabit(?!s| per)|(?<![一二三四五六七八九两\d])千兆(?!位))"
    r"|(?P<hundred>(?<![一二三四五六七八九两\d])百兆)|(?P<ten_gigabit>万兆)"
    r"|(?P<half_price>half[- ]price|半价)"
    r"|(?P<tenner>(?:a|another) tenner)|(?P<fiver>(?:a|another) fiver)"
)
_ORDINALS = {
    word: at
    for at, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth "
        "thirteenth "
        "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth".split(),
        start=1,
    )
} | {"twenty-fifth": 25, "twenty-fourth": 24}
_ORDINAL = "|".join(sorted(_ORDINALS, key=len, reverse=True))
_FROM_MONTH = re.compile(
    rf"第\s?(?P<zn>{NUMBER})\s?个?(?P<zu>月|年)?\s?(?:至|到|-)\s?第?(?P<zt>{NUMBER})\s?个?(?P<zu2>月|年)"
    rf"|第\s?(?P<n>{NUMBER})\s?个?(?P<u>月|年)(?P<from>起|开始|后|以后)?"
    rf"|\b(?P<en>months?|years?) (?P<ef>\d{{1,2}}|one|two|three) ?(?:-|to|through"
    rf"|until) ?(?:month )?(?P<et>\d{{1,2}})(?!\d| ?(?:gb|mbps))"
    rf"|\b(?P<pre>until|through|thru|to|up to|till|before)?"
    rf" ?(?:the )?(?P<mu>month|year) (?P<mn>\d{{1,2}}"
    rf"|two|three|seven|thirteen)(?!\d| ?(?:gb|mbps))"
    rf"|\b(?P<pre2>until|through|thru|till)? ?(?:the |your )?(?P<on>\d{{1,2}}(?:st|nd|rd|th)"
    rf"|{_ORDINAL}) (?P<ou>month|year)(?!s)"
    rf"|(?P<next>次年起?|第二年起?|来年)"
)
_PEOPLE = (
    r"(?:new |lucky )?(?:customers?|people|users|subscribers|households|places|spots|slots"
    r"|seats|students|families|sign-?ups|winners|"
    r"orders|joiners|homes|applicants|buyers|members|units|vouchers|available|left|tickets"
    r"|recharges|sims?(?= only)|sims|e-?sims|activations|new (?:lines|accounts|connections)|signups"
    r"|subscriptions|port-?ins|switchers|registrations|redemptions|bookings|residents|takers|callers"
    r"|visitors|parents|pensioners|of (?:them|these)|up for grabs|to give away|in (?:total|all))\b|"
    r"个?名额|名|位|户|人(?!民)|份|台|席|(?<=[\d百千万])个(?!月|g|工作日|小时|季|亿|半|点)|张|单|套(?!餐|内|外)"
)
_MINUTES = (
    r"分钟|(?:call |voice |talk |calling |talktime |uk |national )?minutes?(?![a-z])"
    r"|mins?(?![a-z])|min\.(?!\s?[a-z])"
)
_TO = re.compile(rf"\s?(?:-|to|至|到)\s?(?=[£$€¥₹]?\s?(?:{NUMBER}))")


@lru_cache(maxsize=4)
def _patterns(units: UnitPatterns) -> tuple[re.Pattern[str], re.Pattern[str]]:
    number = re.compile(rf"(?:(?P<sign>(?<![a-z])(?:{units.sign}))\s?)?(?P<n>{NUMBER})")
    behind = re.compile(
        rf"\s?-?(?:typical |average |median )?(?:{units.behind}"
        r"|(?P<each>(?:equal )?(?:monthly )?(?=instal|credit|payment|part))"
        rf"|(?P<minutes>{_MINUTES})"
        r"|(?P<percent>%|percent|per cent)"
        rf"|(?P<fold>折(?!合|扣|算|叠))|(?P<places>{_PEOPLE}))"
    )
    return number, behind


def quantities(text: str, units: UnitPatterns, locale: Place) -> list[Quantity]:
    """The numbers of a text in small letters, in order.

    What is read is blanked for the next pass: days, months that something begins with, words that
    are numbers by themselves (half price, 千兆), then everything that has a unit.
    """
    quantity_list: list[Quantity] = []
    for day in days_of(text, locale.dates):
        day_kind = day.place if day.real else "unreal"
        quantity_list.append(
            Quantity(kind="day", value=day.value, start=day.start, end=day.end, said=day_kind)
        )
    text = without(text, [(quantity.start, quantity.end) for quantity in quantity_list])
    text = without_noise(text)
    if locale.decimal_comma:
        text = _THOUSANDS.sub(r"\1.\2", text)
    spans = []
    for this in _YEARS_AND.finditer(text):
        quantity_list.append(_years_and(this, text))
        spans.append((this.start(), this.end()))
    text = without(text, spans)
    spans = []
    for this in _FROM_MONTH.finditer(text):
        if named := _from_month(this):
            quantity_list += named
            spans.append((this.start(), this.end()))
    text = without(text, spans)
    spans = []
    for this in _SPECIAL.finditer(text):
        quantity_list.append(_special(this, text, locale))
        spans.append((this.start(), this.end()))
    text = without(text, spans)
    number, behind = _patterns(units)
    at = 0
    for this in number.finditer(text):
        if this.start() >= at:
            for quantity in _counted(this, text, behind, units, locale, quantity_list):
                quantity_list.append(quantity)
                at = quantity.end
    return _ranges(sorted(quantity_list, key=lambda quantity: (quantity.start, quantity.end)), text)


_BETWEEN = re.compile(r"\s?(?:-|至|到|/|、)\s?")
_FROM_TO = re.compile(r"\s(?:to|and)\s")
_LISTED = re.compile(r"\d/$")


def _ranges(quantity_list: list[Quantity], text: str) -> list[Quantity]:
    """Mark the numbers of a range or a list: £10-£30, from 19元 to 129元, 30GB/60GB/80GB."""
    for at, first in enumerate(quantity_list):
        if _LISTED.search(text[max(0, first.start - 2) : first.start]):
            quantity_list[at] = replace(first, ranged=True)
    for at in range(len(quantity_list) - 1):
        first, second = quantity_list[at], quantity_list[at + 1]
        if first.kind != second.kind or first.kind in ("day", "from_month"):
            continue
        gap = text[first.end : second.start]
        ahead = text[max(0, first.start - 14) : first.start]
        if _BETWEEN.fullmatch(gap) or (
            _FROM_TO.fullmatch(gap) and re.search(r"(?:from|between|range[sd]?) \S{0,3}$", ahead)
        ):
            quantity_list[at] = replace(first, ranged=True)
            quantity_list[at + 1] = replace(second, ranged=True)
    return quantity_list


def without_noise(text: str) -> str:
    """The text with addresses, telephone numbers, times of day and the like blanked."""
    if "@" in text or "://" in text or "www." in text:
        text = _ADDRESS.sub(lambda this: _BLANK * len(this[0]), text)
    return _NOISE.sub(lambda this: _BLANK * len(this[0]), text)


def without(text: str, spans: list[tuple[int, int]]) -> str:
    """The text with some stretches blanked, so that they are read as nothing."""
    if not spans:
        return text
    parts, at = [], 0
    for start, end in sorted(set(spans)):
        if start >= at:
            parts += [text[at:start], _BLANK * (end - start)]
            at = end
    return "".join([*parts, text[at:]])


_THOUSANDS = re.compile(r"(?<![\d.,])(\d{1,3}) (\d{3})(?![\d.,]|\s?(?:m|gb?)bps)")
"""1 500 as written in much of the EU."""


def _from_month(this: re.Match[str]) -> list[Quantity]:
    """A month that something begins or ends with; of months 7-18 both."""
    groups = {name: value for name, value in this.groupdict().items() if value}
    low, high = this.start(), this.end()
    if "next" in groups:
        return [Quantity(kind="from_month", value=13, start=low, end=high)]
    if "zt" in groups or "et" in groups:
        first = value_of(groups.get("zn") or groups.get("ef") or "") or 0
        last = value_of(groups.get("zt") or groups.get("et") or "") or 0
        length = 12 if (groups.get("zu2") == "年" or groups.get("en", "").startswith("year")) else 1
        if first == 1:
            return [Quantity(kind="months", value=last * length, start=low, end=high, said="promo")]
        return [
            Quantity(kind="from_month", value=(first - 1) * length + 1, start=low, end=high),
            Quantity(kind="months", value=last * length, start=low, end=high, said="last"),
        ]
    word = groups.get("n") or groups.get("mn") or groups.get("on") or ""
    unit = groups.get("u") or groups.get("mu") or groups.get("ou") or ""
    value = _ORDINALS.get(word) or value_of(re.sub(r"(?<=\d)(?:st|nd|rd|th)$", "", word))
    if not value or value > 60:
        return []
    if unit in ("年", "year"):
        value = (value - 1) * 12 + 1
    if groups.get("pre") in ("until", "through", "thru", "to", "up to", "till") or groups.get(
        "pre2"
    ):
        return [Quantity(kind="months", value=value, start=low, end=high, said="promo")]
    if groups.get("pre") == "before":
        return [Quantity(kind="months", value=value, start=low, end=high, said="last")]
    if value == 1:
        return [
            Quantity(
                kind="months",
                value=12 if unit in ("年", "year") else 1,
                start=low,
                end=high,
                said="promo",
            )
        ]
    if groups.get("from") in ("后", "以后"):
        value += 1
    return [Quantity(kind="from_month", value=value, start=low, end=high)]


def _years_and(this: re.Match[str], text: str) -> Quantity:
    low, high = this.start(), this.end()
    if this["quarters"]:
        months = 9.0 if this["quarters"][:1] in "t3" else 3.0
    elif this["han"]:
        months = 12 * (value_of(this["han"]) or 0) + (value_of(this["han_more"].lstrip("零")) or 0)
    else:
        share, more = this["share"] or this["part"], this["more"]
        years = 1 if this["years"] in ("an", "first") else value_of(this["years"]) or 1
        months = 12 * years + (6 if share == "half" else 3 if share else value_of(more) or 1)
    later = re.match(r"\s?(?:以后|之后|后|later|on(?=[ ,.;:]))", text[high : high + 5])
    kind_text = "promo" if this["years"] == "first" else ""
    return Quantity(
        kind="months", value=months, start=low, end=high, said=kind_text, after=bool(later)
    )


def _special(this: re.Match[str], text: str, locale: Place) -> Quantity:
    low, high, name = this.start(), this.end(), this.lastgroup or ""
    if name in ("half", "later_half"):
        return Quantity(
            kind="months",
            value=6,
            start=low,
            end=high,
            after=bool(re.match("以?后|之后|later", text[high : high + 5])),
        )
    if name in ("yearly", "monthly"):
        first = "首" in this[0] or "first" in this[0] or "头" in this[0]
        return Quantity(
            kind="months",
            value=12 if name == "yearly" else 1,
            start=low,
            end=high,
            said="promo" if first else "",
        )
    if name == "couple":
        return Quantity(kind="months", value=24, start=low, end=high)
    if name == "dozen":
        return Quantity(kind="months", value=12, start=low, end=high)
    if name == "half_price":
        return Quantity(kind="share", value=0.5, start=low, end=high)
    if name in ("tenner", "fiver"):
        return _money(text, low, high, 10 if name == "tenner" else 5, locale.currency, [])
    speed = {"gigabit": 1000, "hundred": 100}.get(name, 10_000)
    return Quantity(kind="speed", value=speed, start=low, end=high, said="descriptor")


def _counted(
    this: re.Match[str],
    text: str,
    behind: re.Pattern[str],
    units: UnitPatterns,
    locale: Place,
    quantity_list: list[Quantity],
) -> list[Quantity]:
    """The quantity of a number; both ends of a range; none for a number without a unit."""
    value = value_of(this["n"], decimal_comma=locale.decimal_comma)
    if value is None:
        return []
    sign, end = this["sign"], this.end()
    pair = pair_of(this["n"])
    if pair and not sign:
        return _paired(this, text, behind, units, locale, pair, quantity_list)
    if sign:
        return [
            _money(
                text,
                this.start(),
                end,
                value,
                _currency(units.currency_before[sign], locale),
                quantity_list,
            )
        ]
    unit = behind.match(text, end)
    if unit is None:
        return _unitless(this, text, behind, units, locale, value, quantity_list)
    kind = unit.lastgroup or ""
    word = unit[kind]
    quantity = _of_kind(
        kind, word, value, text, this.start(), unit.end(), units, locale, quantity_list
    )
    return [quantity] if quantity else []


_TIME = re.compile(r"[ap]\.?m\b|o'clock|in the (?:morning|evening)")


def _paired(
    this: re.Match[str],
    text: str,
    behind: re.Pattern[str],
    units: UnitPatterns,
    locale: Place,
    pair: tuple[float, float],
    quantity_list: list[Quantity],
) -> list[Quantity]:
    """A number said as two: a price by its unit, its period or none; else hundreds."""
    start, end = this.start(), this.end()
    cents, hundreds = pair
    unit = behind.match(text, end)
    currency = locale.currency
    if unit is not None and unit.lastgroup != "money":
        kind = unit.lastgroup or ""
        quantity = _of_kind(
            kind, unit[kind], hundreds, text, start, unit.end(), units, locale, quantity_list
        )
        return [quantity] if quantity else []
    if unit is not None:
        currency, end = _currency(units.currency_behind[unit["money"]], locale), unit.end()
    in_hundreds = currency in ("INR", "CNY")
    value, other_amount = (hundreds, cents) if in_hundreds else (cents, hundreds)
    quantity = replace(
        _money(text, start, end, value, currency, quantity_list), otherwise=other_amount
    )
    year_or_time = int(cents) in (19, 20) or (
        cents < 13 and round(cents % 1, 2) in (0.15, 0.3, 0.45)
    )
    speed = any(quantity.kind == "speed" for quantity in quantity_list)
    if (
        unit is None
        and speed
        and (_MEDIAN_NEXT.match(text, end) or _MEDIAN.search(text[max(0, start - 24) : start]))
    ):
        return [Quantity(kind="speed", value=hundreds, start=start, end=end)]
    if unit is None and not quantity.period and (year_or_time or _TIME.match(text, end + 1)):
        return []
    return [quantity]


def _of_kind(
    kind: str,
    word: str,
    value: float,
    text: str,
    start: int,
    end: int,
    units: UnitPatterns,
    locale: Place,
    quantity_list: list[Quantity],
) -> Quantity | None:
    """A number with a unit behind it."""
    if kind == "money":
        return _money(
            text, start, end, value, _currency(units.currency_behind[word], locale), quantity_list
        )
    if kind == "part":
        currency, share = units.parts[word]
        return _money(text, start, end, value * share, _currency(currency, locale), quantity_list)
    if kind in ("speed", "data"):
        if kind == "data" and value <= 10 and word != "tb" and _LINE_NEXT.match(text, end):
            return Quantity(kind="speed", value=value * 1000, start=start, end=end)
        return Quantity(kind=kind, value=value * units.scales[kind][word], start=start, end=end)
    if kind == "either":
        return _data_or_speed(word, value, text, start, end, units)
    if kind == "length":
        if word in ("年", "year", "years") and value > 100:
            return None
        months = value * units.scales["length"][word]
        if word in ("年", "周年") and text.startswith("半", end):
            months, end = months + 6, end + 1
        if word == "月" and value <= 12 and not _MONTHS_OF.search(text[start - 1 : end + 2]):
            return None
        later = re.match(
            r"\s?(?:以后|之后|后|过后|later|on(?= you|[,.;:])|期满|满后)", text[end : end + 7]
        )
        return Quantity(kind="months", value=months, start=start, end=end, after=bool(later))
    if kind == "each":
        return (
            Quantity(kind="months", value=value, start=start, end=end) if 1 < value <= 60 else None
        )
    if kind == "days":
        return None
    if kind == "percent":
        return Quantity(kind="percent", value=value, start=start, end=end)
    if kind == "fold":
        return Quantity(
            kind="share", value=value / (100 if value >= 10 else 10), start=start, end=end
        )
    return Quantity(kind=kind, value=value, start=start, end=end)


_TERM_NEXT = re.compile(r"\s?-?(?:contract|term\b|minimum|min\b|commitment|合约|协议|在网)")
_MONTHS_OF = re.compile(r"^[首前头满]|月(?:合约|期|在网|套餐|协议|内|每|\d|免|后|优惠|[ ，,、)]|$)")
"""What makes of 6月 a length of six months; else it is June."""
_LINE_NEXT = re.compile(
    r"[ -]?(?:speeds?|broadband|fibre|fiber|internet|connection|line|download|wi-?fi|宽带|光纤|带宽"
    r"|网速|下行)"
)
_LINE = re.compile(
    r"宽带|光纤|带宽|网速|速率|下行|上行|下载|提速|家宽|光宽|实测|忙时|高峰|峰值|限速|降速|降[至到为]|broadband|fibre|fiber|speed"
    r"|download|throttl"
)


def _data_or_speed(
    word: str, value: float, text: str, start: int, end: int, units: UnitPatterns
) -> Quantity | None:
    """M, G and 兆: data beside data words, Mbit/s beside a line or above what data would be."""
    as_data, as_speed = units.ambiguous[word]
    if word == "m" and _TERM_NEXT.match(text, end):
        return Quantity(kind="months", value=value, start=start, end=end)
    behind, before = text[end : end + 6], text[max(0, start - 6) : start]
    data = bool(
        re.match(r"(?:的)?\s?(?:of )?(?:国内|全国|通用|高速|大|5g)?(?:流量|data)", behind)
    ) or bool(re.search(r"(?:流量|data)[:：]?\s?(?:为|有|含|共|每月|仅)?\s?$", before))
    if word == "g":
        line = bool(_LINE_NEXT.match(text, end)) or bool(
            re.search(r"(?:网速|宽带|带宽|速率|下行)\S{0,3}$", before)
        )
        if line and not data:
            return Quantity(kind="speed", value=value * 1000, start=start, end=end)
        return Quantity(kind="data", value=value, start=start, end=end)
    if data:
        return Quantity(kind="data", value=value * as_data, start=start, end=end)
    if word == "t":
        return (
            Quantity(kind="data", value=value * as_data, start=start, end=end)
            if re.match("b?流量", behind)
            else None
        )
    sentence = text[max(0, start - 30) : end + 20]
    if value >= 10 or _LINE.search(sentence):
        return Quantity(kind="speed", value=value * as_speed, start=start, end=end)
    return None


def _currency(name: str, locale: Place) -> str:
    if name != "$":
        return name
    return locale.currency if locale.currency in ("USD", "AUD") else "USD"


_CENTS_BEHIND = re.compile(
    rf"\s(?:and )?(?P<c>{CENTS}|\d\d)(?:\s?(?:pence|p|cents?))?"
    r"(?=\s(?:an?|per|each|every|for|once|all|on|in|with|and|or|plus|is|gets|buys|from|if|when"
    r"|monthly|yearly|pm|pcm|p/m)(?![a-z])"
    r"|\s?[,.;:!?/()|•]|\s?$)"
    r"|(?<=块)(?P<han>[1-9一二三四五六七八九])(?![\d十百千万点个gm兆分折块元年月天次张份条位户名起])[毛角]?"
)
"""Cents behind a price in words: fourteen pounds ninety-five, 三十九块九."""


def _money(
    text: str, start: int, end: int, value: float, currency: str, quantity_list: list[Quantity]
) -> Quantity:
    """An amount with the period it pays for; `found` are the quantities before it."""
    earlier = next(
        (
            quantity.end
            for quantity in reversed(quantity_list)
            if quantity.kind in ("money", "data", "minutes")
        ),
        0,
    )
    tail = re.match(r"\s?(?:元|块钱?|rmb|cny)(?![a-z])", text[end : end + 5])
    if tail:
        end += tail.end()
    if text[end - 1 : end].isalpha() and (more := _CENTS_BEHIND.match(text, end)):
        cents = value_of((more["c"] or more["han"]).replace("oh ", "").replace("oh-", "")) or 0
        value, end = value + cents / (10 if more["han"] else 100), more.end()
    period = 0.0
    if behind := _PERIOD_BEHIND.match(text, end):
        period, end = _period(behind), behind.end()
    elif earlier <= start and (
        before := _PERIOD_BEFORE.search(text[max(earlier, start - 24) : start])
    ):
        period = _period(before)
    return Quantity(
        kind="money", value=value, start=start, end=end, currency=currency, period=period
    )


def _period(period_match: re.Match[str]) -> float:
    groups = period_match.groupdict()
    if groups.get("month") or groups.get("days"):
        return 1
    if groups.get("year"):
        return 12
    unit = groups.get("u") or "month"
    if unit in ("28 days", "30 days", "m", "billing cycle", "billing period"):
        return 1
    if unit.startswith(("day", "week", "wk", "fort")) or unit in "天日周":
        return -1
    count = value_of(groups["n"]) if groups.get("n") else 1
    length = _LENGTHS.get(unit[:1]) or _LENGTHS.get(unit[:2]) or 1
    return (count or 1) * length


_PRICE_WORD = re.compile(
    r"(?:月费|月租|月租费|月付|每月|每个月|一个月|只要|只需|仅需|只收|才|就|套餐费|付|收|交|缴|赔|扣|违约金|送|返|恢复|之后|此后|以后|到期后|往后|过后|期满后?|开始|起|\x00"
    r"|月基本费|现价|收取|补|要)"
    r"[:：]?(?:是|为|要|到|您?|你|出|他|掉)?\s?$"
)
_EXIT_WORD = re.compile(
    r"(?:违约金|拆机|解约|退网|离网|销户|退订|退出|中途退|提前退|提前走|不用了|取消|终止)"
    r"(?:得|要|需|须)?(?:付|交|赔|扣|收|给)?[:：]?\s?$"
)
_PERIOD_WORDS = re.compile(r"\s?(?:a month|per month|each month|/month|/mo(?![a-z])|p/m|a year)")
_TO_LEAVE = re.compile(
    r"\s?(?:to (?:leave|get out|exit|quit|end|cancel)"
    r"|if you (?:leave|quit|cancel|go|end|walk|move|stop)|for leaving|exit fee"
    r"|early exit|early termination)"
)
_PERIOD_NEXT = re.compile(r"\s?(?:一个月|每月|包月|/月|元?/月)")
_BARE = re.compile(r"(?![\w%+×*/°'-]|[.,]\d|\s[a-z])")
"""Behind a number: nothing that could be its unit."""
_PAYABLE = re.compile(r"\s(?:to pay|is (?:due|payable)|on the (?:final )?bill)")
_FIRST = re.compile(
    r"(?:\bfirst|\bfirst-come|(?:名额|前|限|共|限量|限额|限定|只限|首批)(?:仅|为|有|共|只|前)?)[:：]?\s?$"
)
_NO_PLACES = re.compile(
    r"\s?(?:hours?|calls?|texts?|sms|messages?|seconds?|songs?|films?|episodes?|miles|km|nights?|times"
    r"|visits?|pages?|points|channels|countries|towns|cities|条|次|公里|度|页|集|首|小时|秒|米|平|岁|积分|分)"
)
_TAKEN = re.compile(
    r"\s(?:new )?(?P<noun>lines|accounts|connections|plans|contracts|deals|bundles|handsets|phones"
    r"|routers|boxes|kits|cards|codes|coupons|passes|subscriptions|numbers)\b"
)
"""What is counted as a place of an offer only beside first, limited to, or only."""
_TAKEN_ONLY = re.compile(r" (?:only|available|left|in (?:total|all)|on offer)\b")
_THEN = re.compile(
    r"(?:\bthen|\bafter that|\bafterwards|\bthereafter|\b(?:rising|going up|goes up|jumps) to)[,:]?"
    r"(?: (?:it's|it is|you pay|at|just))?\s$"
)
_LEFT_EARLY = re.compile(
    r"\b(?:leav(?:e|ing)|go(?:ing)?|quit|cancel(?:ling|ing)?|walk away|shift out|move out|exit"
    r"|early|"
    r"end it|drop out|before (?:then|that))\b[^.!?;]{0,44}"
    r"(?:\b(?:it's|it is|that's|that is|you pay|you'll pay|pay|costs?(?: you)?|owe|fee(?: is| of)?"
    r"|charge(?: is| of)?)(?: us)?(?: only| just)?|,)\s$"
)
_MEDIAN = re.compile(
    r"(?:\b(?:median|average|typical(?:ly)?|measured|peak(?: time)?|evenings?)"
    r"(?: speed)?(?: is| of| at)?"
    r"|(?:实测|平均|中位数?|中位值|均值)(?:为|是|约)?)[:：]?\s?$"
)
_AT_PEAK = re.compile(r"\s(?:in|at|during|between|or|on|and)\s")
_MEDIAN_NEXT = re.compile(
    r"\s(?:is )?(?:the )?(?:typical|median|average|on average|measured|at peak"
    r"|in the (?:busy|evening)"
    r"|on an? (?:average|typical|normal)|or (?:better|more) at)"
)
_LIMIT = re.compile(
    r"(?:limited to|restricted to|reserved for|capped at"
    r"|cap of|quota(?: of| is)?|places:|spots:|no more than|maximum of)(?: the)?(?: first)?\s$"
)
_JUST = re.compile(r"\b(?:just|only|available to|open to)(?: the)?\s$")
_AFTER_WORD = re.compile(
    r"\s?(?:a month )?(?:after that|thereafter|afterwards|from then on|after)(?![a-z])"
)


def _unitless(
    this: re.Match[str],
    text: str,
    behind: re.Pattern[str],
    units: UnitPatterns,
    locale: Place,
    value: float,
    quantity_list: list[Quantity],
) -> list[Quantity]:
    """A number without a unit: an end of a range, money by the words around it, places, or none."""
    start, end = this.start(), this.end()
    if to := _TO.match(text, end):
        number, _behind = _patterns(units)
        second = number.match(text, to.end())
        if second and second["n"]:
            following = _counted(second, text, behind, units, locale, quantity_list)
            if following and following[0].kind in (
                "money",
                "data",
                "months",
                "speed",
                "minutes",
                "places",
            ):
                second_quantity = following[0]
                first = Quantity(
                    kind=second_quantity.kind,
                    value=value,
                    start=start,
                    end=end,
                    currency=second_quantity.currency,
                    period=second_quantity.period,
                    ranged=True,
                )
                last = Quantity(
                    kind=second_quantity.kind,
                    value=second_quantity.value,
                    start=second_quantity.start,
                    end=second_quantity.end,
                    currency=second_quantity.currency,
                    period=second_quantity.period,
                    ranged=True,
                )
                return [first, last]
    kinds = {quantity.kind for quantity in quantity_list}
    if _says_money(text, start, end, value, sold="money" in kinds):
        return [_money(text, start, end, value, locale.currency, quantity_list)]
    before, bare = text[max(0, start - 24) : start], _BARE.match(text, end) is not None
    median = (bare or _AT_PEAK.match(text, end)) and _MEDIAN.search(before)
    if "speed" in kinds and value >= 2 and (median or _MEDIAN_NEXT.match(text, end)):
        return [Quantity(kind="speed", value=value, start=start, end=end)]
    taken_match = _TAKEN.match(text, end)
    limit = value >= 50 and (bare or taken_match) and _LIMIT.search(before)
    only = (
        value >= 50
        and taken_match
        and (_JUST.search(before) or _TAKEN_ONLY.match(text, taken_match.end()))
    )
    counted = _FIRST.search(before) and not _NO_PLACES.match(text, end)
    if value >= 20 and (limit or only or counted):
        return [
            Quantity(
                kind="places",
                value=value,
                start=start,
                end=taken_match.end() if taken_match else end,
            )
        ]
    return []


def _says_money(text: str, start: int, end: int, value: float, *, sold: bool) -> bool:
    """Whether the words around a number without a unit make it an amount of money.

    sold  whether an amount with its currency stands before it
    """
    before = text[max(0, start - 12) : start]
    clear = not re.match(r"[\w%+×*/°-]|\.\d", text[end : end + 2].lstrip(" ")) or bool(
        re.match(r"一个?月|每月|包月|/月|就|的?违约金", text[end : end + 4])
    )
    if clear and re.search("[一-鿿\x00]", before[-1:]):
        if value >= 5 and _PRICE_WORD.search(before):
            return True
        if value >= 10 and _EXIT_WORD.search(before):
            return True
    if value < 5:
        return False
    if value >= 10 and re.match(r"块?的?(?:违约金|解约金)", text[end : end + 6]):
        return True
    if _PERIOD_NEXT.match(text, end) or _PERIOD_WORDS.match(text, end):
        return True
    if not sold:
        return False
    bare = _BARE.match(text, end) is not None
    if _AFTER_WORD.match(text, end) or (bare and _THEN.search(before)):
        return True
    if value < 10:
        return False
    if _TO_LEAVE.match(text, end):
        return True
    payable = bare or _PAYABLE.match(text, end)
    return bool(payable and _LEFT_EARLY.search(text[max(0, start - 90) : start]))
