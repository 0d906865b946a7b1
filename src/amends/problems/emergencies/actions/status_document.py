"""The status of an issue's emergency: level, deadlines, what is not sold, what closing needs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from amends.problems.emergencies.actions.end_emergency import missing_to_close
from amends.problems.emergencies.actions.freeze_sale import cause_of
from amends.problems.emergencies.models import Emergency
from amends.problems.emergencies.queries.affected import counted_at
from amends.problems.emergencies.queries.disaster import disaster_of
from amends.problems.emergencies.queries.levels import reached
from amends.problems.emergencies.queries.steps import current_steps, plan_of
from amends.problems.emergencies.rules.emergency import step_state
from amends.problems.hotissues.queries.records import HotIssue
from amends.problems.hotissues.texts.names import name_of
from amends.record.catalogue.queries import freezes


@dataclass(frozen=True, slots=True)
class FrozenSale:
    """An offer, campaign or launch that is not sold."""

    kind: str
    ref: str


@dataclass(frozen=True, slots=True)
class StepStatus:
    """A step of the plan; `stand` is due, late, done, done_late or dropped."""

    step: str
    words: str
    stand: str
    due_at: datetime
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class DisasterMark:
    """Who marked an issue as a natural disaster, when and why."""

    at: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueStatus:
    """An issue without an emergency.

    reaches  level the plan gives it now; empty for none
    hit      people affected
    missing  what closing still needs, in sentences
    """

    number: int
    name: str
    state: str
    drill: bool
    level: str
    reaches: str
    hit: int
    steps: list[StepStatus]
    missing: list[str]
    frozen: list[FrozenSale]


@dataclass(frozen=True, slots=True, kw_only=True)
class EmergencyStatus(IssueStatus):
    """An issue with an emergency: its plan, scope and closing rule.

    silent      people affected who did not complain, as counted at `counted_at`
    offers, areas, causes  whom it affects
    """

    kind: str
    plan: str
    silent: int
    counted_at: datetime | None
    disaster: DisasterMark | None
    closing_rule: str
    offers: list[str]
    areas: list[str]
    causes: list[str]


def emergency_status(issue: HotIssue, *, now: datetime, chinese: bool = False) -> IssueStatus:
    """Level given and reached, people affected, steps, what is not sold, what closing needs."""
    reached_level = reached(issue, now=now) if issue.state == "open" and not issue.drill else None
    led = Emergency.objects.filter(issue=issue).first()
    status: dict[str, Any] = {
        "number": issue.number,
        "name": name_of(issue),
        "state": issue.state,
        "drill": issue.drill,
        "level": issue.level,
        "reaches": reached_level.level.id if reached_level else "",
        "hit": reached_level.persons
        if reached_level
        else issue.persons + (led.silent if led else 0),
        "frozen": [
            FrozenSale(freeze.kind, freeze.ref)
            for freeze in freezes(cause=cause_of(issue))
            if freeze.lifted_at is None
        ],
    }
    if led is None:
        return IssueStatus(**status, steps=[], missing=[])
    plan = plan_of(led)
    rule, missing = missing_to_close(issue)
    marked = disaster_of(issue)
    return EmergencyStatus(
        **status,
        kind=led.kind,
        plan=led.plan,
        silent=led.silent,
        counted_at=counted_at(issue.id, now=now),
        disaster=DisasterMark(marked.at, marked.actor, marked.reason) if marked else None,
        closing_rule=rule.id,
        offers=led.offers,
        areas=led.areas,
        causes=led.causes,
        steps=[
            StepStatus(
                step=current_step.step,
                words=getattr(plan.step(current_step.step), "zh" if chinese else "en"),
                stand=step_state(current_step, now),
                due_at=current_step.due_at,
                done_at=current_step.done_at,
            )
            for current_step in current_steps(led)
        ],
        missing=[plan.needs[need][not chinese] for need in missing],
    )
