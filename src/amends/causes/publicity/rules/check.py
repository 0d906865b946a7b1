"""Adverts to findings: one copy, or many with what their channels say of the same offer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from amends.causes.publicity.rules.comparison.advert import Advert, settled, trade_of
from amends.causes.publicity.rules.comparison.compare import compare
from amends.causes.publicity.rules.comparison.owners import Owned, owned
from amends.causes.publicity.rules.copies import MAX_CHARACTERS, Copy
from amends.causes.publicity.rules.divergence import diverging, first_of_each
from amends.causes.publicity.rules.findings import UNSURE, Finding
from amends.causes.publicity.rules.names import OfferNames
from amends.causes.publicity.rules.reader.grammar import CJK
from amends.causes.publicity.rules.reader.normalise import lowered, normalise
from amends.causes.publicity.rules.reader.reading import Reading, read
from amends.causes.publicity.rules.reader.statements import AdvertStatement
from amends.causes.publicity.rules.replacements import replacement
from amends.causes.publicity.rules.rulebook import Rulebook
from amends.causes.publicity.rules.wording import (
    compares,
    forced_pair,
    is_agreement,
    rival_names,
    wording,
)
from amends.record.facts.offers.key_facts import KeyFacts

_SIGNS = {"£": "uk", "₹": "in", "€": "eu", "a$": "au", "$": "us"}


class Checker:
    """The rules and the offers, made ready for many copies.

    jurisdiction  the operator's own, where one is set; a copy may name another
    """

    def __init__(
        self, offers: Iterable[KeyFacts], rulebook: Rulebook, *, jurisdiction: str = ""
    ) -> None:
        self.rulebook = rulebook
        self.jurisdiction = jurisdiction
        self.offers = {offer.id: offer for offer in offers}
        self._names = OfferNames(self.offers.values())
        self._of_currency: dict[str, str] = {
            market.currency: name for name, market in rulebook.grammar.units.places.items()
        }

    def check(self, copy: Copy, *, on: date) -> list[Finding]:
        """The findings of one copy, as it stands on its own day or `on`."""
        return self._check(copy, on)[0]

    def stated(self, copy: Copy) -> dict[str, AdvertStatement]:
        """What a copy states of each field: the first value of each; its offer's name aside."""
        reading = self._read(copy, normalise(copy.text[:MAX_CHARACTERS]))
        return first_of_each(self._attached(copy, reading).own)

    def check_all(self, copies: Sequence[Copy], *, on: date) -> dict[str, list[Finding]]:
        """The findings of each copy by its id, divergence between channels included."""
        findings_by_id: dict[str, list[Finding]] = {}
        statements_by_id: dict[str, dict[str, AdvertStatement]] = {}
        for copy in copies:
            findings_by_id[copy.id], statements = self._check(copy, on)
            statements_by_id[copy.id] = first_of_each(statements)
        for name, finding in diverging(copies, self.offers, statements_by_id):
            findings_by_id[name].append(finding)
        return findings_by_id

    def _check(self, copy: Copy, on: date) -> tuple[list[Finding], list[AdvertStatement]]:
        if len(copy.text) > MAX_CHARACTERS:
            return [
                Finding(
                    code=UNSURE, severity="unsure", field="text", said="", is_=f"> {MAX_CHARACTERS}"
                )
            ], []
        text, on = normalise(copy.text), copy.on or on
        own: list[AdvertStatement] = []
        if is_agreement(text, copy.channel, self.rulebook):
            reading = read("", self.rulebook.grammar, "", normalised=True)
            reading = replace(
                reading, text=text, small=lowered(text), layout=type(reading.layout)(text)
            )
            findings = [
                finding
                for finding in wording(reading, self.rulebook)
                if finding.code in _OF_AGREEMENTS
            ]
            findings += forced_pair(reading, self.rulebook)
        else:
            reading = self._read(copy, text)
            attached = self._attached(copy, reading)
            own = attached.own
            findings = [*self._wording(copy, reading), *self._compared(copy, reading, attached, on)]
        findings = list(dict.fromkeys(self._as_published(findings, copy.text)))
        advised = self.rulebook.advice
        return [
            replace(finding, severity="advice") if finding.code in advised else finding
            for finding in findings
        ], own

    def _as_published(self, findings: Iterable[Finding], text: str) -> Iterator[Finding]:
        """Findings with the words as they were published, and the wording to use instead."""
        chinese = CJK.search(text) is not None
        for finding in findings:
            quoted = (
                text[finding.start : finding.end] if finding.end > finding.start else finding.said
            )
            offer = self.offers.get(finding.offer)
            instead = (
                replacement(finding.code, finding.field, offer, chinese=chinese) if offer else ""
            )
            yield replace(finding, said=quoted, instead=instead)

    def _read(self, copy: Copy, text: str) -> Reading:
        mentions = self._names.mentions(lowered(text), copy.offer)
        return read(text, self.rulebook.grammar, self._place(copy), mentions, normalised=True)

    def _place(self, copy: Copy) -> str:
        """The jurisdiction of a copy: its own, the operator's, or by currency and language."""
        named: str = (copy.pack or self.jurisdiction).partition("-")[0]
        if named in self.rulebook.grammar.units.places:
            return named
        offer = self.offers.get(copy.offer)
        if offer is not None and offer.currency.upper() in self._of_currency:
            return self._of_currency[offer.currency.upper()]
        small = copy.text.lower()
        if copy.language.startswith("zh") or CJK.search(small):
            return "cn"
        return next((jurisdiction for sign, jurisdiction in _SIGNS.items() if sign in small), "")

    def _attached(self, copy: Copy, reading: Reading) -> Owned:
        """The statements by the offer they belong to."""
        offer = self.offers.get(copy.offer)
        if offer is None:
            return Owned(list(reading.statements) if copy.offer else [], {})
        attached = owned(reading, offer, self.offers, self._rivals(reading))
        return Owned(
            settled(offer, attached.own, reading.small),
            {
                name: settled(self.offers[name], statements, reading.small)
                for name, statements in attached.others.items()
            },
        )

    def _rivals(self, reading: Reading) -> list[tuple[int, int]]:
        """Where other operators are compared with."""
        return [
            this.span()
            for this in rival_names(reading.text, self.rulebook)
            if compares(reading, self.rulebook, this)
        ]

    def _compared(
        self, copy: Copy, reading: Reading, attached: Owned, on: date
    ) -> Iterator[Finding]:
        if copy.offer not in self.offers:
            if copy.offer:
                yield Finding(
                    code=UNSURE, severity="unsure", field="offer", said=copy.offer, is_=""
                )
            yield from _unlimited_alone(reading)
            return
        in_money = self._place(copy) in self.rulebook.rises_in_money
        for name, statements in [(copy.offer, attached.own), *attached.others.items()]:
            advert = Advert(
                offer=self.offers[name],
                reading=reading,
                statements=statements,
                on=on,
                rises_in_money=in_money,
            )
            telecom = advert.is_of_telecom
            for finding in compare(advert, self.rulebook.grammar):
                if name == copy.offer or finding.code.endswith("_MISMATCH"):
                    is_decidable = finding.code in _OF_NUMBERS or not advert.is_in_other_language
                    yield finding if telecom and is_decidable else finding.doubted()

    def _wording(self, copy: Copy, reading: Reading) -> Iterator[Finding]:
        """What needs no record; words within the offer's own name are no claim."""
        offer = self.offers.get(copy.offer)
        names = [
            (mention.start, mention.end)
            for mention in reading.mentions
            if mention.offer == copy.offer
        ]
        own = f"{offer.name} {offer.name_en} {offer.provider}" if offer else ""
        for finding in wording(reading, self.rulebook, own=own, jurisdiction=self._place(copy)):
            if not any(low <= finding.start and finding.end <= high for low, high in names):
                yield finding


_OF_NUMBERS = ("PRICE_MISMATCH", "ALLOWANCE_MISMATCH", "DISCONTINUED", "QUOTA_EXHAUSTED")
"""What can be found in a text whose language has no grammar."""
_OF_AGREEMENTS = ("EXCLUSIVE", "UNREQUESTED_SIM")


def _unlimited_alone(reading: Reading) -> Iterator[Finding]:
    """“Unlimited” without any figure, in a text without a record."""
    claimed = reading.of("unlimited")
    if claimed and trade_of(reading).is_telecom and not reading.of("allowance", "threshold"):
        unlimited_claim = claimed[0]
        quoted = reading.text[unlimited_claim.start : unlimited_claim.end]
        yield Finding(
            code="UNLIMITED_UNQUALIFIED",
            severity="block",
            field="throttle_after_gb",
            said=quoted,
            is_="",
            start=unlimited_claim.start,
            end=unlimited_claim.end,
        )
