"""Whether a line keeps what its contract promises, clause by clause, under a dated rule.

Two lines of one verdict: whether the rule is met (deterministic, by law), and how strong the
evidence is (exact, and clustered by day). What is too little evidence is "insufficient".
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, tzinfo
from typing import Any, Literal
from zoneinfo import ZoneInfo

from amends.network.quality.rules.campaign import take
from amends.network.quality.rules.clauses import KINDS, Clause, Look
from amends.network.quality.rules.speed_tests import Plan, SpeedCase, SpeedTest, sort_tests
from amends.network.quality.rules.strength import LEVEL
from amends.platform.kit.errors import gettext_noop
from amends.platform.kit.packs import RuleFile
from amends.platform.kit.translatable import Translatable

Outcome = Literal["breach_strong", "breach_weak", "no_breach", "insufficient"]
MOBILE = ("mobile", "lte", "4g", "5g", "nr", "3g", "umts")
KEPT = Translatable(gettext_noop("The rule is kept."))
INSUFFICIENT = Translatable(gettext_noop("There is too little evidence for a verdict."))
STRONG = gettext_noop(
    "The rule is broken. The evidence is strong because a line that keeps the rule would give so "
    "many slow tests in at most %(cases)s of 100 cases."
)
WEAK_BY_CHANCE = gettext_noop(
    "The rule is broken. The evidence is weak because a line that keeps the rule would give as "
    "many slow tests in %(cases)s of 100 cases."
)
WEAK_BY_DAY = gettext_noop(
    "The rule is broken. The evidence is weak because the slow tests are of few days: counted by "
    "day, a line that keeps the rule would give as many in %(cases)s of 100 cases."
)
WEAK_OF_ONE_DAY = gettext_noop(
    "The rule is broken. The evidence is weak because all tests that count are of one day."
)


@dataclass(frozen=True, slots=True)
class ClauseReport:
    """Whether a clause of a rule is met; None where the evidence does not say."""

    id: str
    met: bool | None
    why: str


@dataclass(frozen=True, slots=True)
class EvidenceReport:
    """What a verdict rests on.

    tests        of which `counted` count; the others by reason in `not_counted`
    days         days with tests that count
    strength     of the evidence of a breach, by clause
    verified     whether the text of the rule was read at its source
    """

    tests: int
    counted: int
    not_counted: dict[str, int]
    days: int
    strength: dict[str, dict[str, Any]]
    verified: bool | str
    notes: list[str]


@dataclass(frozen=True, slots=True)
class VerdictReport:
    """The verdict of one line under one rule, in a `sentence`.

    missing  what is needed for a verdict
    """

    rule: str
    verdict: Outcome
    clauses: list[ClauseReport]
    evidence: EvidenceReport
    missing: list[str]
    sentence: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict of one line under one rule."""

    rule: str
    verdict: Outcome
    clauses: tuple[Clause, ...]
    missing: tuple[Translatable, ...]
    tests: int
    counted: int
    marked: Mapping[str, int]
    days: int
    verified: bool | str
    notes: tuple[Translatable, ...] = ()

    def sentence(self) -> Translatable:
        """The outcome, and why the evidence of a breach is strong or weak."""
        if self.verdict == "no_breach":
            return KEPT
        if self.verdict == "insufficient":
            return INSUFFICIENT
        broken = (clause.strength for clause in self.clauses if clause.met is False)
        by_weight = sorted(
            (broken_clause for broken_clause in broken if broken_clause),
            key=lambda broken_clause: (not broken_clause.strong, broken_clause.p),
        )
        best = by_weight[0]
        if best.p_by_day is None:
            return Translatable(WEAK_OF_ONE_DAY)
        by_chance = best.p >= 1 - LEVEL
        cases = max(1, math.ceil(100 * (best.p if by_chance else max(best.p, best.p_by_day))))
        template = STRONG if best.strong else WEAK_BY_CHANCE if by_chance else WEAK_BY_DAY
        return Translatable(template, cases=cases)

    def report(self) -> VerdictReport:
        """The verdict as programs read it, whose sentences can be translated."""
        return VerdictReport(
            rule=self.rule,
            verdict=self.verdict,
            clauses=[ClauseReport(clause.id, clause.met, clause.why) for clause in self.clauses],
            evidence=EvidenceReport(
                tests=self.tests,
                counted=self.counted,
                not_counted=dict(self.marked),
                days=self.days,
                strength={
                    clause.id: asdict(clause.strength)
                    for clause in self.clauses
                    if clause.strength is not None
                },
                verified=self.verified,
                notes=list(self.notes),
            ),
            missing=list(self.missing),
            sentence=self.sentence(),
        )


def judge(rules: RuleFile, case: SpeedCase, *, now: datetime | None = None) -> Verdict:
    """The verdict on the tests of one line under a rule file.

    now  the day that decides whether a series of tests can still be completed; None: it can
    """
    data = rules.data["evidence"]
    zone = ZoneInfo(data["zone"]) if data["zone"] else case.zone
    usable = sort_tests(case.tests, case.plan)
    evidence = take(data, usable.counted, case, zone, now)
    missing = list(evidence.missing)
    notes: list[Translatable] = []
    if case.plan.technology.lower() in MOBILE:
        missing.append(
            Translatable(
                gettext_noop(
                    "Still needed: a rule for mobile service; this one judges fixed lines."
                )
            )
        )
    clauses = [
        _clause(rule, direction, case.plan, evidence.tests, data, zone, open_evidence=bool(missing))
        for direction in data["directions"]
        for rule in rules.rules
    ]
    promised = {d for d in data["directions"] if _promises(rules.rules, case.plan, d)}
    missing += [
        clause.missing
        for clause in clauses
        # A contract that promises nothing in one direction cannot be broken there.
        if clause.missing is not None and (not promised or clause.id.split("-")[0] in promised)
    ]
    if any(_outside(rules, test.day(zone)) for test in evidence.tests):
        notes.append(
            Translatable(
                gettext_noop("Some tests are from days on which this rule was not in force.")
            )
        )
    marked = dict(usable.marked)
    for reason, count in evidence.marked.items():
        marked[reason] = marked.get(reason, 0) + count
    return Verdict(
        rule=rules.version,
        verdict=_outcome(clauses, missing),
        clauses=tuple(clauses),
        missing=tuple(missing),
        tests=len(case.tests),
        counted=len(evidence.tests),
        marked=marked,
        days=len({test.day(zone) for test in evidence.tests}),
        verified=rules.verified,
        notes=tuple(notes),
    )


def _outcome(clauses: Sequence[Clause], missing: Sequence[Translatable]) -> Outcome:
    broken = [clause for clause in clauses if clause.met is False]
    if any(clause.strength is not None and clause.strength.strong for clause in broken):
        return "breach_strong"
    if broken:
        return "breach_weak"
    return "insufficient" if missing else "no_breach"


def _outside(rules: RuleFile, day: date) -> bool:
    return day < rules.effective_from or (
        rules.effective_to is not None and day > rules.effective_to
    )


def _promises(rules: Sequence[Mapping[str, Any]], plan: Plan, direction: str) -> bool:
    return any(_threshold(rule, plan, direction) is not None for rule in rules)


def _threshold(rule: Mapping[str, Any], plan: Plan, direction: str) -> float | None:
    """The speed promised: named by the plan, by the promise that stands in for it, or derived from
    the maximum where the rule says so."""
    promised = plan.promise(direction, rule["promise"])
    if promised is None and "instead" in rule:
        promised = plan.promise(direction, rule["instead"])
    maximum = plan.promise(direction, "max")
    if promised is not None or maximum is None or "share_of_max" not in rule:
        return promised
    within = maximum <= rule.get("share_of_max_up_to_mbps", math.inf)
    return maximum * rule["share_of_max"] if within else None


def _clause(
    rule: Mapping[str, Any],
    direction: str,
    plan: Plan,
    tests: Sequence[SpeedTest],
    data: Mapping[str, Any],
    zone: tzinfo | None,
    *,
    open_evidence: bool,
) -> Clause:
    name = f"{direction}-{rule['id']}"
    promised = _threshold(rule, plan, direction)
    if promised is None:
        key = (
            f"advertised_{direction}" if rule["promise"] == "advertised" else name.replace("-", "_")
        )
        return Clause(
            name,
            None,
            Translatable(gettext_noop("The contract names no such speed.")),
            missing=Translatable(
                gettext_noop("Still needed: the speed that the contract promises (%(key)s)."),
                key=f"{key}_mbps",
            ),
        )
    if open_evidence:
        return Clause(name, None, Translatable(gettext_noop("There is too little evidence.")))
    measured = [test for test in tests if test.speed(direction) is not None]
    needed_count = min(data["tests"], len(tests))
    if len(measured) < needed_count:
        sentence = (
            gettext_noop("Still needed: wired tests of the download, %(count)s more.")
            if direction == "down"
            else gettext_noop("Still needed: wired tests of the upload, %(count)s more.")
        )
        return Clause(
            name,
            None,
            Translatable(gettext_noop("Too few tests measured this direction.")),
            missing=Translatable(sentence, count=needed_count - len(measured)),
        )
    speed = promised * rule.get("share_of_promise", 1.0)
    look = Look(
        rule=rule, data=data, zone=zone, speed=speed, direction=direction, tests=tuple(measured)
    )
    return KINDS[rule["kind"]](name, look)
