"""Take what shows faults of the network: alarms, degraded stretches, hot issues, a report.

However often the same is reported, and by however many at once, it is recorded once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from typing import Any

from django.db import transaction

from amends.network.quality.actions.end_incidents import end_by_evidence
from amends.network.quality.actions.incident_records import (
    LOCK,
    demand,
    extent_of,
    next_number,
    recent,
    record_event,
)
from amends.network.quality.actions.state_incidents import state_incidents
from amends.network.quality.incident_choices import FoundBy, IncidentState
from amends.network.quality.models import (
    DegradedStretch,
    NetworkAlarm,
    NetworkIncident,
    NetworkIncidentEvent,
)
from amends.network.quality.queries.cells import cells_of_areas, places_of, regions
from amends.network.quality.rules.alarms import AlarmReport, read_document
from amends.network.quality.rules.incidents import (
    Extent,
    FaultSign,
    gathered,
    graver,
    severity_of_cells,
)
from amends.platform.database.locks import advisory_lock
from amends.platform.database.rows import create, update
from amends.platform.kit.actors import Actor
from amends.platform.kit.batches import slices
from amends.platform.kit.errors import BadInput
from amends.platform.kit.errors import gettext_noop as _

_CHANGING = (
    "incident",
    "area",
    "cell",
    "kind",
    "cause",
    "technology",
    "severity",
    "raised_at",
    "cleared_at",
    "seen_at",
    "count",
    "problem",
)


@dataclass(frozen=True, slots=True)
class AlarmsTaken:
    """What became of reported alarms; `received` is the sum of new, repeated, cleared and refused.

    unknown_areas  alarms of the batch whose area or cell the catalogue does not know, by that name
    opened, ended  numbers of incidents that the reports began or ended
    refused        place → why, of reports that could not be used
    """

    received: int = 0
    new: int = 0
    repeated: int = 0
    cleared: int = 0
    unknown_areas: dict[str, int] = field(default_factory=dict)
    opened: list[int] = field(default_factory=list)
    ended: list[int] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StretchFound:
    """A degraded stretch as `quality degraded` finds it; `to_at` is exclusive."""

    cell: str
    area: str
    kpi: str
    from_at: datetime
    to_at: datetime
    found_at: datetime
    score: float


@dataclass(frozen=True, slots=True)
class StretchesTaken:
    """Stretches new and known, and the numbers of incidents that they began."""

    new: int
    known: int
    opened: list[int]


def take_alarms(
    alarms: Sequence[AlarmReport],
    *,
    source: str,
    refused: Mapping[str, str] | None = None,
    by: Actor,
    now: datetime,
) -> AlarmsTaken:
    """Record reports of alarms and the incidents they show, in one transaction.

    A report of a known key changes that alarm: reported again, cleared, or raised anew after it was
    cleared. Alarms of an area nobody knows are recorded, begin no incident and are counted.
    """
    # What a batch says of one alarm is what it says last.
    latest = {alarm.key: alarm for alarm in alarms}
    refused = dict(refused or {})
    with transaction.atomic():
        advisory_lock(LOCK, ["alarms"])
        alarms_by_key = _known(source, list(latest))
        parents = regions()
        areas_by_cell = places_of((alarm_report.cell for alarm_report in latest.values()), now)
        counts = dict.fromkeys(("new", "repeated", "cleared"), 0)
        counts["repeated"] = len(alarms) - len(latest)
        unknown: dict[str, int] = {}
        rows: list[NetworkAlarm] = []
        for alarm_report in latest.values():
            row, what = _merged(alarms_by_key.get(alarm_report.key), alarm_report, source, now)
            counts[what] += 1
            row.area = alarm_report.area or areas_by_cell.get(alarm_report.cell, "")
            row.problem = "" if row.area in parents else "area_unknown"
            if row.problem:
                name = alarm_report.area or alarm_report.cell
                unknown[name] = unknown.get(name, 0) + 1
            rows.append(row)
        create([row for row in rows if row.pk is None])
        stored = _known(source, list(latest))
        for row in rows:
            row.pk = stored[row.key].pk
        showing = [row for row in rows if not row.problem and row.incident_id is None]
        signs = [_sign_of(row, parents) for row in showing]
        opened, owner = _join(signs, FoundBy.ALARM, parents, by=by, now=now)
        for row in showing:
            row.incident_id = owner[row.key]
        update(rows, list(_CHANGING))
        ended = end_by_evidence(
            {row.incident_id for row in rows if row.cleared_at and row.incident_id}, now=now
        )
    return AlarmsTaken(
        received=len(alarms) + len(refused),
        unknown_areas=unknown,
        opened=opened,
        ended=ended,
        refused=refused,
        **counts,
    )


def take_reported(
    document: Any, *, source: str, zone: tzinfo, by: Actor, now: datetime
) -> AlarmsTaken:
    """Record the alarms of a JSON document of another system (`rules.alarms.read_document`)."""
    reading = read_document(document, zone=zone, now=now)
    return take_alarms(reading.alarms, source=source, refused=reading.refused, by=by, now=now)


def _known(source: str, keys: list[str]) -> dict[str, NetworkAlarm]:
    alarms_by_key: dict[str, NetworkAlarm] = {}
    for part in slices(keys):
        rows = NetworkAlarm.objects.filter(source=source, key__in=part).order_by("id")
        alarms_by_key |= {row.key: row for row in rows}
    return alarms_by_key


def _merged(
    row: NetworkAlarm | None, alarm_report: AlarmReport, source: str, now: datetime
) -> tuple[NetworkAlarm, str]:
    """The alarm as it is after the report, and whether it is new, repeated or cleared by it."""
    anew = (
        row is not None and row.cleared_at is not None and alarm_report.raised_at > row.cleared_at
    )
    what = "new" if row is None or anew else "cleared" if alarm_report.cleared_at else "repeated"
    if row is None:
        row = NetworkAlarm(source=source, key=alarm_report.key, count=0)
    if anew:
        row.incident = None
    if what == "new":
        row.raised_at = alarm_report.raised_at
        row.cleared_at = alarm_report.cleared_at
    elif row.cleared_at is None:
        row.raised_at = min(row.raised_at, alarm_report.raised_at)
        row.cleared_at = alarm_report.cleared_at
    row.cell, row.kind, row.cause = alarm_report.cell, alarm_report.kind, alarm_report.cause
    row.technology, row.severity = alarm_report.technology, alarm_report.severity
    row.seen_at = now
    row.count += 1
    return row, what


def _sign_of(row: NetworkAlarm, parents: Mapping[str, str]) -> FaultSign:
    return FaultSign(
        key=row.key,
        area=row.area,
        region=parents.get(row.area, ""),
        kind=row.kind,
        cause=row.cause,
        technology=row.technology,
        severity=row.severity,
        from_at=row.raised_at,
        to_at=row.cleared_at,
        cell=row.cell,
    )


def take_stretches(
    found_stretches: Sequence[StretchFound],
    *,
    technology: str = "all",
    cause: str = "unknown",
    by: Actor,
    now: datetime,
) -> StretchesTaken:
    """Record degraded stretches of cells and the incidents they show.

    A stretch that is known is made longer where it lasts on. How many of an area's cells are
    degraded says how grave it is.
    """
    latest = {(stretch.cell, stretch.kpi, stretch.from_at): stretch for stretch in found_stretches}
    with transaction.atomic():
        advisory_lock(LOCK, ["alarms"])
        parents = regions()
        stored_stretches = _known_stretches(list(latest))
        for key, row in stored_stretches.items():
            row.to_at = max(row.to_at, latest[key].to_at)
        update(list(stored_stretches.values()), ["to_at"])
        fresh = {key: stretch for key, stretch in latest.items() if key not in stored_stretches}
        hit: dict[str, set[str]] = {}
        for stretch in fresh.values():
            hit.setdefault(stretch.area, set()).add(stretch.cell)
        of = cells_of_areas(hit, now)
        signs = [
            FaultSign(
                key=_stretch_key(stretch),
                area=stretch.area,
                region=parents.get(stretch.area, ""),
                kind="congestion" if cause == "congestion" else "degraded",
                cause=cause,
                technology=technology,
                severity=severity_of_cells(
                    len(hit[stretch.area]), len(of.get(stretch.area, hit[stretch.area]))
                ),
                from_at=stretch.from_at,
                to_at=stretch.to_at if stretch.to_at < now else None,
                cell=stretch.cell,
            )
            for stretch in fresh.values()
            if stretch.area in parents
        ]
        opened, owner = _join(signs, FoundBy.COUNTERS, parents, by=by, now=now)
        create(
            DegradedStretch(
                incident_id=owner.get(_stretch_key(stretch)),
                cell=stretch.cell,
                area=stretch.area,
                kpi=stretch.kpi,
                from_at=stretch.from_at,
                to_at=stretch.to_at,
                found_at=stretch.found_at,
                score=stretch.score,
            )
            for stretch in fresh.values()
        )
        _extend({row.incident_id for row in stored_stretches.values() if row.incident_id})
    return StretchesTaken(len(fresh), len(stored_stretches), opened)


def _stretch_key(stretch: StretchFound) -> str:
    return f"{stretch.cell}|{stretch.kpi}|{stretch.from_at.isoformat()}"


def _known_stretches(
    keys: Sequence[tuple[str, str, datetime]],
) -> dict[tuple[str, str, datetime], DegradedStretch]:
    wanted = set(keys)
    stretches_by_key: dict[tuple[str, str, datetime], DegradedStretch] = {}
    for part in slices(sorted({cell for cell, _kpi, _at in keys})):
        for row in DegradedStretch.objects.filter(cell__in=part).order_by("id"):
            if (key := (row.cell, row.kpi, row.from_at)) in wanted:
                stretches_by_key[key] = row
    return stretches_by_key


def _extend(incidents: set[str]) -> None:
    """Move the last sign of incidents whose stretches last on."""
    for part in slices(sorted(incidents)):
        for row in NetworkIncident.objects.select_for_update().filter(id__in=part).order_by("id"):
            last = row.stretches.order_by("-to_at").values_list("to_at", flat=True).first()
            if last is not None and last > row.last_sign_at:
                row.last_sign_at = last
                row.save(update_fields=["last_sign_at"])


def suspect(
    *, area: str, since: datetime, kind: str, hot_issue: str, by: Actor, now: datetime
) -> int | None:
    """Record that complaints point to a fault that no system has reported: a suspected incident.

    Returns its number; None where an incident that lasts in the area explains it already, which
    then names the hot issue.
    """
    with transaction.atomic():
        advisory_lock(LOCK, ["alarms"])
        parents = regions()
        if area not in parents:
            return None
        if NetworkIncident.objects.filter(hot_issue=hot_issue).exists():
            return None
        sign = FaultSign(
            key=hot_issue,
            area=area,
            region="",
            kind=kind,
            cause="unknown",
            technology="all",
            severity="major",
            from_at=since,
        )
        around = [extent_of(row, parents) for row in recent(now) if area in row.areas]
        (extent,) = gathered([sign], around)
        if extent.ref is not None:
            row = NetworkIncident.objects.get(id=extent.ref)
            row.hot_issue = hot_issue
            row.save(update_fields=["hot_issue"])
            record_event(row, "hot_issue", by=by.ref, at=now, hot_issue=hot_issue)
            return None
        state = IncidentState.SUSPECTED
        (number,), _owner = _join([sign], FoundBy.HOT_ISSUE, parents, state=state, by=by, now=now)
        NetworkIncident.objects.filter(number=number).update(hot_issue=hot_issue)
    return number


def report_fault(
    *,
    area: str,
    kind: str,
    cause: str,
    severity: str,
    technology: str,
    since: datetime,
    actor: Actor,
    now: datetime,
) -> int:
    """Record a fault on a colleague's word; the number of its incident.

    A new incident is suspected until another colleague confirms it. One on record that explains
    the fault gets a note in its history, and nothing else of it changes.
    """
    demand(actor, "quality.incidents", now)
    with transaction.atomic():
        advisory_lock(LOCK, ["alarms"])
        parents = regions()
        if area not in parents or since > now:
            raise BadInput(
                _("The area is not known, or the fault has not begun yet."),
                meaning=_("Nothing was recorded."),
                next_step=_("Choose an area of the catalogue and a time in the past."),
                code="fault_not_reported",
            )
        key = f"person:{actor.ref}:{now.isoformat()}"
        sign = FaultSign(
            key=key,
            area=area,
            region="",
            kind=kind,
            cause=cause,
            technology=technology,
            severity=severity,
            from_at=since,
            to_at=None,
        )
        around = [extent_of(row, parents) for row in recent(now) if area in row.areas]
        (extent,) = gathered([sign], around)
        if extent.ref is not None:
            row = NetworkIncident.objects.get(id=extent.ref)
            record_event(row, "reported", by=actor.ref, at=now, areas=[area])
            return row.number
        state = IncidentState.SUSPECTED
        (number,), _owner = _join([sign], FoundBy.PERSON, parents, state=state, by=actor, now=now)
        return number


def _join(
    signs: Sequence[FaultSign],
    found_by: str,
    parents: dict[str, str],
    *,
    state: str = IncidentState.OPEN,
    by: Actor,
    now: datetime,
) -> tuple[list[int], dict[str, str]]:
    """Store the incidents that signs begin or change: numbers begun, and sign → incident."""
    if not signs:
        return [], {}
    first = min(sign.from_at for sign in signs)
    rows = {row.id: row for row in recent(min(first, now)).select_for_update()}
    extents = [extent_of(row, parents) for row in rows.values()]
    opened: list[Any] = []
    owner: dict[Any, Any] = {}
    number = next_number()
    events = []
    for extent in gathered(signs, extents):
        row = rows.get(extent.ref or "")
        if row is None:
            row = NetworkIncident(
                number=number,
                state=state,
                found_by=found_by,
                found_at=now,
            )
            opened.append(number)
            number += 1
            verb, new = "opened", set(extent.areas)
        else:
            verb, new = "grown", set(extent.areas) - set(row.areas)
            if row.state == IncidentState.ENDED and extent.ended_at is None:
                row.reopen(at=now)
                verb = "reopened"
            elif row.state == IncidentState.SUSPECTED:
                if row.found_by == FoundBy.PERSON:
                    extent = _as_signed(extent, signs)
                row.state, verb = IncidentState.OPEN, "confirmed"
        _write(row, extent)
        row.save()
        if new or verb != "grown":
            details: dict[str, object] = {"found_by": str(found_by), "areas": sorted(new)}
            events.append(
                NetworkIncidentEvent(incident=row, at=now, verb=verb, by=by.ref, details=details)
            )
        rows[row.id] = row
        owner |= dict.fromkeys(extent.signs, row.id)
    NetworkIncidentEvent.objects.bulk_create(events)
    state_incidents([rows[fromkey] for fromkey in dict.fromkeys(owner.values())], now=now)
    return opened, owner


def _as_signed(extent: Extent, signs: Sequence[FaultSign]) -> Extent:
    """The extent with start and severity of its signs: the report of one colleague sets neither."""
    own = [sign for sign in signs if sign.key in extent.signs]
    severity = own[0].severity
    for sign in own[1:]:
        severity = graver(severity, sign.severity)
    return replace(extent, started_at=min(sign.from_at for sign in own), severity=severity)


def _write(row: NetworkIncident, extent: Extent) -> None:
    row.kind, row.cause, row.technology = extent.kind, extent.cause, extent.technology
    row.severity = extent.severity
    row.started_at = extent.started_at
    row.ended_at = extent.ended_at if row.state == IncidentState.ENDED else None
    row.last_sign_at = extent.last_sign_at
    row.areas, row.cells = sorted(extent.areas), sorted(extent.cells)
