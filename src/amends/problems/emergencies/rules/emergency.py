"""The emergency plan: how grave an issue is, what is due by when, what is late, what may close.

Levels follow persons hit, growth and kind; what is due follows the level. All of it is dated data
(`rules/data/emergency@….toml`), so an issue is judged later by the plan of its day.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, Literal

from amends.platform.kit.packs import load_rules

_PACKAGE = "amends.problems.emergencies"
Act = Literal["tell", "assign", "freeze", "statement", "answer", "silent", "relief", "review"]
StepState = Literal["done", "done_late", "due", "late", "dropped"]


@dataclass(frozen=True, slots=True)
class EmergencyLevel:
    """One level; `grade` 1 is the gravest. See the data file for what reaches it."""

    id: str
    grade: int
    zh: str
    en: str
    means_zh: str
    means_en: str
    persons: int
    fast_persons: int
    fast_growth: float
    kinds: frozenset[str]
    kind_persons: int


@dataclass(frozen=True, slots=True)
class EmergencyStepRule:
    """One step of the plan: what is done, within how long at each level, and who hears of delay."""

    id: str
    act: Act
    zh: str
    en: str
    roles: tuple[str, ...]
    only_kinds: frozenset[str]
    within: Mapping[str, timedelta]
    escalate_to: tuple[str, ...]

    def asked_at(self, level: str, kind: str) -> bool:
        """Whether a level asks for it of an issue of a kind."""
        return level in self.within and (not self.only_kinds or kind in self.only_kinds)


@dataclass(frozen=True, slots=True)
class Closing:
    """What must be true before an issue of some kinds and packs may be closed."""

    id: str
    zh: str
    en: str
    packs: frozenset[str]
    kinds: frozenset[str]
    needs: tuple[str, ...]
    verified: bool | str
    excepts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class EmergencyPlan:
    """The plan in force on a day; levels gravest first."""

    version: str
    levels: tuple[EmergencyLevel, ...]
    steps: tuple[EmergencyStepRule, ...]
    closings: tuple[Closing, ...]
    needs: Mapping[str, tuple[str, str]]
    drill_persons: int
    drill_every: timedelta

    def level(self, ref: str) -> EmergencyLevel:
        """A level by its id; KeyError for one the plan does not know."""
        return {level.id: level for level in self.levels}[ref]

    def step(self, ref: str) -> EmergencyStepRule:
        """A step by its id; KeyError for one the plan does not know."""
        return {step.id: step for step in self.steps}[ref]


@dataclass(frozen=True, slots=True)
class EmergencyScope:
    """What is known of an issue.

    persons  distinct persons hit: those who complained and those who did not
    growth   persons of the last 24 hours over those of the 24 hours before; None where unknown
    kind     the group of its class, e.g. "billing"; or "outage", "emergency_number"
    """

    persons: int
    growth: float | None
    kind: str


@dataclass(frozen=True, slots=True)
class Graded:
    """A level, "" below all of them, and what reached it: persons, growth, kind."""

    level: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DueStep:
    """A step and the moment it is due."""

    step: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class EmergencyStatus:
    """A step: `done_at` and `dropped_at` are None while it is open; one that was done and dropped
    is due again since the issue was reopened."""

    step: str
    due_at: datetime
    done_at: datetime | None = None
    dropped_at: datetime | None = None
    missed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Regraded:
    """What a new level changes: steps to add, steps due sooner, steps no longer asked for."""

    added: tuple[DueStep, ...]
    sooner: tuple[DueStep, ...]
    dropped: tuple[str, ...]


@cache
def plan_on(day: date) -> EmergencyPlan:
    """The plan in force on a day.

    >>> [one.grade for one in plan_on(date(2026, 12, 1)).levels]
    [1, 2, 3, 4]
    """
    file = load_rules(_PACKAGE, "emergency", day)
    data = file.data
    return EmergencyPlan(
        version=file.version,
        levels=tuple(sorted(map(_level, data["levels"]), key=lambda plan_level: plan_level.grade)),
        steps=tuple(map(_step, data["steps"])),
        closings=tuple(map(_closing, data["closings"])),
        needs={row["id"]: (row["zh"], row["en"]) for row in data["needs"]},
        drill_persons=int(data["drill"]["persons"]),
        drill_every=timedelta(days=data["drill"]["every_days"]),
    )


def _level(row: Mapping[str, Any]) -> EmergencyLevel:
    return EmergencyLevel(
        id=row["id"],
        grade=row["grade"],
        zh=row["zh"],
        en=row["en"],
        means_zh=row["means_zh"],
        means_en=row["means_en"],
        persons=row["persons"],
        fast_persons=row["fast_persons"],
        fast_growth=float(row["fast_growth"]),
        kinds=frozenset(row["kinds"]),
        kind_persons=row["kind_persons"],
    )


def _step(row: Mapping[str, Any]) -> EmergencyStepRule:
    within = {level: timedelta(minutes=m) for level, m in row["within_minutes"].items()}
    return EmergencyStepRule(
        id=row["id"],
        act=row["act"],
        zh=row["zh"],
        en=row["en"],
        roles=tuple(row["roles"]),
        only_kinds=frozenset(row.get("only_kinds", ())),
        within=within,
        escalate_to=tuple(row["escalate_to"]),
    )


def _closing(row: Mapping[str, Any]) -> Closing:
    return Closing(
        id=row["id"],
        zh=row["zh"],
        en=row["en"],
        packs=frozenset(row["packs"]),
        kinds=frozenset(row["kinds"]),
        needs=tuple(row["needs"]),
        verified=row["verified"],
        excepts=frozenset(row.get("excepts", ())),
    )


def grade(hit: EmergencyScope, plan: EmergencyPlan) -> Graded:
    """The gravest level that persons, growth or kind reach.

    >>> plan = plan_on(date(2026, 12, 1))
    >>> grade(EmergencyScope(1500, 1.0, "network"), plan)
    Graded(level='level2', reasons=('persons',))
    >>> grade(EmergencyScope(60, 5.0, "network"), plan)
    Graded(level='level3', reasons=('growth',))
    >>> grade(EmergencyScope(5, None, "network"), plan).level
    ''
    """
    for level in plan.levels:
        reasons = []
        if hit.persons >= level.persons:
            reasons.append("persons")
        fast = hit.growth is not None and hit.growth >= level.fast_growth
        if fast and hit.persons >= level.fast_persons:
            reasons.append("growth")
        if hit.kind in level.kinds and hit.persons >= level.kind_persons:
            reasons.append("kind")
        if reasons:
            return Graded(level.id, tuple(reasons))
    return Graded("", ())


def due_steps(level: str, kind: str, plan: EmergencyPlan, *, at: datetime) -> tuple[DueStep, ...]:
    """The steps a level asks for, counted from `at`, soonest first.

    >>> from datetime import UTC
    >>> at = datetime(2026, 12, 1, 8, tzinfo=UTC)
    >>> first = due_steps("level3", "billing", plan_on(at.date()), at=at)[0]
    >>> first.step, first.due_at.hour
    ('tell_senior', 9)
    """
    steps = [
        DueStep(step.id, at + step.within[level])
        for step in plan.steps
        if step.asked_at(level, kind)
    ]
    return tuple(sorted(steps, key=lambda due_step: due_step.due_at))


def regrade(
    steps: Sequence[EmergencyStatus], level: str, kind: str, plan: EmergencyPlan, *, at: datetime
) -> Regraded:
    """What changes at a new level, counted from `at`.

    What was done stays done. A step that is open is never given more time than it had, or lowering
    an issue would heal a delay; one the new level does not ask for is dropped.
    """
    required = {step.step: step for step in due_steps(level, kind, plan, at=at)}
    current = {step.step: step for step in steps if step.dropped_at is None}
    added = tuple(due_step for step, due_step in required.items() if step not in current)
    sooner = tuple(
        due_step
        for step, due_step in required.items()
        if step in current
        and current[step].done_at is None
        and due_step.due_at < current[step].due_at
    )
    dropped = tuple(
        step
        for step, current_step in current.items()
        if step not in required and current_step.done_at is None
    )
    return Regraded(added, sooner, dropped)


def step_state(step: EmergencyStatus, now: datetime) -> StepState:
    """The state of a step at `now`.

    >>> from datetime import UTC
    >>> at = datetime(2026, 12, 1, tzinfo=UTC)
    >>> step = EmergencyStatus("assign", at)
    >>> step_state(step, at), step_state(step, at + timedelta(minutes=1))
    ('due', 'late')
    """
    if step.done_at is not None:
        return "done" if step.done_at <= step.due_at else "done_late"
    if step.dropped_at is not None:
        return "dropped"
    return "late" if now > step.due_at else "due"


NATURAL_DISASTER = "natural_disaster"
"""What a rule may except, besides kinds and packs; a person marks an issue as one."""


def closing_rule(kind: str, pack: str, plan: EmergencyPlan, *, disaster: bool = False) -> Closing:
    """The closing rule of a kind in a jurisdiction: its own where there is one that holds for it,
    else the general.

    disaster  whether the issue is marked as a natural disaster, which a rule may except

    >>> closing_rule("outage", "au", plan_on(date(2026, 12, 1))).id
    'au_outage'
    >>> closing_rule("outage", "cn", plan_on(date(2026, 12, 1))).id
    'general'
    >>> closing_rule("outage", "au", plan_on(date(2026, 12, 1)), disaster=True).id
    'general'
    """
    special = [
        closing
        for closing in plan.closings
        if pack in closing.packs
        and kind in closing.kinds
        and not (disaster and NATURAL_DISASTER in closing.excepts)
    ]
    general = [closing for closing in plan.closings if not closing.packs and not closing.kinds]
    return (special or general)[0]


def not_yet(rule: Closing, true: Collection[str]) -> tuple[str, ...]:
    """What the closing rule asks for and is not true yet; empty: it may be closed."""
    return tuple(need for need in rule.needs if need not in true)
