"""Open a complaint's case to the role it was escalated to, or that was asked to approve."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from amends.cases.complaints.models import Complaint
from amends.people.access.actions.share_case import grant_role, shorten_role_grants
from amends.people.access.queries import GrantReason
from amends.platform.kit.actors import Actor, system

DESK = system("desk")
GRANTED_FOR = timedelta(days=90)
AFTERWARDS = timedelta(days=7)
"""How long the role may still read what became of it."""


def open_to_role(
    complaints: Iterable[Complaint], role: str, *, reason: GrantReason, now: datetime
) -> None:
    """Let the role into the cases of these complaints; one without a case has no records yet."""
    cases = [complaint.case for complaint in complaints if complaint.case]
    grant_role(DESK, cases, role, reason=reason, until=now + GRANTED_FOR, now=now)


def end_soon(complaints: Iterable[Complaint], *, now: datetime) -> None:
    """Nothing is escalated or waits for approval any more: end what was granted for it soon."""
    over = [
        complaint.case
        for complaint in complaints
        if complaint.case and not complaint.escalated_to and not complaint.approval_role
    ]
    shorten_role_grants(over, until=now + AFTERWARDS)


def may_act_for_role(complaint: Complaint, actor: Actor) -> bool:
    """Whether it is escalated to a role of the actor, or waits for its approval."""
    return not {complaint.escalated_to, complaint.approval_role}.isdisjoint(actor.roles)
