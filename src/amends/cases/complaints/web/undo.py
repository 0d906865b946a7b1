"""Approvals that can still be undone, as toasts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from amends.cases.complaints.actions.approve_later import pending_for, pending_of
from amends.cases.complaints.queries.casefile import PendingApproval
from amends.platform.kit.actors import Actor

MOST_TOASTS = 3


@dataclass(frozen=True, slots=True)
class UndoToast:
    """An approval with the seconds left to undo it, so that a wrong clock does not matter."""

    approval: PendingApproval
    left_s: int


def pending_context(
    actor: Actor, complaint: str = "", approvals: list[PendingApproval] | None = None
) -> dict[str, Any]:
    """This person's approvals, and that of the complaint whose page is open, whoever made it.

    approvals  these, where they were read before (`pending_for`)

    More than `MOST_TOASTS` (of an action on many) are one toast. `pending_shown` names them all, so
    that a page can ask whether they have changed.
    """
    if approvals is None:
        approvals = pending_for(actor, complaint) if complaint else pending_of(actor)
    now = timezone.now()
    toasts = [
        UndoToast(approval, max(0, round((approval.due_at - now).total_seconds())))
        for approval in sorted(approvals, key=lambda approval: (approval.due_at, approval.id))
    ]
    return {
        "toasts": toasts,
        "toasts_as_one": len(toasts) > MOST_TOASTS,
        "pending_shown": ",".join(toast.approval.id for toast in toasts),
        "toasts_complaint": complaint,
    }
