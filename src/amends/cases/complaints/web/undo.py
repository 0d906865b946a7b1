"""Approvals that can still be undone, as toasts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from amends.cases.complaints.actions.approve_later import pending_of
from amends.cases.complaints.queries.casefile import PendingApproval
from amends.platform.kit.actors import Actor

MOST_TOASTS = 3


@dataclass(frozen=True, slots=True)
class UndoToast:
    """An approval with the seconds left to undo it, so that a wrong clock does not matter."""

    approval: PendingApproval
    left_s: int


def pending_context(actor: Actor, complaint: str = "") -> dict[str, Any]:
    """This person's approvals, and that of the complaint whose page is open, whoever made it.

    More than `MOST_TOASTS` (of an action on many) are one toast. `pending_shown` names them all, so
    that a page can ask whether they have changed.
    """
    approvals: dict[str, PendingApproval] = {
        approval.id: approval for approval in pending_of(actor)
    }
    if complaint:
        approvals |= {approval.id: approval for approval in pending_of(actor, complaint=complaint)}
    now = timezone.now()
    toasts = [
        UndoToast(approval, max(0, round((approval.due_at - now).total_seconds())))
        for approval in sorted(
            approvals.values(), key=lambda approval: (approval.due_at, approval.id)
        )
    ]
    return {
        "toasts": toasts,
        "toasts_as_one": len(toasts) > MOST_TOASTS,
        "pending_shown": ",".join(toast.approval.id for toast in toasts),
        "toasts_complaint": complaint,
    }
