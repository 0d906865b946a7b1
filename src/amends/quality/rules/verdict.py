"""Whether a line keeps what its contract promises, clause by clause, under a dated rule.

Two lines of one verdict: whether the rule is met (deterministic, by law), and how strong the
evidence is (exact, and clustered by day). What is too little evidence is "insufficient".
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, tzinfo
from typing import Any, Literal
from zoneinfo import ZoneInfo

from amends.kit.errors import gettext_noop
from amends.kit.packs import RuleFile
from amends.kit.translatable import Translatable
from amends.quality.rules.campaign import take
from amends.quality.rules.speed_tests import Case, Plan, SpeedTest, sort_tests
from amends.quality.rules.strength import Strength, strength

Outcome = Literal["breach_strong", "breach_weak", "no_breach", "insufficient"]
MOBILE = ("mobile", "lte", "4g", "5g", "nr", "3g", "umts")
IN_WORDS: Mapping[Outcome, str] = {
    "breach_strong": gettext_noop("The contract is broken, and the evidence is strong."),
    "breach_weak": gettext_noop("The contract is broken by the rule; the evidence is weak."),
    "no_breach": gettext_noop("The contract is kept."),
    "insufficient": gettext_noop("There is too little evidence for a verdict."),
}
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Clause:
    """One promise in one direction; `met` is true where it is kept, None where nobody can say."""

    id: str
    met: bool | None
    why: Translatable
    strength: Strength | None = None
    missing: Translatable | None = None


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

    def document(self) -> dict[str, Any]:
        """The document of `amends quality verdict --json`."""
        return {
            "rule": self.rule,
            "verdict": self.verdict,
            "clauses": [
                {"id": clause.id, "met": clause.met, "why": str(clause.why)}
                for clause in self.clauses
            ],
            "evidence": {
                "tests": self.tests,
                "counted": self.counted,
                "not_counted": dict(self.marked),
                "days": self.days,
                "strength": {
                    clause.id: asdict(clause.strength)
                    for clause in self.clauses
                    if clause.strength is not None
                },
                "verified": self.verified,
                "notes": [str(note) for note in self.notes],
            },
            "missing": [str(one) for one in self.missing],
        }


def judge(rules: RuleFile, case: Case, *, now: datetime | None = None) -> Verdict:
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
    least = min(data["tests"], len(tests))
    if len(measured) < least:
        said = (
            gettext_noop("Still needed: wired tests of the download, %(count)s more.")
            if direction == "down"
            else gettext_noop("Still needed: wired tests of the upload, %(count)s more.")
        )
        return Clause(
            name,
            None,
            Translatable(gettext_noop("Too few tests measured this direction.")),
            missing=Translatable(said, count=least - len(measured)),
        )
    speed = promised * rule.get("share_of_promise", 1.0)
    look = Look(rule, data, zone, speed, direction, tuple(measured))
    return _KINDS[rule["kind"]](name, look)


# The kinds of clauses


@dataclass(frozen=True, slots=True)
class Look:
    """What a kind of clause looks at: its rule, the speed to reach, and the tests."""

    rule: Mapping[str, Any]
    data: Mapping[str, Any]
    zone: tzinfo | None
    speed: float
    direction: str
    tests: tuple[SpeedTest, ...]

    def reached(self, test: SpeedTest) -> bool:
        return (test.speed(self.direction) or 0.0) >= self.speed - _ROUNDING

    def by_day(self, tests: Sequence[SpeedTest] | None = None) -> dict[date, tuple[int, int]]:
        """(reached, tests) of each day."""
        days: dict[date, tuple[int, int]] = {}
        for test in self.tests if tests is None else tests:
            met, of = days.get(test.day(self.zone), (0, 0))
            days[test.day(self.zone)] = met + self.reached(test), of + 1
        return days

    def strength(self) -> Strength | None:
        return strength(list(self.by_day().values()), self.rule["compliant_share"])

    @property
    def mbps(self) -> str:
        return f"{self.speed:g}"


def _reached_on_days(name: str, look: Look) -> Clause:
    days = look.by_day()
    met = sum(1 for reached, _ in days.values() if reached)
    said = gettext_noop(
        "%(mbps)s Mbit/s was reached on %(met)s of %(days)s days; %(least)s are needed."
    )
    why = Translatable(said, mbps=look.mbps, met=met, days=len(days), least=look.rule["days"])
    return Clause(name, met >= look.rule["days"], why, look.strength())


def _below_on_days(name: str, look: Look) -> Clause:
    days = look.by_day()
    below = sum(1 for reached, of in days.values() if reached < of)
    said = gettext_noop(
        "Below %(mbps)s Mbit/s on %(below)s of %(days)s days; %(most)s break the contract."
    )
    why = Translatable(said, mbps=look.mbps, below=below, days=len(days), most=look.rule["days"])
    return Clause(name, below < look.rule["days"], why, look.strength())


def _share(name: str, look: Look) -> Clause:
    reached = sum(map(look.reached, look.tests))
    met = reached >= look.rule["share"] * len(look.tests) - _ROUNDING
    why = _share_said(look, reached, len(look.tests), look.rule["share"])
    return Clause(name, met, why, look.strength())


def _share_said(look: Look, reached: int, of: int, share: float) -> Translatable:
    return Translatable(
        gettext_noop(
            "%(reached)s of %(of)s tests reached %(mbps)s Mbit/s; %(share)s%% are needed."
        ),
        reached=reached,
        of=of,
        mbps=look.mbps,
        share=f"{share * 100:g}",
    )


def _mean(name: str, look: Look) -> Clause:
    speeds = [test.speed(look.direction) or 0.0 for test in look.tests]
    mean = math.fsum(speeds) / len(speeds)
    why = Translatable(
        gettext_noop("The mean of %(of)s tests is %(mean)s Mbit/s; %(mbps)s is needed."),
        of=len(speeds),
        mean=f"{mean:.4g}",
        mbps=look.mbps,
    )
    return Clause(name, mean >= look.speed - _ROUNDING, why, look.strength())


def _daily(name: str, look: Look) -> Clause:
    days = look.by_day()
    missed = sum(1 for reached, _ in days.values() if not reached)
    said = gettext_noop("%(mbps)s Mbit/s was not reached on %(missed)s of %(days)s days.")
    why = Translatable(said, mbps=look.mbps, missed=missed, days=len(days))
    return Clause(name, not _recurs(look, missed, len(days)), why, look.strength())


def _mostly(name: str, look: Look) -> Clause:
    """Kept where the speed is reached in enough of the peak hours, or in enough of the day."""
    first, last = look.data["peak"]
    peak = [test for test in look.tests if first <= test.local(look.zone).hour < last]
    shares = [(look.tests, look.rule["day_share"])]
    if peak:
        shares.insert(0, (tuple(peak), look.rule["peak_share"]))
    found = [(sum(map(look.reached, tests)), len(tests), share) for tests, share in shares]
    days = look.by_day()
    missed = sum(1 for reached, of in days.values() if reached < of)
    enough = any(reached >= share * of - _ROUNDING for reached, of, share in found)
    strengths = [strength(list(look.by_day(tests).values()), share) for tests, share in shares]
    weakest = max((s for s in strengths if s), key=lambda s: (not s.strong, s.p), default=None)
    met = enough or not _recurs(look, missed, len(days))
    return Clause(name, met, _share_said(look, *found[0]), weakest)


def _not_regularly_below(name: str, look: Look) -> Clause:
    days = look.by_day()
    below = sum(1 for reached, of in days.values() if reached < of)
    said = gettext_noop("Below %(mbps)s Mbit/s on %(below)s of %(days)s days.")
    why = Translatable(said, mbps=look.mbps, below=below, days=len(days))
    return Clause(name, not _recurs(look, below, len(days)), why, look.strength())


def _recurs(look: Look, bad: int, days: int) -> bool:
    """Regularly recurring: on several days, and on a share of them."""
    least = max(
        look.data["recurring_days"], math.ceil(look.data["recurring_share"] * days - _ROUNDING)
    )
    return bool(bad >= least)


def _never_below(name: str, look: Look) -> Clause:
    below = sum(1 for test in look.tests if not look.reached(test))
    said = gettext_noop("%(below)s of %(of)s tests were below %(mbps)s Mbit/s.")
    why = Translatable(said, below=below, of=len(look.tests), mbps=look.mbps)
    return Clause(name, not below, why, look.strength())


def _each_period(name: str, look: Look) -> Clause:
    """The share of each period of so many hours of a day; strength is that of the worst hours."""
    hours = look.rule["hours"]
    periods: dict[tuple[date, int], list[SpeedTest]] = {}
    for test in look.tests:
        moment = test.local(look.zone)
        periods.setdefault((test.day(look.zone), moment.hour // hours), []).append(test)
    full = {key: t for key, t in periods.items() if len(t) >= look.data["least_a_period"]}
    if not full:
        return Clause(
            name,
            None,
            Translatable(gettext_noop("No period has enough tests.")),
            missing=Translatable(
                gettext_noop(
                    "Still needed: wired tests, %(count)s within one period of %(hours)s hours."
                ),
                count=look.data["least_a_period"],
                hours=hours,
            ),
        )
    reached = {key: sum(map(look.reached, tests)) for key, tests in full.items()}
    worst = min(full, key=lambda key: reached[key] / len(full[key]))
    slots = {slot for _, slot in full}
    by_slot = [
        strength(
            [(reached[key], len(tests)) for key, tests in full.items() if key[1] == slot],
            look.rule["compliant_share"],
            looks=len(slots),
        )
        for slot in slots
    ]
    strongest = min((s for s in by_slot if s), key=lambda s: (not s.strong, s.p))
    met = reached[worst] >= look.rule["share"] * len(full[worst]) - _ROUNDING
    why = _share_said(look, reached[worst], len(full[worst]), look.rule["share"])
    return Clause(name, met, why, strongest)


_KINDS: Mapping[str, Callable[[str, Look], Clause]] = {
    "reached_on_days": _reached_on_days,
    "below_on_days": _below_on_days,
    "share": _share,
    "mean": _mean,
    "daily": _daily,
    "mostly": _mostly,
    "not_regularly_below": _not_regularly_below,
    "never_below": _never_below,
    "each_period": _each_period,
}
