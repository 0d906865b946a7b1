"""Request a sanction on a partner whose services stand out in an audit."""

from __future__ import annotations

from datetime import datetime

from amends.people.partners.queries import brands_of, partner
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _
from amends.work.approvals.actions.request_approval import request_approval
from amends.work.approvals.actions.subject import Subject
from amends.work.approvals.queries import WaitingItem

KINDS = ("warning", "suspension")


def request_sanction(
    ref: str, *, kind: str, reason: str, audit: str, path: str, actor: Actor, now: datetime
) -> WaitingItem:
    """Request a warning or a suspension; a second person approves it.

    audit  reference of the audit that it rests on, "" for none
    path   address of the page of the audit
    """
    partner_view = partner(ref)
    if partner_view is None or kind not in KINDS:
        raise BadInput(
            _("There is no such partner or sanction."),
            meaning=_("Nothing was requested."),
            next_step=_("Choose a partner of the audit, and a warning or a suspension."),
            code="partner_not_sanctioned",
        )
    stated = f"{reason.strip()} (audit {audit})" if audit else reason.strip()
    return request_approval(
        "partners.sanction",
        subject=Subject(kind="partner", key=ref, title=partner_view.name_en, path=path),
        reason=reason,
        actor=actor,
        now=now,
        payload={"kind": kind, "reason": stated[:300]},
        brands=brands_of(ref),
    )
