"""Whom an incident affects: who is served in its areas by the technology hit; who complained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Q, QuerySet, Sum
from django.utils import timezone

from amends.engines.stats.rates import Share, share
from amends.network.quality.models import IncidentComplaint, IncidentPerson, NetworkIncident
from amends.network.quality.queries.cells import cells_of_areas
from amends.network.quality.rules.incidents import Estimate, affected, explained
from amends.people.subscribers.queries import ServiceView, served, services_of_many, subscribers
from amends.platform.database.once_per_request import once_per_request
from amends.record.catalogue.queries import offer_kinds

_RADIO = frozenset(("2g", "3g", "4g", "5g"))
_MOBILE = frozenset(("mobile", "mobile_plan"))
_NO_LINE = frozenset(("value_added", "roaming"))


@dataclass(frozen=True, slots=True)
class AffectedCounts:
    """Affected users of an incident, with intervals where a figure is an estimate.

    users         served in its areas by the technology hit, from the records
    affected      of them, those in the cells hit
    complaints    joined to it; explained: of them, those that it caused
    complained    persons of the users who complained; share_complained: of those affected
    silent        affected and did not complain
    notified      that it began; notified_end: that it ended
    credited      users with a proposed credit; credit_minor: the sum
    """

    users: int
    affected: Estimate
    complaints: int
    explained: Estimate
    complained: int
    share_complained: Share | None
    silent: Estimate
    notified: int
    notified_end: int
    unreachable: int
    credited: int
    credit_minor: int
    currency: str


def lines_hit(row: NetworkIncident, *, brand: str = "") -> dict[str, list[ServiceView]]:
    """Pseudonym → the lines of the technology hit that ran in its areas while it lasted."""
    until = row.ended_at or timezone.now()
    until = max(until, row.started_at)
    people = served(offers=[], areas=row.areas, since=row.started_at, until=until, brand=brand)
    kinds = offer_kinds()
    lines_by_person = {}
    for person, services in services_of_many(people).items():
        lines = [
            service
            for service in services
            if service.started_at < until
            and (service.stopped_at is None or service.stopped_at > row.started_at)
            and _runs_over(row.technology, {service.kind, kinds.get(service.offer, ("", ""))[0]})
        ]
        if lines:
            lines_by_person[person] = lines
    return lines_by_person


def _runs_over(technology: str, kinds: set[str]) -> bool:
    """Whether a line of these kinds (its own, its offer's) is hit with a technology."""
    if kinds & _NO_LINE:
        return False
    return technology == "all" or bool(kinds & _MOBILE) == (technology in _RADIO)


@once_per_request
def joined_complaints(row: NetworkIncident) -> list[IncidentComplaint]:
    """The complaints that an incident explains, in the order they came."""
    return list(row.complaints.order_by("came_at"))


@once_per_request
def affected_counts(row: NetworkIncident, *, brand: str = "") -> AffectedCounts:
    """The counts of an incident; of a brand, those of its users."""
    people = set(lines_hit(row, brand=brand))
    cells = cells_of_areas(dict.fromkeys(row.areas), row.last_sign_at)
    all_cells = set().union(*cells.values()) if cells else set()
    hit = affected(len(people), len(set(row.cells) & all_cells), len(all_cells))
    joined = [link for link in joined_complaints(row) if not brand or link.brand == brand]
    rows = row.people.filter(brand=brand) if brand else row.people.all()
    scores = [link.score for link in joined]
    spoke = {link.subscriber for link in joined} & people
    of = max(round(hit.count), len(spoke))
    letters = _letters_and_credits(rows)
    return AffectedCounts(
        users=len(people),
        affected=hit,
        complaints=len(scores),
        explained=explained(scores),
        complained=len(spoke),
        share_complained=share(len(spoke), of) if of else None,
        silent=Estimate(
            max(hit.count - len(spoke), 0),
            max(hit.low - len(spoke), 0),
            max(hit.high - len(spoke), 0),
        ),
        notified=letters["notified"],
        notified_end=letters["notified_end"],
        unreachable=letters["unreachable"],
        credited=letters["credited"],
        credit_minor=letters["total_minor"] or 0,
        currency=letters["credit_currency"] or "",
    )


def _letters_and_credits(rows: QuerySet[IncidentPerson]) -> dict[str, Any]:
    """How many were notified and credited, counted in one statement."""
    credited = Q(credit_minor__gt=0)
    return rows.order_by().aggregate(
        notified=Count("pk", filter=Q(told_at__isnull=False)),
        notified_end=Count("pk", filter=Q(told_end_at__isnull=False)),
        unreachable=Count("pk", filter=Q(told_on="nobody")),
        credited=Count("pk", filter=credited),
        total_minor=Sum("credit_minor", filter=credited),
        credit_currency=Max("currency", filter=credited),
    )


def silent_people(row: NetworkIncident) -> dict[str, list[str]]:
    """Brand → affected users who have not complained and can be written to, in order."""
    spoke = set(row.complaints.exclude(subscriber="").values_list("subscriber", flat=True))
    people = sorted(set(lines_hit(row)) - spoke)
    subscriber_views = subscribers(people)
    people_by_brand: dict[str, list[str]] = {}
    for person in people:
        if person in subscriber_views and subscriber_views[person].status not in ("left", "erased"):
            people_by_brand.setdefault(subscriber_views[person].brand, []).append(person)
    return people_by_brand
