"""Start the clocks that an event starts: an accepted proposal, a complaint that is open again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from amends.cases.complaints.models import Clock, Complaint
from amends.engines.decisions.clocks import Due
from amends.engines.decisions.deadlines import deadlines
from amends.platform.database.rows import create

STARTED_BY = {"accepted": "accepted", "implementing": "accepted", "resolved": "resolved"}
"""State entered → the event of the packs that starts clocks."""
STARTED_BY_MOVE = {"take_up": "appeal_forwarded"}
"""Move made → the like: the regulator has forwarded an appeal."""


def start_clocks(complaints: Sequence[Complaint], *, verb: str, now: datetime) -> None:
    """Add the clocks that a move and the states just entered start; clocks that run already stay.

    A reopened complaint needs a new answer, in the time the rule gives from today; the first
    clocks stay as they were, met or missed.
    """
    fresh: list[Clock] = []
    for complaint in complaints:
        dues = _dues(complaint, verb, now)
        if not dues:
            continue
        known_rules = {
            (clock.step, clock.rule)
            for clock in complaint.clocks.filter(met_at__isnull=True)
            if complaint.state != "reopened"
        }
        fresh += [
            as_clock(complaint.id, due_step)
            for due_step in dues
            if (due_step.step, due_step.rule) not in known_rules
        ]
    create(fresh)


def as_clock(complaint: str, due_step: Due) -> Clock:
    """The row of one due."""
    return Clock(
        complaint_id=complaint,
        step=due_step.step,
        due_at=due_step.due_at,
        rule=due_step.rule,
        counting=due_step.counting,
        binding=due_step.binding,
        verified=due_step.verified is True,
    )


def _dues(complaint: Complaint, verb: str, now: datetime) -> list[Due]:
    if complaint.state == "reopened":
        return from_receipt(complaint, received_at=now)
    event = STARTED_BY_MOVE.get(verb) or STARTED_BY.get(complaint.state)
    if event is None:
        return []
    before = {
        due_step.rule_id for due_step in from_receipt(complaint, received_at=complaint.received_at)
    }
    with_event = from_receipt(complaint, received_at=complaint.received_at, events={event: now})
    return [due_step for due_step in with_event if due_step.rule_id not in before]


def from_receipt(
    complaint: Complaint, *, received_at: datetime, events: dict[str, datetime] | None = None
) -> list[Due]:
    """Every clock the rules give a complaint counted from a moment, as it is marked now."""
    return deadlines(
        jurisdiction=complaint.jurisdiction,
        received_at=received_at,
        urgent=complaint.urgent,
        kind=complaint.code,
        province=complaint.province,
        events=events or {},
    )
