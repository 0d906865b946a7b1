"""The register of services: the public list, one service, what a charge may be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet

from amends.causes.vetting.models import LinkKind, RegisteredService, ServiceOrigin
from amends.engines.stats.rates import PopulationRate, population_rate
from amends.people.partners.queries import partner_names
from amends.people.subscribers.queries.counts import services_by
from amends.platform import registry
from amends.platform.kit.plain_letters import folded
from amends.record.catalogue.queries import offers_named

RATE_DAYS = 90


@dataclass(frozen=True, slots=True)
class ChainPart:
    """A link of the chain: what it does, and who does it ("" for the operator)."""

    name: str
    kind: LinkKind
    partner: str
    partner_name: str


@dataclass(frozen=True, slots=True)
class ServiceRate:
    """Complaints of a service in `[start, end)`: per million of its users, or of few users the
    count with its interval."""

    published: PopulationRate
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class ListedService:
    """A service as users and staff see it; money in minor units.

    rate  None where it has no users, or its users are not on record
    """

    ref: str
    origin: ServiceOrigin
    name_zh: str
    name_en: str
    provider: str
    provider_name: str
    contract: str
    offer: str
    charge_text: str
    number: str
    price_minor: int | None
    currency: str
    charge_period: str
    stop_zh: str
    stop_en: str
    answers: str
    brand: str
    is_listed: bool
    links: tuple[ChainPart, ...]
    rate: ServiceRate | None


def visible_services(brand: str) -> QuerySet[RegisteredService]:
    """Services of a brand and those of none; all for "" (the whole operator)."""
    rows = RegisteredService.objects.prefetch_related("links")
    return rows.filter(brand__in=("", brand)) if brand else rows


def services(
    *, now: datetime, language: str, brand: str = "", text: str = "", listed: bool = False
) -> list[ListedService]:
    """Services by name; those that `text` finds, if given.

    text    text of a charge, an access number, or part of a name
    listed  only those of the public list
    """
    rows = visible_services(brand)
    if listed:
        rows = rows.filter(is_listed=True)
    matching = [row for row in rows if not text.strip() or _matches(row, text)]
    return _views(matching, now=now, language=language)


def service(
    ref: str, *, now: datetime, language: str, brand: str = "", listed: bool = False
) -> ListedService | None:
    """One service; None where there is none that the reader may see."""
    rows = visible_services(brand).filter(ref=ref)
    if listed:
        rows = rows.filter(is_listed=True)
    return next(iter(_views(list(rows), now=now, language=language)), None)


def _matches(row: RegisteredService, text: str) -> bool:
    """Whether a charge that reads `text` may be this service: every part of it is found, or the
    bill's own text of the service is found in what was copied from a bill."""
    wanted = folded(text)
    digits = "".join(sign for sign in text if sign.isdigit())
    number = "".join(sign for sign in row.number if sign.isdigit())
    if number and len(digits) >= 4 and (digits in number or number in digits):
        return True
    names = [folded(name) for name in (row.name_zh, row.name_en, row.charge_text, row.ref)]
    inside = " ".join(names)
    if all(word in inside for word in wanted.split()):
        return True
    return any(len(name) >= 2 and name in wanted for name in names[:3] if name)


def _views(
    rows: Sequence[RegisteredService], *, now: datetime, language: str
) -> list[ListedService]:
    rates = complaint_rates(rows, now=now)
    parties = {service_row.provider for service_row in rows}
    parties |= {link.partner for service_row in rows for link in service_row.links.all()}
    names = partner_names(parties, language)
    prices = offers_named({row.offer for row in rows} - {""}, now)
    views = []
    for row in rows:
        price = prices.get(row.offer)
        views.append(
            ListedService(
                ref=row.ref,
                origin=ServiceOrigin(row.origin),
                name_zh=row.name_zh or row.name_en,
                name_en=row.name_en or row.name_zh,
                provider=row.provider,
                provider_name=names.get(row.provider, ""),
                contract=row.contract,
                offer=row.offer,
                charge_text=row.charge_text,
                number=row.number,
                price_minor=price.price_minor if price else row.price_minor,
                currency=price.currency if price else row.currency,
                charge_period=row.charge_period or ("month" if price else ""),
                stop_zh=row.stop_zh,
                stop_en=row.stop_en,
                answers=row.answers,
                brand=row.brand,
                is_listed=row.is_listed,
                links=tuple(
                    ChainPart(
                        name=link.name,
                        kind=LinkKind(link.kind),
                        partner=link.partner,
                        partner_name=names.get(link.partner, ""),
                    )
                    for link in row.links.all()
                ),
                rate=rates.get(row.ref),
            )
        )
    return views


def complaint_rates(rows: Iterable[RegisteredService], *, now: datetime) -> dict[str, ServiceRate]:
    """Complaints about each service and its users, over the last `RATE_DAYS` days."""
    offers = {row.ref: row.offer for row in rows if row.offer}
    start = now - timedelta(days=RATE_DAYS)
    counts = registry.complaints_by_offer(set(offers.values()), start, now)
    users = services_by("offer", at=now) if offers else {}
    rates = {}
    for ref, about in offers.items():
        exposed = users.get(about, 0)
        if not exposed:
            continue
        published = population_rate(len(counts.get(about, ())), exposed)
        rates[ref] = ServiceRate(published=published, start=start, end=now)
    return rates
