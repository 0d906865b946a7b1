"""Who may read what quotes the records: only somebody whom the complaint's case lets in."""

from __future__ import annotations

from datetime import datetime

from amends.access.actions.look import look
from amends.access.actors import Actor
from amends.complaints.queries.rows import Complaint


def let_in(complaint: Complaint, actor: Actor, *, now: datetime) -> None:
    """Leave the look on record, or raise `UnableToAccess`; a complaint without a case has none."""
    if complaint.case:
        look(actor, complaint.case, ["name"], now=now)
