"""Recount: let the clocks that run be those of the rules for what the complaint is now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from amends.cases.complaints.actions.start_clocks import as_clock, from_receipt
from amends.cases.complaints.models import Clock, Complaint, Event
from amends.engines.decisions.clocks import Due

MOVED = ("extended", "resumed")
"""Events by which a rule gave a clock more days; `details` says how many."""


def by_rule(complaint: Complaint) -> list[Due]:
    """The clocks that run from the receipt, or the last reopening, as the complaint is now."""
    return from_receipt(complaint, received_at=_counted_from(complaint))


def recount(complaint: Complaint, *, before: Sequence[Due]) -> bool:
    """Compute the clocks that run from the receipt again; whether a deadline that binds moved.

    before   `by_rule` of the complaint as it was

    What the rules of the day of receipt give a complaint of its class, urgent or not, holds from
    now on, counted from the receipt as they say, with the days a rule gave since. A clock that no
    longer holds stays to be seen, as one that binds nobody; what was met or missed under it stays
    as it was. The next deadline of `complaint` follows, and is the caller's to save.
    """
    holding_before = _holding(complaint)
    dues = {_key(due_step): due_step for due_step in by_rule(complaint)}
    steps, known_keys = (
        {step for step, _rule, _counting in dues},
        {_key(earlier_due) for earlier_due in before},
    )
    # A deadline that came with a merged complaint stays as it was, whatever this one is now.
    for clock in Clock.objects.filter(complaint=complaint, met_at__isnull=True, merged_from=""):
        if clock.step not in steps and _key(clock) not in known_keys:
            continue
        due_step = dues.pop(_key(clock), None)
        clock.binding = due_step is not None and due_step.binding
        clock.due_at = due_step.due_at + days_given(clock) if due_step else clock.due_at
        clock.save(update_fields=["binding", "due_at"])
    for due_step in dues.values():
        if not Clock.objects.filter(complaint=complaint, step=due_step.step, met_at__isnull=False):
            as_clock(complaint.id, due_step).save()
    point_to_next(complaint)
    return _holding(complaint) != holding_before


def _key(clock: Due | Clock) -> tuple[str, str, str]:
    return clock.step, clock.rule, clock.counting


def point_to_next(complaint: Complaint) -> None:
    """Set the next deadline of the complaint; a paused clock has none."""
    running = Clock.objects.filter(
        complaint=complaint, met_at__isnull=True, paused_at__isnull=True, binding=True
    )
    first = running.order_by("due_at", "id").first()
    complaint.next_step = first.step if first else ""
    complaint.next_due_at = first.due_at if first else None


def days_given(clock: Clock) -> timedelta:
    """By how much a rule let this clock run longer: extended, or was paused and resumed."""
    rows = Event.objects.filter(complaint=clock.complaint_id, verb__in=MOVED)
    return timedelta(
        days=sum(
            int(details.get("days", 0))
            for details in rows.values_list("details", flat=True)
            if details.get("clock") == clock.pk
        )
    )


def _holding(complaint: Complaint) -> set[tuple[str, datetime]]:
    """The deadlines that bind and are not met yet."""
    running = Clock.objects.filter(complaint=complaint, met_at__isnull=True, binding=True)
    return set(running.values_list("step", "due_at"))


def _counted_from(complaint: Complaint) -> datetime:
    """The day the clocks count from: of the receipt, or of the last reopening."""
    reopened = Event.objects.filter(complaint=complaint, to_state="reopened").order_by("-at")
    return reopened.values_list("at", flat=True).first() or complaint.received_at
