"""Ask for approval: what is above a person's own limit goes to somebody with a higher one."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop as _

from amends.cases.complaints.actions.open_to_role import open_to_role
from amends.cases.complaints.models import Complaint, Event
from amends.people.access.queries import GrantReason
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import Refused
from amends.work.remedies.queries import approver_of


def ask_approval(ref: str, *, actor: Actor, now: datetime) -> str:
    """Put the complaint among those that wait for a higher limit; returns the role asked.

    Asked twice is asked once. Any move or new decision ends it.
    """
    with transaction.atomic():
        complaint = Complaint.objects.select_for_update().get(id=ref)
        if complaint.state != "investigating" or complaint.verdict != "upheld":
            raise Refused(
                _("There is nothing here that waits for approval."),
                next_step=_("Load the complaint again; somebody may have decided it."),
                code="unable_to_ask_approval",
            )
        needed = approver_of(complaint.amount_minor, complaint.currency, timezone.localdate(now))
        if not needed.role:
            raise Refused(
                _("The amount is above every limit."),
                meaning=_("Nobody can approve it here."),
                next_step=_("Overrule it with an amount that somebody may approve."),
                code="unable_to_ask_approval",
            )
        if complaint.approval_role != needed.role:
            complaint.approval_role = needed.role
            complaint.save(update_fields=["approval_role"])
            open_to_role([complaint], needed.role, reason=GrantReason.APPROVAL, now=now)
            Event.objects.create(
                complaint=complaint,
                at=now,
                verb="approval_asked",
                actor=actor.ref,
                details={"role": needed.role},
            )
    return needed.role
