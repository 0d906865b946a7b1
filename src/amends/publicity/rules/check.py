"""Adverts to findings: one copy, or many with what their channels say of the same offer."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property

from amends.facts.offers.key_facts import KeyFacts
from amends.publicity.rules.bundles import agreement, bundle
from amends.publicity.rules.check_amounts import called_unlimited
from amends.publicity.rules.compare import compare
from amends.publicity.rules.comparison import AdvertComparison
from amends.publicity.rules.copies import MAX_CHARACTERS, Copy
from amends.publicity.rules.days import days_of
from amends.publicity.rules.divergence import diverging, first_of_each
from amends.publicity.rules.facts import facts_of
from amends.publicity.rules.findings import UNSURE, Finding
from amends.publicity.rules.numerals import fold
from amends.publicity.rules.rulebook import Rulebook
from amends.publicity.rules.text import StatedFact, Text
from amends.publicity.rules.wording import is_agreement, wording

_FIGURE = re.compile(r"\d\s?(?:GB|G\b|TB|MB)", re.I)


class Checker:
    """The rules and the offers, made ready for many copies."""

    def __init__(self, offers: Iterable[KeyFacts], rulebook: Rulebook) -> None:
        self.rulebook = rulebook
        self.offers = {offer.id: offer for offer in offers}
        self._brands = _brands(self.offers.values())
        self._names: dict[str, re.Pattern[str] | None] = {}

    @cached_property
    def _others(self) -> re.Pattern[str] | None:
        """The names of all offers, the longest first."""
        named = {offer.name for offer in self.offers.values() if len(offer.name) > 2}
        if not named:
            return None
        return re.compile("|".join(map(re.escape, sorted(named, key=len, reverse=True))), re.I)

    def _name_of(self, offer: KeyFacts) -> re.Pattern[str] | None:
        """The forms of an offer's own name; made when the first copy speaks of it."""
        if offer.id not in self._names:
            forms = [*_forms(offer.name, self._brands), *_forms(offer.name_en, self._brands)]
            self._names[offer.id] = (
                re.compile("|".join(map(re.escape, forms)), re.I) if forms else None
            )
        return self._names[offer.id]

    def check(self, copy: Copy, *, on: date) -> list[Finding]:
        """The findings of one copy, as it stands on its own day or `on`."""
        return self._check(copy, on)[0]

    def stated(self, copy: Copy) -> dict[str, StatedFact]:
        """What a copy states of each field: the first value of each; its offer's name aside."""
        text = fold(copy.text[:MAX_CHARACTERS]).text
        facts = facts_of(self._without_name(text, self.offers.get(copy.offer)))
        return first_of_each(facts)

    def _check(self, copy: Copy, on: date) -> tuple[list[Finding], list[StatedFact]]:
        if len(copy.text) > MAX_CHARACTERS:
            return [Finding(UNSURE, "unsure", "text", "", f"> {MAX_CHARACTERS}")], []
        folded = fold(copy.text)
        offer, on = self.offers.get(copy.offer), copy.on or on
        if is_agreement(folded.text, copy.channel, self.rulebook):
            found, facts = self._clauses(folded.text), []
        else:
            blanked = Text(self._without_name(folded.text, offer))
            facts = facts_of(blanked.text) if copy.offer else []
            found = self._wording(copy, folded.text, offer)
            if offer is not None:
                days = days_of(blanked.text)
                found += compare(AdvertComparison(offer, blanked, facts, days, on, self.rulebook))
                if one := bundle(offer, blanked, self._others):
                    found.append(one)
        placed = dict.fromkeys(one.placed(folded, copy.text) for one in found)
        advised = self.rulebook.advice
        return [
            replace(one, severity="advice") if one.code in advised else one for one in placed
        ], facts

    def _clauses(self, text: str) -> list[Finding]:
        """What is found in an agreement."""
        cut = Text(text)
        found = [
            one
            for one in wording(cut, self.rulebook)
            if one.code in ("EXCLUSIVE", "UNREQUESTED_SIM")
        ]
        forced = agreement(cut, self.rulebook)
        return [*found, forced] if forced else found

    def _wording(self, copy: Copy, text: str, offer: KeyFacts | None) -> list[Finding]:
        """What needs no record; of a copy without an offer also “unlimited” without a figure."""
        cut = Text(text)
        if offer is not None:
            found = wording(cut, self.rulebook, own=offer.name)
            return [one for one in found if not self._in_name(one, text, offer)]
        found = wording(cut, self.rulebook)
        if copy.offer:
            found.append(Finding(UNSURE, "unsure", "offer", copy.offer, ""))
        endless = called_unlimited(text, self.rulebook)
        if endless and not _FIGURE.search(text):
            field = "throttle_after_gb"
            found.append(AdvertComparison.words("UNLIMITED_UNQUALIFIED", field, endless, ""))
        return found

    def _without_name(self, text: str, offer: KeyFacts | None) -> str:
        pattern = self._name_of(offer) if offer else None
        return pattern.sub(lambda this: " " * len(this[0]), text) if pattern else text

    def _in_name(self, finding: Finding, text: str, offer: KeyFacts) -> bool:
        """A word within the offer's own name is no claim."""
        pattern = self._name_of(offer)
        spans = [this.span() for this in pattern.finditer(text)] if pattern else []
        return any(low <= finding.start and finding.end <= high for low, high in spans)

    def check_all(self, copies: Sequence[Copy], *, on: date) -> dict[str, list[Finding]]:
        """The findings of each copy by its id, divergence between channels included."""
        found: dict[str, list[Finding]] = {}
        said: dict[str, dict[str, StatedFact]] = {}
        for copy in copies:
            found[copy.id], facts = self._check(copy, on)
            said[copy.id] = first_of_each(facts)
        for copy, finding in diverging(copies, self.offers, said):
            found[copy].append(finding)
        return found


def _brands(offers: Iterable[KeyFacts]) -> set[str]:
    """What several names of offers begin with: a word, or two Chinese characters."""
    counted = Counter(_beginning(offer.name) for offer in offers if offer.name)
    return {brand for brand, number in counted.items() if number > 1}


def _beginning(name: str) -> str:
    return name.split(" ")[0] + " " if " " in name else name[:2]


def _forms(name: str, brands: Collection[str]) -> list[str]:
    """A name, and one with a figure also without the brand before it: “千兆宽带1000M”."""
    forms = [name] if len(name) > 1 else []
    brand = _beginning(name)
    rest = name.removeprefix(brand)
    if brand in brands and len(rest) > 3 and any(mark.isdigit() for mark in rest):
        forms.append(rest)
    return forms
