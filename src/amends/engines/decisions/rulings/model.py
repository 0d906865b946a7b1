"""A decision: the answer to a complaint, with reasons, remedies and who may act on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import orjson

from amends.platform.kit.formats import is_chinese
from amends.platform.kit.money import Money

Both = tuple[str, str]
Verdict = Literal["upheld", "partly_upheld", "not_upheld", "person_must_decide"]
PERSON: Verdict = "person_must_decide"

WHY = (
    "feed_not_covered",
    "conflicting_evidence",
    "ask_for_words",
    "not_measured",
    "weak_evidence",
    "technology_unknown",
    "nothing_on_file",
    "no_rule",
    "rule_unverified",
    "older_than_window",
    "several_currencies",
    "class_unsure",
    "refund_under_way",
    "identity_unverified",
    "above_limit",
    "rule_needs_person",
    "charges_incomplete",
    "record_unread",
    "plausible_class",
    "record_supports",
    "named_not_covered",
)
"""Why a person must decide, or (with a verdict) why a person must approve it."""


@dataclass(frozen=True, slots=True)
class RemedyProposal:
    """One thing to be done: money back on a charge, or a deed (`amount_minor` 0, `charge` "").

    kind   as the remedies app names it: refund, credit, compensation, release, correction, repair
    """

    kind: str
    amount_minor: int
    currency: str
    charge: str
    zh: str
    en: str
    service: str = ""
    charge_minor: int = 0
    refunded_minor: int = 0

    def text(self, language: str) -> str:
        """What is to be done, in the reader's language."""
        return self.zh if is_chinese(language) else self.en


@dataclass(frozen=True, slots=True)
class Reason:
    """One step of the argument: a fact of the dossier, and the rule that makes it count.

    rule, source   id of the rule and the article it stands on; "" where only a fact is stated
    verified       true, "press" or false: whether the article itself was read
    """

    question: str
    zh: str
    en: str
    facts: tuple[str, ...] = ()
    rule: str = ""
    rule_zh: str = ""
    rule_en: str = ""
    source: str = ""
    verified: bool | str = True

    def text(self, language: str) -> str:
        """The fact, in the reader's language."""
        return self.zh if is_chinese(language) else self.en

    def rule_text(self, language: str) -> str:
        """What the rule says, in the reader's language; "" where no rule is cited."""
        return self.rule_zh if is_chinese(language) else self.rule_en


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Where a person must decide: what the facts at hand would lead to."""

    verdict: str
    amount_minor: int
    currency: str
    rule: str
    remedies: tuple[RemedyProposal, ...] = ()


@dataclass(frozen=True, slots=True)
class ProposedDecision:
    """The verdict with its reasons.

    amount         money in all, None where a person must decide
    remedies       what to propose; empty where a person must decide
    rule           the rule that carries the verdict
    strength       of the evidence: strong (facts say so), moderate (complete records are silent),
                   weak (a rule or a formula that was not verified)
    why_person     one of WHY, or ""; with a verdict it says why a person must approve it
    may_act_alone  nobody need look at it before it takes effect
    answers        the class whose questions it answers, where that is not the complaint's own
    also           found beside the matter, in (zh, en): a cause of its own, no part of the amount
    versions       the rule files applied, for replay
    not_covered    services that the complaint names and the verdict passes over, in (zh, en)
    warning_zh, warning_en   the same in a sentence for the person who decides; "" where there is
                   none
    """

    verdict: Verdict
    amount: Money | None
    remedies: tuple[RemedyProposal, ...]
    reasons: tuple[Reason, ...]
    rule: str
    strength: str
    why_person: str
    may_act_alone: bool
    why_zh: str = ""
    why_en: str = ""
    followed: str = ""
    answers: str = ""
    also: tuple[Both, ...] = ()
    suggestion: Suggestion | None = None
    versions: tuple[str, ...] = ()
    not_covered: tuple[Both, ...] = ()
    warning_zh: str = ""
    warning_en: str = ""

    @property
    def amount_minor(self) -> int:
        """The amount in minor units; 0 where there is none."""
        return self.amount.minor if self.amount else 0

    @property
    def currency(self) -> str:
        """The currency of the amount, or ""."""
        return self.amount.currency if self.amount else ""

    def why(self, language: str) -> str:
        """Why a person is needed, in the reader's language; "" where none is."""
        return self.why_zh if is_chinese(language) else self.why_en

    def warning(self, language: str) -> str:
        """Which named service is not covered, in the reader's language; "" where all is."""
        return self.warning_zh if is_chinese(language) else self.warning_en

    def as_dict(self) -> dict[str, Any]:
        """The decision as JSON takes it."""
        document: dict[str, Any] = orjson.loads(orjson.dumps(self))
        return document

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ProposedDecision:
        """Read what `as_dict` wrote."""
        values = dict(data)
        amount, suggested = values["amount"], values["suggestion"]
        values["amount"] = Money(**amount) if amount else None
        values["remedies"] = _remedies(values["remedies"])
        values["reasons"] = tuple(
            Reason(**{**row, "facts": tuple(row["facts"])}) for row in values["reasons"]
        )
        values["also"] = tuple((zh, en) for zh, en in values["also"])
        values["versions"] = tuple(values["versions"])
        values["not_covered"] = tuple((zh, en) for zh, en in values.get("not_covered", ()))
        if suggested:
            remedies = _remedies(suggested["remedies"])
            values["suggestion"] = Suggestion(**{**suggested, "remedies": remedies})
        return cls(**values)


def _remedies(rows: Any) -> tuple[RemedyProposal, ...]:
    return tuple(RemedyProposal(**row) for row in rows)


@dataclass(frozen=True, slots=True)
class ApprovalLimit:
    """What the operator lets a rule do alone, and what he promised beyond the law.

    amounts    the largest amount a rule may grant alone, by currency, in minor units; a currency
               that is not listed lets no rule grant anything alone
    by_rule    a lower or higher amount for one rule, in the currency of the complaint
    off        rules that never act alone here
    promises   promises of the operator that rules may rely on, e.g. `degraded_days`
    """

    amounts: Mapping[str, int] = field(default_factory=dict)
    by_rule: Mapping[str, int] = field(default_factory=dict)
    off: frozenset[str] = frozenset()
    promises: frozenset[str] = frozenset()

    def of(self, rule: str, currency: str) -> int:
        """The most `rule` may grant alone, minor units."""
        if rule in self.off:
            return -1
        return self.by_rule.get(rule, self.amounts.get(currency, 0))
