"""Complaints as other systems read them as tickets: rows to filter and page, and their details."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from amends.cases.complaints.models import Complaint, Contact, Event


@dataclass(frozen=True, slots=True)
class StateChange:
    """A complaint entered a state."""

    at: datetime
    state: str


@dataclass(frozen=True, slots=True)
class TicketDetails:
    """The masked text of the first contact, and the states entered after receipt, in order."""

    text: str
    changes: Sequence[StateChange]


def complaints_for_clients(*, brand: str) -> QuerySet[Complaint]:
    """Complaints that a client may read: those of its brand, or all for a client without one."""
    rows = Complaint.objects.all()
    return rows.filter(brand=brand) if brand else rows


def ticket_details(complaints: Sequence[str]) -> dict[str, TicketDetails]:
    """The details of some complaints, by id; two statements."""
    texts: dict[str, str] = {}
    contacts = Contact.objects.filter(complaint__in=complaints).order_by("received_at", "id")
    for complaint, text in contacts.values_list("complaint_id", "text"):
        texts.setdefault(complaint, text)
    changes: dict[str, list[StateChange]] = defaultdict(list)
    entered = Event.objects.filter(complaint__in=complaints).exclude(to_state="")
    for complaint, at, state in entered.values_list("complaint_id", "at", "to_state"):
        changes[complaint].append(StateChange(at, state))
    return {ref: TicketDetails(texts.get(ref, ""), changes[ref]) for ref in complaints}
