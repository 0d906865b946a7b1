"""The words of a language and the units of a jurisdiction, out of the dated files, made ready."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

CJK = re.compile("[一-鿿]")


@dataclass(frozen=True, slots=True)
class Sense:
    """What a word says: of which kind of number it speaks, the role, and where the number stands.

    kind  "money", "data", "speed", "months", "minutes", "places", "day", or "says" for words that
          state something without a number
    side  "before" where the word stands before its number, "behind", or "any"
    """

    kind: str
    role: str
    side: str


@dataclass(frozen=True, slots=True)
class Cue:
    """A word of the grammar in a text."""

    start: int
    end: int
    senses: tuple[Sense, ...]


class Words:
    """The words of one language: found in one pass, longest first."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        senses: dict[str, list[Sense]] = defaultdict(list)
        for kind, roles in data.items():
            if kind == "file":
                continue
            for role, listed in roles.items():
                if kind == "says":
                    listed = {"any": listed}
                for side, phrases in listed.items():
                    for phrase in phrases:
                        senses[phrase.lower()].append(Sense(kind, role, side))
                        if kind == "topic" and phrase[-1].isalpha() and phrase.isascii():
                            senses[phrase.lower() + "s"].append(Sense(kind, role, side))
        self._exact = {phrase: tuple(phrase_senses) for phrase, phrase_senses in senses.items()}
        self._open = [
            (re.compile(_open(phrase)), tuple(phrase_senses))
            for phrase, phrase_senses in senses.items()
            if "*" in phrase or "…" in phrase
        ]
        self._pattern = re.compile(any_of(senses))
        self._senses = lru_cache(maxsize=20_000)(self._look_up)

    def cues(self, text: str) -> list[Cue]:
        """The words of the grammar in a text in small letters."""
        return [
            Cue(this.start(), this.end(), self._senses(this[0]))
            for this in self._pattern.finditer(text)
        ]

    def _look_up(self, phrase: str) -> tuple[Sense, ...]:
        if phrase in self._exact:
            return self._exact[phrase]
        return next(
            (pattern_senses for pattern, pattern_senses in self._open if pattern.fullmatch(phrase)),
            (),
        )


def _open(phrase: str) -> str:
    """A phrase as a pattern: `*` ends a stem, `…` is up to four words.

    >>> bool(re.fullmatch(_open("leave … early"), "leave your contract early"))
    True
    """
    pattern = re.escape(phrase).replace(r"\*", "[a-z'-]*")
    pattern = pattern.replace(r"\ …\ ", r" (?:[\w'-]+ ){0,4}?").replace("…", r"[\w' -]{0,24}?")
    pattern = pattern.replace(r"\ ", " ").replace(" ", r"\s+")
    return pattern + ("(?![a-z])" if _is_letter(phrase[-1:]) else "")


def _is_letter(mark: str) -> bool:
    return mark.isascii() and mark.isalpha()


def any_of(phrases: Iterable[str]) -> str:
    """One pattern for all phrases, the longest first.

    It branches by first letters, which the regex engine looks for at once, so that most places of
    a text cost nothing.
    """
    by_first: dict[str, list[str]] = defaultdict(list)
    for phrase in sorted(phrases, key=lambda phrase_text: (-len(phrase_text), phrase_text)):
        by_first[phrase[0]].append(_open(phrase[1:]) if len(phrase) > 1 else "")
    groups = []
    for first, rests in by_first.items():
        mark = re.escape(first)
        apart = f"(?<![a-z]{mark})" if _is_letter(first) else ""
        groups.append(f"{mark}{apart}(?:{'|'.join(rests)})")
    return "|".join(groups)


@dataclass(frozen=True, slots=True)
class Place:
    """How a jurisdiction writes money and dates."""

    currency: str
    dates: str
    decimal_comma: bool


class UnitPatterns:
    """Units of all kinds as patterns: `before` for what stands before a number, `behind` after."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.places = {
            name: Place(**jurisdiction) for name, jurisdiction in data["jurisdictions"].items()
        }
        self.currency_before: dict[str, str] = data["money_before"]
        self.currency_behind: dict[str, str] = data["money_behind"]
        self.parts: dict[str, tuple[str, float]] = {
            word: (currency, share) for word, (currency, share) in data["money_parts"].items()
        }
        self.scales: dict[str, dict[str, float]] = {
            kind: data[kind] for kind in ("speed", "data", "length", "days")
        }
        self.ambiguous: dict[str, tuple[float, float]] = {
            word: (as_data, as_speed) for word, (as_data, as_speed) in data["data_or_speed"].items()
        }
        kinds: list[tuple[str, Iterable[str]]] = [
            ("speed", self.scales["speed"]),
            ("data", self.scales["data"]),
            ("either", self.ambiguous),
            ("part", self.parts),
            ("money", self.currency_behind),
            ("length", self.scales["length"]),
            ("days", self.scales["days"]),
        ]
        self.sign = "|".join(
            _unit(word) for word in sorted(self.currency_before, key=len, reverse=True)
        )
        self.behind = "|".join(
            f"(?P<{kind}>"
            + "|".join(_unit(w) for w in sorted(unit_words, key=len, reverse=True))
            + ")"
            + (r"(?!(?<=[£€])\s?\d)" if kind == "money" else "")
            for kind, unit_words in kinds
        )


def _unit(word: str) -> str:
    """A unit as a pattern: no letter follows a word, and no figure a sign (150 £20 is no £150)."""
    return re.escape(word) + ("(?![a-z])" if _is_letter(word[-1:]) else "")


@dataclass(frozen=True, eq=False)
class Grammar:
    """Everything the reader knows: words of each language, units of each jurisdiction."""

    english: Words
    chinese: Words
    units: UnitPatterns

    def cues(self, text: str) -> list[Cue]:
        """The words of a text in small letters, in order."""
        if CJK.search(text) is None:
            return self.english.cues(text)
        cue_list = self.chinese.cues(text)
        if sum(map(str.isascii, text)) > len(text) // 2:
            cue_list = sorted([*cue_list, *self.english.cues(text)], key=lambda cue: cue.start)
        return cue_list


def grammar_of(files: Mapping[str, Mapping[str, Any]]) -> Grammar:
    """The grammar out of the data of `grammar-en`, `grammar-zh` and `units`."""
    return Grammar(
        Words(files["grammar-en"]), Words(files["grammar-zh"]), UnitPatterns(files["units"])
    )
