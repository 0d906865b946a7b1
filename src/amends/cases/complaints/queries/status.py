"""The document of a complaint that commands and the API return."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from amends.cases.complaints.models import Complaint, Decision
from amends.cases.complaints.rules.states import Transition, table, tmf_status
from amends.cases.complaints.rules.status import ComplaintStatus as ComplaintStatus
from amends.people.access.queries.colleagues import people
from amends.work.casework.queries.work import note_counts, owner, waiting_follow_up

# Moves that follow from a decision, from billing or from the user's own answer: no button moves
# a complaint there without what belongs to it.
NOT_BY_HAND = frozenset(
    {
        "propose",
        "grant",
        "not_uphold",
        "lapse",
        "implement",
        "resolve",
        "confirm",
        "order_remedy",
        "answer_enquiry",
    }
)


Status = TypeVar("Status", bound=ComplaintStatus)


def complaint_status(ref: str, *, changed: bool = True) -> ComplaintStatus:
    """The present state of the complaint with an id."""
    return status_as(ComplaintStatus, ref, changed=changed)


def status_as(kind: type[Status], ref: str, **more: Any) -> Status:
    """The present state of a complaint in a document with fields of its own.

    more  what goes into these fields
    """
    row = Complaint.objects.select_related("merged_into").get(id=ref)
    holder, follow_up = owner("complaint", ref), waiting_follow_up("complaint", ref)
    decision = newest_decisions([ref]).get(ref)
    return kind(
        complaint=row.code_public,
        kind=row.kind,
        state=row.state,
        tmf621_status=tmf_status(row.state),
        code=row.code,
        confidence=row.confidence_permille / 1000,
        urgent=row.urgent,
        subscriber_named=bool(row.subscriber),
        identity=row.identity,
        verdict=row.verdict,
        decided_by=decision.decided_by if decision else "",
        amount_minor=row.amount_minor,
        currency=row.currency,
        next_step=row.next_step,
        next_due_at=row.next_due_at,
        first_received_at=row.first_received,
        handler=people([row.handler]).get(row.handler, row.handler) if row.handler else "",
        handler_name=holder.person_name,
        team=holder.team,
        waits_for_role=row.approval_role,
        contacts=row.contacts_count,
        notes=note_counts("complaint", [ref]).get(ref, 0),
        follow_up_on=follow_up.due_on if follow_up else None,
        merged_into=row.merged_into.code_public if row.merged_into else "",
        moves=[transition.verb for transition in moves_by_hand(row)],
        **more,
    )


def moves_by_hand(complaint: Complaint) -> list[Transition]:
    """Transitions of the published table that a handler may make, besides approving; none for a
    complaint imported as history."""
    if complaint.history:
        return []
    possible = table().moves_from(complaint.state, who="handler")
    return [transition for transition in possible if transition.verb not in NOT_BY_HAND]


def newest_decisions(refs: Iterable[str]) -> dict[str, Decision]:
    """The newest decision of each complaint, by the id of the complaint."""
    decisions = Decision.objects.filter(complaint__in=list(refs)).order_by("at", "id")
    return {decision.complaint_id: decision for decision in decisions}
