"""From the dossier to the verdict, under the rules of the day.

A verdict that rests on something missing stands only where the source covers the whole period;
the dossier marks the difference, and an open question that could change the answer leaves it to a
person. `decide` reads no fact and no clock: dossier, matter and rules of the day give one answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from amends.complaints.rules.decisions.book import Book, ClassRule, Rule, book
from amends.complaints.rules.decisions.compensated import compensated
from amends.complaints.rules.decisions.findings import Finding, findings
from amends.complaints.rules.decisions.model import (
    PERSON,
    Decision,
    Limits,
    Reason,
    RemedyProposal,
    Suggestion,
    Verdict,
)
from amends.complaints.rules.decisions.money import Line, Sums, sums
from amends.complaints.rules.dossier import dossier as make_dossier
from amends.complaints.rules.dossier.model import Dossier
from amends.complaints.rules.evidence import CoverageAnswer, CoverageLike, FactLike, Matter
from amends.complaints.rules.evidence_coverage import CoverageBook
from amends.complaints.rules.evidence_dates import add_months
from amends.kit.formats import format_date, format_money
from amends.kit.money import Money
from amends.kit.periods import to_ms

__all__ = [
    "PERSON", "Decision", "Limits", "Reason", "RemedyProposal", "Suggestion", "decide",
    "decide_many", "default_limits",
]  # fmt: skip


def default_limits(jurisdiction: str, on: date) -> Limits:
    """What rules may do alone where the operator has not said otherwise."""
    return book(jurisdiction, on).limits


def decide(dossier: Dossier, matter: Matter, *, on: date, limits: Limits | None = None) -> Decision:
    """Answer the complaint.

    on       the day whose rules apply: the day of receipt
    limits   what a rule may grant alone and what the operator promised; None takes the defaults

    Where the verdict is `person_must_decide`, `why_person` says why and `suggestion` what the
    facts at hand would lead to.
    """
    rules = book(matter.jurisdiction, on)
    bounds = rules.limits if limits is None else limits
    return _Case(dossier, matter, rules, bounds, on).decision()


def decide_many(
    cases: Iterable[
        tuple[Matter, Iterable[FactLike], Iterable[CoverageLike | CoverageAnswer] | CoverageBook]
    ],
    *,
    on: date | None = None,
    limits: Limits | None = None,
    with_strip: bool = False,
) -> Iterator[tuple[Dossier, Decision]]:
    """Dossier and decision of many matters, one after the other.

    Complaints that share coverage should share one `CoverageBook`. Without `on` each is decided
    under the rules of its day of receipt.
    """
    for matter, facts, coverage in cases:
        day = on or matter.received_at.date()
        answered = make_dossier(matter, facts, coverage, on=day, with_strip=with_strip)
        yield answered, decide(answered, matter, on=day, limits=limits)


@dataclass(slots=True)
class _Case:
    """One decision in the making."""

    dossier: Dossier
    matter: Matter
    book: Book
    limits: Limits
    on: date

    def decision(self) -> Decision:
        rule = self.book.class_of(self.matter.code)
        if not rule.primary:
            return self._person(rule.refuted, [])
        primary = self._find(rule.primary)
        if rule.instead and all(each.state == "open" for each in primary):
            # A line that was never measured does not stand in the way of what its area shows.
            unclear = [each for each in primary if each.why != "not_measured"]
            instead = self._find(rule.instead)
            if any(each.state == "shown" for each in instead):
                primary = [*unclear, *instead]
            else:
                primary = [*primary, *instead]
        shown = [each for each in primary if each.state == "shown"]
        if shown:
            decided = self._upheld(shown, _blocking(primary, shown), followed=False)
            return self._beside(decided, rule)
        return self._nothing_shown(rule, primary)

    def _find(self, grounds: Iterable[str]) -> list[Finding]:
        return findings(
            grounds,
            dossier=self.dossier,
            matter=self.matter,
            book=self.book,
            promises=self.limits.promises,
        )

    def _siblings(self, rule: ClassRule) -> list[Finding]:
        second = self.book.classes.get(self.matter.code2)
        names = dict.fromkeys((*(second.primary if second else ()), *rule.siblings))
        return self._find(name for name in names if name not in rule.primary)

    def _beside(self, decided: Decision, rule: ClassRule) -> Decision:
        """Note causes the facts show beside the matter; each is a matter of its own."""
        others = [each for each in self._siblings(rule) if each.state == "shown" and each.rule]
        if not others or decided.verdict == PERSON:
            return decided
        return replace(decided, also=tuple((each.row.zh, each.row.en) for each in others))

    def _nothing_shown(self, rule: ClassRule, primary: list[Finding]) -> Decision:
        """The matter itself is not shown: open, caused by something else, or refuted."""
        opened = [each for each in primary if each.state == "open"]
        siblings = self._siblings(rule)
        shown = [each for each in siblings if each.state == "shown"]
        if shown:
            return self._upheld(shown, [*opened, *_blocking(siblings, shown)], followed=True)
        if opened:
            return self._person(opened[0].why, primary)
        answered = [each for each in primary if each.state in ("refuted", "settled")]
        # A cause that a gap may hide is no less possible than the one complained of.
        hidden = [each for each in siblings if each.state == "open"]
        if hidden:
            return self._person(hidden[0].why, [*answered, *hidden])
        if not answered:
            return self._person("nothing_on_file", siblings)
        if rule.refuted != "not_upheld":
            return self._person(rule.refuted, answered)
        return self._not_upheld(answered)

    def _person(
        self, why: str, found: list[Finding], suggestion: Suggestion | None = None
    ) -> Decision:
        # Where the class itself is in doubt, asking for words comes before anything else.
        if not self.matter.confident and why in ("nothing_on_file", "no_rule"):
            why = "ask_for_words"
        zh, en = self.book.why[why]
        reasons = tuple(_fact_of(each) for each in found)
        return Decision(
            verdict=PERSON, amount=None, remedies=(), reasons=reasons, rule="", strength="weak",
            why_person=why, may_act_alone=False, why_zh=zh, why_en=en, suggestion=suggestion,
            versions=self._versions,
        )  # fmt: skip

    @property
    def _versions(self) -> tuple[str, ...]:
        return (self.dossier.version, *self.book.versions)

    def _not_upheld(self, answered: list[Finding]) -> Decision:
        reasons = tuple(_fact_of(each) for each in answered)
        zero = Money(0, self.matter.currency)
        if any(each.state == "settled" for each in answered):
            reasons = (*reasons, Reason("", *self.book.sentences["settled"]))
        silent = any(each.row.answer == "nothing_found" for each in answered)
        strength = "moderate" if silent else "strong"
        if not self.matter.confident:
            suggestion = Suggestion("not_upheld", 0, zero.currency, "")
            return self._person("ask_for_words", answered, suggestion)
        rule = f"refuted.{answered[0].ground.id}"
        why = "" if self.matter.identity_verified else "identity_unverified"
        if not why and rule in self.limits.off:
            why = "rule_needs_person"
        return self._made("not_upheld", zero, (), reasons, rule, strength, why)

    def _upheld(self, shown: list[Finding], opened: list[Finding], *, followed: bool) -> Decision:
        """Something is shown; what stays open, lacks a rule or is too old limits the answer."""
        ruled = [each for each in shown if each.rule is not None]
        total = sums(ruled, window_start_ms=self._window_start(), currency=self.matter.currency)
        why = self._undecided(ruled, opened, total)
        fixed = compensated(ruled, self.matter, self.on)
        remedies = (*fixed, *self._remedies(ruled, total))
        amount = Money(
            total.total_minor + sum(each.amount_minor for each in fixed),
            fixed[0].currency if fixed and not total.lines else total.currency,
        )
        lead = _leading(ruled, total)
        verdict: Verdict = "partly_upheld" if _only_part(ruled, total) else "upheld"
        if why:
            suggestion = None
            if lead is not None:
                suggestion = Suggestion(verdict, amount.minor, amount.currency, lead.id, remedies)
            return self._person(why, [*shown, *opened], suggestion)
        assert lead is not None
        reasons = [_ruled(each) for each in ruled]
        if total.too_old:
            reasons.append(self._too_old(total))
        if followed:
            zh, en = self.book.sentences["followed"]
            reasons.insert(0, Reason("", zh, en))
        return self._made(
            verdict, amount, remedies, tuple(reasons), lead.id, _strength(ruled),
            self._needs_person(ruled, amount), followed=ruled[0].ground.id if followed else "",
        )  # fmt: skip

    def _undecided(self, ruled: list[Finding], opened: list[Finding], total: Sums) -> str:
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

    def _window_start(self) -> int:
        received = to_ms(self.matter.received_at)
        return add_months(received, -self.book.charge_months, self.matter.zone)

    def _needs_person(self, ruled: list[Finding], amount: Money) -> str:
        """Why a person must approve the verdict, or ""."""
        if not self.matter.identity_verified:
            return "identity_unverified"
        if not self.matter.confident:
            return "class_unsure"
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
        reasons: tuple[Reason, ...],
        rule: str,
        strength: str,
        why: str,
        *,
        followed: str = "",
    ) -> Decision:
        zh, en = self.book.why[why] if why else ("", "")
        return Decision(
            verdict=verdict, amount=amount, remedies=remedies, reasons=reasons, rule=rule,
            strength=strength, why_person=why, may_act_alone=not why, why_zh=zh, why_en=en,
            followed=followed, versions=self._versions,
        )  # fmt: skip

    def _too_old(self, total: Sums) -> Reason:
        zh, en = self.book.sentences["too_old"]
        money = format_money(
            sum(each.excess_minor - each.refunded_minor for each in total.too_old), total.currency
        )
        facts = tuple(each.facts[0] for each in total.too_old)
        months = str(self.book.charge_months)
        return Reason(
            "",
            zh.format(amount=money, months=months),
            en.format(amount=money, months=months),
            facts,
        )

    def _remedies(self, ruled: list[Finding], total: Sums) -> tuple[RemedyProposal, ...]:
        money = [self._money_back(line) for line in total.lines if line.owed_minor]
        deeds: dict[str, list[tuple[str, str]]] = {}
        for finding in ruled:
            zh_name, en_name = self._name_of(finding.row.about)
            for deed in finding.rule.deeds if finding.rule else ():
                kind, (zh, en) = self.book.deeds[deed]
                said = (zh.format(name=zh_name), en.format(name=en_name))
                if said not in deeds.setdefault(kind, []):
                    deeds[kind].append(said)
        done = []
        for kind, texts in deeds.items():
            zh, en = "；".join(each[0] for each in texts), "; ".join(each[1] for each in texts)
            done.append(RemedyProposal(kind, 0, total.currency, "", zh, en))
        return (*money, *done)

    def _name_of(self, service: str) -> tuple[str, str]:
        """The service in words, or `this service`."""
        for each in self.dossier.services:
            if each.service == service:
                return f"“{each.zh}”", f"“{each.en}”"
        return self.book.sentences["this_service"]

    def _money_back(self, line: Line) -> RemedyProposal:
        kind, entry = line.rule.kind, line.entry
        _, (zh, en) = self.book.deeds[kind]
        zh_name, en_name = self._name_of(entry.service)
        amount = format_money(line.owed_minor, entry.currency)
        zh_day = format_date(entry.charged_at_ms, "zh", self.matter.zone)
        en_day = format_date(entry.charged_at_ms, "en", self.matter.zone)
        return RemedyProposal(
            kind=kind,
            amount_minor=line.owed_minor,
            currency=entry.currency,
            charge=entry.charge,
            zh=zh.format(name=zh_name, day=zh_day, amount=amount),
            en=en.format(name=en_name, day=en_day, amount=amount),
            service=entry.service,
            charge_minor=entry.amount_minor,
            refunded_minor=entry.refunded_minor,
        )


def _blocking(primary: list[Finding], shown: list[Finding]) -> list[Finding]:
    """The open findings that could still change the answer.

    Where a ground takes back everything a service was charged, no other can add to it.
    """
    settled = {each.row.about for each in shown if each.ground.takes_all}
    return [each for each in primary if each.state == "open" and each.row.about not in settled]


def _leading(ruled: list[Finding], total: Sums) -> Rule | None:
    """The rule that carries most of the money, or the first."""
    by_rule: dict[str, int] = {}
    for line in total.lines:
        by_rule[line.rule.id] = by_rule.get(line.rule.id, 0) + line.owed_minor
    rules = [each.rule for each in ruled if each.rule is not None]
    return max(rules, key=lambda rule: by_rule.get(rule.id, 0), default=None)


def _only_part(ruled: list[Finding], total: Sums) -> bool:
    if total.too_old:
        return True
    return any(
        entry.excess_minor < entry.amount_minor
        for each in ruled
        if each.ground.partly_if_part
        for entry in each.entries
    )


def _strength(ruled: list[Finding]) -> str:
    rules = [each.rule for each in ruled if each.rule is not None]
    if any(rule.verified is False and not rule.promise for rule in rules):
        return "weak"
    silent = any(each.row.answer == "nothing_found" for each in ruled)
    return "moderate" if silent else "strong"


def _fact_of(finding: Finding) -> Reason:
    row = finding.row
    return Reason(row.question, row.zh, row.en, row.facts)


def _ruled(finding: Finding) -> Reason:
    row, rule = finding.row, finding.rule
    assert rule is not None
    return Reason(
        row.question, row.zh, row.en, row.facts, rule.id, rule.zh, rule.en, rule.source,
        rule.verified,
    )  # fmt: skip
