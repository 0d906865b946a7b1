"""Network incidents and faults of services that describe the same event as a hot issue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from amends.causes.vetting.queries.probes import OfferFault, faults_of_offers
from amends.network.quality.queries.incidents import (
    NetworkIncident,
    incidents_of_event,
    users_affected,
)
from amends.people.access.queries import people_with
from amends.problems.hotissues.models import HotIssue
from amends.problems.hotissues.queries.causes import hit_place, likeliest
from amends.record.catalogue.queries import areas_within


class EventKind(StrEnum):
    """Kinds of records of an event."""

    INCIDENT = "incident"
    SERVICE_FAULT = "service_fault"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedEvent:
    """A record of the same event: same area or service, overlapping hours.

    ref        number of the incident, or the service
    areas      of an incident; offer: of a fault
    ended_at   None while it lasts
    """

    kind: EventKind
    ref: str
    started_at: datetime
    ended_at: datetime | None
    areas: tuple[str, ...] = ()
    offer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedEvents:
    """The other records of the event of a hot issue.

    affected  people affected by any of them or complaining in the issue, each once
    """

    events: tuple[LinkedEvent, ...] = ()
    affected: int = 0

    @property
    def lasting_incidents(self) -> list[int]:
        """Numbers of the incidents that have not ended."""
        return [
            int(event.ref)
            for event in self.events
            if event.kind == EventKind.INCIDENT and event.ended_at is None
        ]


def linked_events(issue: HotIssue, *, now: datetime) -> LinkedEvents:
    """The incidents and faults of the same area or service whose hours overlap with the issue's."""
    incidents, faults = _incidents(issue, now), _faults(issue, now)
    if not incidents and not faults:
        return LinkedEvents()
    people = set(issue.memberships.filter(left_at__isnull=True).values_list("person", flat=True))
    for row in incidents:
        people |= users_affected(row, brand=issue.brand)
    if faults:
        offers = sorted({fault.offer for fault in faults})
        people |= people_with(offers=offers, at=now, brand=issue.brand)
    events = [_of_incident(row) for row in incidents] + [_of_fault(fault) for fault in faults]
    return LinkedEvents(
        events=tuple(sorted(events, key=lambda event: (event.started_at, event.ref))),
        affected=len(people - {""}),
    )


def incidents_of(issue: HotIssue, *, now: datetime) -> list[int]:
    """Numbers of the incidents that describe the same event."""
    return [row.number for row in _incidents(issue, now)]


def _incidents(issue: HotIssue, now: datetime) -> list[NetworkIncident]:
    _offers, areas = hit_place(issue)
    best = likeliest(issue)
    if not areas and best and best.kind in ("incident", "degraded"):
        areas = [str(best.numbers.get("area", ""))]
    within = areas_within(area for area in areas if area)
    return incidents_of_event(
        within, hot_issue=issue.subject, start=issue.started_at, end=issue.closed_at or now
    )


def _faults(issue: HotIssue, now: datetime) -> list[OfferFault]:
    offers = set(hit_place(issue)[0])
    best = likeliest(issue)
    if best and best.kind == "service_fault":
        offers.add(str(best.numbers.get("offer", "")))
    if not offers:
        return []
    faults = faults_of_offers(start=issue.started_at, end=issue.closed_at or now)
    return [fault for fault in faults if fault.offer in offers]


def _of_incident(row: NetworkIncident) -> LinkedEvent:
    return LinkedEvent(
        kind=EventKind.INCIDENT,
        ref=str(row.number),
        started_at=row.started_at,
        ended_at=row.ended_at,
        areas=tuple(row.areas),
    )


def _of_fault(fault: OfferFault) -> LinkedEvent:
    return LinkedEvent(
        kind=EventKind.SERVICE_FAULT,
        ref=fault.service,
        started_at=fault.from_at,
        ended_at=fault.to_at,
        offer=fault.offer,
    )
