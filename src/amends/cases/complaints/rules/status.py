"""The document of a complaint that commands and the API return, also after an action."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintStatus:
    """The state of a complaint, without texts of the user and without personal data.

    code               its class
    confidence         of the class, 0 to 1
    decided_by         person or rule; empty before a decision
    amount_minor       the amount granted, in minor units of `currency`
    next_due_at        the next deadline; none where no deadline runs
    first_received_at  when the matter was first raised, also in a complaint merged into this one
    handler            name under which they sign in; empty for none
    handler_name       their name
    team               short name of the team; empty for none
    merged_into        tracking code of the complaint that goes on; empty if it was not merged
    moves              verbs of the moves that may be made by hand
    changed            whether the action changed anything; true without an action
    """

    complaint: str
    kind: str
    state: str
    tmf621_status: str
    code: str = field(metadata={"serialization_alias": "class"})
    confidence: float
    urgent: bool
    subscriber_named: bool
    identity: str
    verdict: str
    decided_by: str
    amount_minor: int
    currency: str
    next_step: str
    next_due_at: datetime | None
    first_received_at: datetime
    handler: str
    handler_name: str
    team: str
    waits_for_role: str
    contacts: int
    notes: int
    follow_up_on: date | None
    merged_into: str
    moves: list[str]
    changed: bool = True
