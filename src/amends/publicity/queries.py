"""What others may ask: offers, copies with findings, the matrix, precision of rules, the gate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.utils import timezone

from amends.catalogue.queries import all_key_facts
from amends.catalogue.queries.documents.words import name_of
from amends.channels.queries.capabilities import text_channels
from amends.environment.settings_values import text
from amends.facts.offers.key_facts import KeyFacts
from amends.facts.stored import StoredFact
from amends.ledger.queries import facts_about, facts_on
from amends.publicity.models import FoundFault, PublishedCopy, RuleDecision, Waiver
from amends.publicity.rulebook import rulebook_on
from amends.publicity.rules.check import Checker
from amends.publicity.rules.copies import MAX_CHARACTERS as MAX_CHARACTERS
from amends.publicity.rules.copies import Copy
from amends.publicity.rules.divergence import recorded
from amends.publicity.rules.findings import say
from amends.publicity.rules.rulebook import CODES, Rulebook
from amends.subscribers.queries.counts import services_sold

LAST_DECISIONS = 50
LEAST_DECISIONS = 10
LEAST_PRECISION = 0.9
MATRIX_FIELDS = (
    "price", "data_gb", "voice_min", "down_nominal_mbps", "contract_months",
    "early_termination_fee", "gift_cny", "quota",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Precision:
    """How often a rule was right over its last decisions."""

    code: str
    right: int
    decided: int

    @property
    def share(self) -> float | None:
        """Share of right findings; None before anybody judged one."""
        return self.right / self.decided if self.decided else None

    @property
    def only_advises(self) -> bool:
        """Whether the rule is too often wrong to block."""
        share = self.share
        return self.decided >= LEAST_DECISIONS and share is not None and share < LEAST_PRECISION


def precision() -> dict[str, Precision]:
    """The precision of every rule that somebody has judged."""
    found: dict[str, list[bool]] = defaultdict(list)
    for code, right in RuleDecision.objects.values_list("code", "right"):
        if len(found[code]) < LAST_DECISIONS:
            found[code].append(right)
    return {code: Precision(code, sum(rows), len(rows)) for code, rows in found.items()}


def rulebook_today(on: date) -> Rulebook:
    """The rules in force, those that are too often wrong as advice."""
    advice = [code for code, one in precision().items() if one.only_advises and code in CODES]
    return rulebook_on(on, advice)


def offers(now: datetime) -> list[KeyFacts]:
    """The key facts of every offer in force, places given away included."""
    known = all_key_facts(now)
    limited = [one.id for one in known if one.quota]
    sold = services_sold(limited) if limited else {}
    return [
        replace(one, taken=max(one.taken or 0, sold.get(one.id, 0))) if one.quota else one
        for one in known
    ]


def checker(now: datetime) -> Checker:
    """Everything a check needs, from the records."""
    rules = rulebook_today(timezone.localdate(now))
    return Checker(offers(now), rules, jurisdiction=text("AMENDS_PACK", default=""))


def as_copy(row: PublishedCopy) -> Copy:
    """A row as the rules read it: a draft on its planned day, what is live today."""
    planned = row.publish_on if row.state == PublishedCopy.State.DRAFT else None
    return Copy(row.ref, row.text, row.offer, row.channel, on=planned)


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
    found = tuple(
        FindingView(
            one.code, one.severity, one.field, one.said, one.recorded, one.start, one.end, one.rule
        )
        for one in row.findings.all()
    )
    return CopyView(row.ref, row.state, row.first_seen_at, row.last_seen_at, found)


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
    orders = facts_about(subscriber, kinds=("ServiceOrdered", "ServiceActivated"), end=now)
    begun = [one for one in orders if not service or one.subject == service]
    cited = {str(one.payload["claim"]): str(one.payload["offer"]) for one in begun
             if one.payload.get("claim")}  # fmt: skip
    claims = facts_on({*cited, *cited.values()}, kinds=("ClaimPublished",), end=now)
    found = {str(one.payload["claim"]): one for one in claims}
    return [_cited(fact, now) for claim, fact in found.items() if claim in cited]


def _cited(fact: StoredFact, now: datetime) -> CitedCopy:
    claim, text = str(fact.payload["claim"]), str(fact.payload["text"])
    row = PublishedCopy.objects.filter(ref=claim).first()
    if row is not None:
        book = rulebook_today(timezone.localdate(now))
        return CitedCopy(claim, row.text, fact.happened_at, True, copy_of(claim).findings, book)
    rules = checker(fact.happened_at)
    asked = Copy(claim, text, str(fact.payload.get("offer", fact.subject)),
                 str(fact.payload["channel"]))  # fmt: skip
    checked = tuple(
        FindingView(one.code, one.severity, one.field, one.said, one.is_, one.start, one.end,
                    rules.rulebook.rule_id(one.code))
        for one in rules.check(asked, on=timezone.localdate(fact.happened_at))
    )  # fmt: skip
    return CitedCopy(claim, text, fact.happened_at, False, checked, rules.rulebook)


def open_blocks(ref: str, on: date) -> list[FoundFault]:
    """Blocking findings of a copy that no waiver covers on a day."""
    waived = set(Waiver.objects.filter(copy=ref, until__gte=on).values_list("code", flat=True))
    blocking = FoundFault.objects.filter(copy=ref, severity="block")
    return [row for row in blocking if row.code not in waived]


def gate(subject: str) -> tuple[str, str]:
    """The gate `publicity` for an offer: red while a copy of it has a blocking finding, green when
    all its copies are clean or waived, open where nobody has written one."""
    today = timezone.localdate()
    copies = PublishedCopy.objects.filter(offer=subject).exclude(state="withdrawn")
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
        return any(not holds for _words, holds in self.said)


def matrix(channels: Iterable[str], *, now: datetime) -> list[MatrixRow]:
    """Offer × fact × channel for what is live."""
    columns = list(channels)
    rules = checker(now)
    said: dict[tuple[str, str, str], set[float]] = defaultdict(set)
    for row in PublishedCopy.objects.filter(state=PublishedCopy.State.LIVE).exclude(offer=""):
        for field, fact in rules.stated(as_copy(row)).items():
            said[row.offer, field, row.channel].add(fact.value)
    rows = []
    for offer in rules.offers.values():
        for field in MATRIX_FIELDS:
            cells = [said.get((offer.id, field, channel), set()) for channel in columns]
            if any(cells):
                rows.append(_row(offer, field, cells))
    return rows


def _row(offer: KeyFacts, field: str, cells: list[set[float]]) -> MatrixRow:
    held = set(recorded(offer, field))
    return MatrixRow(
        offer.id,
        name_of(offer),
        field,
        " / ".join(say(value) for value in sorted(held)),
        tuple((" / ".join(say(value) for value in sorted(cell)), cell <= held) for cell in cells),
    )


def advert_channels() -> tuple[str, ...]:
    """The channels on which an advert can be published; an agreement is no advert."""
    return ("web", "app", *text_channels(), "counter", "social", "agent")


def channels() -> list[str]:
    """The channels of what is live."""
    live = PublishedCopy.objects.filter(state=PublishedCopy.State.LIVE)
    return sorted(set(live.values_list("channel", flat=True)))
