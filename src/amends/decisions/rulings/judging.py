"""One decision in the making: what is shown, what stays open, what is refuted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from amends.decisions.dossier.model import Dossier
from amends.decisions.evidence import Matter
from amends.decisions.evidence_dates import add_months
from amends.decisions.rulings.book import Book, ClassRule
from amends.decisions.rulings.compensated import compensated
from amends.decisions.rulings.findings import GroundFinding, findings
from amends.decisions.rulings.model import (
    PERSON,
    ApprovalLimit,
    ProposedDecision,
    Reason,
    RemedyProposal,
    Suggestion,
    Verdict,
)
from amends.decisions.rulings.money import RefundTotals, sums
from amends.decisions.rulings.remedying import remedies_of
from amends.decisions.rulings.weighing import (
    blocking,
    fact_of,
    leading_rule,
    only_part,
    ruled_reason,
    strength_of,
)
from amends.kit.formats import format_money
from amends.kit.money import Money
from amends.kit.periods import to_ms


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
        shown = [each for each in primary if each.state == "shown"]
        if not shown:
            return self._nothing_shown(rule, primary)
        decided = self._upheld(shown, blocking(primary, shown), followed=False)
        return self._beside(decided, rule, shown)

    def _primary(self, rule: ClassRule) -> list[GroundFinding]:
        """The findings on the complaint itself, or on what is looked at instead."""
        primary = self._find(rule.primary)
        if not rule.instead or any(each.state != "open" for each in primary):
            return primary
        instead = self._find(rule.instead)
        if any(each.state == "shown" for each in instead):
            # A line that was never measured does not stand in the way of what its area shows.
            primary = [each for each in primary if each.why != "not_measured"]
        return [*primary, *instead]

    def _find(self, grounds: Iterable[str]) -> list[GroundFinding]:
        return findings(
            grounds,
            dossier=self.dossier,
            matter=self.matter,
            book=self.book,
            promises=self.limits.promises,
        )

    def _siblings(self, rule: ClassRule) -> list[GroundFinding]:
        others = [self.book.classes.get(code) for code in (self.matter.code, self.matter.code2)]
        names = dict.fromkeys(
            name
            for each in others
            if each is not None and each.code != rule.code
            for name in each.primary
        )
        names |= dict.fromkeys(rule.siblings)
        return self._find(name for name in names if name not in rule.primary)

    def _beside(
        self, decided: ProposedDecision, rule: ClassRule, shown: list[GroundFinding]
    ) -> ProposedDecision:
        """Note what the facts show beside the matter, and what no rule of this pack reaches."""
        others = [each for each in self._siblings(rule) if each.state == "shown" and each.rule]
        others += [each for each in shown if each.rule is None]
        if not others or decided.verdict == PERSON:
            return decided
        said = dict.fromkeys((each.row.zh, each.row.en) for each in others)
        return replace(decided, also=tuple(said))

    def _nothing_shown(self, rule: ClassRule, primary: list[GroundFinding]) -> ProposedDecision:
        """The matter itself is not shown: open, caused by something else, or refuted."""
        opened = [each for each in primary if each.state == "open"]
        siblings = self._siblings(rule)
        shown = [each for each in siblings if each.state == "shown"]
        if shown:
            return self._upheld(shown, [*opened, *blocking(siblings, shown)], followed=True)
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
        self, why: str, found: list[GroundFinding], suggestion: Suggestion | None = None
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
            reasons=tuple(dict.fromkeys(fact_of(each) for each in found)),
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
            suggestion = Suggestion("not_upheld", 0, zero.currency, "")
            return self._person("ask_for_words", answered, suggestion)
        told = next((each for each in answered if each.state == "settled"), answered[0])
        rule = f"{told.state}.{told.ground.id}"
        why = "" if self.matter.identity_verified else "identity_unverified"
        if not why and rule in self.limits.off:
            why = "rule_needs_person"
        silent = any(each.row.answer == "nothing_found" for each in answered)
        strength = "moderate" if silent else "strong"
        return self._made("not_upheld", zero, (), reasons, rule, strength, why)

    def _upheld(
        self, shown: list[GroundFinding], opened: list[GroundFinding], *, followed: bool
    ) -> ProposedDecision:
        """Something is shown; what stays open, lacks a rule or is too old limits the answer."""
        ruled = [each for each in shown if each.rule is not None]
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
                suggestion = Suggestion(verdict, amount.minor, amount.currency, lead.id, remedies)
            return self._person(why, [*shown, *opened], suggestion)
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
        return Reason("", zh.format_map(values), en.format_map(values), facts)
