"""Join complaints to the network incident that most likely explains them, as they come in.

The scorer is that of `quality link`. What is joined is read again by the complaints' own rules, so
that the incident is in its evidence and the answer that is drafted.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import polars as pl
from django.db import transaction

from amends.network.quality.actions.incident_records import record_event
from amends.network.quality.incident_choices import IncidentState
from amends.network.quality.models import IncidentComplaint, NetworkIncident
from amends.network.quality.rules.links import link
from amends.platform import registry
from amends.platform.database.rows import create, update
from amends.platform.kit.batches import slices
from amends.record.catalogue.queries import each_area_within

BEFORE, AFTER = timedelta(hours=2), timedelta(days=2)
BACKGROUND = timedelta(days=14)
"""Complaints of the same areas so long before tell how many would have come anyway."""
_SERVICE = "network"
JOB = "quality"
_TAKING = (IncidentState.SUSPECTED, IncidentState.OPEN, IncidentState.ENDED)


def join_complaints(*, now: datetime) -> list[str]:
    """One pass over incidents that last and those just over; the complaints joined by it."""
    rows = NetworkIncident.objects.filter(state__in=_TAKING)
    rows = rows.filter(ended_at__isnull=True) | rows.filter(ended_at__gte=now - AFTER)
    return join_to(list(rows.order_by("started_at", "number")), now=now)


def join_to(incidents: list[NetworkIncident], *, now: datetime) -> list[str]:
    """Join what these incidents explain; one that other incidents explain stays with those."""
    if not incidents:
        return []
    start = min(open_incident.started_at for open_incident in incidents) - BEFORE - BACKGROUND
    within = each_area_within({area for open_incident in incidents for area in open_incident.areas})
    area_codes = sorted(set().union(*within.values()))
    received = registry.complaints_received(start, now, areas=area_codes)
    if not received:
        return []
    pairs = link(_complaint_frame(received), _event_frame(incidents, within))
    by_ref = {open_incident.id: open_incident for open_incident in incidents}
    complaints = {received_complaint.ref: received_complaint for received_complaint in received}
    stored_joins = _known(complaints)
    fresh, moved = [], []
    for ref, event, score in pairs.iter_rows():
        incident, complaint = by_ref[event], complaints[ref]
        if (row := stored_joins.get(ref)) is not None:
            if row.incident_id in by_ref and (row.incident_id, row.score) != (event, score):
                row.incident_id, row.score = event, score
                moved.append(row)
            continue
        fresh.append(
            IncidentComplaint(
                complaint=ref,
                incident=incident,
                subscriber=complaint.subscriber,
                brand=complaint.brand,
                area=complaint.area,
                came_at=complaint.at,
                score=score,
                joined_at=now,
            )
        )
    with transaction.atomic():
        create(fresh, or_leave=True)
        update(moved, ["incident", "score"])
        for incident in incidents:
            if number := sum(new_join.incident_id == incident.id for new_join in fresh):
                record_event(incident, "joined", by=JOB, at=now, complaints=number)
    joined = [new_join.complaint for new_join in fresh]
    registry.read_complaints_again(joined, now)
    return joined


def _known(refs: Iterable[str]) -> dict[str, IncidentComplaint]:
    joins_by_ref: dict[str, IncidentComplaint] = {}
    for part in slices(sorted(refs)):
        joins_by_ref |= IncidentComplaint.objects.in_bulk(list(part))
    return joins_by_ref


def _complaint_frame(received: list[registry.ReceivedComplaint]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "complaint": [complaint.ref for complaint in received],
            "at": [complaint.at for complaint in received],
            "area": [complaint.area for complaint in received],
            "service": [
                _SERVICE if complaint.code.startswith("network.") else "" for complaint in received
            ],
            "class": [complaint.code for complaint in received],
        },
        schema={
            "complaint": pl.String,
            "at": pl.Datetime("us", "UTC"),
            "area": pl.String,
            "service": pl.String,
            "class": pl.String,
        },
    )


def _event_frame(incidents: list[NetworkIncident], within: dict[str, set[str]]) -> pl.DataFrame:
    """One event for each area of an incident and each area within that one."""
    rows = [
        (incident.id, area, _SERVICE, incident.started_at, incident.ended_at, incident.kind)
        for incident in incidents
        for area in sorted(set().union(*(within[area] for area in incident.areas)))
    ]
    return pl.DataFrame(
        rows,
        schema={
            "event": pl.String,
            "area": pl.String,
            "service": pl.String,
            "from": pl.Datetime("us", "UTC"),
            "to": pl.Datetime("us", "UTC"),
            "kind": pl.String,
        },
        orient="row",
    )
