"""Adverts to findings: one copy, or many with what their channels say of the same offer."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from amends.facts.offers.key_facts import KeyFacts
from amends.publicity.rules.bundles import agreement, bundle
from amends.publicity.rules.compare import Comparison, unlimited
from amends.publicity.rules.days import days_of
from amends.publicity.rules.facts import Fact, Text, facts_of
from amends.publicity.rules.findings import UNSURE, Finding, say
from amends.publicity.rules.numerals import fold
from amends.publicity.rules.rulebook import Rulebook
from amends.publicity.rules.wording import is_agreement, wording

MAX_CHARACTERS = 5_000
_FIELDS = {
    ("money", "price"): "price", ("money", "after"): "price",
    ("money", "exit"): "early_termination_fee", ("money", "gift"): "gift_cny",
    ("gb", "allowance"): "data_gb", ("gb", "threshold"): "throttle_after_gb",
    ("minutes", "allowance"): "voice_min", ("mbps", "nominal"): "down_nominal_mbps",
    ("mbps", "median"): "down_median_peak_mbps", ("mbps", "throttle"): "throttle_mbps",
    ("months", "contract"): "contract_months", ("places", "quota"): "quota",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Copy:
    """One published wording."""

    id: str
    text: str
    offer: str = ""
    channel: str = ""
    language: str = ""
    on: date | None = None


class Checker:
    """The rules and the offers, made ready for many copies."""

    def __init__(self, offers: Iterable[KeyFacts], rulebook: Rulebook) -> None:
        self.rulebook = rulebook
        self.offers = {offer.id: offer for offer in offers}
        self._names = {
            offer.id: re.compile(re.escape(offer.name), re.I)
            for offer in self.offers.values()
            if len(offer.name) > 1
        }
        named = sorted(
            {offer.name for offer in self.offers.values() if len(offer.name) > 2}, key=len
        )
        self._others = (
            re.compile("|".join(map(re.escape, reversed(named))), re.I) if named else None
        )

    def check(self, copy: Copy, *, on: date) -> list[Finding]:
        """The findings of one copy, as it stands on its own day or `on`."""
        if len(copy.text) > MAX_CHARACTERS:
            return [Finding(UNSURE, "unsure", "text", "", f"> {MAX_CHARACTERS}")]
        folded = fold(copy.text)
        offer = self.offers.get(copy.offer)
        found = self._findings(copy, folded.text, offer, copy.on or on)
        placed = [one.placed(folded, copy.text) for one in found]
        advised = self.rulebook.advice
        return [
            replace(one, severity="advice") if one.code in advised else one
            for one in dict.fromkeys(placed)
        ]

    def _findings(self, copy: Copy, text: str, offer: KeyFacts | None, on: date) -> list[Finding]:
        rulebook, cut = self.rulebook, Text(text)
        if is_agreement(text, copy.channel, rulebook):
            judged = [
                one
                for one in wording(cut, rulebook)
                if one.code in ("EXCLUSIVE", "UNREQUESTED_SIM")
            ]
            forced = agreement(cut, rulebook)
            return [*judged, forced] if forced else judged
        found = wording(cut, rulebook, own=offer.name if offer else "")
        if offer is None:
            if copy.offer:
                found.append(Finding(UNSURE, "unsure", "offer", copy.offer, ""))
            if (endless := unlimited(text, rulebook)) and not re.search(
                r"\d\s?(?:GB|G\b|TB|MB)", text, re.I
            ):
                found.append(
                    Finding(
                        "UNLIMITED_UNQUALIFIED",
                        "block",
                        "throttle_after_gb",
                        endless[0],
                        "",
                        endless.start(),
                        endless.end(),
                    )
                )
            return found
        found = [one for one in found if not self._in_name(one, text, offer)]
        blanked = Text(self._without_name(text, offer))
        found += Comparison(
            offer, blanked, facts_of(blanked.text), days_of(blanked.text), on, rulebook
        ).findings()
        if one := bundle(offer, blanked, self._others):
            found.append(one)
        return found

    def _without_name(self, text: str, offer: KeyFacts) -> str:
        pattern = self._names.get(offer.id)
        return pattern.sub(lambda this: " " * len(this[0]), text) if pattern else text

    def _in_name(self, finding: Finding, text: str, offer: KeyFacts) -> bool:
        """A word within the offer's own name is no claim."""
        pattern = self._names.get(offer.id)
        spans = [this.span() for this in pattern.finditer(text)] if pattern else []
        return any(low <= finding.start and finding.end <= high for low, high in spans)

    def check_all(self, copies: Sequence[Copy], *, on: date) -> dict[str, list[Finding]]:
        """The findings of each copy by its id, divergence between channels included."""
        found = {copy.id: self.check(copy, on=on) for copy in copies}
        for copy, finding in diverging(copies, self.offers):
            found[copy].append(finding)
        return found


def stated(copy: Copy) -> dict[str, tuple[float, Fact]]:
    """What a copy states of each field: the first value of each."""
    found: dict[str, tuple[float, Fact]] = {}
    for fact in facts_of(fold(copy.text[:MAX_CHARACTERS]).text):
        if field := _FIELDS.get((fact.unit, fact.role)):
            found.setdefault(field, (fact.value, fact))
    return found


def diverging(copies: Iterable[Copy], offers: Mapping[str, KeyFacts]) -> list[tuple[str, Finding]]:
    """Channels that state different values of one fact which no record decides.

    Where the record has the fact, the copy that states it falsely has its mismatch already.
    """
    groups: dict[str, list[Copy]] = defaultdict(list)
    for copy in copies:
        if copy.offer and copy.channel:
            groups[copy.offer].append(copy)
    found = []
    for offer, group in groups.items():
        record = offers.get(offer)
        if len({copy.channel for copy in group}) < 2 or (record and record.price is not None):
            continue
        by_field: dict[str, list[tuple[Copy, float, Fact]]] = defaultdict(list)
        for copy in group:
            for field, (value, fact) in stated(copy).items():
                if record is None or field == "price":
                    by_field[field].append((copy, value, fact))
        for field, said in by_field.items():
            found += _diverging(field, said)
    return found


def _diverging(field: str, said: list[tuple[Copy, float, Fact]]) -> list[tuple[str, Finding]]:
    values = {(copy.channel, value) for copy, value, _ in said}
    if len({value for _, value in values}) < 2 or len({channel for channel, _ in values}) < 2:
        return []
    listed = "; ".join(f"{channel}: {say(value)}" for channel, value in sorted(values))
    return [
        (
            copy.id,
            Finding("CHANNEL_DIVERGENCE", "block", field, "", listed, fact.start, fact.end).placed(
                fold(copy.text[:MAX_CHARACTERS]), copy.text
            ),
        )
        for copy, _, fact in said
    ]
