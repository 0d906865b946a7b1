"""Change the steps of an emergency: add, repeat, mark done or missed; each change is a fact."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from amends.platform.kit.actors import Actor
from amends.platform.kit.periods import to_ms
from amends.problems.emergencies.models import Emergency, EmergencyStep
from amends.problems.emergencies.queries.steps import open_steps, plan_of
from amends.problems.emergencies.rules.emergency import DueStep, due_steps
from amends.problems.hotissues.actions.note import note
from amends.problems.hotissues.queries.records import HotIssue
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append


def add_steps(emergency: Emergency, new_steps: Iterable[DueStep], level: str) -> None:
    """Add steps that are due."""
    EmergencyStep.objects.bulk_create(
        EmergencyStep(emergency=emergency, step=due_step.step, level=level, due_at=due_step.due_at)
        for due_step in new_steps
    )


REPEATED_ACTS = frozenset({"answer", "silent", "relief", "review"})


def repeat_steps(*, issue: HotIssue, now: datetime, **_signal: object) -> None:
    """Make the repeated steps of a reopened issue due again; what was done stays on record. Its
    cause has not ended any more."""
    emergency = Emergency.objects.filter(issue=issue).first()
    if emergency is None:
        return
    if emergency.cause_ended_at is not None:
        emergency.cause_ended_at = None
        emergency.save(update_fields=["cause_ended_at"])
    plan = plan_of(emergency)
    repeated = [
        step
        for step in due_steps(issue.level, emergency.kind, plan, at=now)
        if plan.step(step.step).act in REPEATED_ACTS
    ]
    done_before = emergency.steps.filter(
        step__in=[due_step.step for due_step in repeated],
        done_at__isnull=False,
        dropped_at__isnull=True,
    )
    done_steps = set(done_before.values_list("step", flat=True))
    done_before.update(dropped_at=now)
    add_steps(
        emergency, [due_step for due_step in repeated if due_step.step in done_steps], issue.level
    )


def done(
    issue: HotIssue,
    act: str,
    *,
    actor: Actor,
    now: datetime,
    details: dict[str, object] | None = None,
    only: Iterable[str] | None = None,
) -> list[str]:
    """Mark the open steps of an act done; returns them. One that is done stays as it was.

    only  of these steps; None for all of the act
    """
    emergency = Emergency.objects.filter(issue=issue).first()
    if emergency is None:
        return []
    wanted = None if only is None else set(only)
    rows = [row for row in open_steps(emergency, act) if wanted is None or row.step in wanted]
    for row in rows:
        row.done_at, row.done_by, row.details = now, actor.ref, details or {}
        row.save(update_fields=["done_at", "done_by", "details"])
        note(
            issue,
            "step_done",
            actor=actor,
            now=now,
            details={"step": row.step, "late": now > row.due_at, **(details or {})},
        )
    append(
        [
            _fact("EmergencyStepDone", issue, now, step=row.step, late=int(now > row.due_at))
            for row in rows
        ],
        now=now,
    )
    return [row.step for row in rows]


def missed(issue: HotIssue, row: EmergencyStep, *, actor: Actor, now: datetime) -> None:
    """Mark a step whose time has passed, once."""
    row.missed_at = now
    row.save(update_fields=["missed_at"])
    note(issue, "step_missed", actor=actor, now=now, details={"step": row.step})
    append(
        [_fact("EmergencyStepMissed", issue, now, step=row.step, due_at_ms=to_ms(row.due_at))],
        now=now,
    )


def _fact(kind: str, issue: HotIssue, now: datetime, **more: str | int) -> Fact:
    drill = {"drill": 1} if issue.drill else {}
    return Fact(
        kind=kind,
        subscriber="",
        subject=issue.id,
        happened_at=now,
        source="hotissues",
        payload={"issue": issue.id, **more, **drill},
    )


def assigned(*, issue: HotIssue, actor: Actor, now: datetime, **_signal: object) -> None:
    """The step that names an owner is done."""
    done(issue, "assign", actor=actor, now=now, details={"owner": issue.owner})
