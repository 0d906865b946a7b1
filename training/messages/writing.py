"""Messages from the templates in `zh/` and `en/`: placeholders filled, and spoilt as senders do.

`<n3>` is a number of three digits, `<url>`-like names are links of a kind, `<mobile>` and others are
telephone numbers. Some messages are hidden from filters (split words, other alphabets, zero-width
marks), cut short, or masked as collections of messages mask them.
"""

from __future__ import annotations

import random
import re
import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from training.grammar import Grammar, read_grammar

HERE = Path(__file__).resolve().parent
LANGUAGES = ("zh", "en")
_DEVOICED = (
    "top",
    "xyz",
    "vip",
    "cc",
    "club",
    "icu",
    "info",
    "live",
    "shop",
    "site",
    "online",
    "win",
)
_OFFICIAL = {
    "zh": (
        "10086.cn",
        "wap.10010.com",
        "189.cn",
        "www.icbc.com.cn",
        "m.ccb.com",
        "tb.cn",
        "m.jd.com",
        "meituan.com",
        "12306.cn",
        "gov.cn",
        "alipay.com",
        "weixin.qq.com",
        "95598.cn",
        "ctrip.com",
        "cmbchina.com",
        "vip.com",
    ),
    "en": (
        "gov.uk",
        "royalmail.com",
        "usps.com",
        "amazon.co.uk",
        "hsbc.co.uk",
        "ee.co.uk",
        "o2.co.uk",
        "nhs.uk",
        "paypal.com",
        "chase.com",
        "netflix.com",
        "apple.com",
        "uber.com",
        "vodafone.co.uk",
        "dpd.co.uk",
        "tesco.com",
    ),
}
_POSED = {
    "zh": (
        "icbc",
        "ccb",
        "abchina",
        "10086",
        "95588",
        "etc",
        "12306",
        "alipay",
        "taobao",
        "cmbchina",
        "gov",
        "sfexpress",
        "yibao",
        "shebao",
        "boc",
    ),
    "en": (
        "hmrc",
        "royalmail",
        "usps",
        "hsbc",
        "barclays",
        "paypal",
        "amazon",
        "netflix",
        "apple",
        "dvla",
        "dpd",
        "evri",
        "chase",
        "icloud",
        "irs",
        "fedex",
        "santander",
        "ezpass",
        "coinbase",
        "nhs",
        "vodafone",
    ),
}
_WORDS = (
    "help",
    "secure",
    "verify",
    "login",
    "account",
    "service",
    "update",
    "pay",
    "online",
    "wap",
    "m",
    "fee",
    "info",
    "refund",
    "redelivery",
    "support",
)
_PLAIN = (
    "corner",
    "garden",
    "shine",
    "fitness",
    "bookshop",
    "hello",
    "family",
    "studio",
    "home",
    "blue",
    "sunny",
    "market",
    "tickets",
    "lifestyle",
    "news",
    "play",
    "mobile",
    "tones",
    "chat",
    "club",
    "offers",
    "win",
)
_LAST = ("Smith", "Jones", "Lee", "Patel", "Brown", "Khan", "Garcia", "Wong", "Miller", "Davis")


@dataclass(frozen=True, slots=True)
class Message:
    """A written message: its label (`fraud.prize`, `spam`), language, and its template's number."""

    text: str
    label: str
    language: str
    template: int


class MessageWriter:
    """Writes messages of one language; of every `every` templates one is held out."""

    def __init__(
        self,
        language: str,
        seed: int,
        *,
        every: int = 0,
        held_out: bool = False,
        folder: Path = HERE,
    ) -> None:
        self.language = language
        self._chance = random.Random(f"{seed}{language}{held_out}")
        self._grammar: Grammar = read_grammar(folder / language)
        self.labels = sorted(self._grammar.sections)
        self._templates = {
            label: [
                (number, template)
                for number, template in enumerate(templates)
                if every == 0 or ((number % _turn(every, templates) == 0) == held_out)
            ]
            for label, templates in self._grammar.sections.items()
        }

    def write(self, label: str) -> Message:
        """One message with this label."""
        number, template = self._chance.choice(self._templates[label])
        text = self._grammar.say(template, self._chance)
        if label == "legitimate" and self._chance.random() < 0.15:
            _number, other = self._chance.choice(self._templates[label])
            text = f"{text}{self._chance.choice((' ', ', ', '. ', '，', '。', '... '))}{self._grammar.say(other, self._chance)}"
        return Message(
            self._spoil(self._fill(text), hides=label not in ("legitimate", "bulk")),
            label,
            self.language,
            number,
        )

    def _fill(self, text: str) -> str:
        return re.sub(r"<(\w+?)(\d*)>", self._value, text)

    def _value(self, match: re.Match[str]) -> str:
        name, size = match[1], match[2]
        if name == "n":
            return self._digits(int(size))
        return _VALUES[f"{name}{size}"](self) if f"{name}{size}" in _VALUES else match.group()

    def _digits(self, count: int) -> str:
        first = self._chance.choice("123456789")
        return first + "".join(self._chance.choices(string.digits, k=count - 1))

    def _letters(self, count: int) -> str:
        return "".join(self._chance.choices(string.ascii_lowercase, k=count))

    def host(self, kind: str) -> str:
        """A host of a kind: official, fake, short, odd, plain."""
        chance = self._chance
        if kind == "official":
            return chance.choice(_OFFICIAL[self.language])
        if kind == "fake":
            brand = chance.choice(_POSED[self.language])
            word = chance.choice(_WORDS)
            joined = chance.choice(
                (
                    f"{brand}-{word}",
                    f"{word}-{brand}",
                    f"{brand}{word}",
                    f"{brand}.{word}-{self._letters(3)}",
                    f"wap{brand}{self._letters(2)}",
                )
            )
            return f"{joined}.{chance.choice((*_DEVOICED, 'com', 'com', 'net', 'cn'))}"
        if kind == "short":
            return chance.choice(
                ("t.cn", "dwz.cn", "suo.im", "url.cn")
                if self.language == "zh"
                else ("bit.ly", "tinyurl.com", "is.gd", "cutt.ly", "t.ly")
            )
        if kind == "odd":
            return f"{self._letters(chance.randint(2, 5))}{self._digits(chance.randint(1, 4))}.{chance.choice((*_DEVOICED, 'com', 'net'))}"
        return f"{chance.choice(_PLAIN)}{chance.choice(('', '', self._letters(2), '-' + chance.choice(_PLAIN)))}.{chance.choice(('com', 'co.uk', 'cn', 'net', 'com.cn'))}"

    def link(self, kind: str) -> str:
        """A link to a host of a kind."""
        chance = self._chance
        path = chance.choice(
            ("", "", f"/{self._letters(2)}{self._digits(2)}", f"/{self._letters(6)}")
        )
        path = path or f"/{self._letters(4)}" if kind == "short" else path
        scheme = chance.choice(("", "", "", "http://", "https://", "www."))
        return f"{scheme}{self.host(kind)}{path}"

    def _spoil(self, text: str, *, hides: bool) -> str:
        chance = self._chance
        kind = chance.random()
        chinese = self.language == "zh"
        if hides and kind < 0.10:
            return _hidden(text, chance)
        if kind < 0.18:
            return re.sub(r"[，。！？、：；,!?:;【】“”]+", "" if chinese else " ", text)
        if kind < 0.24:
            return re.sub(r"\d", "x" if chinese else "X", text)
        if kind < 0.28 and len(text) > 40:
            return text[: int(len(text) * chance.uniform(0.5, 0.9))]
        if not chinese:
            if kind < 0.36:
                return text.lower()
            if kind < 0.38:
                return text.upper()
        elif kind < 0.32:
            return _segmented(text, chance)
        return text


_VALUES: dict[str, Callable[[MessageWriter], str]] = {
    "date": lambda writer: writer._chance.choice(
        (
            f"{writer._chance.randint(1, 12)}月{writer._chance.randint(1, 28)}日",
            f"{writer._chance.randint(1, 12)}月底",
            "12-31",
        )
        if writer.language == "zh"
        else (
            f"{writer._chance.randint(1, 28)} {writer._chance.choice(('Jan', 'March', 'May', 'June', 'Sept', 'Dec'))}",
            f"{writer._chance.randint(1, 28)}/{writer._chance.randint(1, 12)}",
        )
    ),
    "clock": lambda writer: (
        f"{writer._chance.randint(7, 22)}{writer._chance.choice((':', ':', '：' if writer.language == 'zh' else '.'))}{writer._chance.choice(('00', '15', '30', '45'))}"
    ),
    "code": lambda writer: writer._digits(writer._chance.choice((4, 6, 6, 6))),
    "mobile": lambda writer: (
        f"1{writer._chance.choice('3578')}{writer._digits(9)}"
        if writer.language == "zh"
        else writer._chance.choice(
            (
                f"07{writer._digits(9)}",
                f"+44 7{writer._digits(3)} {writer._digits(6)}",
                f"+1 {writer._digits(3)} {writer._digits(3)} {writer._digits(4)}",
                f"({writer._digits(3)}) {writer._digits(3)}-{writer._digits(4)}",
            )
        )
    ),
    "landline": lambda writer: (
        writer._chance.choice(
            (
                f"0{writer._digits(2)}-{writer._digits(8)}",
                f"0{writer._digits(3)}{writer._digits(7)}",
                writer._digits(8),
            )
        )
        if writer.language == "zh"
        else writer._chance.choice(
            (
                f"020 {writer._digits(4)} {writer._digits(4)}",
                f"01{writer._digits(3)} {writer._digits(6)}",
                f"{writer._digits(3)}-{writer._digits(3)}-{writer._digits(4)}",
            )
        )
    ),
    "t400": lambda writer: f"400{writer._digits(7)}",
    "t955": lambda writer: f"955{writer._digits(2)}",
    "premium": lambda writer: writer._chance.choice(
        (
            f"090{writer._digits(8)}",
            f"0871{writer._digits(7)}",
            f"0906{writer._digits(7)}",
            f"1-900-{writer._digits(3)}-{writer._digits(4)}",
        )
    ),
    "freetel": lambda writer: writer._chance.choice(
        (
            f"0800 {writer._digits(6)}",
            f"0808 {writer._digits(3)} {writer._digits(4)}",
            f"1-800-{writer._digits(3)}-{writer._digits(4)}",
        )
    ),
    "wx": lambda writer: (
        writer._letters(writer._chance.randint(2, 6)) + writer._digits(writer._chance.randint(2, 5))
    ),
    "qq": lambda writer: writer._digits(writer._chance.randint(8, 10)),
    "gbp": lambda writer: writer._chance.choice("£££$€"),
    "pc": lambda writer: (
        f"{writer._letters(2).upper()}{writer._digits(2)}{writer._letters(2).upper()}"
    ),
    "al": lambda writer: writer._letters(2).upper(),
    "last": lambda writer: writer._chance.choice(_LAST),
    "officialurl": lambda writer: writer.link("official"),
    "fakeurl": lambda writer: writer.link("fake"),
    "shorturl": lambda writer: writer.link("short"),
    "oddurl": lambda writer: writer.link("odd"),
    "plainurl": lambda writer: writer.link("plain"),
}


def _turn(every: int, templates: Sequence[object]) -> int:
    """Of how many templates one is held out, so that some always is."""
    return min(every, len(templates))


def _hidden(text: str, chance: random.Random) -> str:
    """Words hidden as senders do: split, in other alphabets, with zero-width marks."""
    kind = chance.random()
    if kind < 0.3:
        mark = chance.choice("*.· -_")
        return "".join(
            each + (mark if chance.random() < 0.25 and "\u4e00" <= each <= "\u9fff" else "")
            for each in text
        )
    if kind < 0.6:
        return text.translate(str.maketrans("aeopc", "аеорс"))
    if kind < 0.8:
        return "".join(each + ("\u200b" if chance.random() < 0.3 else "") for each in text)
    return "".join(
        chr(ord(each) + 0xFEE0) if "!" <= each <= "~" and chance.random() < 0.6 else each
        for each in text
    )


def _segmented(text: str, chance: random.Random) -> str:
    """Chinese words apart, contacts and numbers masked, as collections of messages have them."""
    text = re.sub(r"\d{7,}|[a-z]{2,6}\d{2,5}", "CELLPHONE", text)
    text = re.sub(r"\d+", chance.choice(("DIGIT", "")), text)
    text = re.sub(r"[，。！？、：；,!?:;【】“”《》（）()~/.-]+", " ", text)
    return "".join(
        each + (" " if chance.random() < 0.5 and "\u4e00" <= each <= "\u9fff" else "")
        for each in text
    )
