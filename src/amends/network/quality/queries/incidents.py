"""Incidents as pages, commands and the API show them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet

from amends.network.quality import refusals
from amends.network.quality.incident_choices import IncidentKind, IncidentState
from amends.network.quality.models import NetworkAlarm
from amends.network.quality.models import NetworkIncident as NetworkIncident
from amends.network.quality.queries.affected import (
    affected_counts,
    joined_complaints,
    lines_hit,
)
from amends.network.quality.rules.expected_complaints import (
    ExpectedComplaints,
    PastIncident,
    expected,
)
from amends.network.quality.rules.incidents import Estimate
from amends.platform.database.once_per_request import answers_of_request

_PAST = 60
"""Earlier incidents of a kind that an expectation rests on."""


@dataclass(frozen=True, slots=True)
class IncidentSummary:
    """A network incident in figures.

    lasted_s     seconds from its start to its end, or to now
    affected     users in the cells hit, with its interval where that is an estimate
    complaints   joined to it; `explained`: of them, those that it caused, with interval
    notified     users notified that it began
    credited     users with a proposed credit, `credit_minor` in all
    """

    number: int
    ref: str
    kind: str
    cause: str
    technology: str
    severity: str
    state: str
    areas: list[str]
    cells: list[str]
    started_at: datetime
    found_at: datetime
    found_by: str
    ended_at: datetime | None
    end_reason: str
    lasted_s: int
    alarms: int
    users: int
    affected: Estimate
    complaints: int
    explained: Estimate
    complained: int
    silent: Estimate
    notified: int
    credited: int
    credit_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class IncidentList:
    """Incidents, newest first; `unknown_alarms`: alarms of areas that the catalogue lacks."""

    incidents: list[IncidentSummary]
    unknown_alarms: int


def incident_rows(*, state: str = "") -> QuerySet[NetworkIncident]:
    """The incidents in a state, all but the merged ones without it; newest first."""
    if state and state not in IncidentState.values:
        raise refusals.unknown_incident_state(known=", ".join(IncidentState.values))
    rows = NetworkIncident.objects.order_by("-started_at", "-number")
    return rows.filter(state=state) if state else rows.exclude(state=IncidentState.MERGED)


def incidents_numbered(numbers: Iterable[int]) -> list[NetworkIncident]:
    """The incidents with these numbers, in their order."""
    return list(NetworkIncident.objects.filter(number__in=list(numbers)).order_by("number"))


def incidents_of_event(
    areas: Collection[str], *, hot_issue: str, start: datetime, end: datetime
) -> list[NetworkIncident]:
    """The incidents of a hot issue, and those in one of the areas whose time overlaps with
    `[start, end]`, the earliest first."""
    gone = (IncidentState.MERGED, IncidentState.DISMISSED)
    overlapping = Q(started_at__lte=end) & (Q(ended_at__isnull=True) | Q(ended_at__gte=start))
    rows = NetworkIncident.objects.filter(Q(hot_issue=hot_issue) | overlapping)
    return [
        row
        for row in rows.exclude(state__in=gone).order_by("started_at", "number")
        if row.hot_issue == hot_issue or (not row.hot_issue and set(areas).intersection(row.areas))
    ]


def users_affected(row: NetworkIncident, *, brand: str = "") -> set[str]:
    """Pseudonyms of the users served in the areas of an incident by the technology hit."""
    return set(lines_hit(row, brand=brand))


def counts_by_state() -> dict[IncidentState, int]:
    """How many incidents are in each state, 0 included."""
    counted = NetworkIncident.objects.order_by().values_list("state").annotate(Count("id"))
    counts = dict(counted)
    return {state: counts.get(state, 0) for state in IncidentState}


def alarm_counts(rows: Iterable[NetworkIncident]) -> dict[int, int]:
    """How many alarms each incident has, by primary key."""
    keys = [row.pk for row in rows]
    counts = answers_of_request("incident alarms")
    if missing := [key for key in keys if key not in counts]:
        counts |= dict.fromkeys(missing, 0)
        alarms = NetworkAlarm.objects.filter(incident__in=missing).order_by()
        counts |= dict(alarms.values_list("incident").annotate(Count("pk")))
    return {key: counts[key] for key in keys}


def incident_summary(row: NetworkIncident, *, now: datetime, brand: str = "") -> IncidentSummary:
    """An incident in figures; of a brand, those of its users."""
    counts = affected_counts(row, brand=brand)
    return IncidentSummary(
        number=row.number,
        ref=row.ref,
        kind=row.kind,
        cause=row.cause,
        technology=row.technology,
        severity=row.severity,
        state=row.state,
        areas=list(row.areas),
        cells=list(row.cells),
        started_at=row.started_at,
        found_at=row.found_at,
        found_by=row.found_by,
        ended_at=row.ended_at,
        end_reason=row.ended_because,
        lasted_s=round(((row.ended_at or now) - row.started_at).total_seconds()),
        alarms=alarm_counts([row])[row.pk],
        users=counts.users,
        affected=counts.affected,
        complaints=counts.complaints,
        explained=counts.explained,
        complained=counts.complained,
        silent=counts.silent,
        notified=counts.notified,
        credited=counts.credited,
        credit_minor=counts.credit_minor,
        currency=counts.currency,
    )


def incident_list(
    *, now: datetime, state: str = "", brand: str = "", limit: int = 200
) -> IncidentList:
    """The newest incidents in figures."""
    rows = incident_rows(state=state)[:limit]
    return IncidentList(
        [incident_summary(row, now=now, brand=brand) for row in rows],
        NetworkAlarm.objects.filter(problem="area_unknown").count(),
    )


@dataclass(frozen=True, slots=True)
class Outlook:
    """Complaints of an incident so far against those expected, and those to come.

    so_far_expected  what earlier incidents of its kind had brought by now
    next             hours → expected in the hours from now on; none once it has ended
    """

    so_far: int
    so_far_expected: ExpectedComplaints
    next: dict[int, ExpectedComplaints]


def outlook(row: NetworkIncident, *, now: datetime) -> Outlook:
    """How many complaints an incident brings, judged by earlier ones and by itself."""
    past = [_past(earlier, now) for earlier in _earlier(row)]
    own = _past(row, now)
    hours = _hours(row.started_at, row.ended_at or now)
    users = own.users
    so_far = expected(row.kind, users=users, from_h=0, to_h=hours, past=past)
    ahead = {}
    if row.lasts:
        for span in (2, 6, 24):
            ahead[span] = expected(
                row.kind, users=users, from_h=hours, to_h=hours + span, past=past, own=own
            )
    return Outlook(len(own.complaints_h), so_far, ahead)


def _earlier(row: NetworkIncident) -> Iterable[NetworkIncident]:
    rows = NetworkIncident.objects.filter(
        Q(state=IncidentState.ENDED), kind=row.kind, started_at__lt=row.started_at
    )
    return rows.exclude(pk=row.pk).order_by("-started_at")[:_PAST]


def _past(row: NetworkIncident, now: datetime) -> PastIncident:
    counts = affected_counts(row)
    came = [link.came_at for link in joined_complaints(row)]
    return PastIncident(
        kind=row.kind,
        users=counts.affected.count,
        hours=_hours(row.started_at, row.ended_at or now),
        complaints_h=[max(_hours(row.started_at, at), 0.0) for at in came],
    )


def _hours(start: datetime, end: datetime) -> float:
    return (end - start) / timedelta(hours=1)


def kinds() -> list[tuple[str, str]]:
    """The kinds of incidents with their labels, for forms."""
    return [(value, str(label)) for value, label in IncidentKind.choices]
