"""What others may ask: offers, copies with findings, the matrix, precision of rules, the gate."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from amends.causes.publicity.models import (
    AcceptedPhrase,
    FindingSeverity,
    FoundFault,
    PublishedCopy,
    RuleDecision,
    Waiver,
)
from amends.causes.publicity.queries.rulebook import rulebook_on
from amends.causes.publicity.rules.check import Checker
from amends.causes.publicity.rules.copies import MAX_CHARACTERS as MAX_CHARACTERS
from amends.causes.publicity.rules.copies import Copy
from amends.causes.publicity.rules.divergence import recorded
from amends.causes.publicity.rules.findings import Finding, say
from amends.causes.publicity.rules.rulebook import CODES, Rulebook
from amends.channels.queries.capabilities import text_channels
from amends.people.access.queries.colleagues import people
from amends.people.subscribers.queries.counts import services_sold
from amends.platform import registry
from amends.platform.kit.packs import day_in
from amends.platform.kit.periods import just_after
from amends.record.catalogue.queries import all_key_facts
from amends.record.catalogue.texts.words import name_of
from amends.record.facts.offers.key_facts import KeyFacts
from amends.record.facts.stored import StoredFact
from amends.record.ledger.queries import facts_about, facts_on
from amends.work.knowledge.queries.compare import ContradictedStatement

LAST_DECISIONS = 50
LEAST_DECISIONS = 10
LEAST_PRECISION = 0.9
LEAST_PEOPLE = 3
FIRM = frozenset(code for code in CODES if code.endswith("_MISMATCH")) | {
    "DISCONTINUED",
    "QUOTA_EXHAUSTED",
}
"""Codes of what contradicts a record: no judgement of people weakens them."""
ACCEPTABLE = frozenset({"ABSOLUTE_TERM", "COMPETITOR_NAMED"})
"""Codes of wording alone: what an accepted phrase can cover."""
MATRIX_FIELDS = (
    "price",
    "data_gb",
    "voice_min",
    "down_nominal_mbps",
    "contract_months",
    "early_termination_fee",
    "gift_cny",
    "quota",
)


@dataclass(frozen=True, slots=True)
class Precision:
    """How often a rule was right over its last decisions; `people` found it wrong."""

    code: str
    right: int
    decided: int
    people: int

    @property
    def share(self) -> float | None:
        """Share of right findings; None before anybody judged one."""
        return self.right / self.decided if self.decided else None

    @property
    def only_advises(self) -> bool:
        """Whether several people found the rule too often wrong for it to block."""
        share = self.share
        return (
            self.code in CODES
            and self.code not in FIRM
            and self.people >= LEAST_PEOPLE
            and self.decided >= LEAST_DECISIONS
            and share is not None
            and share < LEAST_PRECISION
        )


@dataclass(frozen=True, slots=True)
class FindingJudgement:
    """Whether a person found a finding right, and why not; `by` is their name."""

    right: bool
    reason: str
    by: str
    at: datetime


def judgements_of(ref: str) -> dict[tuple[str, str], FindingJudgement]:
    """The last judgement of each finding in a copy, by its code and words."""
    rows = list(RuleDecision.objects.filter(copy=ref))
    names = people(row.decided_by for row in rows)
    return {
        (row.code, row.said): FindingJudgement(
            right=row.right,
            reason=row.reason,
            by=names.get(row.decided_by, row.decided_by),
            at=row.decided_at,
        )
        for row in rows
    }


def precision(brand: str = "") -> dict[str, Precision]:
    """The precision of every rule that somebody has judged in copies of a brand."""
    decisions: dict[str, list[tuple[bool, str]]] = defaultdict(list)
    rows = RuleDecision.objects.filter(brand=brand)
    for code, right, person in rows.values_list("code", "right", "decided_by"):
        if len(decisions[code]) < LAST_DECISIONS:
            decisions[code].append((right, person))
    return {
        code: Precision(
            code=code,
            right=sum(right for right, _person in judged),
            decided=len(judged),
            people=len({person for right, person in judged if not right}),
        )
        for code, judged in decisions.items()
    }


def rulebook_today(on: date, brand: str = "") -> Rulebook:
    """The rules in force for a brand, those that are too often wrong as advice."""
    return rulebook_on(
        on,
        [code for code, code_precision in precision(brand).items() if code_precision.only_advises],
    )


def visible_copies(brand: str = "") -> QuerySet[PublishedCopy]:
    """The copies that people of a brand may read: its own and those of no brand."""
    rows = PublishedCopy.objects.all()
    return rows.filter(brand__in=("", brand)) if brand else rows


def accepted_phrases(brand: str, on: date) -> list[str]:
    """The phrases that a brand may use on a day although a rule of wording finds them."""
    rows = AcceptedPhrase.objects.filter(
        brand=brand, accepted_at__isnull=False, ended_at__isnull=True, until__gte=on
    )
    return list(rows.values_list("phrase", flat=True))


def offers(now: datetime) -> list[KeyFacts]:
    """The key facts of every offer in force, places given away included."""
    key_facts = all_key_facts(now)
    limited = [facts.id for facts in key_facts if facts.quota]
    sold = services_sold(limited) if limited else {}
    return [
        replace(facts, taken=max(facts.taken or 0, sold.get(facts.id, 0))) if facts.quota else facts
        for facts in key_facts
    ]


def chosen_jurisdiction() -> str:
    """The operator's jurisdiction; "" until it is chosen: each copy then names or shows its own."""
    return settings.JURISDICTION if settings.JURISDICTION_CHOSEN else ""


class BrandChecker(Checker):
    """The checker of a brand, which knows the phrases that the brand has accepted."""

    def __init__(
        self, offers: Iterable[KeyFacts], rulebook: Rulebook, *, accepted: Iterable[str] = ()
    ) -> None:
        super().__init__(offers, rulebook, jurisdiction=chosen_jurisdiction())
        self._accepted = [phrase.casefold() for phrase in accepted]

    def findings(self, copy: Copy, *, on: date) -> list[tuple[Finding, FindingSeverity]]:
        """What is found in a copy, each with its severity once accepted phrases are known."""
        small = copy.text.casefold()
        spans = [
            (match.start(), match.end())
            for phrase in self._accepted
            # Only where folding leaves every character in its place.
            if len(small) == len(copy.text)
            for match in re.finditer(re.escape(phrase), small)
        ]
        return [
            (
                finding,
                FindingSeverity.ACCEPTED
                if finding.code in ACCEPTABLE
                and any(start <= finding.start < finding.end <= end for start, end in spans)
                else FindingSeverity(finding.severity),
            )
            for finding in self.check(copy, on=on)
        ]


def checker(now: datetime, *, brand: str = "") -> BrandChecker:
    """Everything a check of a brand's copies needs, from the records."""
    return checkers(now)(brand)


def checkers(now: datetime) -> Callable[[str], BrandChecker]:
    """The checker of each brand, made when it is first asked for."""
    current_offers, today = offers(now), timezone.localdate(now)

    @cache
    def of(brand: str) -> BrandChecker:
        rules = rulebook_today(today, brand)
        return BrandChecker(current_offers, rules, accepted=accepted_phrases(brand, today))

    return of


def as_copy(row: PublishedCopy) -> Copy:
    """A row as the rules read it: a draft on its planned day, what is live today."""
    planned = row.publish_on if row.state == PublishedCopy.State.DRAFT else None
    return Copy(id=row.ref, text=row.text, offer=row.offer, channel=row.channel, on=planned)


@dataclass(frozen=True, slots=True)
class FindingView:
    """What was found in a copy; `start` and `end` are characters of its text."""

    code: str
    severity: str
    field: str
    said: str
    record: str
    start: int
    end: int
    rule: str
    instead: str = ""

    @classmethod
    def of_row(cls, row: FoundFault) -> FindingView:
        """A stored finding."""
        return cls(
            code=row.code,
            severity=row.severity,
            field=row.field,
            said=row.said,
            record=row.recorded,
            start=row.start,
            end=row.end,
            rule=row.rule,
            instead=row.instead,
        )

    @classmethod
    def of_finding(cls, finding: Finding, severity: str, rulebook: Rulebook) -> FindingView:
        """A finding of the rules."""
        return cls(
            code=finding.code,
            severity=severity,
            field=finding.field,
            said=finding.said,
            record=finding.is_,
            start=finding.start,
            end=finding.end,
            rule=rulebook.rule_id(finding.code),
            instead=finding.instead,
        )


@dataclass(frozen=True, slots=True)
class CopyView:
    """A copy on record, with what was found when it was checked last."""

    copy: str
    state: str
    first_seen_at: datetime | None
    last_seen_at: datetime | None
    findings: tuple[FindingView, ...]


def copy_of(ref: str) -> CopyView:
    """A copy by its reference. Raises `PublishedCopy.DoesNotExist`."""
    row = PublishedCopy.objects.get(ref=ref)
    finding_views = tuple(FindingView.of_row(finding) for finding in row.findings.all())
    return CopyView(
        copy=row.ref,
        state=row.state,
        first_seen_at=row.first_seen_at,
        last_seen_at=row.last_seen_at,
        findings=finding_views,
    )


@dataclass(frozen=True, slots=True)
class CitedCopy:
    """An advert that somebody's order cites, and what is found in it under the rules of `rulebook`.

    at         when it was published, as its `ClaimPublished` states
    on_record  whether the copy itself is kept here; else the text of the fact was checked against
               the key facts in force at that moment
    """

    claim: str
    text: str
    at: datetime
    on_record: bool
    findings: tuple[FindingView, ...]
    rulebook: Rulebook


def cited_copies(subscriber: str, *, service: str = "", now: datetime) -> list[CitedCopy]:
    """The adverts cited by the orders of one person (and service, where given), oldest first."""
    end = just_after(now)
    orders = facts_about(subscriber, kinds=("ServiceOrdered", "ServiceActivated"), end=end)
    begun = [order for order in orders if not service or order.subject == service]
    cited = {
        str(case_fact.payload["claim"]): str(case_fact.payload["offer"])
        for case_fact in begun
        if case_fact.payload.get("claim")
    }
    claims = facts_on({*cited, *cited.values()}, kinds=("ClaimPublished",), end=end)
    claims_by_ref = {str(claim.payload["claim"]): claim for claim in claims}
    return [_cited(fact, now) for claim, fact in claims_by_ref.items() if claim in cited]


def _cited(fact: StoredFact, now: datetime) -> CitedCopy:
    claim, text = str(fact.payload["claim"]), str(fact.payload["text"])
    row = PublishedCopy.objects.filter(ref=claim).first()
    if row is not None:
        book = rulebook_today(timezone.localdate(now), row.brand)
        return CitedCopy(
            claim=claim,
            text=row.text,
            at=fact.happened_at,
            on_record=True,
            findings=copy_of(claim).findings,
            rulebook=book,
        )
    rules = checker(fact.happened_at)
    cited_text = Copy(
        id=claim,
        text=text,
        offer=str(fact.payload.get("offer", fact.subject)),
        channel=str(fact.payload["channel"]),
    )
    checked = tuple(
        FindingView.of_finding(finding, finding.severity, rules.rulebook)
        for finding in rules.check(cited_text, on=timezone.localdate(fact.happened_at))
    )
    return CitedCopy(
        claim=claim,
        text=text,
        at=fact.happened_at,
        on_record=False,
        findings=checked,
        rulebook=rules.rulebook,
    )


def waivers_of(row: PublishedCopy, on: date) -> list[Waiver]:
    """The waivers that hold for the copy as it is written on a day."""
    waivers = Waiver.objects.filter(copy=row, version=row.version)
    return [waiver for waiver in waivers if waiver.ends_on() >= on]


def open_blocks(ref: str, on: date) -> list[FoundFault]:
    """Blocking findings of a copy that no waiver covers on a day."""
    blocking = FoundFault.objects.filter(copy=ref, severity=FindingSeverity.BLOCK)
    blocks = list(blocking.select_related("copy"))
    waived = {waiver.code for waiver in waivers_of(blocks[0].copy, on)} if blocks else set()
    return [row for row in blocks if row.code not in waived]


def gate(subject: str, brand: str = "") -> tuple[str, str]:
    """The gate `publicity` for an offer: red while a copy of it has a blocking finding, green when
    all its copies are clean or waived, open where nobody has written one."""
    today = timezone.localdate()
    copies = visible_copies(brand).filter(offer=subject).exclude(state="withdrawn")
    refs = list(copies.filter(checked_at__isnull=False).values_list("ref", flat=True))
    if not refs:
        return "open", ""
    blocked = {row.code for ref in refs for row in open_blocks(ref, today)}
    return ("red", ", ".join(sorted(blocked))) if blocked else ("green", "")


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """One fact of one offer: what the record says and what each channel says."""

    offer: str
    name: str
    field: str
    record: str
    said: tuple[tuple[str, bool], ...]

    @property
    def differs(self) -> bool:
        """Whether a channel says something else."""
        return any(not holds for _text, holds in self.said)


def matrix(channels: Iterable[str], *, now: datetime, brand: str = "") -> list[MatrixRow]:
    """Offer × fact × channel for what is live."""
    columns = list(channels)
    rules = checker(now, brand=brand)
    stated_values: dict[tuple[str, str, str], set[float]] = defaultdict(set)
    for row in visible_copies(brand).filter(state=PublishedCopy.State.LIVE).exclude(offer=""):
        for field, fact in rules.stated(as_copy(row)).items():
            stated_values[row.offer, field, row.channel].add(fact.value)
    for published_text in registry.published_texts():
        copy = Copy(
            id=published_text.key,
            text=published_text.text,
            offer=published_text.offer,
            channel=published_text.channel,
            language=published_text.language,
        )
        for field, fact in rules.stated(copy).items():
            stated_values[published_text.offer, field, published_text.channel].add(fact.value)
    rows = []
    for offer in rules.offers.values():
        for field in MATRIX_FIELDS:
            cells = [stated_values.get((offer.id, field, channel), set()) for channel in columns]
            if any(cells):
                rows.append(_row(offer, field, cells))
    return rows


def contradicted_statements(
    *, texts: Mapping[str, tuple[str, str]], **_signal: Any
) -> list[ContradictedStatement]:
    """Statements of texts other than adverts, where the record of an offer contradicts them."""
    now = timezone.now()
    rules, on = checker(now), day_in(settings.JURISDICTION, now)
    return [
        ContradictedStatement(key=key, offer=finding.offer, said=finding.said, recorded=finding.is_)
        for key, (language, copy_text) in texts.items()
        for finding in rules.check(
            Copy(
                id=key, text=copy_text[:MAX_CHARACTERS], offer="", channel="web", language=language
            ),
            on=on,
        )
        if finding.code in FIRM and finding.severity == "block"
    ]


def _row(offer: KeyFacts, field: str, cells: list[set[float]]) -> MatrixRow:
    recorded_values = set(recorded(offer, field))
    return MatrixRow(
        offer=offer.id,
        name=name_of(offer),
        field=field,
        record=" / ".join(say(value) for value in sorted(recorded_values)),
        said=tuple(
            (" / ".join(say(value) for value in sorted(cell)), cell <= recorded_values)
            for cell in cells
        ),
    )


def advert_channels() -> tuple[str, ...]:
    """The channels on which an advert can be published; an agreement is no advert."""
    return ("web", "app", *text_channels(), "counter", "social", "agent")


def channels(brand: str = "") -> list[str]:
    """The channels of what is live."""
    live = visible_copies(brand).filter(state=PublishedCopy.State.LIVE)
    texts = {published_text.channel for published_text in registry.published_texts()}
    return sorted({*live.values_list("channel", flat=True), *texts})
