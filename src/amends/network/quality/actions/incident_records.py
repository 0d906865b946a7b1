"""What every action on incidents shares: places of cells, history, extents, permission."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Max, QuerySet

from amends.network.quality.incident_choices import FoundBy, IncidentState
from amends.network.quality.models import NetworkIncident, NetworkIncidentEvent
from amends.network.quality.rules.incidents import AGAIN, Extent
from amends.people.access.queries import may
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput, Refused
from amends.platform.kit.errors import gettext_noop as _
from amends.work.approvals.queries import covers

LOCK = "network incidents"
LASTING = (IncidentState.SUSPECTED, IncidentState.OPEN)


def demand(actor: Actor, page: str, now: datetime) -> None:
    """Refuse a person whose roles lack the permission; the platform's own jobs have it."""
    if actor.kind == "system" or (actor.kind == "user" and may(actor.roles, page, at=now)):
        return
    raise Refused(
        _("Your role does not do this."),
        meaning=_("Nothing was changed."),
        next_step=_("Ask a service-quality manager."),
        code="network_incident_unchanged",
    )


def brands_of_incident(row: NetworkIncident) -> list[str]:
    """The brands of its complaints and of the users that it affects; empty where there is none,
    or where one is of no brand."""
    brands = {
        *row.complaints.order_by().values_list("brand", flat=True).distinct(),
        *row.people.order_by().values_list("brand", flat=True).distinct(),
    }
    return [] if "" in brands else sorted(brands)


def demand_every_brand(actor: Actor, row: NetworkIncident) -> None:
    """Refuse a person confined to a brand where the incident touches another one."""
    if not covers(actor.brand, brands_of_incident(row)):
        raise Refused(
            _("This incident touches brands that you are not responsible for."),
            meaning=_("Nothing was changed."),
            next_step=_("Leave it to a colleague who is responsible for every brand."),
            code="network_incident_unchanged",
        )


def incident_numbered(number: int, *, lock: bool = False) -> NetworkIncident:
    """The incident with a number; `lock` inside a transaction."""
    rows = NetworkIncident.objects.select_for_update() if lock else NetworkIncident.objects.all()
    incident = rows.filter(number=number).first()
    if incident is None:
        raise BadInput(
            _("There is no incident %(number)s."),
            next_step=_("Choose one from the list of incidents."),
            values={"number": number},
            code="network_incident_unknown",
        )
    return incident


def next_number() -> int:
    """The number of the next incident; call it with the lock held."""
    return (NetworkIncident.objects.aggregate(most=Max("number"))["most"] or 0) + 1


def record_event(
    incident: NetworkIncident, verb: str, *, by: str, at: datetime, **details: object
) -> None:
    """One step in the history of an incident."""
    NetworkIncidentEvent.objects.create(incident=incident, at=at, verb=verb, by=by, details=details)


def recent(now: datetime) -> QuerySet[NetworkIncident]:
    """Incidents that a new sign may belong to: those that last and those just over."""
    rows = NetworkIncident.objects.filter(state__in=(*LASTING, IncidentState.ENDED))
    return (rows.filter(ended_at__isnull=True) | rows.filter(ended_at__gte=now - AGAIN)).order_by(
        "started_at", "number"
    )


def reported_by(row: NetworkIncident, actor: Actor) -> bool:
    """Whether the incident was opened on the word of this colleague."""
    return (
        row.found_by == FoundBy.PERSON and row.events.filter(verb="opened", by=actor.ref).exists()
    )


def extent_of(row: NetworkIncident, parents: dict[str, str]) -> Extent:
    """The incident as the rules know it."""
    return Extent(
        ref=row.id,
        kind=row.kind,
        cause=row.cause,
        technology=row.technology,
        severity=row.severity,
        started_at=row.started_at,
        ended_at=row.ended_at,
        last_sign_at=row.last_sign_at,
        areas=frozenset(row.areas),
        regions=frozenset({parents.get(area, "") for area in row.areas} - {""}),
        cells=frozenset(row.cells),
    )
