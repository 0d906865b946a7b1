"""The steps of an emergency as rows, and the plan they follow."""

from __future__ import annotations

from django.utils import timezone

from amends.problems.emergencies.models import Emergency, EmergencyStep
from amends.problems.emergencies.rules.emergency import (
    EmergencyPlan,
    EmergencyStatus,
    plan_on,
)

SANDBOX = "drill"
"""The channel of drills: no sender is ever registered for it, so what is posted there stays."""


def plan_of(emergency: Emergency) -> EmergencyPlan:
    """The plan by which an emergency was declared, whatever is in force now."""
    return plan_on(timezone.localdate(emergency.declared_at))


def current_steps(emergency: Emergency) -> list[EmergencyStatus]:
    """The steps as they stand, dropped ones too, soonest first."""
    return [step_status(row) for row in emergency.steps.order_by("due_at", "id")]


def step_status(row: EmergencyStep) -> EmergencyStatus:
    """A row as the rules know it."""
    return EmergencyStatus(
        step=row.step,
        due_at=row.due_at,
        done_at=row.done_at,
        dropped_at=row.dropped_at,
        missed_at=row.missed_at,
    )


"""Acts that a reopened issue requires again: the people affected now are others."""


def open_steps(emergency: Emergency, act: str) -> list[EmergencyStep]:
    """The steps of one act that are still to be done."""
    plan = plan_of(emergency)
    rows = emergency.steps.filter(done_at__isnull=True, dropped_at__isnull=True)
    return [row for row in rows.order_by("due_at", "id") if plan.step(row.step).act == act]
