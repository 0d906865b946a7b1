"""A grammar that writes adverts: fact × way of saying it × language × channel.

Each fact of an offer has its own list of ways of saying it, collected from how adverts, bill inserts,
text messages, shop scripts, social posts, tariff pages and phone scripts speak, before the reader was
written and without its word lists. A clean copy says true facts only; a faulty one has exactly one
fault, whose codes it carries. `copies` draws a seeded sample; `every_way` walks through all
combinations of a fact and a way of saying it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from amends.record.facts.offers.key_facts import KeyFacts

Ways = tuple[str, ...]

CURRENCIES = {"cn": "CNY", "uk": "GBP", "us": "USD", "in": "INR", "eu": "EUR", "au": "AUD"}
CHANNELS = (
    "web", "sms", "poster", "phone", "shop", "social", "app", "email", "bill", "tariff page",
)  # fmt: skip
ON = date(2026, 11, 20)

MONEY: dict[str, Ways] = {
    "cn": (
        "{n}元",
        "{n}元",
        "¥{n}",
        "{n}块",
        "{n}块钱",
        "{han}元",
        "{wide}元",
        "人民币{n}元",
        "{n} 元",
    ),
    "uk": ("£{n}", "£{n}", "£{n}", "{n} pounds", "{words} pounds", "£{n}.00", "GBP {n}"),
    "us": ("${n}", "${n}", "${n}", "{n} dollars", "{words} dollars", "${n}.00", "US${n}"),
    "in": ("₹{n}", "₹{n}", "Rs {n}", "Rs. {n}", "Rs.{n}/-", "INR {n}", "{n} rupees"),
    "eu": ("€{n}", "€{n}", "{n} €", "{n} euros", "EUR {n}", "€{n}.00", "{n},00 €"),
    "au": ("${n}", "${n}", "A${n}", "{n} dollars", "${n}.00", "AU${n}"),
}

WITH_CENTS: dict[str, Ways] = {
    "uk": ("£{n}.{c}", "{words} {cwords}", "{words} pounds {cwords}", "{words} quid {cwords}"),
    "us": ("${n}.{c}", "{words} {cwords}", "{words} dollars {cwords}", "{words} bucks {cwords}"),
    "eu": ("€{n}.{c}", "{n},{c} €", "{words} {cwords}", "{words} euros {cwords}"),
}

WAYS: dict[str, dict[str, Ways]] = {
    "en": {
        "price": (
            "{m} a month", "{m} per month", "{m}/month", "just {m} a month", "only {m} per month",
            "monthly price: {m}", "you pay {m} each month", "yours for {m} a month", "{m} monthly",
            "{m}/mth", "it costs {m} every month", "for {m} a month", "{m} p/m", "now {m} a month",
            "monthly charge {m}", "{m}/mo", "your bill is {m} a month", "the plan is {m} a month",
            "priced at {m} per month", "all for {m} a month", "Monthly fee: {m}", "{m} pm",
            "that's {m} a month", "from {m} a month", "simply {m} a month, taxes included",
        ),
        "data": (
            "{d}GB of data", "{d} GB data", "{d}GB", "{d} gigs of data", "with {d}GB to use",
            "a {d}GB data allowance", "data: {d}GB a month", "{d} gigabytes of data every month",
            "{d}GB of 5G data", "a generous {d}GB", "stream and scroll with {d}GB",
            "Monthly data: {d} GB", "{dwords} gigs", "includes {d}GB of high-speed data",
        ),
        "minutes": (
            "{v} minutes", "{v} mins", "{v} minutes of calls", "{v} voice minutes",
            "{v} minutes to any UK-style landline or mobile", "calls: {v} minutes",
            "talk for {v} minutes a month", "{v} call minutes", "{v} min of talk time",
        ),
        "contract": (
            "{c}-month contract", "{c} month contract", "contract length: {c} months",
            "minimum term {c} months", "a minimum term of {c} months", "on a {c}-month plan",
            "sign up for {c} months", "{c}-month minimum commitment", "{cspoken} contract",
            "you commit for {c} months", "{c} months minimum", "you're in for {c} months",
            "Minimum contract period: {c} months", "contract runs for {c} months",
            "{c}-month agreement", "term: {c} months", "you commit for {cperiod}",
            "you sign for {cperiod}", "you're tied in for {cperiod}",
        ),
        "exit": (
            "{f} early exit fee", "early termination fee {f}", "exit fee: {f}",
            "leave early and you pay {f}", "if you leave early there's a {f} charge",
            "{f} to leave early", "cancel before then and it costs {f}",
            "an early termination charge of {f} applies", "cancelling early costs {f}",
            "leaving before the end costs {f}", "ETF {f}", "{f} if you cancel early",
            "a {f} cancellation fee applies if you end it early", "{f} if you quit before the term is up",
            "break the contract and the charge is {f}", "{fwords} if you go before then",
            "leave early and it is {fwords}", "if you leave early you pay {fwords}",
        ),
        "promo": (
            "{p} a month for the first {k} months, then {m} a month",
            "{p}/month for {k} months, {m}/month after that",
            "{p} a month for your first {k} months, rising to {m} a month",
            "first {k} months at {p} a month, {m} a month thereafter",
            "pay {p} a month for {kspoken}, and {m} a month from month {k1}",
            "{p} per month until month {k}, {m} per month from the {k1th} month",
            "{p} a month for {k} months. After that, {m} a month",
            "introductory price {p} a month for {k} months; standard price {m} a month",
            "{k} months at {p} a month, then it goes up to {m} a month",
            "your first {k} months are {p} a month. From then on you pay {m} a month",
            "{p}/mo for {k} months ({m}/mo after {k} months)",
            "{p} a month for {kspoken}, then {mwords}",
        ),
        "speed": (
            "up to {s} Mbps", "speeds of up to {s}Mbps", "downloads up to {s}Mbps",
            "up to {s} Mbit/s download", "as fast as {s}Mbps", "maximum download speed {s} Mbps",
        ),
        "speed_median": (
            "up to {s} Mbps, average {q} Mbps at peak time",
            "download speeds up to {s}Mbps (median at peak: {q}Mbps)",
            "up to {s}Mbps, with a typical evening speed of {q}Mbps",
            "up to {s} Mbps; half our customers get {q} Mbps or more between 8 and 10pm",
            "maximum {s}Mbps, measured median {q}Mbps in the busy hour",
            "up to {s} Mbps and {q} Mbps on average at peak times",
            "up to {s} Mbps, evening median {q}", "up to {s} Mbps, {q} typical at peak",
        ),
        "unlimited": (
            "unlimited data; after {t}GB your speed drops to {r} Mbps",
            "unlimited data, slowed to {r}Mbps once you use more than {t}GB",
            "unlimited data. Beyond {t}GB a month we reduce speeds to {r} Mbps",
            "unlimited internet: {t}GB at full speed, then {r}Mbps until your next bill",
            "never run out: unlimited data with {t}GB at high speed and {r} Mbps after that",
            "unlimited data (fair use: {t}GB, thereafter {r}Mbps)",
            "unlimited data. Post {t}GB, speed is {r} Mbps", "unlimited data; past {t}GB you get {r} Mbps",
            "unlimited data: once you hit {t}GB, it's {r} Mbps",
            "unlimited data, and upon reaching {t}GB we slow you to {r} Mbps",
        ),
        "gift": (
            "{g} bill credit paid over {h} months, for the first {n} customers, until {e}",
            "get {g} cashback over {h} months. First {n} customers only. Ends {e}",
            "{g} voucher, paid in {h} monthly instalments; limited to {n} places; offer ends {e}",
            "we'll give you {g} credit, spread over {h} months, if you're one of the first {n} to join by {e}",
            "a {g} reward, credited over {h} months. {n} available. Closing date {e}",
            "from {b} to {e} the first {n} new customers get {g} credit over {h} months",
            "{g} credit, {i} a month for {h} months, {comma} of them, until {e}",
            "{g} cashback over {h} months, first come, first {comma}, last date {e}",
            "{g} credit back, {i} a month for {hspoken}, {comma} SIMs only, until {e}",
            "{g} bill credit over {h} months, first {comma} lines, until {e}",
            "{g} bill credit over {h} months, first {comma} activations, until {e}",
            "{g} credit over {h} months, limited to {comma} accounts, until {e}",
            "{g} credit over {h} months, {comma} lines only, until {e}",
        ),
        "window": ("on sale from {b} to {e}", "available {b} until {e}", "offer runs {b} - {e}",
                   "order between {b} and {e}", "Offer period: {b} to {e}"),
        "needs": ("only for customers with our {x}", "you need our {x} to get this",
                  "available when you also take our {x}", "already have our {x}? Add it today",
                  "requires an active {x} service from us", "sold together with our {x} only"),
        "bits": (
            "Terms apply.", "Text STOP to opt out.", "Open 9am to 6pm, Monday to Saturday.",
            "Call 0800 123 4567 or visit 12 High Street.", "Bring photo ID.", "Ask in store.",
            "Keep your number.", "No set-up fee.", "5G included at no extra cost.",
            "Unlimited texts included.", "Fits phones with 128GB storage or any other.",
            "Setting up takes about 10 minutes.", "We'll deliver within 3 working days.",
            "Our team is here 24/7.", "Save £5 on accessories in store.", "Order online in 5 minutes.",
            "Roaming data is charged separately.", "Limited to 2 plans per customer.",
            "Video streams in HD.", "Rated 4.5 out of 5 by 1,200 customers.",
            "Extra data is billed at standard rates.", "Cool-off period: 14 days.",
            "We transfer up to 256GB from your old phone, free.", "50GB cloud storage for your photos.",
        ),
        "open": ("", "", "{name}:", "{name}.", "Meet {name}:", "New from us: {name},", "Hi, about {name}:",
                 "Looking for a plan? {name}:", "Thanks for calling. {name} is", "{name} —"),
    },
    "zh": {
        "price": (
            "{m}/月", "每月{m}", "月费{m}", "月租{m}", "每月只要{m}", "每月仅需{m}", "一个月{m}", "{m}一个月",
            "{m}包月", "{mhan}一个月", "套餐月费：{m}", "每个月交{m}", "月基本费{m}", "资费标准：{m}/月", "每月固定{m}", "月付{m}",
            "只收{m}每月", "现价{m}/月", "{m}每月", "月功能费{m}", "每月就{m}", "一个月才{m}",
        ),
        "data": (
            "{d}GB流量", "国内流量{d}GB", "含{d}GB全国流量", "流量{d}G", "{d}G通用流量", "每月{d}GB流量", "{d}GB大流量随心用",
            "内含流量{d}GB", "{dhan}个G流量", "上网流量{d}GB", "{d}GB高速流量", "套内流量：{d}GB", "流量每月{d}个G",
        ),
        "minutes": (
            "{v}分钟通话", "语音{v}分钟", "国内通话{v}分钟", "打电话{v}分钟", "{v}分钟国内语音", "主叫{v}分钟", "通话时长：{v}分钟",
            "每月能打{v}分钟电话", "含{v}分钟全国通话",
        ),
        "contract": (
            "合约期{c}个月", "合约{c}个月", "协议期{c}个月", "在网{c}个月", "{c}个月合约", "需承诺在网{c}个月", "签约{chan}",
            "签{chan}", "最低在网{c}个月", "合同期限：{c}个月", "绑定{c}个月", "协议有效期{chan}", "要签{c}个月的合约", "要签{chan}",
        ),
        "exit": (
            "违约金{f}", "提前解约付{f}", "提前解约须支付违约金{f}", "中途退网收取{f}", "未到期退订需付{f}", "提前终止收{f}违约金",
            "没到期就拆机要付{f}", "合约期内销户须缴纳违约金{f}", "提前离网违约金：{f}", "期内退出需补缴{f}", "中途不用了要付{f}", "中途不用了要付{fhan}",
            "提前退网，违约金{f}",
        ),
        "promo": (
            "前{k}个月每月{p}，之后每月{m}", "前{k}个月{p}/月，第{k1}个月起{m}/月", "首{k}个月{p}/月，期满后{m}/月",
            "优惠期{k}个月，每月{p}，优惠期后恢复{m}/月", "{p}/月（前{k}个月），{k}个月后{m}/月",
            "头{k}个月每月只要{p}，往后每月{m}", "开头{khan}每月{p}，过后每月{m}", "入网前{k}个月月费{p}，自第{k1}个月起月费{m}",
            "前{k}个月享{p}/月，到期恢复标准资费{m}/月", "第1至{k}个月每月{p}，第{k1}个月开始每月{m}",
        ),
        "speed": ("最高{s}Mbps", "下行速率最高{s}M", "下载速率可达{s}Mbps", "带宽最高{s}兆", "峰值速率{s}Mbps", "网速最高可达{s}兆"),
        "speed_median": (
            "最高{s}Mbps，晚高峰实测中位数{q}Mbps", "下行最高{s}兆，忙时实测平均{q}兆", "峰值{s}Mbps，高峰时段实测中位速率{q}Mbps",
            "带宽最高{s}M，忙时中位数{q}M", "最高{s}Mbps（忙时典型速率{q}Mbps）",
        ),
        "unlimited": (
            "流量不限量，用满{t}GB后限速{r}Mbps", "不限量流量，超过{t}GB降至{r}Mbps", "全国流量不限量（达量{t}GB后降速至{r}Mbps）",
            "流量随便用不限量，{t}GB以内不降速，超出后最高{r}Mbps", "无限流量：前{t}GB全速，之后{r}Mbps",
            "流量不限量，当月用到{t}G以后网速降为{r}兆，次月恢复", "流量不限量，过了{t}GB，速度{r}Mbps",
        ),
        "gift": (
            "送{g}话费，分{h}个月返还，限前{n}名，{e}截止", "赠话费{g}，分{h}期到账，名额{n}个，活动至{e}",
            "办理即赠{g}话费（分{h}个月返），前{n}名有效，活动时间{b}至{e}", "返{g}话费，按{h}个月返，限{n}户，{e}前办理有效",
            "{g}话费奖励分{h}个月发放，共{n}个名额，有效期至{e}", "{b}到{e}，前{n}位新用户送{g}话费，{h}个月返完",
            "送{g}话费，一个月返{i}，{h}个月返完，一共{nhan}份，{bshort}开抢，{eshort}收摊",
            "送{g}话费，分{h}个月返还，限{n}单，{e}截止", "送{g}话费，分{h}个月返还，前{n}份，{e}截止",
        ),
        "window": ("销售期{b}至{e}", "{b}—{e}可办理", "活动时间：{b}到{e}", "自{b}起至{e}止", "{b}开售，{e}截止"),
        "needs": ("须同时办理我公司{x}", "仅限我公司{x}用户办理", "已开通{x}的家庭可办", "需搭配{x}使用，不能单独办理", "{x}用户可加装",
                  "与{x}一起办理"),
        "bits": (
            "详询营业厅。", "退订回T。", "客服热线10099。", "营业时间9:00-18:00。", "地址：人民路88号。", "需实名登记。", "凭身份证办理。",
            "次月生效。", "无安装费。", "短信不限条数。", "3个工作日内上门安装。", "支持携号转网，办理需带身份证。", "资费以公示为准。",
            "每人限办2张。", "套餐外流量5元/GB。", "一步到位，5G免费升级。", "1分钟即可办完。", "适用128G内存手机。", "24小时在线客服。",
            "家里三口人都够用。", "7天无理由。", "当月用不完的可结转一个月。",
            "旧手机256GB照片免费迁移。", "到店免费备份相册128GB。",
        ),
        "open": ("", "", "{name}：", "{name}，", "【通信】{name}：", "新品{name}来了，", "您好，{name}", "给您介绍{name}，", "推荐{name}："),
    },
}  # fmt: skip

NAMES = {
    "en": ("Meadow", "Tern", "Juniper", "Cobalt", "Harbour Line", "Drift", "Pebble", "Sable"),
    "zh": ("青松", "海棠", "流云", "白桦", "远山", "星河", "麦田", "晨曦"),
}
NEEDED = {"en": ("broadband", "mobile plan"), "zh": ("宽带", "手机套餐")}
PERIODS_EN = {
    3: "three months", 6: "half a year", 9: "three quarters of a year", 12: "a year",
    18: "a year and a half", 24: "two years",
}  # fmt: skip
SPOKEN_EN = {6: "six-month", 12: "one-year", 18: "18-month", 24: "two-year", 36: "three-year"}
SPOKEN_ZH = {6: "半年", 12: "一年", 18: "一年半", 24: "两年", 36: "三年", 3: "三个月"}


@dataclass(frozen=True, slots=True)
class Written:
    """One written copy with the codes it must get."""

    text: str
    offer: KeyFacts
    pack: str
    channel: str
    language: str
    on: date
    codes: frozenset[str]
    fault: str = ""


_HAN = "零一二三四五六七八九"


def han(value: int) -> str:
    """A number in Chinese numerals, as one says it.

    >>> han(59), han(120), han(1005), han(12), han(10000)
    ('五十九', '一百二十', '一千零五', '十二', '一万')
    """
    if value >= 10_000:
        rest = value % 10_000
        return han(value // 10_000) + "万" + (han(rest) if rest else "")
    out, zero = "", False
    for scale, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, value = divmod(value, scale)
        if digit:
            out += ("零" if zero and out else "") + _HAN[digit] + unit
            zero = False
        else:
            zero = bool(out)
    return out.removeprefix("一") if out.startswith("一十") else out or "零"


_ONES = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
_TENS = ". . twenty thirty forty fifty sixty seventy eighty ninety".split()


def words(value: int) -> str:
    """A number in English words.

    >>> words(28), words(120), words(1000)
    ('twenty-eight', 'one hundred and twenty', 'one thousand')
    """
    if value < 20:
        return _ONES[value]
    if value < 100:
        return _TENS[value // 10] + (f"-{_ONES[value % 10]}" if value % 10 else "")
    scale, name = (100, "hundred") if value < 1000 else (1000, "thousand")
    rest = value % scale
    return f"{words(value // scale)} {name}" + (f" and {words(rest)}" if rest else "")


_MONTHS = (
    "January February March April May June July August September October November December".split()
)


def _day(draw: random.Random, day: date, pack: str) -> str:
    if pack == "cn":
        forms = (f"{day.year}年{day.month}月{day.day}日", f"{day.month}月{day.day}日", day.isoformat(),
                 f"{day.year}.{day.month}.{day.day}", f"{day.year}/{day.month}/{day.day}")  # fmt: skip
    elif pack == "us":
        forms = (f"{_MONTHS[day.month - 1]} {day.day}, {day.year}", f"{day.month}/{day.day}/{day.year}",
                 f"{_MONTHS[day.month - 1][:3]} {day.day}", f"{day.month:02}-{day.day:02}-{day.year}")  # fmt: skip
    else:
        forms = (f"{day.day} {_MONTHS[day.month - 1]} {day.year}", f"{day.day:02}/{day.month:02}/{day.year}",
                 f"{day.day} {_MONTHS[day.month - 1][:3]}", f"{day.day:02}-{day.month:02}-{day.year}",
                 f"{day.day:02}.{day.month:02}.{day.year}")  # fmt: skip
    return draw.choice(forms)


def _ordinal(value: int) -> str:
    tail = "th" if 10 < value % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(value % 10, "th")
    return f"{value}{tail}"


def _money(draw: random.Random, value: float | None, pack: str) -> str:
    number = int(value or 0)
    cents = round(((value or 0) - number) * 100)
    if cents >= 10 and pack in WITH_CENTS:
        way = draw.choice(WITH_CENTS[pack])
        return way.format(n=number, c=cents, words=words(number), cwords=words(cents))
    way = draw.choice(MONEY[pack])
    wide = str(number).translate({ord(str(d)): ord("０") + d for d in range(10)})
    return way.format(n=number, han=han(number), words=words(number), wide=wide)


KINDS = ("plain", "contract", "promo", "fibre", "median", "unlimited", "gift", "window", "needs")


def offer_of(draw: random.Random, pack: str, kind: str) -> KeyFacts:
    """A made-up offer of a kind."""
    language = "zh" if pack == "cn" else "en"
    scale = {"cn": 1.0, "in": 6.0}.get(pack, 0.6)
    price = round(draw.choice((29, 39, 49, 59, 79, 88, 99, 119, 129, 169)) * scale)
    offer = KeyFacts(
        id=f"{pack}-{kind}", name=draw.choice(NAMES[language]) + ("套餐" if pack == "cn" else ""),
        price=price, currency=CURRENCIES[pack], sold_alone=True,
        data_gb=draw.choice((10, 20, 30, 40, 60, 80)), voice_min=draw.choice((100, 300, 500, 1000)),
    )  # fmt: skip
    if kind == "plain" and pack in WITH_CENTS:
        offer = replace(offer, price=price + 0.95)
    fixed = {"data_gb": None, "voice_min": None}
    if kind == "contract":
        return replace(offer, contract_months=draw.choice((12, 18, 24, 36)),
                       early_termination_fee=draw.choice((60, 120, 200, 300, 400)))  # fmt: skip
    if kind == "promo":
        return replace(
            offer, promo_price=round(price * 0.6), promo_months=draw.choice((3, 6, 9, 12, 18))
        )
    if kind in ("fibre", "median"):
        speed = draw.choice((100, 200, 300, 500, 1000))
        median = round(speed * 0.91) if kind == "median" else None
        return replace(offer, **fixed, down_nominal_mbps=speed, down_median_peak_mbps=median)
    if kind == "unlimited":
        return replace(offer, data_gb=None, throttle_after_gb=draw.choice((40, 100, 150)),
                       throttle_mbps=draw.choice((1, 3, 5)))  # fmt: skip
    if kind in ("gift", "window"):
        offer = replace(
            offer,
            sale_from=ON - timedelta(days=19),
            sale_to=ON + timedelta(days=draw.choice((11, 41, 72))),
        )
        if kind == "gift":
            return replace(offer, gift_cny=draw.choice((120, 240, 360, 600)), gift_months=draw.choice((6, 12)),
                           quota=draw.choice((300, 500, 1000, 2000, 10000)))  # fmt: skip
    if kind == "needs":
        return replace(
            offer, **fixed, sold_alone=False, bundle_required=(draw.choice(NEEDED[language]),)
        )
    return offer


def _parts(draw: random.Random, said: KeyFacts, pack: str, kind: str) -> dict[str, str]:
    """What a copy says of an offer, each fact in one of its ways."""
    language = "zh" if pack == "cn" else "en"
    ways = WAYS[language]

    def money(value: float | None) -> str:
        return _money(draw, value, pack)

    months = round(said.promo_months or 0)
    term = round(said.contract_months or 0)
    values = {
        "m": money(said.price), "p": money(said.promo_price), "f": money(said.early_termination_fee),
        "g": money(said.gift_cny), "d": f"{said.data_gb or 0:g}", "v": f"{said.voice_min or 0:g}",
        "dwords": words(round(said.data_gb or 0)), "dhan": han(round(said.data_gb or 0)),
        "c": f"{term}", "cspoken": SPOKEN_EN.get(term, f"{term}-month"), "chan": SPOKEN_ZH.get(term, f"{term}个月"),
        "k": f"{months}", "k1": f"{months + 1}", "k1th": _ordinal(months + 1),
        "kspoken": PERIODS_EN.get(months, f"{months} months"), "khan": SPOKEN_ZH.get(months, f"{months}个月"),
        "s": f"{said.down_nominal_mbps or 0:g}", "q": f"{said.down_median_peak_mbps or 0:g}",
        "t": f"{said.threshold_gb or 0:g}", "r": f"{said.throttle_mbps or 0:g}",
        "cperiod": PERIODS_EN.get(term, f"{term} months"),
        "fwords": words(round(said.early_termination_fee or 0)), "fhan": han(round(said.early_termination_fee or 0)),
        "mwords": words(round(said.price or 0)), "mhan": han(round(said.price or 0)),
        "i": money((said.gift_cny or 0) / (said.gift_months or 1)), "nhan": han(round(said.quota or 0)),
        "comma": f"{said.quota or 0:,.0f}".replace(",", "." if pack == "eu" else ","),
        "hspoken": PERIODS_EN.get(round(said.gift_months or 0), f"{said.gift_months:g} months" if said.gift_months else ""),
        "bshort": f"{said.sale_from.month}.{said.sale_from.day}" if said.sale_from else "",
        "eshort": f"{said.sale_to.month}.{said.sale_to.day}" if said.sale_to else "",
        "h": f"{said.gift_months or 0:g}", "n": f"{said.quota or 0:.0f}",
        "b": _day(draw, said.sale_from, pack) if said.sale_from else "",
        "e": _day(draw, said.sale_to, pack) if said.sale_to else "",
        "x": said.bundle_required[0] if said.bundle_required else "",
    }  # fmt: skip

    def way(name: str) -> str:
        return draw.choice(ways[name]).format(**values)

    parts = {}
    if kind == "promo":
        parts["price"] = way("promo")
    else:
        parts["price"] = way("price")
    if said.data_gb:
        parts["data"] = way("data")
    if said.voice_min:
        parts["minutes"] = way("minutes")
    if kind == "contract":
        parts["contract"], parts["exit"] = way("contract"), way("exit")
    if kind in ("fibre", "median"):
        parts["speed"] = way("speed_median" if said.down_median_peak_mbps else "speed")
    for name in ("unlimited", "gift", "window", "needs"):
        if kind == name:
            parts[name] = way(name)
    return parts


def _assembled(draw: random.Random, parts: dict[str, str], offer: KeyFacts, pack: str) -> str:
    language = "zh" if pack == "cn" else "en"
    ways = WAYS[language]
    named = draw.choice(ways["open"]).format(name=offer.name)
    rest = list(parts.values())
    if draw.random() < 0.3:
        price, *others = rest
        draw.shuffle(others)
        rest = [price, *others]
    if language == "zh":
        body = draw.choice(("，", "；", "。", "，")).join(rest) + "。"
        tail = "".join(draw.sample(ways["bits"], draw.randint(0, 2)))
        return f"{named}{body}{tail}"
    style = draw.choice((". ", ", ", "; ", ". ", " | "))
    if style == ". ":
        body = ". ".join(part[:1].upper() + part[1:] for part in rest) + "."
    else:
        body = style.join(rest) + "."
    tail = " ".join(draw.sample(ways["bits"], draw.randint(0, 2)))
    return f"{named} {body} {tail}".strip()


Change = tuple[str, KeyFacts, dict[str, str], frozenset[str]]


def _changed(draw: random.Random, offer: KeyFacts, pack: str, kind: str) -> Change:
    """One fault of a kind of offer: its name, the facts as said, parts replaced, and the codes."""
    options = [
        ("price", {"price": (offer.price or 0) + draw.choice((-10, 10, 20))}, "PRICE_MISMATCH")
    ]
    drop: list[tuple[str, str, str]] = []
    if kind == "promo":
        options.append(
            ("promo_months", {"promo_months": (offer.promo_months or 0) * 2}, "PRICE_MISMATCH")
        )
        first, months = _money(draw, offer.promo_price, pack), round(offer.promo_months or 0)
        only = (
            f"前{months}个月{first}/月"
            if pack == "cn"
            else f"{first} a month for {PERIODS_EN[months]}"
        )
        drop.append(("price", only, "PRICE_AFTER_PROMO_MISSING"))
    if offer.data_gb:
        options.append(
            ("data_gb", {"data_gb": offer.data_gb + draw.choice((5, 25))}, "ALLOWANCE_MISMATCH")
        )
    if offer.voice_min:
        options.append(("voice_min", {"voice_min": offer.voice_min * 2}, "ALLOWANCE_MISMATCH"))
    if kind == "contract":
        options += [
            (
                "contract_months",
                {"contract_months": (offer.contract_months or 0) - 6},
                "CONTRACT_TERM_MISMATCH",
            ),
            (
                "early_termination_fee",
                {"early_termination_fee": (offer.early_termination_fee or 0) + 30},
                "FEE_MISMATCH",
            ),
        ]
        drop += [("contract", "", "CONTRACT_TERM_MISSING"), ("exit", "", "CONTRACT_TERM_MISSING")]
    if kind in ("fibre", "median"):
        options.append(
            ("speed", {"down_nominal_mbps": (offer.down_nominal_mbps or 0) + 100}, "SPEED_MISMATCH")
        )
        bare = "{s}Mbps网速，畅快上网" if pack == "cn" else "{s} Mbps all day long"
        drop.append(
            ("speed", bare.format(s=f"{offer.down_nominal_mbps:g}"), "BANDWIDTH_CONDITION_MISSING")
        )
    if kind == "median":
        options.append(
            (
                "median",
                {"down_median_peak_mbps": (offer.down_median_peak_mbps or 0) * 1.08},
                "SPEED_MISMATCH",
            )
        )
    if kind == "unlimited":
        options += [
            (
                "threshold",
                {"throttle_after_gb": (offer.throttle_after_gb or 0) + 50},
                "ALLOWANCE_MISMATCH",
            ),
            ("throttle", {"throttle_mbps": (offer.throttle_mbps or 0) + 7}, "THROTTLE_MISMATCH"),
        ]
        bare = draw.choice(
            ("流量不限量", "流量无限畅用", "流量无上限")
            if pack == "cn"
            else ("unlimited data", "truly unlimited data", "no limits on data")
        )
        drop.append(("unlimited", bare, "UNLIMITED_UNQUALIFIED"))
    if kind == "gift":
        options += [
            ("gift", {"gift_cny": (offer.gift_cny or 0) + 60}, "GIFT_MISMATCH"),
            ("gift_months", {"gift_months": (offer.gift_months or 0) * 3}, "GIFT_MISMATCH"),
            ("quota", {"quota": (offer.quota or 0) * 3}, "QUOTA_MISMATCH"),
        ]
    if kind in ("gift", "window") and offer.sale_to:
        options.append(
            ("sale_to", {"sale_to": offer.sale_to + timedelta(days=33)}, "VALIDITY_MISMATCH")
        )
    if kind == "needs":
        product = offer.bundle_required[0]
        denied = draw.choice(
            (f"无需办理{product}", f"谁家的{product}都能用")
            if pack == "cn"
            else (f"no {product} needed", f"works with whatever {product} you've got")
        )
        drop += [("needs", "", "BUNDLE_CONDITION"), ("needs", denied, "BUNDLE_CONDITION")]
    if drop and draw.random() < 0.4:
        part, words_, code = draw.choice(drop)
        return f"-{part}", offer, {part: words_}, frozenset({code})
    name, values, code = draw.choice(options)
    return name, replace(offer, **values), {}, frozenset({code})


def write(draw: random.Random, pack: str, kind: str, *, fault: bool) -> Written:
    """One copy of a kind of offer, clean or with one fault."""
    offer = offer_of(draw, pack, kind)
    name, said, replaced, codes = (
        _changed(draw, offer, pack, kind) if fault else ("", offer, {}, frozenset())
    )
    parts = _parts(draw, said, pack, kind) | replaced
    text = _assembled(draw, {key: part for key, part in parts.items() if part}, offer, pack)
    if name == "-needs" and offer.name not in text:
        # A price alone could be of any trade: what is left out can be missed of a named offer only.
        text = f"{offer.name}: {text}"
    return Written(
        text, offer, pack, draw.choice(CHANNELS), "zh" if pack == "cn" else "en", ON, codes, name
    )


def copies(number: int, seed: int = 1) -> Iterator[Written]:
    """A seeded sample: half clean, half with one fault, all jurisdictions and kinds of offers."""
    draw = random.Random(seed)
    for at in range(number):
        pack = draw.choice(tuple(CURRENCIES))
        yield write(draw, pack, draw.choice(KINDS), fault=bool(at % 2))
