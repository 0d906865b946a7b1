"""Contents from the templates in `zh/` and `en/`, spoilt as people who hide words do."""

from __future__ import annotations

import random
import re
from pathlib import Path

from training.messages.writing import Message, MessageWriter

HERE = Path(__file__).resolve().parent
CLEAN = "clean"

_SOUND_ALIKE = {
    "博彩": ("菠菜", "bo彩", "搏采"),
    "微信": ("薇信", "卫星", "威❤", "V"),
    "下注": ("下zhu", "下住"),
    "贷款": ("代款", "贷kuan"),
    "赌": ("堵", "贝者"),
    "群": ("裙", "羣"),
    "枪": ("木仓", "🔫"),
    "钱": ("米", "💰", "qian"),
    "提现": ("提xian", "tixian"),
    "免费": ("免fei", "mian费"),
    "药": ("💊", "yao"),
    "发": ("發",),
    "约": ("约", "yue"),
}
_LEET = str.maketrans("aeiost", "431057")
_JOINTS = {"zh": ("，", "。", " ", "\n", "！", " | "), "en": (". ", " ", " - ", "\n", "! ", " | ")}
_FILLERS = {
    "zh": (
        "首页",
        "关于我们",
        "最新动态",
        "温馨提示",
        "【置顶】",
        "#生活",
        "欢迎光临",
        "客服在线",
        "点赞关注",
        "阅读全文",
        "本文转载请注明出处",
        "公告",
        "服务介绍",
        "版权所有",
        "上一篇 下一篇",
        "亲爱的朋友们大家好",
        "话不多说",
        "很多人问我",
        "今天分享一下",
        "哈哈",
        "真的",
        "别划走",
    ),
    "en": (
        "Home",
        "About",
        "News",
        "Notice",
        "Pinned",
        "#life",
        "Welcome",
        "Read more",
        "FAQ",
        "Posted today",
        "Hey everyone",
        "Quick one",
        "People keep asking",
        "Share this",
        "lol",
        "Contact us",
        "All rights reserved",
        "Update:",
        "Hi there",
    ),
}


class ContentWriter(MessageWriter):
    """Writes contents of one language."""

    def __init__(self, language: str, seed: int, *, every: int = 0, held_out: bool = False) -> None:
        super().__init__(language, seed, every=every, held_out=held_out, folder=HERE)

    def write(self, label: str) -> Message:
        """One content with this label: one template, sometimes two, or with words around it."""
        chance = self._chance
        number, template = chance.choice(self._templates[label])
        text = self._fill(self._grammar.say(template, chance))
        if chance.random() < 0.18:
            _number, other = chance.choice(self._templates[label])
            text += chance.choice(_JOINTS[self.language]) + self._fill(
                self._grammar.say(other, chance)
            )
        if chance.random() < 0.25:
            filler = chance.choice(_FILLERS[self.language])
            joint = chance.choice(_JOINTS[self.language])
            text = filler + joint + text if chance.random() < 0.7 else text + joint + filler
        return Message(self._disguise(text, label), label, self.language, number)

    def _disguise(self, text: str, label: str) -> str:
        chance = self._chance
        kind = chance.random()
        if label in (CLEAN, "hidden_charge"):
            kind += 0.22
        if kind < 0.12:
            return _hide(text, chance, chinese=self.language == "zh")
        if kind < 0.22 and self.language == "zh":
            for word, others in _SOUND_ALIKE.items():
                if word in text and chance.random() < 0.7:
                    text = text.replace(word, chance.choice(others))
            return text
        if kind < 0.22:
            words = text.split(" ")
            for place, word in enumerate(words):
                if len(word) > 3 and word.isalpha() and chance.random() < 0.2:
                    words[place] = word.translate(_LEET)
            return " ".join(words)
        if kind < 0.34:
            parts = re.split(r"(?<=[，。；！？,.;!?])", text)
            if len(parts) > 2:
                del parts[chance.randrange(len(parts))]
            return "".join(parts)
        if kind < 0.42:
            return re.sub(r"[，。！？、：；,!?:;【】“”]+", " ", text)
        if kind < 0.5:
            return text.lower()
        if kind < 0.54 and self.language == "zh":
            return f"<div><p>{text}</p><script>var a=1;</script></div>"
        return text


def _hide(text: str, chance: random.Random, *, chinese: bool) -> str:
    mark = chance.choice(("*", ".", "·", "-", " ", "_", "\u200b"))
    if chinese:
        return "".join(
            each + (mark if chance.random() < 0.2 and "\u4e00" <= each <= "\u9fff" else "")
            for each in text
        )
    words = text.split(" ")
    for place, word in enumerate(words):
        if 3 < len(word) < 10 and word.isalpha() and chance.random() < 0.2:
            words[place] = mark.join(word) if mark != "\u200b" else word[0] + mark + word[1:]
    return " ".join(words)
