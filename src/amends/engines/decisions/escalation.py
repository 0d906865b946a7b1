"""Who is told of a deadline that passed unmet, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from amends.platform.kit.packs import load_rules


@dataclass(frozen=True, slots=True)
class EscalationStep:
    """One step: colleagues with `role` are told once the deadline passed `after` ago."""

    id: str
    role: str
    after: timedelta


@lru_cache(maxsize=16)
def steps(on: date) -> tuple[EscalationStep, ...]:
    """The steps in force on a day, the soonest first.

    >>> [(step.role, step.after.total_seconds() / 3600) for step in steps(date(2026, 11, 27))]
    [('senior_handler', 0.0), ('manager', 24.0)]
    """
    rows = load_rules("amends.engines.decisions", "escalation", on).data["steps"]
    escalation_steps = [
        EscalationStep(row["id"], row["role"], timedelta(hours=row["after_hours"])) for row in rows
    ]
    return tuple(sorted(escalation_steps, key=lambda step: step.after))
