"""State incidents as facts, so that they are evidence of the complaints of their areas."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from amends.network.quality.incident_choices import IncidentState
from amends.network.quality.models import NetworkIncident
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append

_STATED = (IncidentState.OPEN, IncidentState.ENDED)


def state_incidents(incidents: Iterable[NetworkIncident], *, now: datetime) -> None:
    """One `IncidentOpened` for each area of an incident that was not stated yet.

    A suspected incident is stated once a person or a system confirms it.
    """
    facts = []
    for row in incidents:
        fresh = sorted(set(row.areas) - set(row.stated_areas))
        if row.state not in _STATED or not fresh:
            continue
        facts += [
            Fact(
                kind="IncidentOpened",
                subscriber="",
                subject=area,
                happened_at=row.stated_from or row.started_at,
                source="quality",
                payload={
                    "incident": row.stated_ref,
                    "area": area,
                    "technology": row.technology,
                    "cause": row.cause,
                },
            )
            for area in fresh
        ]
        row.stated_areas = sorted({*row.stated_areas, *fresh})
        row.save(update_fields=["stated_areas"])
    append(facts, now=now)


def state_areas_left(
    row: NetworkIncident, left: Iterable[str], *, at: datetime, now: datetime
) -> None:
    """One `IncidentClosed` for each stated area that is no part of an incident any more."""
    stated = sorted(set(left) & set(row.stated_areas))
    append(
        [
            Fact(
                kind="IncidentClosed",
                subscriber="",
                subject=area,
                happened_at=at,
                source="quality",
                payload={"incident": row.stated_ref, "area": area},
            )
            for area in stated
        ],
        now=now,
    )
    row.stated_areas = sorted(set(row.stated_areas) - set(stated))
    row.save(update_fields=["stated_areas"])


def state_ends(incidents: Iterable[NetworkIncident], *, now: datetime) -> None:
    """One `IncidentClosed` for each area on which an incident was stated."""
    facts = [
        Fact(
            kind="IncidentClosed",
            subscriber="",
            subject=area,
            happened_at=row.ended_at,
            source="quality",
            payload={"incident": row.stated_ref, "area": area},
        )
        for row in incidents
        if row.ended_at is not None
        for area in row.stated_areas
    ]
    append(facts, now=now)
