"""Who works on a complaint and what waits: what commands and the interface say after an act."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from amends.cases.complaints.models import Complaint
from amends.work.casework.queries.work import note_counts, owner, waiting_follow_up


@dataclass(frozen=True, slots=True)
class CaseStatus:
    """A complaint as work; names are "" where nobody has it.

    handler, team     name of the person, short name of the team
    first_received_at when the matter was first raised, also in a complaint merged into this one
    merged_into       tracking code of the complaint that goes on, "" if it was not merged
    changed           whether the call changed anything
    """

    complaint: str
    state: str
    handler: str
    team: str
    first_received_at: datetime
    next_due_at: datetime | None
    notes: int
    follow_up_on: date | None
    merged_into: str
    changed: bool = True


def case_status(ref: str, *, changed: bool = True) -> CaseStatus:
    """The complaint with an id."""
    row = Complaint.objects.select_related("merged_into").get(id=ref)
    holder, waits = owner("complaint", ref), waiting_follow_up("complaint", ref)
    return CaseStatus(
        complaint=row.code_public,
        state=row.state,
        handler=holder.person_name,
        team=holder.team,
        first_received_at=row.first_received,
        next_due_at=row.next_due_at,
        notes=note_counts("complaint", [ref]).get(ref, 0),
        follow_up_on=waits.due_on if waits else None,
        merged_into=row.merged_into.code_public if row.merged_into else "",
        changed=changed,
    )
