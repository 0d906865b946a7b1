"""Network incidents in favour of people whose complaint a rule is about to reject."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.db.models import Q

from amends.engines.decisions.dossier import Support
from amends.network.quality.incident_choices import IncidentState
from amends.network.quality.models import IncidentComplaint, IncidentPerson, NetworkIncident
from amends.platform.kit.periods import to_ms
from amends.platform.registry import SupportRequest
from amends.work.remedies.queries import causes_under_way

LATELY = timedelta(days=30)
"""For how long after its end an incident may explain a complaint about the network."""

_NETWORK = ("network.", "service.repair_equipment")
_KNOWN = (IncidentState.OPEN, IncidentState.ENDED)


def support(requests: Sequence[SupportRequest], now: datetime) -> dict[str, list[Support]]:
    """Complaint → credits for incidents not booked yet, and incidents that may explain it.

    An incident may explain a complaint that joined it, and one that may be about the network in
    one of its areas at the time. One that is only suspected is not known yet.
    """
    support_by_complaint: dict[str, list[Support]] = defaultdict(list)
    for complaint, credit_lines in _credits(requests).items():
        support_by_complaint[complaint] += credit_lines
    for complaint, incidents in _incidents(requests).items():
        support_by_complaint[complaint] += [
            Support(kind="network_incident", reference=row.ref, at_ms=to_ms(row.started_at))
            for row in incidents
        ]
    return support_by_complaint


def _credits(requests: Sequence[SupportRequest]) -> dict[str, list[Support]]:
    rows = IncidentPerson.objects.filter(
        subscriber__in={support_request.subscriber for support_request in requests},
        credit_minor__gt=0,
    )
    credited = list(rows.select_related("incident").order_by("incident", "id"))
    causes = {row.id: f"{row.incident.ref}:{row.subscriber}" for row in credited}
    waiting = causes_under_way(causes.values()) if causes else set()
    support_by_complaint: dict[str, list[Support]] = defaultdict(list)
    for request in requests:
        for row in credited:
            if row.subscriber == request.subscriber and causes[row.id] in waiting:
                support_by_complaint[request.complaint].append(
                    Support(
                        kind="incident_credit",
                        reference=row.incident.ref,
                        at_ms=to_ms(row.incident.started_at),
                        amount_minor=row.credit_minor,
                        currency=row.currency,
                    )
                )
    return support_by_complaint


def _incidents(requests: Sequence[SupportRequest]) -> dict[str, list[NetworkIncident]]:
    joined = IncidentComplaint.objects.filter(
        complaint__in={support_request.complaint for support_request in requests}
    )
    incident_of = dict(joined.values_list("complaint", "incident_id"))
    network = [
        support_request for support_request in requests if is_network(support_request.classes)
    ]
    if not incident_of and not network:
        return {}
    incident_filter = Q(id__in=set(incident_of.values()))
    if network:
        first, last = (
            min(support_request.until for support_request in network),
            max(support_request.until for support_request in network),
        )
        incident_filter |= Q(started_at__lte=last) & (
            Q(ended_at__isnull=True) | Q(ended_at__gte=first - LATELY)
        )
    rows = list(
        NetworkIncident.objects.filter(incident_filter, state__in=_KNOWN).order_by("number")
    )
    incidents_by_complaint: dict[str, list[NetworkIncident]] = {}
    for request in requests:
        about_network = is_network(request.classes)
        incidents_by_complaint[request.complaint] = [
            row
            for row in rows
            if incident_of.get(request.complaint) == row.id
            or (about_network and _explains(row, request))
        ]
    return {
        complaint: own_incidents
        for complaint, own_incidents in incidents_by_complaint.items()
        if own_incidents
    }


def is_network(classes: Collection[str]) -> bool:
    """Whether a complaint may be about the network."""
    return any(code.startswith(_NETWORK) for code in classes)


def _explains(row: NetworkIncident, request: SupportRequest) -> bool:
    lately = row.ended_at is None or row.ended_at >= request.until - LATELY
    return request.area in row.areas and row.started_at <= request.until and lately
