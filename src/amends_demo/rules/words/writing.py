"""Put a message together: persona, channel, grammar, slips of the pen, at times private data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from amends_demo.rules.words import en_money, en_service, zh_money, zh_service
from amends_demo.rules.words.grammar import MessageGrammar

CHINESE: dict[str, MessageGrammar] = zh_money.GRAMMAR | zh_service.GRAMMAR
ENGLISH: dict[str, MessageGrammar] = en_money.GRAMMAR | en_service.GRAMMAR
PERSONAS = ("calm", "angry", "elder", "terse", "young")
_PERSONA_WEIGHTS = (0.32, 0.24, 0.16, 0.14, 0.14)
_SHORT_CHANNELS = frozenset(("sms", "social"))
_PRIVATE_SHARE = 0.06

_OPENINGS = {
    "calm": ("你好，", "您好，", "客服您好，", "", "麻烦帮忙看一下，", "请问，"),
    "angry": ("", "你们到底怎么回事，", "我要投诉！", "气死我了，", "第一次见这样的，", "喂，"),
    "elder": ("同志你好，", "我是个退休职工，", "姑娘你好，", "你们领导好，我今年六十八了，", ""),
    "terse": ("", "", "投诉，"),
    "young": ("亲，", "hello在吗，", "救命，", "在吗在吗，", "家人们谁懂啊，", ""),
}
_FEELINGS = {
    "calm": ("谢谢。", "辛苦了。", "盼回复。", "请尽快处理，谢谢。", ""),
    "angry": (
        "不处理我就打12300！",
        "太过分了！！",
        "今天必须给我答复。",
        "别想糊弄我！",
        "欺人太甚！",
        "",
    ),
    "elder": (
        "我们老年人挣钱不容易。",
        "麻烦你们了，谢谢。",
        "请领导重视。",
        "眼睛不好，打字慢，见谅。",
        "",
    ),
    "terse": ("", "", "速回"),
    "young": ("真的会谢", "裂开了", "求求了", "在线等，挺急的", "哭了", ""),
}
_EN_OPENINGS = {
    "calm": ("Hello, ", "Hi there. ", "Good morning, ", "", "Dear team, "),
    "angry": ("", "Unbelievable. ", "OK this is it. ", "I am furious. ", "Seriously? "),
    "elder": ("Dear Sir or Madam, ", "Good day, I am retired. ", "To whom it concerns, "),
    "terse": ("", ""),
    "young": ("hey, ", "yo ", "omg ", ""),
}
_EN_FEELINGS = {
    "calm": ("Thank you.", "Kind regards", "Looking forward to your answer.", ""),
    "angry": ("This is outrageous!", "I'm telling everyone I know!!", "Answer me TODAY.", ""),
    "elder": ("Yours faithfully", "Please be so kind as to reply.", ""),
    "terse": ("", ""),
    "young": ("thx", "pls", "smh", ""),
}
# Said with an outage that cannot wait.
_URGENT = (
    "家里有病人，随时要联系医院，一刻都耽误不起",
    "店里收款全靠这条线，今天就得恢复",
    "独居老人只有这一部电话，出了事谁负责",
)
_EN_URGENT = (
    "My mother is ill and this is how we reach the doctor, it cannot wait",
    "The shop takes its payments over this line, every hour costs us",
)
# What people mistype: sounds alike, looks alike.
_SLIPS = (
    ("账单", "帐单"),
    ("退订", "退定"),
    ("宽带", "宽代"),
    ("流量", "留量"),
    ("怎么", "肿么"),
    ("明明", "名名"),
    ("扣了", "口了"),
    ("套餐", "套参"),
    ("没有", "没由"),
    ("已经", "以经"),
    ("在", "再"),
    ("的钱", "得钱"),
    ("信号", "信好"),
    ("根本", "跟本"),
    ("什么", "神马"),
    ("知道", "造"),
    ("处理", "处里"),
    ("网速", "网束"),
)


@dataclass(frozen=True, slots=True)
class Author:
    """Who writes: language, persona, channel, and what he may blurt out about himself."""

    language: str
    persona: str
    channel: str
    name: str
    phone: str
    id_card: str
    email: str


def draw_persona(rng: np.random.Generator) -> str:
    """One of the personas, by weight."""
    return PERSONAS[int(rng.choice(len(PERSONAS), p=_PERSONA_WEIGHTS))]


def write_message(
    rng: np.random.Generator,
    *,
    matter: str,
    author: Author,
    slots: Mapping[str, str],
    urgent: bool = False,
) -> str:
    """What `author` writes about `matter`, with the slots of his own case filled in."""
    grammar = (ENGLISH if author.language == "en" else CHINESE)[matter]
    short = author.channel in _SHORT_CHANNELS or author.persona == "terse"
    parts = [_pick(rng, grammar.what)]
    if rng.random() < (0.3 if short else 0.75):
        parts.append(_pick(rng, grammar.more))
    if urgent:
        parts.append(_pick(rng, _EN_URGENT if author.language == "en" else _URGENT))
    if not short and rng.random() < 0.25:
        parts.append(_pick(rng, grammar.more))
    if rng.random() < (0.5 if short else 0.8):
        parts.append(_pick(rng, grammar.ask))
    parts = [part.format(**slots) for part in dict.fromkeys(parts) if part]
    if author.language == "en":
        return _english(rng, parts, author)
    return _chinese(rng, parts, author)


def _pick(rng: np.random.Generator, ways: Sequence[str]) -> str:
    return ways[int(rng.integers(len(ways)))]


def _chinese(rng: np.random.Generator, parts: list[str], author: Author) -> str:
    joint = {"terse": " ", "young": "，", "elder": "，"}.get(author.persona, "。")
    body = joint.join(parts)
    feeling = _pick(rng, _FEELINGS[author.persona])
    end = {"terse": "", "young": "～" if rng.random() < 0.4 else "", "angry": "！"}.get(
        author.persona, "。"
    )
    if author.channel == "mail" and author.persona != "terse":
        body = f"{body}{end}\n{feeling}\n{author.name}"
    else:
        body = f"{body}{end}{feeling}"
    text = _pick(rng, _OPENINGS[author.persona]) + body
    if rng.random() < _PRIVATE_SHARE:
        text += _pick(
            rng,
            (
                f"我的号码是{author.phone}。",
                f" 电话{author.phone}，{author.name}",
                f"身份证{author.id_card}，你们可以核对。",
                f"本人{author.name}，身份证号码：{author.id_card}",
            ),
        )
    likely = {"elder": 0.3, "young": 0.25, "terse": 0.15, "angry": 0.15}.get(author.persona, 0.06)
    return _slip(rng, text) if rng.random() < likely else text


def _slip(rng: np.random.Generator, text: str) -> str:
    present = [pair for pair in _SLIPS if pair[0] in text]
    if not present:
        return text
    right, wrong = present[int(rng.integers(len(present)))]
    return text.replace(right, wrong, 1)


def _english(rng: np.random.Generator, parts: list[str], author: Author) -> str:
    sentences = [part if part[-1] in ".!?" else part + "." for part in parts]
    text = _pick(rng, _EN_OPENINGS[author.persona]) + " ".join(sentences)
    feeling = _pick(rng, _EN_FEELINGS[author.persona])
    text = (
        f"{text} {feeling}".strip()
        if author.channel != "mail"
        else f"{text}\n{feeling}\n{author.name}"
    )
    if rng.random() < _PRIVATE_SHARE:
        text += f" My number is {author.phone}."
    if author.persona in ("young", "terse") and rng.random() < 0.5:
        text = text.lower()
    return _swap_letters(rng, text) if rng.random() < 0.12 else text


def _swap_letters(rng: np.random.Generator, text: str) -> str:
    """Exchange two neighbouring letters inside one longer word without digits."""
    tokens = text.split(" ")
    long = [position for position, word in enumerate(tokens) if len(word) > 4 and word.isalpha()]
    if not long:
        return text
    word_index = long[int(rng.integers(len(long)))]
    at = int(rng.integers(1, len(tokens[word_index]) - 2))
    word = tokens[word_index]
    tokens[word_index] = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return " ".join(tokens)
