"""How far the rule of each running clock lets it be moved: asked by the page and the command."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from amends.cases.complaints.models import Clock, Event
from amends.engines.decisions.allowances import ClockAllowance, allowance


@dataclass(frozen=True, slots=True)
class Movable:
    """A clock with what may be done to it now.

    days_left  by how many days it may still be extended
    pauses     for what it may stand still
    stands     whether it is paused, and may resume
    """

    clock: Clock
    rule: ClockAllowance
    days_left: int = 0
    pauses: tuple[str, ...] = ()
    is_paused: bool = False

    @property
    def anyhow(self) -> bool:
        """Whether anything may be done to it."""
        return bool(self.days_left or self.pauses or self.is_paused)


def movable(clock: Clock, *, now: datetime) -> Movable:
    """What a handler may do to a clock; most rules allow none of it."""
    rule = allowance(clock.rule, clock.step, clock.counting)
    if clock.met_at is not None or not clock.binding:
        return Movable(clock, rule)
    if clock.paused_at is not None:
        return Movable(clock, rule, is_paused=True)
    if now > clock.due_at:
        return Movable(clock, rule)
    left = extension_left(clock, rule.extension_days) if rule.extension_days else 0
    return Movable(clock, rule, days_left=left, pauses=rule.pauses)


def extension_left(clock: Clock, allowed: int) -> int:
    """How many days of the rule's extension were not used yet."""
    rows = Event.objects.filter(complaint=clock.complaint_id, verb="extended")
    used = [
        int(details["days"])
        for details in rows.values_list("details", flat=True)
        if details.get("clock") == clock.pk
    ]
    return max(0, allowed - sum(used))
