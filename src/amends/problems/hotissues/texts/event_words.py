"""Network incidents and faults of services of the same event, in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from amends.cases.complaints.texts.units import unit_names
from amends.problems.hotissues.queries.linked_events import EventKind, LinkedEvent

HistoryEntry = tuple[datetime, str, str, str, str]
"""When, what happened, details, by whom, and why."""


@dataclass(frozen=True, slots=True)
class EventRow:
    """A record of the event as the page lists it; `address` is "" where it has no page."""

    event: LinkedEvent
    title: str
    where: str
    address: str


def event_row(event: LinkedEvent) -> EventRow:
    """The record with its title and where it is."""
    if event.kind == EventKind.INCIDENT:
        names = unit_names("area")
        return EventRow(
            event=event,
            title=_("Network incident %(number)s") % {"number": event.ref},
            where=", ".join(names.get(area, area) for area in event.areas),
            address=reverse("network_incident", args=[event.ref]),
        )
    return EventRow(
        event=event,
        title=_("Fault of a service"),
        where=unit_names("product").get(event.offer, event.offer),
        address="",
    )


def event_history(events: Iterable[LinkedEvent]) -> list[HistoryEntry]:
    """Begin and end of each record, as entries of the history of the issue."""
    entries: list[HistoryEntry] = []
    for row in map(event_row, events):
        name = f"{row.title} · {row.where}"
        entries.append(
            (row.event.started_at, pgettext("event", "began"), name, _("the platform"), "")
        )
        if row.event.ended_at:
            entries.append(
                (row.event.ended_at, pgettext("event", "ended"), name, _("the platform"), "")
            )
    return entries
