"""Sentences of the dossier in both languages, filled from rule data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache

from amends.decisions.evidence_account import Account
from amends.kit.formats import (
    both_dates,
    both_moments,
    format_count,
    format_duration,
    format_money,
    format_speed,
    join_words,
    local,
)
from amends.kit.packs import load_rules, load_version
from amends.kit.terms import Term

Both = tuple[str, str]
"""The same thing in Chinese and in English."""

Values = dict[str, Both | str]
"""What fills a sentence; a plain string is the same in both languages."""


@dataclass(frozen=True, slots=True)
class Repair:
    """Within which time a fault must be repaired, and for which technologies; none means any."""

    term: Term
    technologies: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Questions:
    """The dated data behind a dossier."""

    version: str
    asked: Mapping[str, Both]
    sources: Mapping[str, str]
    by_class: Mapping[str, tuple[str, ...]]
    sentences: Mapping[str, Both]
    words: Mapping[str, Mapping[str, Both]]
    lanes: Mapping[str, Both]
    numbers: Mapping[str, int]
    repair: Mapping[str, Repair]
    duty_names: Mapping[str, str]

    def repair_of(self, place: str, technology: str) -> Term | None:
        """The time a pack gives to repair a fault of a technology; None where it sets none.

        A fault whose technology is not on file may be one the limit holds for.
        """
        found = self.repair.get(place)
        if found is None:
            return None
        held = (
            not found.technologies or not technology or technology in {*found.technologies, "all"}
        )
        return found.term if held else None

    def duty_name(self, duty: str) -> str:
        """The name a duty goes by here: `limit_reached` of `cn.allowance_reached`."""
        own = duty.partition(".")[2] or duty
        return self.duty_names.get(own, own)


@lru_cache(maxsize=4096)
def questions(on: date) -> Questions:
    """The questions in force on the day `on`."""
    return _read(load_rules("amends.decisions", "dossier", on).effective_from)


def code_title(group: str, code: str, *, zh: bool) -> str:
    """A code of dossiers (a source, a field, a cause) by its name; what they do not name stays."""
    both = questions(date.today()).words.get(group, {}).get(code)  # noqa: DTZ011 - names hold on any day
    return both[0 if zh else 1] if both else code


def source_title(source: str, *, zh: bool) -> str:
    """The system that stated a fact, by its name."""
    return code_title("source", source, zh=zh)


@cache
def _read(version: date) -> Questions:
    file = load_version("amends.decisions", "dossier", version)
    data = file.data
    return Questions(
        version=file.version,
        asked={key: (row["zh"], row["en"]) for key, row in data["questions"].items()},
        sources={key: row["stated_by"] for key, row in data["questions"].items()},
        by_class={row["code"]: tuple(row["questions"]) for row in data["classes"]},
        sentences={key: (row["zh"], row["en"]) for key, row in data["sentences"].items()},
        words={
            group: {word: (row["zh"], row["en"]) for word, row in table.items()}
            for group, table in data["words"].items()
        },
        lanes={key: (row["zh"], row["en"]) for key, row in data["lanes"].items()},
        numbers=data["numbers"],
        repair={
            place: Repair(Term(row["amount"], row["unit"]), frozenset(row.get("technologies", ())))
            for place, row in data["repair"].items()
        },
        duty_names=data.get("duty_names", {}),
    )


class Texts:
    """Says a sentence in both languages, with times on the complainant's clock."""

    def __init__(self, data: Questions, account: Account) -> None:
        self.data = data
        self.account = account
        self._zone = account.matter.zone
        self._moments: dict[int, Both] = {}

    def say(self, key: str, /, **values: Both | str) -> Both:
        """The sentence `key` with its values filled in."""
        zh, en = self.data.sentences[key]
        first = {name: v if isinstance(v, str) else v[0] for name, v in values.items()}
        second = {name: v if isinstance(v, str) else v[1] for name, v in values.items()}
        return zh.format_map(first), en.format_map(second)

    def when(self, at_ms: int) -> Both:
        """A moment to the minute."""
        known = self._moments.get(at_ms)
        if known is None:
            known = self._moments[at_ms] = both_moments(local(at_ms, self._zone))
        return known

    def day(self, at_ms: int) -> Both:
        """A day."""
        return both_dates(local(at_ms, self._zone))

    def word(self, group: str, key: str) -> Both:
        """A channel, initiator, method, … in words; what is not listed is shown as it is."""
        head, _, _ = key.partition(":")
        return self.data.words[group].get(head, (key, key))

    def area(self) -> Both:
        """The complainant's area by its name; one without a name is shown by its code."""
        matter = self.account.matter
        zh, en = matter.area_words
        return zh or matter.area, en or matter.area

    def name(self, offer: str) -> Both:
        """An offer in words."""
        return self.account.names(offer)

    def money(self, minor: int, currency: str) -> str:
        """An amount, the same in both languages."""
        return format_money(minor, currency)

    def speed(self, kbps: int) -> str:
        """A line speed, the same in both languages."""
        return format_speed(kbps)

    def length(self, milliseconds: int) -> Both:
        """A length of time."""
        seconds = milliseconds / 1000
        return format_duration(seconds, "zh"), format_duration(seconds, "en")

    def count(self, number: int) -> Both:
        """A whole number."""
        return format_count(number, "zh"), format_count(number, "en")

    def charges(self, number: int) -> Both:
        """So many charges."""
        return format_count(number, "zh"), _plural(number, "charge")

    def days(self, number: int) -> Both:
        """So many days."""
        return format_count(number, "zh"), _plural(number, "day")

    def listed(self, words: Iterable[Both]) -> Both:
        """Several words as one phrase."""
        pairs = list(words)
        return (
            join_words((zh for zh, _ in pairs), "zh"),
            join_words((en for _, en in pairs), "en"),
        )

    def stretch(self, start_ms: int, end_ms: int) -> Both:
        """From one moment to another."""
        (start_zh, start_en), (end_zh, end_en) = self.when(start_ms), self.when(end_ms)
        return f"{start_zh}至{end_zh}", f"{start_en} to {end_en}"

    def gap(self, source: str, gaps: list[tuple[int, int]]) -> Both:
        """What is missing, as a note for the row."""
        start, end = gaps[0][0], gaps[-1][1]
        period = self.stretch(start, end)
        key = "gap.one" if len(gaps) == 1 else "gap.many"
        return self.say(key, source=self.word("source", source), period=period)


def _plural(number: int, word: str) -> str:
    return f"{format_count(number, 'en')} {word}{'' if number == 1 else 's'}"
