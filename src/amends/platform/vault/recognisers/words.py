"""Names and addresses: words, so only what stands after a cue or has the form of an address."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from amends.platform.vault.recognisers.scanned_text import ScannedText

_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎"
    "余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
    "庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢路岳齐沿梅莫庄辛管祝左涂谷祁时舒耿牟卜"
    "詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁隋植甘景薄单包司柏宁柯阮桂闵解强柴华车冉房边净阴"
)
_TWO_SURNAMES = "欧阳|上官|司马|诸葛|东方|皇甫|尉迟|公孙|慕容|令狐|司徒|夏侯|端木|百里|呼延|南宫"
_GIVEN = r"[\u4e00-\u9fff]"
_STOP = "的了是在我你他她就也都要想被有没去来到给和与及今昨打电手住家因办申投用开向从，。"
NOT_NAMES = re.compile(
    r"方便|方式|安装|高级|高速|常常|常用|包月|时候|时间|成功|成为|金额|任何|关于|应该|全部|单位|单独|解决"
    r"|强烈|强制|管理|查询|查看|向你|路由|位于|万一|文件|游戏|项目|程序|阳台|江苏|安徽|云南|石家|边界"
    r"|.(?:师傅|先生|女士|小姐|经理|工程|主任|客服|老师|总)"
)
CHINESE_NAME = rf"(?:(?:{_TWO_SURNAMES})|[{_SURNAMES}]){_GIVEN}[\u4e00-\u9fff·]?"
CHINESE_CUES = (
    "我叫",
    "我是",
    "本人",
    "名叫",
    "名字",
    "姓名",
    "机主",
    "户主",
    "联系人",
    "收件人",
    "投诉人",
    "持卡人",
    "开户人",
    "当事人",
    "客户",
    "用户",
)
_CUED_NAME = re.compile(
    rf"(?:我叫|本人叫|名叫|名字叫|名字是|我的名字[是叫]?|姓名(?:是|为)?"
    rf"|(?:机主|户主|联系人|收件人|投诉人|持卡人|开户人|客户|用户|当事人|本人)(?:姓名)?(?:[：:]|是|为))"
    rf"[：: 　]*({CHINESE_NAME})"
)
_SPEAKER_NAME = re.compile(
    rf"(?:用户|客户|机主)({CHINESE_NAME}?)(?=反映|反应|称|表示|投诉|来电|要求|说|先生|女士)"
)
_PLAIN_NAME = re.compile(rf"(?:我是|本人(?!于|单身))({CHINESE_NAME})(?=[,，。.;；、!！\s]|$)")
_CAPITAL = r"[A-ZÀ-ÖØ-ÞĀ-ŽΑ-ΩА-Я][\w'’\-]*\.?"
FULL_NAME = rf"{_CAPITAL}(?:[ \t]+(?:(?:ten|van|von|de|da|bin|al)[ \t]+)?{_CAPITAL}){{0,3}}"
# What announces an English name begins with one of these; the pattern is tried only there.
NAME_CUES = (
    "My name",
    "my name",
    "My full name",
    "my full name",
    "The name",
    "the name",
    "Name",
    "name",
    "Mr",
    "mr",
    "Miss",
    "Ms",
    "ms",
    "Dr",
    "Dear",
    "dear",
    "Hi",
    "This is",
    "this is",
    "grandmother",
    "grandfather",
    "mother",
    "father",
    "wife",
    "husband",
    "son ",
    "son's",
    "daughter",
    "partner's",
)
SPEAKER_CUES = ("I am", "I'm", "Regards", "regards", "Sincerely", "sincerely")
_NAME_CUE = re.compile("|".join(NAME_CUES))
_ENGLISH_NAME = re.compile(
    r"(?:\b[Mm]y (?:full )?name(?: is|'s)|\b[Tt]he name is|\b[Nn]ame ?[:：]|\b[Nn]ame of\b"
    r"|\b[Mm]r\b\.?|\b[Mm]rs\b\.?|\bMiss\b|\b[Mm]s\b\.?|\bDr\b\.?|\b[Dd]ear\b|\bHi\b"
    r"|\b[Tt]his is|\b(?:(?:grand)?mother|(?:grand)?father|wife|husband|son|daughter) was called"
    r"|(?:partner|wife|husband|mother|father|son|daughter)'s name(?: is)?)"
    rf"[ \t]+({FULL_NAME})"
)
_LONG_ENGLISH_NAME = re.compile(
    rf"(?:\bI am|\bI'm|\b[Rr]egards,?\s|\b[Ss]incerely,?\s)[ \t\n]*({_CAPITAL}[ \t]+{_CAPITAL})"
)
NOT_ENGLISH_NAMES = frozenset(
    (
        "Sir",
        "Sirs",
        "Madam",
        "Customer",
        "Customers",
        "Team",
        "Support",
        "Manager",
        "The",
        "This",
        "It",
        "My",
        "We",
        "I",
        "A",
        "An",
        "All",
        "To",
        "Please",
        "Service",
        "Internet",
        "Bill",
        "Billing",
        "Comcast",
        "Xfinity",
        "FCC",
    )
)

_DOOR = re.compile(
    r"(?:\d{1,5}[A-Za-z]?|[一二三四五六七八九十百]{1,4})(?:号楼|号院|号|弄|栋|幢|座|单元|室|楼|层)"
)
_MORE_DOORS = re.compile(
    r"(?:[\u4e00-\u9fff]{0,6}?(?:[0-9A-Za-z\-－]{1,6}|[一二三四五六七八九十]{1,3})"
    r"(?:号楼|号院|号|弄|栋|幢|座|单元|室|楼|层|户|门)){0,8}(?:\d{2,5}室?)?"
)
_STREET = re.compile(
    r"(?:路|街|大道|巷|弄|胡同|村|小区|花园|苑|大厦|公寓|广场|新村|家园|镇|乡|里|庄|城|府|湾|园)"
    r"[\u4e00-\u9fff0-9A-Za-z]{0,6}$"
)
_CLAUSE_START = re.compile(r"[，。；,;!?！？\n\x00：:（(“\" ]")
_LEAD_IN = re.compile(
    r".*(?:住址|地址|住在|家住|我住|住|位于|地点|我家|家在|寄到|送到|装在|来到|在|到|是|为|于)"
)
_PUBLIC_PLACE = re.compile(r"营业厅|窗口|门店|专卖店|号线|套餐|工号|基站|营业部")
_CUED_ADDRESS = re.compile(
    r"(?:住址|地址)(?:是|为|在|[：:])[ 　]*([\u4e00-\u9fff0-9A-Za-z#\-－号]{4,40})"
)
_HOME = re.compile(
    r"(?:家住|我住在|住在)([\u4e00-\u9fff0-9A-Za-z]{2,12}(?:省|市|区|县|镇|乡|村|路|街|小区|花园|苑)"
    r"[\u4e00-\u9fff0-9A-Za-z\-－]{0,24})"
)
_PLACE_WORD = re.compile(r"[省市区县镇乡村路街巷弄号栋幢楼室苑园厦]")

_STREET_TYPES = (
    "Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|Place|Pl|Square|Sq"
    "|Terrace|Way|Close|Crescent|Cres|Highway|Hwy|Parkway|Pkwy|Circle|Cir|Trail|Loop|Row|Mews|Gardens"
)
_FLAT = r"(?:Apt|Apartment|Suite|Ste|Unit|Flat|Room)\.? ?#?\w{1,6}"
_ENGLISH_STREET = re.compile(
    rf"(?:{_FLAT}[, \n]+)?(?<![\d.$£€¥])\d{{1,6}}[A-Za-z]?,? +(?:[0-9A-ZÀ-Þ][\w'’.\-]* +){{1,4}}?"
    rf"(?:{_STREET_TYPES})\b\.?(?:[, \n]+{_FLAT})?"
    r"(?:,? +[A-Z][a-z]+(?: [A-Z][a-z]+)?,? +"
    r"(?:[A-Z]{2} +\d{5}(?:-\d{4})?|[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}))?"
)
_ADDRESS_CUES = (
    "address",
    "live at",
    "lives at",
    "living at",
    "located at",
    "office is at",
    "home is at",
    "house is at",
    "shop is at",
    "restaurant is at",
    "meet ",
    "drop ",
    "drops ",
    "pick ",
)
_ADDRESS_CUE = re.compile("|".join(_ADDRESS_CUES))
_ENGLISH_CUE = re.compile(
    r"(?:\baddress(?: of [\w ]{1,30})?(?: is| to the same)?[: ]|\blives? at|\bliving at"
    r"|\blocated at|\b(?:office|home|house|shop|restaurant) is at|\bmeet (?:me|you) at"
    r"|\b(?:drops?|pick) (?:me|you) (?:off|up) at)[: \t]*"
    r"((?:the corner of )?(?=[^.?!]{0,40}\d|P\.?O)[^?!;]{6,120}?)"
    r"(?=[?!;]|\. [A-Z]|\.?$|\n\n| for this| after | and my | because )",
)
_HOUSE_NUMBER = re.compile(r"\d[A-Za-z]?,? +[0-9A-ZÀ-Þ]")
_FLATS = ("Apt", "Apartment", "Suite", "Ste", "Unit", "Flat", "Room")
_BOXES = ("Box", "PSC", "Unit", "CMR")
_FLAT_ALONE = re.compile(rf"(?<![A-Za-z]){_FLAT}(?![A-Za-z])")
_BOX = re.compile(
    r"\b(?:P\.?\s?O\.?\s?Box\s\d{1,6}"
    r"|(?:PSC|Unit|CMR) \d{1,5},? Box \d{1,5}(?:\s+[ADF]PO,? A[AEP] \d{5})?)"
)


def names(reading: ScannedText) -> None:
    """Names after 我叫, 姓名, my name is, Mr and the like."""
    if holds(reading.work, CHINESE_CUES):
        _chinese_names(reading)
    if holds(reading.work, NAME_CUES):
        for match in matches_at(_ENGLISH_NAME, _NAME_CUE, reading.work):
            _claim_english_name(reading, match)
    if holds(reading.work, SPEAKER_CUES):
        for match in _LONG_ENGLISH_NAME.finditer(reading.work):
            _claim_english_name(reading, match)


def _claim_english_name(reading: ScannedText, match: re.Match[str]) -> None:
    if match.group(1).split()[0].rstrip(".") not in NOT_ENGLISH_NAMES:
        reading.claim("name", *match.span(1))


def _chinese_names(reading: ScannedText) -> None:
    for pattern in (_CUED_NAME, _PLAIN_NAME, _SPEAKER_NAME):
        work = reading.work
        for match in pattern.finditer(work):
            name = match.group(1)
            if NOT_NAMES.match(name + work[match.end(1) : match.end(1) + 1]):
                continue
            while len(name) > 2 and name[-1] in _STOP:
                name = name[:-1]
            if len(name) < 2 or name[-1] in _STOP:
                continue
            reading.claim("name", match.start(1), match.start(1) + len(name))


def holds(text: str, substrings: Iterable[str]) -> bool:
    """Whether one of the words stands in the text: much faster than a pattern or a generator."""
    for word in substrings:  # noqa: SIM110
        if word in text:
            return True
    return False


def matches_at(
    pattern: re.Pattern[str], cue: re.Pattern[str], text: str
) -> Iterator[re.Match[str]]:
    """Matches of a pattern that begin where a cue is found; like `finditer`, none overlap."""
    at = 0
    while cue_match := cue.search(text, at):
        match = pattern.match(text, cue_match.start())
        at = match.end() if match else cue_match.start() + 1
        if match:
            yield match


def chinese_addresses(reading: ScannedText) -> None:
    """Addresses with a street and a door, and what follows 地址是 or 家住."""
    for pattern in (_CUED_ADDRESS, _HOME):
        for match in pattern.finditer(reading.work):
            if _PLACE_WORD.search(match.group(1)):
                reading.claim("address", *match.span(1))
    at = 0
    while door := _DOOR.search(reading.work, at):
        at = door.end()
        start = _address_start(reading.work, door.start())
        if start is None:
            continue
        more = _MORE_DOORS.match(reading.work, door.end())
        end = more.end() if more else door.end()
        if not _PUBLIC_PLACE.search(reading.work[start : end + 3]):
            reading.claim("address", start, end)
            at = end


def english_addresses(reading: ScannedText) -> None:
    """Street addresses, boxes and flats, and what follows an address cue."""
    if holds(reading.work, _ADDRESS_CUES):
        for match in matches_at(_ENGLISH_CUE, _ADDRESS_CUE, reading.work):
            _claim_with_figures(reading, match, 1)
    for pattern, may_match in (
        (_ENGLISH_STREET, _HOUSE_NUMBER.search(reading.work)),
        (_BOX, holds(reading.work, _BOXES)),
        (_FLAT_ALONE, holds(reading.work, _FLATS)),
    ):
        if may_match:
            for match in pattern.finditer(reading.work):
                _claim_with_figures(reading, match, 0)


def _claim_with_figures(reading: ScannedText, match: re.Match[str], group: int) -> None:
    if any(character.isdigit() for character in match.group(group)):
        reading.claim("address", *match.span(group))


def _address_start(text: str, door: int) -> int | None:
    """Where the address before a door number begins; None if no street is named there."""
    start = max(0, door - 36)
    for break_at in _CLAUSE_START.finditer(text, start, door):
        start = break_at.end()
    street = _STREET.search(text[start:door])
    if street is None:
        return None
    lead_in = _LEAD_IN.match(text[start : start + street.start()])
    return start + (lead_in.end() if lead_in else 0)
