"""A colleague who approves what waits, for tests that are about something else."""

from __future__ import annotations

from datetime import datetime

from amends.platform.kit.actors import Actor
from amends.work.approvals.actions.decide import approve
from amends.work.approvals.models import WaitingItem

SECOND = Actor(
    "user", "usr-second-person", ("manager", "senior_handler", "privacy_officer", "partner_manager")
)


def approve_waiting(kind: str = "", *, now: datetime, actor: Actor = SECOND) -> int:
    """Approve every request that waits (on subjects of a kind); how many."""
    rows = WaitingItem.objects.filter(state="waiting")
    refs = list((rows.filter(subject_kind=kind) if kind else rows).values_list("ref", flat=True))
    for ref in refs:
        approve(ref, actor=actor, now=now)
    return len(refs)
