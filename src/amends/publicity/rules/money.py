"""Amounts of money and discounts that an advert states."""

from __future__ import annotations

import re
from collections.abc import Iterator

from amends.publicity.rules.numerals import NUMBER, number
from amends.publicity.rules.text import Around, StatedFact, Text, any_of

_I = re.I
EXIT = any_of(
    r"违约金|解约|提前(?:终止|退|取消|解除|离网|销户|结束)|未满|不满|退网费|中途退|"
    r"exit (?:fee|charge)|terminat|early[- ]exit|cancel\w*[^.]{0,14}(?:fee|charge|early)|"
    r"leav\w+[^.]{0,18}early|early (?:exit|leav|cancel)|\bETF\b|break fee|end\w* (?:it |"
    r"the contract )?"
    r"early|before the end|to leave|if you (?:leave|cancel)|leave (?:before|within)"
)
FEE = any_of(
    r"(?:开户|开卡|安装|初装|装机|工料|调测|激活|手续|接入|服务|工本|押金|设备|光猫|卡|材料|一次性|入网|"
    r"上门|终端|维护|管理|平台|租赁|路由器)费|另(?:收|付|交|缴)|押金|"
    r"(?:set-?\s?up|activation|installation|connection|joining|delivery|admin\w*|one-off|upfront|"
    r"up-front|router|equipment|line|service|postage|sign-?up|enrol\w*|processing|handling|monthly"
    r" rental) (?:fee|charge|cost|payment)|\bfee\b|surcharge|plus a one-off"
)
GIFT = any_of(
    r"(?<![发配运派输])送(?!货|达|修|信|装|电|快递)|赠|返还|返现|返费|返话费|礼金|红包|补贴|话费券|代金券|抵用券|立减|奖励|"
    r"gift|bonus|credit|cash\s?back|voucher|reward|rebate"
)
_PASSED = any_of(
    r"(?<!结)存入?(?=$|\d)|预存|首充|充值|充(?=\d|值|$)|价值|封顶|最高消费|上限|立省|节省|省(?:下)?(?=$|\d)|兑换|面值|"
    r"worth|valued? at|value|capped|sav(?:e|ing)|top[- ]?ups?|up to|spend cap|compensat"
)
_PER_UNIT = re.compile(
    rf"\s*(?:/|每|per |an? |for each |each )\s*(?:{NUMBER})?\s*"
    r"(?:(?:GB?|MB?|minutes?|mins?|texts?|sms|gigabytes?)(?![a-z])|分钟|条|兆)", _I,
)  # fmt: skip
_OVER = any_of(
    r"套餐外|超出|超过|超量|超套|out[- ]of[- ](?:plan|bundle|allowance)|extra data|"
    r"additional (?:GB|data)|over your"
)
LATER = any_of(
    r"之后|此后|其后|随后|以后|期满|满后|恢复|到期后|优惠期后|优惠后|次年|第二年|原价|标准资费|正常资费|"
    rf"第\s?(?:{NUMBER})\s?个?月(?:起|开始|后)|[月年]后|"
    r"\bthen\b|\bafter(?:wards|ward| that|\b)|thereafter|ris(?:es|ing)|increas|revert|returns? to|"
    r"goes? (?:up|back)|going up|from (?:the )?month|from the \w+ month|standard price|full price|"
    r"usual(?:ly)?|regular|normal(?:ly)?|out of (?:promo|offer)|up to £"
)
_LATER_BEHIND = any_of(
    rf"^[^\d]{{0,4}}(?:from (?:the )?month|from the \w+ month|after(?:wards|ward)?\b|thereafter|"
    rf"from then|自?第\s?(?:{NUMBER})\s?个?月)"
)
_FEE_BEHIND = re.compile(
    r"\s*(?:for )?(?:set-?\s?up|activation|installation|connection|joining|delivery)\b", _I
)
_CREDIT_BEHIND = re.compile(r"的?话费(?!充值|账单|余额)")
_INSTALMENT = any_of(r"返|到账|分期|instal|paid (?:as|in|over)|credited|spread")
PRICED = any_of(
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
    r"|(?P<adverb>monthly|yearly|annually|月付|包月|月租|月费|年付|包年|年费))", _I,
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


def money(text: Text) -> Iterator[StatedFact]:
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
        yield StatedFact("money", role, value, this.start(), end, months, currency)


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


def discounts(text: Text) -> Iterator[StatedFact]:
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
        yield StatedFact(
            "discount", "unsure" if other else "price", value, this.start(), this.end()
        )
