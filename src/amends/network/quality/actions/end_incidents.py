"""End incidents whose evidence says so, whether or not somebody cleared their alarms."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from django.db import transaction

from amends.network.quality.actions.incident_records import LASTING, LOCK, record_event
from amends.network.quality.actions.state_incidents import state_ends
from amends.network.quality.incident_choices import IncidentState
from amends.network.quality.models import NetworkIncident
from amends.network.quality.rules.incidents import NORMAL_FOR, end_of
from amends.platform.database.locks import advisory_lock
from amends.platform.kit.batches import slices

JOB = "quality"
EXPLAINS_AFTER = timedelta(days=2)
"""Complaints so long after its end an incident explains still, as `rules/links.py` has it."""


def end_by_evidence(
    refs: Iterable[str], *, now: datetime, reported_until: Mapping[str, datetime] | None = None
) -> list[int]:
    """End those of the incidents that are over; their numbers. In the caller's transaction.

    reported_until  cell → up to when its counters are known
    """
    ended: list[NetworkIncident] = []
    for part in slices(sorted(refs)):
        rows = NetworkIncident.objects.select_for_update().filter(id__in=part, state__in=LASTING)
        for row in rows.order_by("id"):
            stretches = list(row.stretches.values_list("cell", "to_at"))
            seen = end_of(
                alarms=list(row.alarms.values_list("raised_at", "cleared_at")),
                stretches=[to_at for _cell, to_at in stretches],
                normal_since=_normal_since(row, stretches, reported_until or {}),
                last_sign_at=_last_sign(row),
                now=now,
            )
            if seen is None:
                continue
            row.state = IncidentState.ENDED
            row.ended_at = max(seen.at, row.started_at)
            row.ended_because = seen.reason
            row.save(update_fields=["state", "ended_at", "ended_because"])
            leave_later_complaints(row)
            record_event(row, "ended", by=JOB, at=now, because=seen.reason)
            ended.append(row)
    state_ends(ended, now=now)
    return [row.number for row in ended]


def leave_later_complaints(row: NetworkIncident) -> None:
    """Let go of complaints that came too long after what is now known to be the end."""
    assert row.ended_at is not None
    row.complaints.filter(came_at__gt=row.ended_at + EXPLAINS_AFTER).delete()


def end_lapsed(*, now: datetime, reported_until: Mapping[str, datetime] | None = None) -> list[int]:
    """One pass over the incidents that last; the numbers of those that ended."""
    with transaction.atomic():
        advisory_lock(LOCK, ["alarms"])
        lasting = NetworkIncident.objects.filter(state__in=LASTING).order_by("id")
        refs = list(lasting.values_list("id", flat=True))
        return end_by_evidence(refs, now=now, reported_until=reported_until)


def _normal_since(
    row: NetworkIncident,
    stretches: Iterable[tuple[str, datetime]],
    reported_until: Mapping[str, datetime],
) -> dict[str, datetime | None]:
    """Cell → since when its counters show no deviation; None where they do not reach so far that
    they could say so."""
    last: dict[str, datetime] = {}
    for cell, to_at in stretches:
        last[cell] = max(last.get(cell, to_at), to_at)
    normal_since: dict[str, datetime | None] = {}
    for cell in {*row.cells, *last}:
        until = reported_until.get(cell)
        since = last.get(cell, row.started_at)
        enough = until is not None and until - since >= NORMAL_FOR
        normal_since[cell] = since if enough else None
    return normal_since


def _last_sign(row: NetworkIncident) -> datetime:
    seen = row.alarms.order_by("-seen_at").values_list("seen_at", flat=True).first()
    came = row.complaints.order_by("-came_at").values_list("came_at", flat=True).first()
    return max(moment for moment in (row.last_sign_at, seen, came) if moment is not None)
