"""What reports of a number weigh together, and what follows from it.

Who reports a rival ten thousand times weighs once, and the less the more often their reports were
not confirmed. Reports from addresses that prove no number weigh little, together at most one.
Every report loses half its weight in a half-life, so that a number that stops is forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from amends.kit.packs import load_rules

STEPS = ("mark", "warn", "block")


@dataclass(frozen=True, slots=True)
class GivenReport:
    """A report as it is weighed.

    reporter   whoever reports, always the same for one person
    proven     whether the channel proves who that is
    label      of the message; "" where none was given, as of a call
    confirmed, refuted  earlier reports of this person about other numbers, by what became of them
    """

    reporter: str
    proven: bool
    label: str
    at: datetime
    confirmed: int = 0
    refuted: int = 0


@dataclass(frozen=True, slots=True)
class StepRule:
    """When a consequence follows, and for how many days."""

    step: str
    weight: float
    days: int
    needs_fraud: bool


@dataclass(frozen=True, slots=True)
class ConsequenceRules:
    """The dated table."""

    weights: Mapping[str, float]
    steps: tuple[StepRule, ...]
    appeal_working_days: int
    version: str


def consequence_rules(on: date) -> ConsequenceRules:
    """The table in force on a day.

    >>> [one.step for one in consequence_rules(date(2026, 12, 1)).steps]
    ['mark', 'warn', 'block']
    """
    file = load_rules("amends.protection", "consequences", on)
    rows: dict[str, Any] = {row["id"]: row for row in file.rules}
    return ConsequenceRules(
        weights={
            name: float(value)
            for name, value in rows["weights"].items()
            if isinstance(value, int | float) and not isinstance(value, bool)
        },
        steps=tuple(
            StepRule(
                name,
                float(rows[name]["weight"]),
                int(rows[name]["days"]),
                bool(rows[name]["fraud"]),
            )
            for name in STEPS
        ),
        appeal_working_days=int(rows["appeal"]["working_days"]),
        version=file.version,
    )


@dataclass(frozen=True, slots=True)
class Weighed:
    """What the reports of a number weigh together.

    people  distinct people who reported it
    frauds  of these, who reported a message that is a fraud
    """

    weight: float
    people: int
    frauds: int


def suspension_rule(on: date) -> StepRule:
    """When a partner may be suspended because of a number that it uses, and for how long.

    >>> suspension_rule(date(2026, 12, 1)).days
    30
    """
    row = _rows(on)["suspend"]
    return StepRule("suspend", float(row["weight"]), int(row["days"]), bool(row["fraud"]))


@dataclass(frozen=True, slots=True)
class AdviceRule:
    """From which consequence on likely victims are advised, minors and elders earlier; `days` is
    how long ago the contact may be."""

    step: str
    careful_step: str
    days: int


def advice_rule(on: date) -> AdviceRule:
    """The rule in force on a day.

    >>> advice_rule(date(2026, 12, 1)).careful_step
    'warn'
    """
    row = _rows(on)["advise"]
    return AdviceRule(row["step"], row["careful_step"], int(row["days"]))


def _rows(on: date) -> dict[str, Any]:
    return {row["id"]: row for row in load_rules("amends.protection", "consequences", on).rules}


@dataclass(frozen=True, slots=True)
class Corrections:
    """Weight of one correction by a subscriber, and the most that all take off (share of the
    weight, 0 to 1)."""

    weight: float
    most_share: float
    half_life_days: float


def corrections(on: date) -> Corrections:
    """The rule in force on a day.

    >>> corrections(date(2026, 12, 1)).most_share
    0.5
    """
    rows = {row["id"]: row for row in load_rules("amends.protection", "delivery", on).rules}
    row = rows["wrong"]
    return Corrections(float(row["weight"]), float(row["most_share"]), float(row["half_life_days"]))


def weigh(reports: Iterable[GivenReport], *, now: datetime, rules: ConsequenceRules) -> Weighed:
    """Weigh reports: each person once, by their heaviest report.

    >>> from datetime import UTC
    >>> at = datetime(2026, 12, 1, tzinfo=UTC)
    >>> many = [GivenReport("rival", True, "spam", at)] * 10_000
    >>> weigh(many, now=at, rules=consequence_rules(at.date())).weight
    1.0
    """
    heaviest: dict[tuple[str, bool], float] = {}
    frauds: set[str] = set()
    for one in reports:
        heavy = _weight(one, now, rules)
        key = (one.reporter, one.proven)
        heaviest[key] = max(heaviest.get(key, 0.0), heavy)
        if one.label == "fraud":
            frauds.add(one.reporter)
    proven = sum(heavy for (_who, sure), heavy in heaviest.items() if sure)
    others = sum(heavy for (_who, sure), heavy in heaviest.items() if not sure)
    return Weighed(
        weight=round(proven + min(others, rules.weights["unproven_together"]), 3),
        people=len({who for who, _sure in heaviest}),
        frauds=len(frauds),
    )


def _weight(one: GivenReport, now: datetime, rules: ConsequenceRules) -> float:
    table = rules.weights
    age_days = max((now - one.at).total_seconds() / 86_400, 0.0)
    record = (one.confirmed + 2) / (one.confirmed + one.refuted + 2)
    decay: float = 0.5 ** (age_days / table["half_life_days"])
    who = table["proven" if one.proven else "unproven"]
    return who * table[one.label or "unjudged"] * record * decay


def lowered(
    found: Weighed, wrong: Iterable[datetime], *, now: datetime, by: Corrections
) -> Weighed:
    """The weight after corrections by subscribers, which lose half their weight in a half-life.

    Together they take off at most a share of it, so that callers cannot clear themselves.

    wrong  times at which distinct subscribers said that stopping the number was wrong
    """
    corrected = sum(
        by.weight * 0.5 ** (max((now - at).total_seconds(), 0.0) / 86_400 / by.half_life_days)
        for at in wrong
    )
    least = found.weight * (1 - by.most_share)
    return replace(found, weight=round(max(found.weight - corrected, least), 3))


def step_for(weighed: Weighed, *, rules: ConsequenceRules) -> StepRule | None:
    """The strictest consequence that follows; None where none does."""
    found = None
    for one in rules.steps:
        if weighed.weight >= one.weight and (weighed.frauds or not one.needs_fraud):
            found = one
    return found
