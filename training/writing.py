"""Texts with their codes: titles, sentences, letters, two topics at once, enquiries, and slips.

People write in capitals, without punctuation, with slips of the finger, and about two things at
once. What is written here does too. English lines of fewer than three words are not written: what
so short a title says ("data cap") is the trade's own term, and anybody's complaint might be it.
"""

from __future__ import annotations

import random
import re
import string
from dataclasses import dataclass

from training.grammar import Grammar
from training.overlaps import bare_words

UNSPECIFIC = "other.unspecific"
ENQUIRY = "ask."
FOREIGN = "none"
"""The section of texts that complain of nothing in telecoms."""

SHELL = "shell"
"""The section of forms in which a matter reaches a desk; `MATTER` stands for the matter."""

MATTER = "§"

FEWEST_WORDS = 3
TRIES = 200
TWO_TOPICS_FROM = 0.75
AROUND = ("before", "between", "after", "opinion", "civil")

_JOIN = {
    "en": (" and ", ", ", ". ", " & ", "; ", " - ", "/", ", also ", ". Also ", " plus ", " then "),
    "zh": ("，", "，还有", "。", "，而且", "；", " ", "，另外", "。还", "，并且", "、"),
}
_SLIPS_ZH = {
    "账": "帐",
    "的": "地",
    "在": "再",
    "没": "木有",
    "什么": "啥",
    "怎么": "咋",
    "流量": "留量",
    "宽带": "宽代",
    "退订": "退定",
    "套餐": "套歺",
    "话费": "花费",
    "客服": "客福",
    "这": "介",
    "信号": "信好",
    "投诉": "投拆",
    "我": "俺",
    "乱扣": "乱口",
    "预约": "约",
    "为什么": "为啥",
}


@dataclass(frozen=True, slots=True)
class Text:
    """One written text: its first code, its second code or "", and where it came from.

    register  of whole texts, the file they stand in
    """

    text: str
    language: str
    code: str
    code2: str
    template: int
    enquiry: bool = False
    foreign: bool = False
    register: str = ""


class Writer:
    """Writes texts of one language; `keep` chooses which templates may be used."""

    def __init__(self, grammar: Grammar, chance: random.Random, *, every: int, held_out: bool):
        self._grammar = grammar
        self._chance = chance
        self.codes = sorted(
            code for code in grammar.sections if "." in code and not code.startswith(ENQUIRY)
        )
        self._templates = {
            code: [
                (number, template)
                for number, template in enumerate(grammar.sections[code])
                if every == 0 or (((number + place) % every == every - 1) == held_out)
            ]
            for place, code in enumerate(sorted(grammar.sections))
            if "." in code or code == FOREIGN
        }
        self.asked_about = [code for code in self.codes if self._templates[ENQUIRY + code]]
        self._around = {name: grammar.sections[name] for name in (*AROUND, SHELL)}

    def write(self, code: str) -> Text:
        """One text whose first code is `code`."""
        chance = self._chance
        number, core = self._line(code)
        code2 = ""
        shape = chance.random()
        if code == UNSPECIFIC:
            if shape < 0.25:
                core = self._with_company(core, 0.5)
            elif shape < 0.35:
                core = f"{self._say('before')} {core}"
            elif shape < 0.45:
                core = f"{core}{self._stop()}{self._say('after')}"
            elif shape < 0.55:
                core = f"{self._say('opinion')} {self._say('opinion')}"
            elif shape < 0.62:
                core = f"{self._say('before')} {self._say('after')}"
        elif shape < 0.26:
            core = self._with_company(core, 0.25)
        elif shape < 0.40:
            core = self._in_shell(code, core)
        elif shape < 0.54:
            core = f"{self._say('before')} {core}"
        elif shape < 0.63:
            core = f"{core}{self._stop()}{self._say('after')}"
        elif shape < 0.71:
            core = self._letter(code, core)
        elif shape < TWO_TOPICS_FROM:
            core = f"{core}{chance.choice(_JOIN[self._grammar.language])}{self._line(code)[1]}"
        else:
            code2 = chance.choice(
                [other for other in self.codes if other not in {code, UNSPECIFIC}]
            )
            core = f"{core}{chance.choice(_JOIN[self._grammar.language])}{self._line(code2)[1]}"
            core = self._with_company(core, 0.15)
        return Text(self._slips(core), self._grammar.language, code, code2, number)

    def ask(self, code: str) -> Text:
        """An enquiry or order near `code` that complains of nothing."""
        chance = self._chance
        number, core = self._line(ENQUIRY + code)
        shape = chance.random()
        if shape < 0.15:
            core = f"{self._say('civil')} {core}"
        elif shape < 0.25:
            core = f"{core}{self._stop()}{self._say('civil')}"
        elif shape < 0.35:
            other = chance.choice(self.asked_about)
            core = f"{core}{self._stop()}{self._line(ENQUIRY + other)[1]}"
        elif shape < 0.5:
            core = self._with_company(core, 0.5)
        return Text(self._slips(core), self._grammar.language, code, "", number, enquiry=True)

    def elsewhere(self) -> Text:
        """A text that has nothing to do with telecoms."""
        number, core = self._line(FOREIGN)
        for _ in range(self._chance.choice((0, 0, 1))):
            core = f"{core}{self._stop()}{self._line(FOREIGN)[1]}"
        if self._chance.random() < 0.3:
            core = f"{core}{self._stop()}{self._say('opinion')}"
        return Text(self._slips(core), self._grammar.language, UNSPECIFIC, "", number, foreign=True)

    def _in_shell(self, code: str, core: str) -> str:
        first, *rest = self._say(SHELL).split(MATTER)
        parts = [first, core]
        for number, part in enumerate(rest):
            parts += [part] if number == 0 else [self._line(code)[1], part]
        return "".join(parts)

    def _letter(self, code: str, core: str) -> str:
        chance = self._chance
        parts = [core]
        for _ in range(chance.randint(1, 3)):
            parts.append(self._say(chance.choice(("between", "between", "opinion"))))
        if chance.random() < 0.5:
            parts.append(self._line(code)[1])
        if chance.random() < 0.6:
            parts.insert(0, self._say("before"))
        if chance.random() < 0.6:
            parts.append(self._say("after"))
        return self._stop().join(parts)

    def _line(self, code: str) -> tuple[int, str]:
        for _ in range(TRIES):
            number, template = self._chance.choice(self._templates[code])
            line = self._grammar.say(template, self._chance)
            if self._long_enough(line):
                return number, line
        raise ValueError(f"The templates of {code} are too short.")

    def _say(self, section: str) -> str:
        return self._grammar.say(self._chance.choice(self._around[section]), self._chance)

    def _long_enough(self, line: str) -> bool:
        return self._grammar.language != "en" or len(bare_words(line)) >= FEWEST_WORDS

    def _with_company(self, core: str, share: float) -> str:
        chance = self._chance
        if chance.random() > share:
            return core
        name = self._grammar.say([("op",)], chance)
        if chance.random() < 0.2:
            name = "".join(chance.choices(string.ascii_lowercase, k=chance.randint(4, 8))).title()
        if self._grammar.language == "zh":
            return chance.choice((f"{name}{core}", f"{core}{name}", f"{name}，{core}"))
        return chance.choice(
            (
                f"{name} {core}",
                f"{name} - {core}",
                f"{core} {name}",
                f"{core} by {name}",
                f"{core} with {name}",
                f"{core} - {name}",
                f"{name}: {core}",
                f"{core} from {name}",
            )
        )

    def _stop(self) -> str:
        if self._grammar.language == "zh":
            return self._chance.choice(("，", "。", " ", "！", "，", "，，"))
        return self._chance.choice((". ", ", ", " ", "! ", ".", "... "))

    def _slips(self, text: str) -> str:
        chance = self._chance
        if self._grammar.language == "zh":
            if chance.random() < 0.25:
                text = re.sub(r"[，。；、！？]", chance.choice(("", " ", "，")), text)
            if chance.random() < 0.2:
                right = chance.choice(list(_SLIPS_ZH))
                text = text.replace(right, _SLIPS_ZH[right], 1)
            if chance.random() < 0.08 and len(text) > 8:
                place = chance.randrange(len(text))
                text = text[:place] + text[place + 1 :]
            return text.strip()
        style = chance.random()
        if style < 0.18:
            text = text.lower()
        elif style < 0.27:
            text = text.upper()
        elif style < 0.45:
            text = text.title()
        elif style < 0.75:
            text = text[:1].upper() + text[1:]
        if chance.random() < 0.2:
            text = " ".join(self._slip(word) for word in text.split(" "))
        if chance.random() < 0.1:
            text = re.sub(r"[.,;!?'\"]", "", text)
        return text.strip()

    def _slip(self, word: str) -> str:
        chance = self._chance
        if len(word) < 5 or chance.random() > 0.25:
            return word
        place = chance.randrange(1, len(word) - 1)
        kind = chance.random()
        if kind < 0.4:
            return word[:place] + word[place + 1 :]
        if kind < 0.7:
            return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
        return word[:place] + word[place] + word[place:]
