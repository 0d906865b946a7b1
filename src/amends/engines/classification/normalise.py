"""A text as it was meant: what senders do to evade filters is undone first.

Zero-width marks, full-width and styled letters, letters of other alphabets that look alike, words
split by spaces or symbols, numbers in words, and the many spellings of messenger names. Links,
telephone numbers and amounts become words of their own (`zzlink…`), so that a model learns what
kind they are and not which.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from amends.engines.classification.links import LINK, Hosts, Link, host_of, kind_of

READ_CHARACTERS = 3_000
"""Of a longer message the beginning and the end are read."""

_TAIL = 500
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)
_LOOKALIKE = str.maketrans(
    "аеорсухіјѕԁԛԝһкмтвнзАВЕКМНОРСТУХІЈЅαβεικνορτυχΑΒΕΖΗΙΚΜΝΟΡΤΥΧıɑɡℓ",
    "aeopcyxijsdqwhkmtbhzABEKMHOPCTYXIJSabeiknoptuxABEZHIKMNOPTYXiagl",
)
_MIXED = re.compile(r"[A-Za-zͰ-ӿԀ-ԯıɑɡℓ]+")
_EMOJI = re.compile("[\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff]+")
_SPLIT_HAN = re.compile(r"(?<=[㐀-鿿])[\s*·・_|~^`•./\\+=-]{1,3}(?=[㐀-鿿])")
_SPLIT_LETTERS = re.compile(
    r"(?<![A-Za-z])(?:[A-Za-z]([ .*_|-]))(?:[A-Za-z]\1){2,}[A-Za-z](?![A-Za-z])"
)
_INNER_DIGITS = re.compile(r"(?<=[A-Za-z])[01345@$](?=[A-Za-z])")
_INNER = str.maketrans("01345@$", "oleasas")
_CHINESE_DIGITS = re.compile(r"[〇零○一二两三四五六七八九幺壹贰叁肆伍陆柒捌玖①-⑨]{7,}")
_CHINESE_DIGIT_OF = str.maketrans(
    "〇零○一二两三四五六七八九幺壹贰叁肆伍陆柒捌玖", "000122345678911" + "23456789"
)
_WORD_DIGITS = {
    "zero": "0",
    "oh": "0",
    "one": "1",
    "two": "2",
    "three": "3",
    "four": "4",
    "five": "5",
    "six": "6",
    "seven": "7",
    "eight": "8",
    "nine": "9",
}
_ENGLISH_DIGITS = re.compile(
    rf"\b(?:(?:{'|'.join(_WORD_DIGITS)})[\s,-]+){{4,}}(?:{'|'.join(_WORD_DIGITS)})\b", re.IGNORECASE
)
_SPELLINGS = (
    (
        re.compile(
            r"(?:微|薇|威|葳|徽|娓|溦|维)[\s/]*(?:信|❤|xin)|(?<![A-Za-z])(?:wei\s?xin|wechat|[vw]\s?[xⅩ]|v信|V信)(?![A-Za-z])",
            re.IGNORECASE,
        ),
        "微信",
    ),
    (
        re.compile(
            r"(?:加|➕|\+|佳|伽|嘉|家)\s?(?:我|她)?\s?(?:薇|微|威|葳|徽|[Vv])(?![A-Za-z信])"
        ),
        "加微信",
    ),
    (re.compile(r"扣扣|企鹅号?|球球|叩叩|(?<![A-Za-z])q\s?q(?![A-Za-z])", re.IGNORECASE), "QQ"),
    (
        re.compile(
            r"(?<![A-Za-z])(?:telegram|纸飞机|飞机(?=号|群|\s?[@:：]|\s?[A-Za-z])|tg)(?![a-z])\s?[:：@]?",
            re.IGNORECASE,
        ),
        " telegram ",
    ),
    (re.compile(r"發"), "发"),
    (re.compile(r"(?:发|法|fa)\s?(?:漂|瞟|piao)", re.IGNORECASE), "发票"),
    (re.compile(r"贷[\s.]*(?:欸|宽|kuan)"), "贷款"),
    (re.compile(r"(?:曰|日)结"), "日结"),
    (re.compile(r"(?:彩|菜|采)\s?(?:piao|嫖|瓢)"), "彩票"),
    (re.compile(r"菠菜|博彩|bo\s?cai", re.IGNORECASE), "博彩"),
)
_TELEPHONE = re.compile(
    r"(?<![\d])(?:\+|00)?\d[\dXx*\s()-]{5,18}[\dXx*](?![\d])|(?<!\d)(?:9\d{4}|1\d{4}|400\d{7})(?!\d)"
)
_MASKED = re.compile(r"(?<![A-Za-z])(?:CELLPHONE|HOTLINE|PHONE|URL\w*|QQWECHAT|WECHAT)(?![a-z])")
_MONEY = re.compile(
    r"[£$€¥￥]\s?\d[\d,.]*(?:\s?(?:k|m|million|bn)\b)?|\d[\d,.]*\s?(?:元|块|万元?|RMB|USD|pounds?|quid|dollars?|美元|港币|k\b)",
    re.IGNORECASE,
)
_CODE = re.compile(r"(?<![\dA-Za-z])\d{4,8}(?![\dA-Za-z])")
_SENDER = re.compile(
    r"^\s*[\[【(（「][^\]】)）」\d]{2,20}[\]】)）」]|[\[【「][^\]】」\d]{2,20}[\]】」]\s*$"
    r"|^\s*(?:from\s)?[A-Z][\w&'’.]*(?:\s[A-Z&][\w&'’.]*){0,3}\s?(?::|-\s)"
)
_STOP = re.compile(
    r"(?:退订|拒收|退阅|不再接收|取消接收)|(?:回复?|发送?)\s?[\"“]?(?:TD|T|R|N|QX|0000)(?![A-Za-z])"
    r"|(?:reply|text|txt|send|opt\s?out:?)\s+[\"“']?(?:stop|end|quit|unsub\w*|out)\b|\bstop\s?(?:2|to)\s?(?:end|opt|\d|unsub|cancel)"
    r"|\bunsubscribe\b|\bopt[\s-]?out\b|\bstop2end\b|\bto (?:unsubscribe|opt[- ]?out|stop)\b",
    re.IGNORECASE,
)
_MESSENGER = re.compile(
    r"微信|QQ|telegram|whatsapp|wa\.me|t\.me|(?<![A-Za-z])line\s?id|skype|私聊|加群|进群|\bsnap(?:chat)?\b|\bkik\b",
    re.IGNORECASE,
)
_TELEPHONE_KIND = (
    (re.compile(r"^(?:\+?44|0044)?0?9\d{8,}|^090\d+|^1?900\d{7}$"), "zzpremium"),
    (re.compile(r"^(?:\+?86)?1[3-9][\dX]{9}$|^(?:\+?44|0)7[\dX]{9}$"), "zzmobile"),
    (re.compile(r"^400\d{7}$|^[18]?800\d{6,7}$|^0?808\d+$"), "zzfreephone"),
    (re.compile(r"^(?:10\d{3}|12\d{3}|95\d{3}|96\d{3,4})$"), "zzhotline"),
    (re.compile(r"^\d{5}$"), "zzshortcode"),
)


_REPEATED = re.compile(r"((.)\2{19})\2+", re.DOTALL)
"""Floods of one character: twenty of them say as much."""
_DIGITS = re.compile(r"(\d{30})\d{10,}")
"""No number or amount has so many digits; patterns of numbers are slow on them."""


@dataclass(frozen=True, slots=True)
class Normalised:
    """A message ready to be judged.

    text      with links, telephone numbers and amounts as words
    links     those found in it
    sender    whether it names its sender as registered senders do
    stop      whether it says how to stop
    hidden    what was undone: "invisible", "lookalike", "split"
    """

    text: str
    links: tuple[Link, ...]
    sender: bool
    stop: bool
    hidden: tuple[str, ...]


def normalise(message: str, *, hosts: Hosts) -> Normalised:
    """Undo what hides words, and name links, telephone numbers and amounts by their kind."""
    text = message
    if len(text) > READ_CHARACTERS:
        text = f"{text[: READ_CHARACTERS - _TAIL]} {text[-_TAIL:]}"
    text = _DIGITS.sub(r"\1 ", _REPEATED.sub(r"\1", text))
    hidden = []
    visible = _INVISIBLE.sub("", text)
    if visible != text and len(text) - len(visible) > 1:
        hidden.append("invisible")
    text = unicodedata.normalize("NFKC", visible)
    text = "".join(each for each in text if unicodedata.category(each) != "Mn" or each == "\u0301")
    links: list[Link] = []

    def replace_link(match: re.Match[str]) -> str:
        host = host_of(match.group())
        kind = kind_of(host, hosts=hosts)
        if len(links) < 20:
            links.append(Link(host, kind))
        return f" zzlink zzlink{kind} "

    text = LINK.sub(replace_link, text)
    latin = _MIXED.sub(_same_alphabet, text)
    if latin != text:
        hidden.append("lookalike")
    joined = _SPLIT_HAN.sub("", latin)
    joined = _SPLIT_LETTERS.sub(_join, joined)
    if len(latin) - len(joined) > 2 and not _MASKED.search(latin):
        hidden.append("split")
    sender, stop = bool(_SENDER.search(joined)), bool(_STOP.search(joined))
    text = _EMOJI.sub(" ", joined)
    text = _CHINESE_DIGITS.sub(
        lambda digits_match: digits_match.group().translate(_CHINESE_DIGIT_OF), text
    )
    text = _ENGLISH_DIGITS.sub(_digits, text)
    text = _INNER_DIGITS.sub(lambda digits_match: digits_match.group().translate(_INNER), text)
    for pattern, spelled in _SPELLINGS:
        text = pattern.sub(spelled, text)
    text = _MONEY.sub(_money, text)
    text = _TELEPHONE.sub(_telephone, text)
    text = _MASKED.sub(_masked, text)
    text = _CODE.sub(" zzcode ", text)
    return Normalised(
        text=f"{text} {' '.join(_marks(text, links, sender=sender, stop=stop, hidden=hidden))}",
        links=tuple(links),
        sender=sender,
        stop=stop,
        hidden=tuple(hidden),
    )


def _marks(
    text: str, links: list[Link], *, sender: bool, stop: bool, hidden: list[str]
) -> list[str]:
    """Words for what the whole message has or lacks; neighbours are learnt as pairs."""
    linked = "zzlink" in text
    messenger = bool(_MESSENGER.search(text))
    called = "zzmobile" in text or "zzlandline" in text
    return [
        "zzsigned" if sender else "zzunsigned",
        "zzstop" if stop else "zznostop",
        f"zzhas{links[0].kind}" if links else "zzhaslink" if linked else "zznolink",
        "zzstop2" if stop else "zznostop2",
        "zzmessenger" if messenger else "zznomessenger",
        "zzcalled" if called else "zznocall",
        "zzpaid" if "zzmoney" in text else "zzunpaid",
        "zzsigned2" if sender else "zzunsigned2",
        *(f"zzhidden{hidden_kind}" for hidden_kind in hidden),
    ]


def _same_alphabet(match: re.Match[str]) -> str:
    """A word that mixes alphabets, in Latin letters; a word of one alphabet as it is."""
    word = match.group()
    latin = word.translate(_LOOKALIKE)
    mixed = any(each.isascii() for each in word) and not word.isascii()
    return latin if mixed or (latin != word and latin.isascii() and len(word) > 2) else word


def _join(match: re.Match[str]) -> str:
    return match.group().replace(match.group(1), "")


def _digits(match: re.Match[str]) -> str:
    return "".join(
        _WORD_DIGITS[digit_word] for digit_word in re.findall(r"[a-z]+", match.group().lower())
    )


def _money(match: re.Match[str]) -> str:
    money_text = match.group()
    large = bool(re.search(r"\d{4,}|\d,\d{3}|万|\d\s?[km]\b|million|bn", money_text, re.IGNORECASE))
    return " zzmoney zzmuch " if large else " zzmoney "


def _telephone(match: re.Match[str]) -> str:
    if re.search(r"(?:\d\s){5}", match.group()):
        return match.group()
    bare = re.sub(r"[\s()-]", "", match.group()).replace("*", "X").upper()
    if sum(map(str.isdigit, bare)) < 5 and bare.count("X") < 5:
        return match.group()
    for pattern, kind in _TELEPHONE_KIND:
        if pattern.search(bare):
            return f" {kind} "
    return " zzcode " if 5 < len(bare) < 7 else " zzlandline " if len(bare) < 14 else " zzaccount "


def _masked(match: re.Match[str]) -> str:
    word = match.group()
    if word.startswith("URL"):
        return " zzlink zzlinkplain "
    if "WECHAT" in word or "QQ" in word:
        return "微信"
    return " zzmobile " if word == "CELLPHONE" else " zzlandline "
