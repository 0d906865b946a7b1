"""What other apps may ask about subscribers and their services."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from django.db.models import Q

from amends.people.subscribers.models import LegalHold, Service, Subscriber
from amends.people.subscribers.queries.bulk import (
    Allowance,
    allowances_of,
    brands_and_areas,
    living_in,
    offers_and_areas,
    services_in,
)
from amends.people.subscribers.queries.owners import (
    Lookup,
    former_holders,
    owners_of,
    owners_of_keys,
    times_theirs,
)
from amends.people.subscribers.queries.personal import normal_form
from amends.people.subscribers.queries.views import ServiceView, SubscriberView
from amends.platform.database.prepared_queries import PreparedQueryForKeys
from amends.platform.kit.batches import slices
from amends.record.catalogue.queries import (
    areas_within,
    each_area_within,
    is_registered,
    offers_of_kinds,
)

__all__ = [
    "Allowance",
    "Lookup",
    "ServiceView",
    "SubscriberView",
    "allowances_of",
    "brands_and_areas",
    "former_holders",
    "held",
    "held_among",
    "identify",
    "identify_many",
    "living_in",
    "normal_form",
    "offers_and_areas",
    "opened_since",
    "owners_of_keys",
    "pseudonyms",
    "pseudonyms_by_area",
    "pseudonyms_with",
    "served",
    "service",
    "services_in",
    "services_of",
    "services_of_kinds",
    "services_of_many",
    "subscriber",
    "subscribers",
    "times_theirs",
]

_MANY = 2_000
"""Of so many it may be less to read all there are than to ask for each."""
_VIEW = ("pseudonym", "language", "zone", "province", "area", "brand", "status")
_SERVICE = (
    "ref",
    "subscriber_id",
    "kind",
    "offer",
    "offer_version",
    "provider",
    "area",
    "started_at",
    "stopped_at",
)
_PEOPLE = PreparedQueryForKeys(
    lambda wanted: Subscriber.objects.filter(pseudonym__in=wanted).values_list(*_VIEW),
    max_texts=4,
)
_SERVICES_OF = PreparedQueryForKeys(
    lambda wanted: (
        Service.objects.filter(subscriber__in=wanted)
        .order_by("started_at", "ref")
        .values_list(*_SERVICE)
    )
)


def identify(
    *,
    phone: str = "",
    email: str = "",
    service: str = "",
    id_card: str = "",
    at: datetime | None = None,
) -> SubscriberView | None:
    """The one subscriber a service, phone, mailbox or identity card belongs to.

    None where nobody is found, and where a value belongs to several: a guess could open one
    person's file to another. A phone number is whose it is now, or whose it was at `at`: it is
    given out again after somebody has left.
    """
    return identify_many(
        [Lookup(phone=phone, email=email, service=service, id_card=id_card, at=at)]
    )[0]


def identify_many(lookups: Sequence[Lookup]) -> list[SubscriberView | None]:
    """One answer for each lookup, in the order given, in a handful of queries."""
    pseudonyms = owners_of(lookups)
    views = subscribers(pseudonym for pseudonym in pseudonyms if pseudonym)
    return [views.get(pseudonym) if pseudonym else None for pseudonym in pseudonyms]


def subscriber(pseudonym: str) -> SubscriberView | None:
    """One subscriber by pseudonym."""
    return subscribers([pseudonym]).get(pseudonym)


def subscribers(wanted: Iterable[str]) -> dict[str, SubscriberView]:
    """Many subscribers by pseudonym; unknown ones are absent."""
    views: dict[str, SubscriberView] = {}
    for batch in _batches(wanted):
        for row in _PEOPLE.rows(batch):
            views[row[0]] = SubscriberView(*row)
    return views


def pseudonyms(*, brand: str = "") -> Iterator[str]:
    """Every pseudonym (of a brand), in order, erased ones included: facts about them remain."""
    rows = Subscriber.objects.filter(brand=brand) if brand else Subscriber.objects.all()
    listed = rows.order_by("pseudonym").values_list("pseudonym", flat=True)
    return iter(listed.iterator(chunk_size=5_000))


def service(ref: str) -> ServiceView | None:
    """One service by its reference."""
    row = Service.objects.filter(ref=ref).values_list(*_SERVICE).first()
    return ServiceView(*row) if row else None


def services_of(pseudonym: str) -> list[ServiceView]:
    """The services of one subscriber, running and stopped, in order of their start."""
    return services_of_many([pseudonym]).get(pseudonym, [])


def services_of_many(wanted: Iterable[str]) -> dict[str, list[ServiceView]]:
    """The services of many subscribers; one with none is absent."""
    services_by_person: dict[str, list[ServiceView]] = defaultdict(list)
    for batch in _batches(wanted):
        for row in _SERVICES_OF.rows(batch):
            services_by_person[row[1]].append(ServiceView(*row))
    return dict(services_by_person)


def services_of_kinds(
    kinds: Iterable[str], *, among: Iterable[str] | None = None
) -> dict[str, str]:
    """Service → kind, of those (of `among`) whose own kind, or whose offer's, is one of `kinds`."""
    wanted = list(kinds)
    offered = offers_of_kinds(wanted)
    rows = Service.objects.filter(Q(kind__in=wanted) | Q(offer__in=list(offered)))
    wanted_refs = None if among is None else set(among)
    if wanted_refs is None or (
        len(wanted_refs) > _MANY and rows[: len(wanted_refs)].count() < len(wanted_refs)
    ):
        # Fewer of these kinds than were asked about: they are read, and the others passed over.
        parts = [rows]
    else:
        parts = [rows.filter(ref__in=batch) for batch in _batches(wanted_refs)]
    return {
        ref: kind if kind in wanted else offered[offer]
        for part in parts
        for ref, kind, offer in part.values_list("ref", "kind", "offer")
        if wanted_refs is None or ref in wanted_refs
    }


def served(
    *,
    offers: Iterable[str],
    areas: Iterable[str],
    since: datetime,
    until: datetime,
    brand: str = "",
) -> list[str]:
    """Pseudonyms of those who had one of the offers, in one of the areas, in `[since, until)`.

    offers, areas  empty: any; areas stand for the areas within them too. With neither, nobody:
                   "everybody" is never what a cause hit
    """
    bought, within = set(offers), areas_within(areas)
    if not bought and not within:
        return []
    rows = Service.objects.filter(started_at__lt=until).filter(
        Q(stopped_at__isnull=True) | Q(stopped_at__gt=since)
    )
    rows = rows.exclude(subscriber__status__in=("left", "erased"))
    if bought:
        rows = rows.filter(offer__in=bought)
    if within:
        rows = rows.filter(Q(area__in=within) | Q(area="", subscriber__area__in=within))
    if brand:
        rows = rows.filter(subscriber__brand=brand)
    return sorted(set(rows.values_list("subscriber_id", flat=True)))


def held(pseudonym: str) -> str:
    """Why a subscriber's data must stay for now; "" if nothing holds them."""
    hold = LegalHold.objects.filter(subscriber=pseudonym, released_at__isnull=True).first()
    return hold.reason if hold else ""


def held_among(wanted: Iterable[str], *, lock: bool = False) -> set[str]:
    """Those of `wanted` on whom a legal hold stands.

    lock    inside a transaction: a hold placed from here on waits until the transaction ended
    """
    held_people: set[str] = set()
    for batch in _batches(pseudonym for pseudonym in wanted if pseudonym):
        if lock:
            rows = Subscriber.objects.filter(pseudonym__in=batch).order_by("pseudonym")
            list(rows.select_for_update().values_list("pseudonym", flat=True))
        holds = LegalHold.objects.filter(subscriber__in=batch, released_at__isnull=True)
        held_people.update(holds.order_by().values_list("subscriber_id", flat=True))
    return held_people


def _batches(values: Iterable[str]) -> Iterator[Sequence[str]]:
    return slices(list(dict.fromkeys(values)))


def pseudonyms_with(
    *, at: datetime, areas: Sequence[str] = (), offers: Sequence[str] = (), brand: str = ""
) -> set[str]:
    """Who lives in one of the areas, has one of the offers at a moment, or both where both are
    asked for; erased people left out. An area stands for the areas within it too."""
    rows = Subscriber.objects.exclude(status="erased").filter(registered_at__lte=at)
    if brand:
        rows = rows.filter(brand=brand)
    if areas:
        rows = rows.filter(area__in=areas_within(areas))
    if offers:
        running = Q(stopped_at__isnull=True) | Q(stopped_at__gt=at)
        services = Service.objects.filter(running, offer__in=offers, started_at__lte=at)
        rows = rows.filter(pseudonym__in=services.values("subscriber_id"))
    return set(rows.order_by().values_list("pseudonym", flat=True))


def pseudonyms_by_area(areas: Iterable[str], *, at: datetime) -> dict[str, set[str]]:
    """Area → who lives there or in an area within it at a moment, erased people left out; those of
    all areas are read together, for each reading looks at everybody."""
    people_by_area: dict[str, set[str]] = {area: set() for area in areas}
    wholes: dict[str, list[str]] = defaultdict(list)
    for area, parts in each_area_within(people_by_area).items():
        for part in parts:
            wholes[part].append(area)
    rows = Subscriber.objects.exclude(status="erased").filter(
        registered_at__lte=at, area__in=list(wholes)
    )
    for pseudonym, part in rows.order_by().values_list("pseudonym", "area"):
        for area in wholes[part]:
            people_by_area[area].add(pseudonym)
    return people_by_area


def is_offer(ref: str) -> bool:
    """Whether there is such an offer, or was: it is registered, or somebody bought it."""
    return is_registered(ref) or Service.objects.filter(offer=ref).exists()


def services_on(offer: str, *, at: datetime, after: str = "", limit: int) -> list[tuple[str, str]]:
    """Running services of an offer and whose they are, by reference, those after `after`."""
    rows = Service.objects.filter(offer=offer, started_at__lte=at, ref__gt=after)
    rows = rows.filter(Q(stopped_at__isnull=True) | Q(stopped_at__gt=at))
    return list(rows.order_by("ref").values_list("ref", "subscriber_id")[:limit])


def opened_since(since: datetime) -> set[str]:
    """Pseudonyms of those who opened a service since a moment."""
    rows = Service.objects.filter(started_at__gte=since).order_by()
    return set(rows.values_list("subscriber_id", flat=True))
