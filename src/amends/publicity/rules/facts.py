"""What an advert states: numbers with their unit, their role, and the words that prove them.

A number whose unit or role is not clear has the role "unsure": it goes to a person.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from amends.publicity.rules.numerals import NUMBER, number

Unit = Literal["money", "discount", "mbps", "gb", "minutes", "months", "places"]

_I = re.I
_STOP = re.compile(r"[。！!？?；;\n]|(?<!\d)\.(?=\s|$)|\.(?=\s|$)")
_PAUSE = re.compile(r"[，、：:()（）【】]|,(?!\d{3})|\s[-–—]\s")


@dataclass(frozen=True, slots=True)
class Fact:
    """One statement.

    value     money in whole units, a price by the month where `months` is known; Mbit/s; GB;
              minutes; months; places; a discount as the share that is paid
    months    of a price: how many months it pays for; 0 where the text does not say
    up_to     whether the text says that it is a maximum
    """

    unit: Unit
    role: str
    value: float
    start: int
    end: int
    months: float = 0
    currency: str = ""
    up_to: bool = False


@dataclass(frozen=True, slots=True)
class Around:
    """The words around a number: within its clause before and after it, the clause before that."""

    before: str
    after: str
    clause: str
    earlier: str
    sentence: str

    @property
    def label(self) -> str:
        """The clause before, where a colon ends it: `Exit fee: £120`."""
        return self.earlier if self.earlier.rstrip().endswith((":", "：")) else ""


class Text:
    """A folded text cut into sentences and clauses."""

    def __init__(self, text: str) -> None:
        self.text = text
        stops = sorted({0, len(text), *(found.end() for found in _STOP.finditer(text))})
        self._sentences = list(pairwise(stops))
        pauses = {found.end() for found in _PAUSE.finditer(text)}
        cuts = sorted({*stops, *pauses})
        self._clauses = list(pairwise(cuts))

    def clauses(self) -> Iterator[tuple[int, int]]:
        """Where each clause begins and ends."""
        return iter(self._clauses)

    def sentence(self, at: int) -> tuple[int, int]:
        """The sentence around a position."""
        return self._part(self._sentences, at)

    def clause(self, at: int) -> tuple[int, int]:
        """The clause around a position."""
        return self._part(self._clauses, at)

    def _part(self, parts: list[tuple[int, int]], at: int) -> tuple[int, int]:
        place = bisect_right(parts, (at, len(self.text) + 1)) - 1
        return (
            parts[place]
            if 0 <= place < len(parts) and at < parts[place][1]
            else (0, len(self.text))
        )

    def around(self, start: int, end: int, *, after: int = 0, before: int = 0) -> Around:
        """The words around a number, no further than its neighbours `after` and `before`."""
        low, high = self.clause(start)
        first, last = self.sentence(start)
        tail = self.clause(max(end - 1, start))[1]
        previous = self.text[max(first, self.clause(low - 1)[0]) : low] if low > first else ""
        return Around(
            self.text[max(low, after) : start],
            self.text[end : min(max(high, tail), before or len(self.text))],
            self.text[low : max(high, tail)],
            previous,
            self.text[first:last],
        )


def _any(*words: str) -> re.Pattern[str]:
    return re.compile("|".join(words), _I)


EXIT = _any(
    r"违约金|解约|提前(?:终止|退|取消|解除|离网|销户|结束)|未满|不满|退网费|中途退|"
    r"exit (?:fee|charge)|terminat|early[- ]exit|cancel\w*[^.]{0,14}(?:fee|charge|early)|"
    r"leav\w+[^.]{0,18}early|early (?:exit|leav|cancel)|\bETF\b|break fee|end\w* (?:it |"
    r"the contract )?"
    r"early|before the end|to leave|if you (?:leave|cancel)|leave (?:before|within)"
)
FEE = _any(
    r"(?:开户|开卡|安装|初装|装机|工料|调测|激活|手续|接入|服务|工本|押金|设备|光猫|卡|材料|一次性|入网|"
    r"上门|终端|维护|管理|平台|租赁|路由器)费|另(?:收|付|交|缴)|押金|"
    r"(?:set-?\s?up|activation|installation|connection|joining|delivery|admin\w*|one-off|upfront|"
    r"up-front|router|equipment|line|service|postage|sign-?up|enrol\w*|processing|handling|monthly"
    r" rental) (?:fee|charge|cost|payment)|\bfee\b|surcharge|plus a one-off"
)
GIFT = _any(
    r"(?<![发配运派输])送(?!货|达|修|信|装|电|快递)|赠|返还|返现|返费|返话费|礼金|红包|补贴|话费券|代金券|抵用券|立减|奖励|"
    r"gift|bonus|credit|cash\s?back|voucher|reward|rebate"
)
_PASSED = _any(
    r"预存|首充|充值|充(?=\d|值|$)|价值|封顶|最高消费|上限|立省|节省|省(?:下)?(?=$|\d)|兑换|面值|"
    r"worth|valued? at|value|capped|sav(?:e|ing)|top[- ]?ups?|up to|spend cap|compensat"
)
_PER_UNIT = re.compile(
    rf"\s*(?:/|每|per |an? |for each |each )\s*(?:{NUMBER})?\s*"
    r"(?:(?:GB?|MB?|minutes?|mins?|texts?|sms|gigabytes?)(?![a-z])|分钟|条|兆)", _I,
)  # fmt: skip
_OVER = _any(
    r"套餐外|超出|超过|超量|超套|out[- ]of[- ](?:plan|bundle|allowance)|extra data|"
    r"additional (?:GB|data)|over your"
)
LATER = _any(
    r"之后|此后|其后|随后|以后|期满|满后|恢复|到期后|优惠期后|优惠后|次年|第二年|原价|标准资费|正常资费|"
    rf"第\s?(?:{NUMBER})\s?个?月(?:起|开始|后)|[月年]后|"
    r"\bthen\b|\bafter(?:wards|ward| that|\b)|thereafter|ris(?:es|ing)|increas|revert|returns? to|"
    r"goes? (?:up|back)|going up|from (?:the )?month|from the \w+ month|standard price|full price|"
    r"usual(?:ly)?|regular|normal(?:ly)?|out of (?:promo|offer)|up to £"
)
_LATER_BEHIND = _any(
    rf"^[^\d]{{0,4}}(?:from (?:the )?month|from the \w+ month|after(?:wards|ward)?\b|thereafter|"
    rf"from then|自?第\s?(?:{NUMBER})\s?个?月)"
)
_FEE_BEHIND = re.compile(
    r"\s*(?:for )?(?:set-?\s?up|activation|installation|connection|joining|delivery)\b", _I
)
_CREDIT_BEHIND = re.compile(r"的?话费(?!充值|账单|余额)")
_INSTALMENT = _any(r"返|到账|分期|instal|paid (?:as|in|over)|credited|spread")
PRICED = _any(
    r"月费|月租|套餐|资费|价|仅|只要|只需|包月|\bonly\b|\bjust\b|price|costs?\b|\bfor\b|\bat\b|from|pay"
)

_SOLD_FOR = re.compile(
    r"\s*(?:就|享|起|畅|带|即可|搞定|包|拿|到手|的?套餐|档|gets?\b|buys?\b|for\b|only\b|all[- ]in)",
    _I,
)

_SIGN = {
    "¥": "CNY", "￥": "CNY", "rmb": "CNY", "cny": "CNY", "元": "CNY", "块": "CNY", "块钱": "CNY",
    "yuan": "CNY", "人民币": "CNY", "£": "GBP", "gbp": "GBP", "pound": "GBP", "pounds": "GBP",
    "$": "USD", "us$": "USD", "usd": "USD", "dollar": "USD", "dollars": "USD",
    "€": "EUR", "eur": "EUR", "euro": "EUR", "euros": "EUR",
    "hk$": "HKD", "a$": "AUD", "₹": "INR", "rs": "INR",
}  # fmt: skip
_MONEY = re.compile(
    rf"(?:(?P<sign>HK\$|US\$|A\$|[¥£$€₹]|\b(?:RMB|CNY|GBP|USD|EUR|Rs)\b\.?)\s?(?P<n1>{NUMBER})(?:\s?元)?"
    rf"|(?P<n2>{NUMBER})\s?(?P<unit>块钱|块(?!钱)|元|人民币|RMB|CNY|yuan|GBP|USD|EUR|pounds?|dollars?|"
    r"euros?|€|£|(?P<pence>pence\b|p\b)|(?P<jiao>角)))", _I,
)  # fmt: skip
_PERIOD = (
    r"(?P<{0}>(?P<{0}n>{1})?\s?(?:个)?\s?(?P<{0}u>月|期|年|季度?|半年|months?\b|"
    r"mths?\b|mo\b|m\b|years?\b|yr\b|annum|quarter|weeks?\b|周|days?\b|天|日(?!止|"
    r"前)))"
)
_BEHIND = re.compile(
    rf"\s*(?:(?:/|每|一个?|包|per\b|an?\b|each\b|every\b|p(?=[my]\b))\s*-?\s*"
    rf"{_PERIOD.format('p', NUMBER)}"
    r"|(?P<adverb>monthly|yearly|annually|月付|包月|年付|包年))", _I,
)  # fmt: skip
_AHEAD = re.compile(
    rf"(?:(?:每|every\s)\s*{_PERIOD.format('p', NUMBER)}"
    r"|(?P<month>月[租费付缴均]|包月|月套餐|monthly|a month for|每月)|(?P<year>年[费付缴]|"
    r"包年|年套餐|yearly|annual))"
    r"[^\d。；;]{0,14}$", _I,
)  # fmt: skip
_LENGTH = {
    "月": 1,
    "期": 1,
    "mo": 1,
    "m": 1,
    "年": 12,
    "ye": 12,
    "yr": 12,
    "an": 12,
    "季": 3,
    "qu": 3,
    "半": 6,
}


def _months(found: re.Match[str]) -> float:
    """How many months a period pays for; negative for days and weeks."""
    groups = found.groupdict()
    if groups.get("adverb"):
        return 12 if re.match(r"yearly|annual|年|包年", groups["adverb"], _I) else 1
    if groups.get("month"):
        return 1
    if groups.get("year"):
        return 12
    unit = groups["pu"].lower()
    count = number(groups["pn"]) if groups.get("pn") else 1
    if unit.startswith(("week", "周", "day", "天", "日")):
        return -1
    length = (
        _LENGTH.get(unit[:1])
        if unit[:1] in "月期年季半"
        else 1
        if unit[0] == "m"
        else _LENGTH[unit[:2]]
    )
    return (count or 1) * (length or 1)


def money(text: Text) -> Iterator[Fact]:
    """Amounts of money: price, after (the price that follows), exit, fee, gift, overage, passed."""
    found = list(_MONEY.finditer(text.text))
    for at, this in enumerate(found):
        amount = number(this["n1"] or this["n2"])
        if amount is None or (this["n2"] and this["unit"] == "元" and this["n2"] in "多单"):
            continue
        if this["pence"]:
            amount /= 100
        if this["jiao"]:
            amount /= 10
        key = (this["sign"] or this["unit"]).lower().rstrip(".")
        currency = "GBP" if this["pence"] else "CNY" if this["jiao"] else _SIGN.get(key, "")
        after = found[at - 1].end() if at else 0
        before = found[at + 1].start() if at + 1 < len(found) else 0
        around = text.around(this.start(), this.end(), after=after, before=before)
        months, end = 0.0, this.end()
        if period := _BEHIND.match(text.text, this.end()):
            months, end = _months(period), period.end()
        elif period := _AHEAD.search(around.before):
            months = _months(period)
        role = _money_role(around, months, end - this.end())
        value = amount / months if months > 0 and role in ("price", "after") else amount
        yield Fact("money", role, value, this.start(), end, months, currency)


def _money_role(around: Around, months: float, used: int) -> str:
    before, behind = around.before, around.after[used:]
    if _PER_UNIT.match(around.after) or (_OVER.search(before) and not months):
        return "overage"
    if _PASSED.search(before[-10:]) or re.match(
        r"(?:话费)?(?:封顶|抵|及?以上)|\s*(?:worth|off\b|cap\b|top-?up)", behind, _I
    ):
        return "passed"
    if months < 0:
        return "unsure"
    if months:
        return _periodic(around, before, behind)
    for role, words in (("exit", EXIT), ("fee", FEE), ("gift", GIFT)):
        if words.search(before):
            return role
    for role, words in (("exit", EXIT), ("fee", FEE), ("gift", GIFT)):
        if words.search(behind[:40]):
            return role
    for role, words in (("exit", EXIT), ("fee", FEE), ("gift", GIFT)):
        if words.search(around.label):
            return role
    if _FEE_BEHIND.match(behind):
        return "fee"
    if _CREDIT_BEHIND.match(behind):
        return "gift"
    if LATER.search(before) or _LATER_BEHIND.search(behind):
        return "after"
    if EXIT.search(around.earlier) and not PRICED.search(before.replace("pay", "")):
        return "exit"
    if PRICED.search(before) or _SOLD_FOR.match(behind):
        return "price"
    return "bare"


def _periodic(around: Around, before: str, behind: str) -> str:
    if FEE.search(before[-12:]) or FEE.match(behind.strip()):
        return "fee"
    if GIFT.search(before) or (
        _INSTALMENT.search(around.earlier) and not _MONEY.search(around.earlier)
    ):
        return "gift"
    if re.match(r"\s*(?:bonus|credit|cash\s?back|话费返|返)", behind, _I):
        return "gift"
    if LATER.search(before) or _LATER_BEHIND.search(behind):
        return "after"
    return "price"


_DISCOUNT = re.compile(
    rf"(?P<fold>{NUMBER})\s?折(?!合|扣|算|叠)|(?P<half>half[- ]price|半价)|"
    rf"(?P<off>{NUMBER})\s?%\s?off",
    _I,
)


def discounts(text: Text) -> Iterator[Fact]:
    """五折, half price, 30% off: the share that is paid."""
    for this in _DISCOUNT.finditer(text.text):
        if this["half"]:
            value = 0.5
        elif this["off"]:
            value = 1 - (number(this["off"]) or 0) / 100
        else:
            said = number(this["fold"]) or 0
            value = said / (100 if said >= 10 else 10)
        clause = text.around(this.start(), this.end()).clause
        other = re.search(
            r"会员|手机(?!卡)|终端|配件|耳机|路由|handset|device|phone|accessor|router|membership",
            clause,
            _I,
        )
        yield Fact("discount", "unsure" if other else "price", value, this.start(), this.end())


_RATE = re.compile(
    rf"(?P<n>{NUMBER})\s?-?(?P<unit>Gbps|Gb/s|Gbit/s|Mbps|Mb/s|Mbit/s|megabits?(?: per second|"
    rf" a second)?|"
    r"(?:megs?|kbps|kbit/s|[GTM]B?)(?![a-z])|个G|兆(?:字节)?|"
    r"(?:gigabytes?|gigs?(?: of data)?)(?![a-z]))", _I,
)  # fmt: skip
_SPEEDY = _any(
    r"宽带|速|带宽|光纤|下载|下行|上行|broadband|speed|download|upload|fibre|fiber|实测|忙时|高峰"
)
UP_TO = _any(
    r"最高|高达|可达|至高|峰值|最大|理论|up to|max\w*|peak (?:rate|speed)|as fast as|"
    r"as much as|at most"
)
MEASURED = _any(
    r"平均|均值|中位|实测|典型|实际|average|median|typical|measured|mean\b|"
    r"half (?:of )?(?:our |all )?(?:customers|users)"
)
SLOWED = _any(
    r"限速|降至|降到|降为|降速|减至|限至|回落|reduc|slow|throttl|limited to|drop|"
    r"\bcut\b|then at|continue at|capped at"
)
UPLOAD = _any(r"上行|上传|upload")
_OTHER_DATA = _any(
    r"漫游|定向|加油包|结转|赠|(?<!发)送|每天|每日|roam|bonus|roll|extra|additional|"
    r"a day|per day|daily|free"
)
OVER = _any(
    r"超过|用满|达到|用完|用尽|超出|满|以上|\bafter\b|\bonce\b|over\b|beyond|exceed|"
    r"reach|\bpast\b|above|use more|first"
)


def rates_and_data(text: Text) -> Iterator[Fact]:
    """Speeds (nominal, median, throttle, upload) and data (allowance, threshold)."""
    found = list(_RATE.finditer(text.text))
    for at, this in enumerate(found):
        value, unit = number(this["n"]), this["unit"].lower()
        if value is None or _generation(text.text, this, value):
            continue
        after = found[at - 1].end() if at else 0
        before = found[at + 1].start() if at + 1 < len(found) else 0
        around = text.around(this.start(), this.end(), after=after, before=before)
        if text.text[max(0, this.start() - 2) : this.start()].endswith(("/", "每")):
            continue
        if _is_speed(this, unit, value, around):
            scale = 1000 if unit.startswith("g") else 0.001 if unit.startswith("k") else 1
            if this["n"] == "千" and unit == "兆":
                value, scale = 1000, 1
            yield _speed(this, value * scale, around)
        else:
            scale = 1000 if unit.startswith("t") else 0.001 if unit.startswith(("m", "兆")) else 1
            yield _data(this, value * scale, around)


def _generation(text: str, this: re.Match[str], value: float) -> bool:
    """5G names a network, not five gigabytes."""
    return (
        this["unit"] == "G"
        and value in (2, 3, 4, 5, 6)
        and not text[this.end() :].startswith("流量包")
    )


def _is_speed(this: re.Match[str], unit: str, value: float, around: Around) -> bool:
    if unit.startswith(("gbps", "gb/s", "gbit", "mb/s", "mbit", "mbps", "kb", "megabit", "meg")):
        return True
    behind = around.after[:8]
    if unit in ("gb", "tb", "gigabyte", "gigabytes", "个g", "t", "兆字节") and this["unit"] not in (
        "Gb",
    ):
        return False
    if (
        "流量" in behind
        or "data" in unit
        or re.match(r"\s*(?:of )?data|\s*国内|\s*全国|\s*通用", behind, _I)
    ):
        return False
    if unit == "g" and not re.match(r"\s?(?:光纤|宽带|带宽|速|下载)", behind):
        return False
    if unit in ("m", "mb", "兆", "gb", "gig", "gigs", "g"):
        return bool(_SPEEDY.search(around.clause) or SLOWED.search(around.before)) or (
            unit == "兆" and value >= 50 and "流量" not in around.clause
        )
    return False


def _speed(this: re.Match[str], value: float, around: Around) -> Fact:
    before, behind = around.before, around.after
    up_to = bool(UP_TO.search(before))
    if UPLOAD.search(before) or UPLOAD.match(behind.strip()):
        role = "upload"
    elif SLOWED.search(before) or re.match(r"\s*(?:限速|thrott)", behind, _I):
        role = "throttle"
    elif MEASURED.search(before + around.label) or (not up_to and MEASURED.search(behind[:24])):
        role = "median"
    elif (
        re.match(r"\s?(?:光纤|宽带|光宽带|宽频|带宽)|\s?(?:broadband|fibre|fiber)", behind, _I)
        and not up_to
    ):
        role = "descriptor"
    else:
        role = "nominal"
    return Fact("mbps", role, value, this.start(), this.end(), up_to=up_to)


def _data(this: re.Match[str], value: float, around: Around) -> Fact:
    if _OTHER_DATA.search(around.before[-8:]) or re.match(
        r"\s*(?:定向|漫游|加油包|/天|每天|/日|roaming|a day|per day)", around.after, _I
    ):
        role = "unsure"
    elif OVER.search(around.before[-16:]) or re.match(r"\s*(?:后|以后|之后|以上)", around.after):
        role = "threshold"
    else:
        role = "allowance"
    return Fact("gb", role, value, this.start(), this.end())


_MINUTES = re.compile(rf"(?P<n>{NUMBER})\s?-?(?:分钟|(?:minutes?|mins?)(?![a-z]))", _I)
_CALLS = _any(r"通话|语音|主叫|拨打|市话|长途|calls?\b|voice|talk")


def minutes(text: Text) -> Iterator[Fact]:
    """Minutes of calls; not how long something takes."""
    for this in _MINUTES.finditer(text.text):
        value = number(this["n"])
        around = text.around(this.start(), this.end())
        if value is None or re.match(
            r"\s*(?:内|即|搞定|办理|从|from|before|early|by foot|/)", around.after, _I
        ):
            continue
        if re.search(r"within|in\s$|every|仅需|只需|每(?=$)|/$|takes?", around.before[-10:], _I):
            continue
        if _CALLS.search(around.clause) or value >= 50:
            yield Fact("minutes", "allowance", value, this.start(), this.end())


_TERM = re.compile(
    rf"(?:(?<!第)(?<!每)(?P<n>{NUMBER})[\s-]?(?P<unit>个月|(?<=\d)期(?=到|返|发|赠|给|领|，|,|$)|月(?=合约|期|在网|套餐|协议)|年(?![\d]|[内度前]?\d)|"
    r"months?\b|years?\b|mths?\b)|(?P<half>半年)|(?P<first>首月)|(?P<year>首年|first year))", _I,
)  # fmt: skip
TERMS = _any(
    r"合约|协议|在网|签约|承诺|合同|最低期限|绑定|未满|不满|提前|最短|contract|minimum|commit|tie|lock|"
    r"\bterm\b|agreement|sign up for|plan length|within the"
)
_SPREAD = _any(r"返|到账|赠|送|分期|over\b|spread|credit|instal|paid|bonus|gift|voucher|领取")
_INTRO = _any(
    r"前(?=$|\s)|首|优惠|体验|内(?=$)|first|intro|half[- ]price|promo|discount|折|for\s?(?:the )?$"
)


def terms(text: Text) -> Iterator[Fact]:
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
        yield Fact(
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
SCARCE = _any(
    r"名额有限|数量有限|限量|先到先得|[赠送领售]完即止|抢完|limited (?:places|numbers?|"
    r"quantit\w+|availability)|"
    r"while (?:stocks|supplies) last|first[- ]come"
)


def places(text: Text) -> Iterator[Fact]:
    """How many may have it."""
    for this in _PLACES.finditer(text.text):
        said = next(value for value in (this[name] for name in "abcdef") if value)
        value = number(said)
        ahead = text.text[max(0, this.start() - 6) : this.start()]
        if value is None or re.search(r"每(?:人|户|号|位|客户|个)|per ", ahead, _I):
            continue
        if value >= 5:
            yield Fact("places", "quota", value, this.start(), this.end())


def facts_of(text: str) -> list[Fact]:
    """Every number of a folded text that has a unit."""
    cut = Text(text)
    readers = (money, discounts, rates_and_data, minutes, terms, places)
    found = [fact for read in readers for fact in read(cut)]
    return sorted(found, key=lambda fact: fact.start)
