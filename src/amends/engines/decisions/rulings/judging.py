"""From a dossier to a proposed decision: findings, sums, remedies, reasons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from amends.engines.decisions.compensation import Basis, compensations, late_repair_days
from amends.engines.decisions.dossier.model import ChargeGround as Entry
from amends.engines.decisions.dossier.model import Dossier, Row
from amends.engines.decisions.evidence import Matter, add_months
from amends.engines.decisions.rulings.book import Book, Both, ClassRule, Ground, RulingRule
from amends.engines.decisions.rulings.model import (
    PERSON,
    ApprovalLimit,
    ProposedDecision,
    Reason,
    RemedyProposal,
    Suggestion,
    Verdict,
)
from amends.platform.kit.formats import format_date, format_money, local
from amends.platform.kit.money import Money
from amends.platform.kit.packs import UnableToFindRules
from amends.platform.kit.periods import from_ms, to_ms

State = Literal["shown", "refuted", "settled", "open"]


@dataclass(frozen=True, slots=True)
class GroundFinding:
    """What one row means for one ground.

    entries   charges the ground touches; `why` names what keeps an open one open
    rule      the rule of the day that makes the ground count, or says what was kept where it is
              refuted; None where there is none
    """

    ground: Ground
    row: Row
    state: State
    entries: tuple[Entry, ...] = ()
    rule: RulingRule | None = None
    why: str = ""


def findings(
    grounds: Iterable[str],
    *,
    dossier: Dossier,
    matter: Matter,
    book: Book,
    promises: frozenset[str],
) -> list[GroundFinding]:
    """The findings of the named grounds, in their order, for the service the words name if any."""
    by_question: dict[str, list[Row]] = {}
    for row in dossier.rows:
        by_question.setdefault(row.question, []).append(row)
    entries: dict[tuple[str, str], list[Entry]] = {}
    for entry in dossier.grounds:
        entries.setdefault((entry.ground, entry.about), []).append(entry)
    ground_findings = []
    for name in grounds:
        ground = book.grounds[name]
        for question in ground.questions:
            for row in _named(by_question.get(question, ()), matter.service):
                touched = tuple(entries.get((name, row.about), ()))
                finding = _finding(ground, row, touched, matter, book, promises)
                if finding is not None:
                    ground_findings.append(finding)
    return ground_findings


def _named(rows: Iterable[Row], service: str) -> list[Row]:
    """The rows about the service the words name; all rows where it has none of its own."""
    listed = list(rows)
    if not service:
        return listed
    return [row for row in listed if row.about == service] or listed


def _finding(
    ground: Ground,
    row: Row,
    entries: tuple[Entry, ...],
    matter: Matter,
    book: Book,
    promises: frozenset[str],
) -> GroundFinding | None:
    if row.unruled:
        return GroundFinding(ground=ground, row=row, state="open", entries=entries, why="no_rule")
    if row.open_why:
        return GroundFinding(
            ground=ground, row=row, state="open", entries=entries, why=row.open_why
        )
    if row.answer == "not_applicable":
        return None
    if row.conflicting:
        return GroundFinding(
            ground=ground, row=row, state="open", entries=entries, why="conflicting_evidence"
        )
    if row.answer == "not_covered":
        return GroundFinding(ground, row, "open", why="feed_not_covered")
    if row.answer in ground.shown:
        if ground.needs_money and not entries:
            return None
        left = any(entry.excess_minor > entry.refunded_minor for entry in entries)
        rule = _rule_for(ground, row, entries, matter, book.rules, promises)
        if rule is not None and rule.technologies and not row.technology:
            return GroundFinding(
                ground=ground, row=row, state="open", entries=entries, why="technology_unknown"
            )
        if entries and ground.ends_with_refund and not left:
            return GroundFinding(
                ground=ground, row=row, state="settled", entries=entries, rule=rule
            )
        return GroundFinding(
            ground=ground,
            row=row,
            state="shown",
            entries=entries,
            rule=rule,
            why="" if rule else "no_rule",
        )
    if row.answer in ground.refuted:
        rule = _rule_for(ground, row, entries, matter, book.rules, promises)
        return GroundFinding(ground, row, "refuted", rule=rule)
    return GroundFinding(ground, row, "open", why=ground.unknown) if ground.unknown else None


def _rule_for(
    ground: Ground,
    row: Row,
    entries: tuple[Entry, ...],
    matter: Matter,
    rules: Mapping[str, tuple[RulingRule, ...]],
    promises: frozenset[str],
) -> RulingRule | None:
    """The first rule of the pack that holds for this event and, where it is on file, for this
    technology, and whose promise was made."""
    event_ms = entries[0].event_at_ms if entries else row.start_ms
    happened = None
    for rule in rules.get(ground.id, ()):
        if rule.promise and rule.promise not in promises:
            continue
        if rule.event_from is not None:
            happened = happened or local(event_ms, matter.zone).date()
            if happened < rule.event_from:
                continue
        if row.technology and rule.technologies and row.technology not in rule.technologies:
            continue
        return rule
    return None


# How much goes back: each charge once, inside the window, less what was refunded already.


@dataclass(slots=True)
class RefundLine:
    """What one charge gives back, and under which rule.

    under_way_minor  being refunded for something else, and not among the facts yet
    """

    entry: Entry
    rule: RulingRule
    excess_minor: int
    under_way_minor: int = 0

    @property
    def owed_minor(self) -> int:
        """Still to be paid back, minor units: never more than what is left of the charge."""
        return max(0, self._not_refunded - self.under_way_minor)

    @property
    def counted_twice_minor(self) -> int:
        """What would be paid back a second time if nobody looked at what is under way."""
        return self._not_refunded - self.owed_minor

    @property
    def _not_refunded(self) -> int:
        excess = min(self.excess_minor, self.entry.amount_minor)
        return max(0, excess - self.entry.refunded_minor)


@dataclass(frozen=True, slots=True)
class RefundTotals:
    """The lines inside the window, and what was left outside it; `mixed` if currencies differ."""

    lines: tuple[RefundLine, ...]
    too_old: tuple[Entry, ...]
    currency: str
    mixed: bool = False

    @property
    def total_minor(self) -> int:
        """All that is owed, minor units."""
        return sum(line.owed_minor for line in self.lines)

    @property
    def under_way_minor(self) -> int:
        """What is not owed because it is being refunded already, minor units."""
        return sum(line.counted_twice_minor for line in self.lines)


def sums(
    shown_findings: Iterable[GroundFinding],
    *,
    window_start_ms: int,
    currency: str,
    under_way_minor: Mapping[str, int],
) -> RefundTotals:
    """Add up the excess of shown findings; two grounds on one charge count once, the larger.

    window_start_ms   charges made earlier are not taken back by a rule
    currency          of the complaint, where no charge states one
    under_way_minor   charge → what is being refunded for something else
    """
    lines: dict[str, RefundLine] = {}
    too_old: dict[str, Entry] = {}
    for finding in shown_findings:
        rule = finding.rule
        if rule is None or rule.money == "none":
            continue
        for entry in finding.entries:
            if entry.charged_at_ms < window_start_ms:
                too_old[entry.charge] = entry
                continue
            line = lines.get(entry.charge)
            if line is None or entry.excess_minor > line.excess_minor:
                lines[entry.charge] = RefundLine(
                    entry=entry,
                    rule=rule,
                    excess_minor=entry.excess_minor,
                    under_way_minor=under_way_minor.get(entry.charge, 0),
                )
    ordered = sorted(lines.values(), key=lambda line: (line.entry.charged_at_ms, line.entry.charge))
    currencies = sorted({line.entry.currency for line in ordered})
    return RefundTotals(
        lines=tuple(ordered),
        too_old=tuple(too_old.values()),
        currency=currencies[0] if currencies else currency,
        mixed=len(currencies) > 1,
    )


# Small judgements on findings: which rule leads, how strong the evidence is, what it cites.


def blocking(
    all_findings: list[GroundFinding], shown_findings: list[GroundFinding]
) -> list[GroundFinding]:
    """The open findings that could still change the answer.

    Where a ground takes back everything a service was charged, no other can add to it.
    """
    settled = {each.row.about for each in shown_findings if each.ground.takes_all}
    return [each for each in all_findings if each.state == "open" and each.row.about not in settled]


def leading_rule(ruled: list[GroundFinding], total: RefundTotals) -> RulingRule | None:
    """The rule that carries most of the money, or the first."""
    by_rule: dict[str, int] = {}
    for line in total.lines:
        by_rule[line.rule.id] = by_rule.get(line.rule.id, 0) + line.owed_minor
    rules = [each.rule for each in ruled if each.rule is not None]
    return max(rules, key=lambda rule: by_rule.get(rule.id, 0), default=None)


def only_part(ruled: list[GroundFinding], total: RefundTotals) -> bool:
    """Whether less is granted than what is complained of: charges too old, a fee partly due."""
    if total.too_old:
        return True
    return any(
        entry.excess_minor < entry.amount_minor
        for each in ruled
        if each.ground.partly_if_part
        for entry in each.entries
    )


def strength_of(ruled: list[GroundFinding]) -> str:
    """`strong` where facts say so, `moderate` where complete records are silent, else `weak`."""
    rules = [each.rule for each in ruled if each.rule is not None]
    if any(rule.verified is False and not rule.promise for rule in rules):
        return "weak"
    silent = any(each.row.answer == "nothing_found" for each in ruled)
    return "moderate" if silent else "strong"


def fact_of(finding: GroundFinding) -> Reason:
    """The fact of a finding as a reason, without a rule."""
    row = finding.row
    return Reason(question=row.question, zh=row.zh, en=row.en, facts=row.facts)


def ruled_reason(finding: GroundFinding) -> Reason:
    """The fact of a finding with the rule that makes it count."""
    row, rule = finding.row, finding.rule
    if rule is None:
        return fact_of(finding)
    return Reason(
        question=row.question,
        zh=row.zh,
        en=row.en,
        facts=row.facts,
        rule=rule.id,
        rule_zh=rule.zh,
        rule_en=rule.en,
        source=rule.source,
        verified=rule.verified,
    )


# What is to be done: money back on each charge, and deeds in words.


def remedies_of(
    ruled: list[GroundFinding], total: RefundTotals, dossier: Dossier, matter: Matter, book: Book
) -> tuple[RemedyProposal, ...]:
    """Money on each charge that is owed some, then one proposal for each kind of deed."""
    money = [_money_back(line, matter, book) for line in total.lines if line.owed_minor]
    deeds: dict[str, dict[Both, None]] = {}
    for finding in ruled:
        zh_name, en_name = _name_of(finding.row.about, dossier, book)
        for deed in finding.rule.deeds if finding.rule else ():
            kind, (zh, en) = book.deeds[deed]
            deed_texts = (zh.format(name=zh_name), en.format(name=en_name))
            deeds.setdefault(kind, {})[deed_texts] = None
    deeds_done = [
        RemedyProposal(
            kind=kind,
            amount_minor=0,
            currency=total.currency,
            charge="",
            zh="；".join(zh for zh, _ in texts),
            en="; ".join(en for _, en in texts),
        )
        for kind, texts in deeds.items()
    ]
    return (*money, *deeds_done)


def _name_of(service: str, dossier: Dossier, book: Book) -> Both:
    """The service in words, or `this service`."""
    for each in dossier.services:
        if each.service == service:
            return f"“{each.zh}”", f"“{each.en}”"
    return book.sentences["this_service"]


def _money_back(line: RefundLine, matter: Matter, book: Book) -> RemedyProposal:
    kind, entry = line.rule.kind, line.entry
    _, (zh, en) = book.deeds[kind]
    amount = format_money(line.owed_minor, entry.currency)
    zh_day = format_date(entry.charged_at_ms, "zh", matter.zone)
    en_day = format_date(entry.charged_at_ms, "en", matter.zone)
    return RemedyProposal(
        kind=kind,
        amount_minor=line.owed_minor,
        currency=entry.currency,
        charge=entry.charge,
        zh=zh.format(name=entry.zh, day=zh_day, amount=amount),
        en=en.format(name=entry.en, day=en_day, amount=amount),
        service=entry.service,
        charge_minor=entry.amount_minor,
        refunded_minor=entry.refunded_minor,
    )


# Amounts a pack fixes for a thing done late, beside what was charged.


def compensated(
    ruled: Iterable[GroundFinding], matter: Matter, on: date
) -> tuple[RemedyProposal, ...]:
    """The compensation of each finding whose rule names one; none where its amount is not known."""
    proposals: list[RemedyProposal] = []
    for finding in ruled:
        if finding.rule is not None and finding.rule.compensation == "late_repair":
            proposals += _late_repair(finding, matter, on)
    return _as_one(proposals)


def _as_one(proposals: list[RemedyProposal]) -> tuple[RemedyProposal, ...]:
    """Compensation belongs to no charge, so a complaint has one, whatever it is made of."""
    if len(proposals) < 2:
        return tuple(proposals)
    texts = dict.fromkeys((each.zh, each.en) for each in proposals)
    return (
        RemedyProposal(
            kind="compensation",
            amount_minor=sum(each.amount_minor for each in proposals),
            currency=proposals[0].currency,
            charge="",
            zh="".join(zh for zh, _ in texts),
            en=" ".join(en for _, en in texts),
        ),
    )


def _late_repair(finding: GroundFinding, matter: Matter, on: date) -> list[RemedyProposal]:
    """Days are counted from the start of the fault: whoever reported it first did so then."""
    zone = local(0, matter.zone).tzinfo
    assert zone is not None
    started, ended = from_ms(finding.row.start_ms), from_ms(finding.row.end_ms)
    days = late_repair_days(started, ended, jurisdiction=matter.place, zone=zone)
    basis = Basis(days=days, started_at=started, ended_at=ended)
    try:
        amounts = compensations(
            jurisdiction=matter.place, remedy="late_repair", on=on, basis=basis, zone=zone
        )
    except UnableToFindRules:
        return []
    return [
        RemedyProposal(
            kind="compensation",
            amount_minor=each.amount_minor,
            currency=each.currency,
            charge="",
            zh=each.zh,
            en=each.en,
        )
        for each in amounts
        if each.amount_minor and each.to == "user"
    ]


# One decision in the making: what is shown, what stays open, what is refuted.


@dataclass(slots=True)
class DecisionCase:
    """A dossier before the rules of its day."""

    dossier: Dossier
    matter: Matter
    book: Book
    limits: ApprovalLimit
    on: date

    def decision(self) -> ProposedDecision:
        """Verdict, amount and reasons, or why a person must decide."""
        rule = self.book.class_of(self.matter.code)
        if not rule.primary:
            return self._person(rule.refuted, [])
        primary = self._primary(rule)
        if not primary:
            # What is wanted has no facts of its own; the second class names its cause.
            second = self.book.classes.get(self.matter.code2)
            if second is not None and second.specific:
                rule, primary = second, self._primary(second)
        shown_findings = [each for each in primary if each.state == "shown"]
        if not shown_findings:
            return self._nothing_shown(rule, primary)
        decided = self._upheld(shown_findings, blocking(primary, shown_findings), followed=False)
        return self._with_side_findings(decided, rule, shown_findings)

    def _primary(self, rule: ClassRule) -> list[GroundFinding]:
        """The findings on the complaint itself, or on what is looked at instead."""
        primary = self.find(rule.primary)
        if not rule.instead or any(each.state != "open" for each in primary):
            return primary
        instead = self.find(rule.instead)
        if any(each.state == "shown" for each in instead):
            # A line that was never measured does not stand in the way of what its area shows.
            primary = [each for each in primary if each.why != "not_measured"]
        return [*primary, *instead]

    def find(self, grounds: Iterable[str]) -> list[GroundFinding]:
        """The findings of the named grounds."""
        return findings(
            grounds,
            dossier=self.dossier,
            matter=self.matter,
            book=self.book,
            promises=self.limits.promises,
        )

    def _siblings(self, rule: ClassRule) -> list[GroundFinding]:
        sibling_rules = [
            self.book.classes.get(code) for code in (self.matter.code, self.matter.code2)
        ]
        names = dict.fromkeys(
            name
            for each in sibling_rules
            if each is not None and each.code != rule.code
            for name in each.primary
        )
        names |= dict.fromkeys(rule.siblings)
        return self.find(name for name in names if name not in rule.primary)

    def _with_side_findings(
        self, decided: ProposedDecision, rule: ClassRule, shown_findings: list[GroundFinding]
    ) -> ProposedDecision:
        """Note what the facts show beside the matter, and what no rule of this pack reaches."""
        other_findings = [
            each for each in self._siblings(rule) if each.state == "shown" and each.rule
        ]
        other_findings += [each for each in shown_findings if each.rule is None]
        if not other_findings or decided.verdict == PERSON:
            return decided
        side_reasons = dict.fromkeys((each.row.zh, each.row.en) for each in other_findings)
        return replace(decided, also=tuple(side_reasons))

    def _nothing_shown(self, rule: ClassRule, primary: list[GroundFinding]) -> ProposedDecision:
        """The matter itself is not shown: open, caused by something else, or refuted."""
        opened = [each for each in primary if each.state == "open"]
        siblings = self._siblings(rule)
        shown_findings = [each for each in siblings if each.state == "shown"]
        if shown_findings:
            return self._upheld(
                shown_findings, [*opened, *blocking(siblings, shown_findings)], followed=True
            )
        if opened:
            return self._person(opened[0].why, primary)
        answered = [each for each in primary if each.state in ("refuted", "settled")]
        # A cause that a gap may hide is no less possible than the one complained of.
        hidden = [each for each in siblings if each.state == "open"]
        if hidden:
            return self._person(hidden[0].why, [*answered, *hidden])
        answered += [each for each in siblings if each.state == "settled"]
        if not answered:
            return self._person("nothing_on_file", siblings)
        if rule.refuted != "not_upheld":
            return self._person(rule.refuted, answered)
        unless = (*rule.unless, "declared_incident")
        if any(row.answer == "yes" for name in unless for row in self.dossier.of(name)):
            return self._person("no_rule", answered)
        return self._not_upheld(answered)

    def _person(
        self, why: str, ground_findings: list[GroundFinding], suggestion: Suggestion | None = None
    ) -> ProposedDecision:
        # Where the class itself is in doubt, asking for words comes before anything else.
        if not self.matter.confident and why in ("nothing_on_file", "no_rule"):
            why = "ask_for_words"
        zh, en = self.book.why[why]
        return ProposedDecision(
            verdict=PERSON,
            amount=None,
            remedies=(),
            rule="",
            strength="weak",
            why_person=why,
            reasons=tuple(dict.fromkeys(fact_of(each) for each in ground_findings)),
            may_act_alone=False,
            why_zh=zh,
            why_en=en,
            suggestion=suggestion,
            versions=self._versions,
        )

    def _not_upheld(self, answered: list[GroundFinding]) -> ProposedDecision:
        reasons = dict.fromkeys(ruled_reason(each) for each in answered)
        if any(each.state == "settled" for each in answered):
            reasons[Reason("", *self.book.sentences["settled"])] = None
        zero = Money(0, self.matter.currency)
        if not self.matter.confident:
            suggestion = Suggestion(
                verdict="not_upheld", amount_minor=0, currency=zero.currency, rule=""
            )
            return self._person("ask_for_words", answered, suggestion)
        main_finding = next((each for each in answered if each.state == "settled"), answered[0])
        rule = f"{main_finding.state}.{main_finding.ground.id}"
        why = "" if self.matter.identity_verified else "identity_unverified"
        if not why and rule in self.limits.off:
            why = "rule_needs_person"
        silent = any(each.row.answer == "nothing_found" for each in answered)
        strength = "moderate" if silent else "strong"
        return self._made("not_upheld", zero, (), reasons, rule, strength, why)

    def _upheld(
        self, shown_findings: list[GroundFinding], opened: list[GroundFinding], *, followed: bool
    ) -> ProposedDecision:
        """Something is shown; what stays open, lacks a rule or is too old limits the answer."""
        ruled = [each for each in shown_findings if each.rule is not None]
        total = sums(
            ruled,
            window_start_ms=self._window_start(),
            currency=self.matter.currency,
            under_way_minor=self.matter.under_way_minor,
        )
        fixed = compensated(ruled, self.matter, self.on)
        remedies = (*fixed, *remedies_of(ruled, total, self.dossier, self.matter, self.book))
        amount = Money(
            total.total_minor + sum(each.amount_minor for each in fixed),
            fixed[0].currency if fixed and not total.lines else total.currency,
        )
        lead = leading_rule(ruled, total)
        verdict: Verdict = "partly_upheld" if only_part(ruled, total) else "upheld"
        why = self._undecided(ruled, opened, total)
        if why or lead is None:
            suggestion = None
            # Sums of several currencies make no amount to suggest.
            if lead is not None and not total.mixed:
                suggestion = Suggestion(
                    verdict=verdict,
                    amount_minor=amount.minor,
                    currency=amount.currency,
                    rule=lead.id,
                    remedies=remedies,
                )
            return self._person(why, [*shown_findings, *opened], suggestion)
        reasons: dict[Reason, None] = {}
        if followed:
            reasons[Reason("", *self.book.sentences["followed"])] = None
        reasons |= dict.fromkeys(ruled_reason(each) for each in ruled)
        if total.too_old:
            reasons[self._too_old(total)] = None
        if total.under_way_minor:
            reasons[self._under_way(total)] = None
        return self._made(
            verdict,
            amount,
            remedies,
            reasons,
            lead.id,
            strength_of(ruled),
            self._needs_person(ruled, amount, total),
            followed=ruled[0].ground.id if followed else "",
        )

    def _undecided(
        self, ruled: list[GroundFinding], opened: list[GroundFinding], total: RefundTotals
    ) -> str:
        """Why the verdict cannot stand by itself, or ""."""
        if not ruled:
            return "no_rule"
        if opened:
            return opened[0].why
        if any(each.rule is not None and not each.rule.decides for each in ruled):
            return "rule_unverified"
        if total.mixed:
            return "several_currencies"
        if total.too_old and not total.lines:
            return "older_than_window"
        return ""

    def _needs_person(self, ruled: list[GroundFinding], amount: Money, total: RefundTotals) -> str:
        """Why a person must approve the verdict, or ""."""
        if not self.matter.identity_verified:
            return "identity_unverified"
        if not self.matter.confident:
            return "class_unsure"
        if total.under_way_minor:
            return "refund_under_way"
        rules = {each.rule.id: each.rule for each in ruled if each.rule is not None}
        if not all(rule.alone and rule.id not in self.limits.off for rule in rules.values()):
            return "rule_needs_person"
        if any(row.gap_zh for row in self.dossier.of("charge_found")) and amount.minor:
            return "charges_incomplete"
        if amount.minor > min(self.limits.of(rule, amount.currency) for rule in rules):
            return "above_limit"
        return ""

    def _made(
        self,
        verdict: Verdict,
        amount: Money,
        remedies: tuple[RemedyProposal, ...],
        reasons: Iterable[Reason],
        rule: str,
        strength: str,
        why: str,
        *,
        followed: str = "",
    ) -> ProposedDecision:
        zh, en = self.book.why[why] if why else ("", "")
        return ProposedDecision(
            verdict=verdict,
            amount=amount,
            remedies=remedies,
            reasons=tuple(reasons),
            rule=rule,
            strength=strength,
            why_person=why,
            may_act_alone=not why,
            why_zh=zh,
            why_en=en,
            followed=followed,
            versions=self._versions,
        )

    @property
    def _versions(self) -> tuple[str, ...]:
        return (self.dossier.version, *self.book.versions)

    def _window_start(self) -> int:
        received = to_ms(self.matter.received_at)
        return add_months(received, -self.book.charge_months, self.matter.zone)

    def _under_way(self, total: RefundTotals) -> Reason:
        zh, en = self.book.sentences["under_way"]
        amount = format_money(total.under_way_minor, total.currency)
        return Reason("", zh.format(amount=amount), en.format(amount=amount))

    def _too_old(self, total: RefundTotals) -> Reason:
        zh, en = self.book.sentences["too_old"]
        left = sum(each.excess_minor - each.refunded_minor for each in total.too_old)
        values = {
            "amount": format_money(left, total.currency),
            "months": str(self.book.charge_months),
        }
        facts = tuple(each.facts[0] for each in total.too_old)
        return Reason(question="", zh=zh.format_map(values), en=en.format_map(values), facts=facts)
