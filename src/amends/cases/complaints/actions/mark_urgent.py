"""Mark urgent: a handler says that a complaint cannot wait, or that it can; its clocks follow."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop as _

from amends.cases.complaints.actions.internal_reason import internal_reason
from amends.cases.complaints.actions.recount import by_rule, recount
from amends.cases.complaints.models import Complaint, Event, Kind
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import Refused


class UnableToMarkUrgent(Refused):
    """There is no reason, or nothing to mark."""

    code = "unable_to_mark_urgent"


def mark_urgent(ref: str, *, urgent: bool, reason: str, actor: Actor, now: datetime) -> bool:
    """Set or take the mark, with its reason; whether a deadline moved by it.

    What the rules of the day of receipt give an urgent complaint holds from now on, counted from
    the receipt as they say. A clock that no longer holds stays to be seen, as one that binds
    nobody; what was met or missed under it stays as it was.
    """
    reason_text = internal_reason(reason, UnableToMarkUrgent)
    with transaction.atomic():
        complaint = Complaint.objects.select_for_update().get(id=ref)
        if not complaint.is_open or complaint.history or complaint.kind != Kind.COMPLAINT:
            raise UnableToMarkUrgent(
                _("Only an open complaint can be urgent."),
                meaning=_("Nothing was changed."),
                next_step=_("Open it again, or take it up as a complaint."),
            )
        if complaint.urgent == urgent:
            raise UnableToMarkUrgent(
                _("It is so already."),
                meaning=_("Nothing was changed."),
                next_step=_("Load the complaint again."),
            )
        before = by_rule(complaint)
        complaint.urgent = urgent
        moved = recount(complaint, before=before)
        complaint.save(update_fields=["urgent", "next_step", "next_due_at"])
        Event.objects.create(
            complaint=complaint,
            at=now,
            verb="urgent" if urgent else "not_urgent",
            actor=actor.ref,
            reason=reason_text,
        )
    return moved
