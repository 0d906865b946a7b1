"""Rows that wait, on the first page after sign-in, for both sides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from amends.people.access.queries import may
from amends.platform.kit.actors import Actor
from amends.work.approvals.queries.waiting import WaitingRow, both_sides

_MOST_FOR_ME = 8
_MOST_ASKED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingOfDay:
    """The first rows of what waits for a person and of their own requests, with all numbers."""

    for_me: list[WaitingRow]
    for_me_count: int
    asked: list[WaitingRow]
    asked_count: int


def waiting_of_day(actor: Actor, *, now: datetime) -> WaitingOfDay | None:
    """Rows that wait, for *My day*; None for a person who decides nothing."""
    if not may(actor.roles, "approvals.read"):
        return None
    for_me, asked = both_sides(actor, now=now)
    return WaitingOfDay(
        for_me=for_me[:_MOST_FOR_ME],
        for_me_count=len(for_me),
        asked=asked[:_MOST_ASKED],
        asked_count=len(asked),
    )
