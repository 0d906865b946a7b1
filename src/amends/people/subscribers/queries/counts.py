"""How many subscribers there are, for rates: counts alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from amends.people.subscribers.models import Service, Subscriber
from amends.platform.database.once_per_request import once_per_request
from amends.platform.kit.batches import slices

_DIMENSIONS = ("area", "brand")
_OF_SERVICES = ("kind", "offer")


@once_per_request
def users_by(dimension: str, *, at: datetime, brand: str = "") -> dict[str, int]:
    """Value of `dimension` ("area", "brand", or "" for everybody) → subscribers served at `at`.

    Who has left or was erased counts until then only where the register still knows the moment.
    """
    rows = Subscriber.objects.filter(_served(at))
    if brand:
        rows = rows.filter(brand=brand)
    if dimension not in _DIMENSIONS:
        return {"": rows.count()}
    counted = rows.order_by().values_list(dimension).annotate(users=Count("pseudonym"))
    return dict(counted)


def users_by_area(*, at: Sequence[datetime], brand: str = "") -> list[dict[str, int]]:
    """Area → subscribers served, at each of several moments: the register is gone through once."""
    rows = Subscriber.objects.filter(brand=brand) if brand else Subscriber.objects.all()
    counts = {f"at_{n}": Count("pseudonym", filter=_served(moment)) for n, moment in enumerate(at)}
    if not counts:
        return []
    count_rows = list(rows.order_by().values_list("area").annotate(**counts))
    return [{row[0]: row[n] for row in count_rows if row[n]} for n in range(1, len(at) + 1)]


def _served(at: datetime) -> Q:
    """Registered, and neither gone nor erased: a moment nobody knows is taken for an early one."""
    gone = Q(status="left", left_at__isnull=True) | Q(left_at__lte=at, left_at__isnull=False)
    not_erased = Q(erased_at__isnull=True) | Q(erased_at__gt=at)
    return Q(registered_at__lte=at) & ~gone & not_erased


@once_per_request
def services_by(dimension: str, *, at: datetime, brand: str = "") -> dict[str, int]:
    """Value of `dimension` ("kind", "offer", or "" for all) → services in operation at `at`.

    Each service of a bundle counts as one.
    """
    rows = Service.objects.filter(started_at__lte=at)
    rows = rows.filter(Q(stopped_at__isnull=True) | Q(stopped_at__gt=at))
    if brand:
        rows = rows.filter(subscriber__brand=brand)
    if dimension not in _OF_SERVICES:
        return {"": rows.count()}
    counted = rows.order_by().values_list(dimension).annotate(services=Count("ref"))
    return dict(counted)


def services_sold(offers: Iterable[str]) -> dict[str, int]:
    """Offer → how many services of it were ever opened; one with none is absent."""
    rows = Service.objects.filter(offer__in=list(offers)).order_by()
    return dict(rows.values_list("offer").annotate(sold=Count("ref")))


def services_by_area(*, at: datetime, brand: str = "") -> dict[tuple[str, str], int]:
    """Area of the subscriber and offer → services in operation at `at`."""
    rows = Service.objects.filter(started_at__lte=at)
    rows = rows.filter(Q(stopped_at__isnull=True) | Q(stopped_at__gt=at))
    if brand:
        rows = rows.filter(subscriber__brand=brand)
    counted = rows.order_by().values_list("subscriber__area", "offer")
    service_counts = counted.annotate(services=Count("ref"))
    return {(area, offer): services for area, offer, services in service_counts}


def of_brand(brand: str) -> QuerySet[Subscriber, str]:
    """The pseudonyms of a brand's subscribers, to ask another table about."""
    return Subscriber.objects.filter(brand=brand).order_by().values_list("pseudonym", flat=True)


def services_of_brand(refs: Iterable[str], brand: str) -> set[str]:
    """Those of some services whose subscriber is of a brand."""
    rows = Service.objects.filter(subscriber__brand=brand).order_by()
    service_refs: set[str] = set()
    for part in slices(list(dict.fromkeys(refs))):
        service_refs.update(rows.filter(ref__in=part).values_list("ref", flat=True))
    return service_refs


def of_whom(dimension: str) -> Subquery:
    """Area or brand of the person in the column `subscriber` of another table."""
    person_rows = Subscriber.objects.filter(pseudonym=OuterRef("subscriber")).order_by()
    return Subquery(person_rows.values(dimension)[:1])


def any_subscriber() -> bool:
    """Whether anybody is on record."""
    return Subscriber.objects.exists()
