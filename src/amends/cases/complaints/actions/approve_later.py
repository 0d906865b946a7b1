"""Approve with time to undo: what a person approves at the desk is carried out seconds later.

Until then nothing is granted, stated or sent, so that undoing it takes nothing back.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import OperationalError, transaction
from django.db.models import Q
from django.utils.translation import gettext_noop as _

from amends.cases.complaints.actions.dry_run import dry_run
from amends.cases.complaints.actions.settle import UnableToSettle, settle
from amends.cases.complaints.models import Complaint, Event, PendingApproval
from amends.channels.queries.contacts import opened_column
from amends.people.access.queries import actor_with_ref
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import AmendsError, Unavailable
from amends.platform.vault.sealing import seal
from amends.work.casework.actions.drafts import discard_draft
from amends.work.casework.queries import ComposerMode

UNDO_WITHIN = timedelta(seconds=20)
"""Long enough to read the toast and reach the key (WCAG 2.2.1)."""
AT_ONCE = 200
log = logging.getLogger("amends.work.approvals")


def approve_later(
    ref: str, *, actor: Actor, now: datetime, seen: str, subject: str = "", body: str = ""
) -> PendingApproval:
    """Approve the decision `seen`; see `settle`, which is tried now and carried out later."""
    with transaction.atomic():
        complaint = Complaint.objects.select_for_update().get(id=ref)
        if PendingApproval.objects.filter(complaint=complaint).exists():
            raise UnableToSettle(
                _("It is approved already and is carried out in a moment."),
                next_step=_("Load the complaint again; until it is sent, it can be undone there."),
            )
        dry_run(
            ref,
            lambda: settle(ref, actor=actor, now=now, subject=subject, body=body, seen=seen),
        )
        pending = PendingApproval(
            complaint=complaint,
            decision_id=seen,
            approved_at=now,
            approved_by=actor.ref,
            due_at=now + UNDO_WITHIN,
        )
        table = PendingApproval._meta.db_table
        pending.subject_sealed = seal(table, "subject_sealed", pending.id, subject)
        pending.body_sealed = seal(table, "body_sealed", pending.id, body)
        pending.save(force_insert=True)
    return pending


def pending_of(actor: Actor, *, complaint: str = "") -> list[PendingApproval]:
    """The approvals of one complaint that can be undone, else all of this person's, next first."""
    approvals = PendingApproval.objects.select_related("complaint")
    mine = {"complaint": complaint} if complaint else {"approved_by": actor.ref}
    approvals = approvals.filter(**mine)
    return list(approvals.filter(complaint__brand=actor.brand) if actor.brand else approvals)


def pending_for(actor: Actor, complaint: str) -> list[PendingApproval]:
    """The approvals of this person and the approval of one complaint by anyone, next first."""
    approvals = PendingApproval.objects.select_related("complaint").filter(
        Q(approved_by=actor.ref) | Q(complaint=complaint)
    )
    return list(approvals.filter(complaint__brand=actor.brand) if actor.brand else approvals)


def undo(refs: Iterable[str], *, brand: str = "", by: str = "") -> int:
    """Take approvals back that were not carried out yet; how many complaints wait again.

    by  only those this actor made
    """
    pending = PendingApproval.objects.filter(complaint__in=list(refs))
    if brand:
        pending = pending.filter(complaint__brand=brand)
    if by:
        pending = pending.filter(approved_by=by)
    with transaction.atomic():
        return pending.delete()[0]


def approve_due(*, now: datetime) -> int:
    """Carry out the approvals whose time to undo is over; how many.

    What is refused now (it was decided again, or withdrawn) goes back to a person, with the reason
    in its history.
    """
    due_approvals = PendingApproval.objects.filter(due_at__lte=now).values_list(
        "complaint", flat=True
    )
    return sum(_approve(ref, now) for ref in list(due_approvals[:AT_ONCE]))


def _approve(ref: str, now: datetime) -> bool:
    try:
        with transaction.atomic():
            # The complaint first: whoever moves it holds its row before any other.
            Complaint.objects.select_for_update().get(id=ref)
            pending = PendingApproval.objects.select_for_update().filter(complaint=ref).first()
            if pending is None:
                return False
            settle(
                ref,
                actor=actor_with_ref(pending.approved_by),
                now=now,
                subject=opened_column(pending, "subject_sealed"),
                body=opened_column(pending, "body_sealed"),
                seen=pending.decision_id,
            )
            person = pending.approved_by
            pending.delete()
            discard_draft("complaint", ref, ComposerMode.REPLY, person=person)
        return True
    except (OperationalError, Unavailable):
        log.warning("An approval waits: the database gave way. It is tried again.")
    except AmendsError as refusal:
        _return_to_handler(ref, refusal.what, now)
    except Exception as error:
        log.exception("An approval could not be carried out.")
        _return_to_handler(ref, type(error).__name__, now)
    return False


def _return_to_handler(ref: str, reason: str, now: datetime) -> None:
    with transaction.atomic():
        pending = PendingApproval.objects.select_for_update().filter(complaint=ref).first()
        if pending is None:
            return
        pending.delete()
        Event.objects.create(
            complaint_id=ref,
            at=now,
            verb="approval_failed",
            actor=pending.approved_by,
            reason=reason,
        )
