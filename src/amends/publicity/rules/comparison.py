"""One advert beside one offer: what the checks of prices, terms and amounts ask of both."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from amends.facts.offers.key_facts import KeyFacts
from amends.publicity.rules.days import Day
from amends.publicity.rules.findings import UNSURE, Finding, say
from amends.publicity.rules.rulebook import Rulebook
from amends.publicity.rules.text import StatedFact, Text


def close(said: float, value: float | None) -> bool:
    """Whether a stated number is that of the record, to the rounding of a price."""
    return value is not None and abs(said - value) <= max(0.006, abs(value) * 1e-4)


def same_day(day: Day, when: date | None) -> bool:
    """Whether a day that an advert names is that of the record; a year left out is any year."""
    if when is None or (day.month, day.day) != (when.month, when.day):
        return False
    return not day.year or day.year == when.year


@dataclass(frozen=True, slots=True)
class AdvertComparison:
    """One advert beside one offer."""

    offer: KeyFacts
    cut: Text
    facts: list[StatedFact]
    days: list[Day]
    on: date
    rulebook: Rulebook

    def of(self, unit: str, *roles: str) -> list[StatedFact]:
        """What the advert states in a unit, in some roles or in any."""
        return [
            fact for fact in self.facts if fact.unit == unit and (not roles or fact.role in roles)
        ]

    def at(
        self, code: str, field: str, fact: StatedFact | Day, is_: object, unit: str = ""
    ) -> Finding:
        """A finding about what the advert states."""
        said = self.cut.text[fact.start : fact.end]
        return Finding(code, "block", field, said, say(is_, unit), fact.start, fact.end)

    def unsure(self, field: str, fact: StatedFact | Day, is_: object = None) -> Finding:
        """What a person must look at."""
        said = self.cut.text[fact.start : fact.end]
        return Finding(UNSURE, "unsure", field, said, say(is_), fact.start, fact.end)

    @staticmethod
    def words(code: str, field: str, found: re.Match[str], is_: str) -> Finding:
        """A finding about words without a number."""
        return Finding(code, "block", field, found[0], is_, found.start(), found.end())

    @staticmethod
    def missing(code: str, field: str, is_: object, unit: str = "") -> Finding:
        """A finding about what the advert leaves out."""
        return Finding(code, "block", field, "", say(is_, unit))
