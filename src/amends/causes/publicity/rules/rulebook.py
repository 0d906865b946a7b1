"""The rules that adverts are held against: what the dated files say, made ready to use."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from amends.causes.publicity.rules.reader.grammar import CJK, Grammar, any_of

CODES = (
    "PRICE_MISMATCH",
    "ALLOWANCE_MISMATCH",
    "SPEED_MISMATCH",
    "VALIDITY_MISMATCH",
    "CONTRACT_TERM_MISMATCH",
    "GIFT_MISMATCH",
    "QUOTA_MISMATCH",
    "FEE_MISMATCH",
    "THROTTLE_MISMATCH",
    "PRICE_AFTER_PROMO_MISSING",
    "CONTRACT_TERM_MISSING",
    "QUOTA_MISSING",
    "VALIDITY_MISSING",
    "GIFT_CONDITION_MISSING",
    "BANDWIDTH_CONDITION_MISSING",
    "UNLIMITED_UNQUALIFIED",
    "DISCONTINUED",
    "QUOTA_EXHAUSTED",
    "BUNDLE_CONDITION",
    "EXCLUSIVE",
    "UNREQUESTED_SIM",
    "COMPETITOR_NAMED",
    "CHANNEL_DIVERGENCE",
    "ABSOLUTE_TERM",
)


@dataclass(frozen=True, slots=True)
class PublicityRule:
    """One rule: its code, short titles, the wording it suggests, and where it comes from."""

    id: str
    code: str
    zh: str
    en: str
    suggest_zh: str
    suggest_en: str
    source: str
    verified: bool | str


@dataclass(frozen=True, slots=True)
class Rulebook:
    """Rules by code, the word lists as patterns and the grammar of the reader; `advice` names codes
    that only advise, `rises_in_money` the jurisdictions where a price rise is stated in money."""

    rules: Mapping[str, PublicityRule]
    words: Mapping[str, re.Pattern[str]]
    words_without_chinese: Mapping[str, re.Pattern[str]]
    grammar: Grammar
    versions: tuple[str, ...] = ()
    advice: frozenset[str] = field(default_factory=frozenset)
    rises_in_money: frozenset[str] = field(default_factory=frozenset)

    def rule_id(self, code: str) -> str:
        """The id of the rule behind a code; the code itself where no file has it."""
        return self.rules[code].id if code in self.rules else code

    def title(self, code: str) -> dict[str, str]:
        """The title of a code in plain words, by language; empty where no file has it."""
        rule = self.rules.get(code)
        return {"en": rule.en, "zh": rule.zh} if rule else {}

    def pattern(self, name: str, text: str) -> re.Pattern[str]:
        """The pattern of a list for a text: without its Chinese words where none can stand."""
        return (self.words if CJK.search(text) else self.words_without_chinese)[name]

    def finds(self, name: str, text: str) -> re.Match[str] | None:
        """The first place where a word of the list stands."""
        return self.pattern(name, text).search(text)


def rulebook_of(
    files: Iterable[tuple[str, Mapping[str, Any]]],
    grammar: Grammar,
    wording: Mapping[str, Any],
    advice: Iterable[str] = (),
) -> Rulebook:
    """Make a rulebook of (version, data) of rule files.

    wording  data of the word lists: patterns in `lists`, for a text in small letters (to ignore
             case while searching takes twice as long), and in `case_lists`, for the text as it
             stands; plain words in `names`
    """
    rules: dict[str, PublicityRule] = {}
    versions = []
    in_money: set[str] = set()
    for version, data in files:
        versions.append(version)
        for row in data.get("rules", []):
            rules[row["code"]] = PublicityRule(
                id=row["id"],
                code=row["code"],
                zh=row["zh"],
                en=row["en"],
                suggest_zh=row.get("suggest_zh", ""),
                suggest_en=row.get("suggest_en", ""),
                source=row["source"],
                verified=row["verified"],
            )
        in_money.update(data.get("rises_in_money", []))
    compiled_words = dict(_compiled(wording, chinese=True))
    english = dict(_compiled(wording, chinese=False))
    return Rulebook(
        rules=rules,
        words=compiled_words,
        words_without_chinese=english,
        grammar=grammar,
        versions=tuple(versions),
        advice=frozenset(advice),
        rises_in_money=frozenset(in_money),
    )


_ENGLISH = re.compile("[a-z]{4}")
_CAPITAL = re.compile(r"(?<!\\)[A-Z]")


def _compiled(
    wording: Mapping[str, Any], *, chinese: bool
) -> Iterator[tuple[str, re.Pattern[str]]]:
    for table in ("lists", "case_lists", "names"):
        for name, listed in wording[table].items():
            phrases = [
                phrase
                for phrase in listed
                if chinese or not CJK.search(phrase) or _ENGLISH.search(phrase)
            ]
            pattern = any_of(phrases) if table == "names" else "|".join(phrases)
            if table == "lists":
                pattern = _CAPITAL.sub(lambda this: this[0].lower(), pattern)
            yield name, re.compile(pattern or r"(?!)")
