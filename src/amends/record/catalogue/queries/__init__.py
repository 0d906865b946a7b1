"""What other apps ask of the catalogue: offers, versions, areas, names of codes, freezes."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db.models import F, Q, QuerySet

from amends.platform.database.once_per_request import once_per_request
from amends.platform.database.prepared_queries import PreparedQuery
from amends.platform.kit.errors import AmendsError
from amends.platform.kit.money import digits_of
from amends.record.catalogue.models import (
    Area,
    CodeName,
    Offer,
    OfferVersion,
    PeakSpeed,
    SaleFreeze,
)
from amends.record.facts.offers.key_facts import KeyFacts, key_facts_of

_log = logging.getLogger(__name__)

_OFFER = (
    "offer_id",
    "version",
    "offer__kind",
    "offer__provider",
    "name_zh",
    "name_en",
    "price_minor",
    "currency",
    "allowance_mb",
    "allowance_minutes",
    "allowance_messages",
    "speed_down_kbps",
    "speed_up_kbps",
    "speed_min_kbps",
    "contract_months",
    "exit_fee_minor",
    "out_of_plan_minor_per_mb",
    "valid_from",
    "valid_to",
)


_AREAS = PreparedQuery(
    lambda: Area.objects.order_by("code").values_list(
        "code", "name_zh", "name_en", "parent_id", "province", "subscribers_count"
    ),
    texts=0,
)


_OFFER_NAMES = PreparedQuery(
    lambda: OfferVersion.objects.order_by("valid_from").values_list("offer", "name_zh", "name_en"),
    texts=0,
)


@dataclass(frozen=True, slots=True)
class OfferView:
    """The terms of an offer between two moments; money in minor units, speeds in kbit/s."""

    ref: str
    version: str
    kind: str
    provider: str
    name_zh: str
    name_en: str
    price_minor: int
    currency: str
    allowance_mb: int | None
    allowance_minutes: int | None
    allowance_messages: int | None
    speed_down_kbps: int | None
    speed_up_kbps: int | None
    speed_min_kbps: int | None
    contract_months: int
    exit_fee_minor: int
    out_of_plan_minor_per_mb: int | None
    valid_from: datetime
    valid_to: datetime | None


@dataclass(frozen=True, slots=True)
class AreaView:
    """A place on the operator's map; `parent` is "" at the top."""

    code: str
    name_zh: str
    name_en: str
    parent: str
    province: str
    subscribers_count: int


def offer(ref: str, at: datetime) -> OfferView | None:
    """The terms of an offer in force at a moment."""
    for valid_from, valid_to, *columns in _versions_with_dates(ref):
        if valid_from <= at and (valid_to is None or valid_to > at):
            return OfferView(*columns)
    return None


@once_per_request
def _versions_with_dates(ref: str) -> list[tuple[Any, ...]]:
    """The versions of an offer, the newest first: valid from, valid to, columns of its terms."""
    rows = OfferVersion.objects.filter(offer=ref).order_by("-valid_from")
    return list(rows.values_list("valid_from", "valid_to", *_OFFER))


def offers_named(refs: Iterable[str], at: datetime) -> dict[str, OfferView]:
    """The terms of some offers in force at a point in time; offers without any are absent."""
    return {view.ref: view for view in _offers(at, Q(offer__in=set(refs)))}


@once_per_request
def offers(at: datetime) -> list[OfferView]:
    """Every offer in force at a moment."""
    return _offers(at, Q())


def _offers(at: datetime, which: Q) -> list[OfferView]:
    rows = _in_force(at, which)
    newest: dict[str, OfferView] = {}
    for row in rows.values_list(*_OFFER):
        newest.setdefault(row[0], OfferView(*row))
    return list(newest.values())


LEAST_TESTS = 30
"""A measured median of fewer tests is not shown."""


def key_facts(ref: str, at: datetime, *, measured: bool = True) -> KeyFacts | None:
    """The key facts of an offer in force at a point in time; None where it was not published.

    measured  with the peak speed that users measured by then, where enough of them did
    """
    return next(iter(_key_facts(at, Q(offer=ref), measured=measured)), None)


def key_facts_on_sale(refs: Collection[str], at: datetime) -> dict[str, KeyFacts]:
    """Offer → its key facts in force at a point in time; without offers now taken from sale."""
    frozen = SaleFreeze.objects.filter(kind="offer", lifted_at__isnull=True)
    on_sale = set(refs).difference(frozen.values_list("ref", flat=True)) if refs else set()
    rows = _key_facts(at, Q(offer__in=on_sale), measured=True) if on_sale else []
    return {facts.id: facts for facts in rows}


def all_key_facts(at: datetime) -> list[KeyFacts]:
    """The key facts of every offer in force at a moment, measured speeds included."""
    return _key_facts(at, Q(), measured=True)


def key_facts_of_version(ref: str, version: str) -> KeyFacts | None:
    """The key facts of one version, in force or not, as they were recorded."""
    row = OfferVersion.objects.filter(offer=ref, version=version).select_related("offer").first()
    return _facts_of(row) if row else None


def versions_of(ref: str) -> list[tuple[str, datetime, datetime | None]]:
    """The versions of an offer with the time each was in force, the newest first."""
    rows = OfferVersion.objects.filter(offer=ref).order_by("-valid_from")
    return list(rows.values_list("version", "valid_from", "valid_to"))


def price_minor(price: float, currency: str) -> int:
    """A price in whole units as minor units."""
    return round(price * 10 ** digits_of(currency))


def _key_facts(at: datetime, which: Q, *, measured: bool) -> list[KeyFacts]:
    rows = _in_force(at, which).select_related("offer")
    newest: dict[str, KeyFacts] = {}
    for row in rows:
        if row.offer_id not in newest:
            newest[row.offer_id] = _facts_of(row)
    if measured:
        speeds = PeakSpeed.objects.filter(calculated_at__lte=at, tests__gte=LEAST_TESTS)
        for speed in speeds.order_by("calculated_at"):
            if speed.offer_id in newest:
                newest[speed.offer_id] = _with_speed(newest[speed.offer_id], speed)
    return list(newest.values())


def _with_speed(facts: KeyFacts, speed: PeakSpeed) -> KeyFacts:
    return replace(
        facts,
        down_median_peak_mbps=speed.median_kbps / 1000,
        measured_low_mbps=speed.low_kbps / 1000,
        measured_high_mbps=speed.high_kbps / 1000,
        measured_tests=float(speed.tests),
    )


@lru_cache(maxsize=1_000)
def _warn_unreadable(offer: str, version: str, why: str) -> None:
    """Say once in the log, not on every page, that key facts on record cannot be read."""
    _log.warning("Key facts of offer %s, version %s: %s", offer, version, why)


def _facts_of(row: OfferVersion) -> KeyFacts:
    """The key facts of a version: as recorded, else what its columns say.

    Records of earlier versions of Amends may hold a list where a value belongs: of those only the
    columns are used, so that one of them does not take the whole tariff page down.
    """
    if row.facts:
        try:
            return key_facts_of(row.facts)
        except AmendsError as error:
            _warn_unreadable(row.offer_id, row.version, str(error))
    scale = 10 ** digits_of(row.currency)
    fact_values: dict[str, Any] = {
        "id": row.offer_id,
        "name": row.name_zh,
        "name_en": row.name_en,
        "kind": row.offer.kind,
        "provider": row.offer.provider,
        "price": row.price_minor / scale,
        "currency": row.currency,
        "data_gb": row.allowance_mb and row.allowance_mb / 1024,
        "voice_min": row.allowance_minutes,
        "messages": row.allowance_messages,
        "down_nominal_mbps": row.speed_down_kbps and row.speed_down_kbps / 1000,
        "up_nominal_mbps": row.speed_up_kbps and row.speed_up_kbps / 1000,
        "down_min_mbps": row.speed_min_kbps and row.speed_min_kbps / 1000,
        "contract_months": row.contract_months or None,
        "early_termination_fee": row.exit_fee_minor / scale or None,
        "sold_alone": "yes",
    }
    return key_facts_of({name: value for name, value in fact_values.items() if value is not None})


def is_registered(ref: str) -> bool:
    """Whether the catalogue has an offer, on sale or not."""
    return Offer.objects.filter(ref=ref).exists()


def offer_provider(ref: str) -> str | None:
    """The partner who provides an offer, on sale or not; "" for the operator, None for no offer."""
    return Offer.objects.filter(ref=ref).values_list("provider", flat=True).first()


def offers_of_provider(partner: str) -> list[str]:
    """The references of the offers that a partner provides, on sale or not."""
    return list(
        Offer.objects.filter(provider=partner).order_by("ref").values_list("ref", flat=True)
    )


def offers_of_kinds(kinds: Iterable[str]) -> dict[str, str]:
    """Offer → kind, of the offers of some kinds."""
    return dict(Offer.objects.filter(kind__in=list(kinds)).values_list("ref", "kind"))


def each_area_within(codes: Iterable[str]) -> dict[str, set[str]]:
    """Area → itself with all the areas within it."""
    parts = _parts()
    return {code: _within([code], parts) for code in codes}


def _in_force(at: datetime, which: Q) -> QuerySet[OfferVersion]:
    in_force = Q(valid_from__lte=at) & (Q(valid_to__isnull=True) | Q(valid_to__gt=at))
    return OfferVersion.objects.filter(which, in_force).order_by("offer", F("valid_from").desc())


def offer_name(ref: str, at: datetime, *, chinese: bool) -> str:
    """An offer as its reader knows it at a moment; its reference where it has no name."""
    offer_view = offer(ref, at) if ref else None
    return (offer_view and (offer_view.name_zh if chinese else offer_view.name_en)) or ref


@once_per_request
def offer_names() -> dict[str, tuple[str, str]]:
    """Offer → its newest name in Chinese and in English."""
    rows = OfferVersion.objects.order_by("valid_from").values_list("offer", "name_zh", "name_en")
    return {ref: (zh, en) for ref, zh, en in rows}


def every_offer_name() -> list[tuple[str, str, str]]:
    """The names of offers, also earlier ones, as (offer, Chinese, English), the newest last."""
    return _OFFER_NAMES.rows()


@once_per_request
def offer_kinds() -> dict[str, tuple[str, str]]:
    """Offer → its kind, and the partner who provides it, "" for the operator itself."""
    rows = Offer.objects.order_by("ref").values_list("ref", "kind", "provider")
    return {ref: (kind, provider) for ref, kind, provider in rows}


@once_per_request
def offer_versions() -> dict[str, list[tuple[datetime, str]]]:
    """Offer → its versions with the moment each came into force, the oldest first."""
    versions_by_offer: dict[str, list[tuple[datetime, str]]] = {}
    rows = OfferVersion.objects.order_by("valid_from").values_list("offer", "valid_from", "version")
    for ref, since, version in rows:
        versions_by_offer.setdefault(ref, []).append((since, version))
    return versions_by_offer


@once_per_request
def allowances_of_versions() -> dict[tuple[str, str], tuple[int | None, ...]]:
    """Offer and version → MB, minutes, messages a month; version "" stands for the newest."""
    allowances: dict[tuple[str, str], tuple[int | None, ...]] = {}
    rows = OfferVersion.objects.order_by("valid_from").values_list(
        "offer_id", "version", "allowance_mb", "allowance_minutes", "allowance_messages"
    )
    for ref, version, *amounts in rows:
        allowances[ref, version] = allowances[ref, ""] = tuple(amounts)
    return allowances


def allowances_of_offers(refs: Iterable[str]) -> dict[str, tuple[int | None, ...]]:
    """What each offer includes a month in its newest version: MB, minutes, messages."""
    allowances = allowances_of_versions()
    return {ref: allowances[ref, ""] for ref in refs if (ref, "") in allowances}


@once_per_request
def areas() -> list[AreaView]:
    """All areas, by code."""
    return [
        AreaView(
            code=code,
            name_zh=zh,
            name_en=en,
            parent=parent or "",
            province=province,
            subscribers_count=count,
        )
        for code, zh, en, parent, province, count in _AREAS.rows()
    ]


def areas_within(codes: Iterable[str]) -> set[str]:
    """Areas with all the areas within them."""
    return _within(codes, _parts())


@once_per_request
def _parts() -> dict[str, list[str]]:
    """Area → the areas directly within it."""
    parts: dict[str, list[str]] = defaultdict(list)
    for code, parent in Area.objects.order_by("code").values_list("code", "parent_id"):
        parts[parent or ""].append(code)
    return parts


def _within(codes: Iterable[str], parts: dict[str, list[str]]) -> set[str]:
    descendants, waiting = set(), list(codes)
    while waiting:
        code = waiting.pop()
        if code not in descendants:
            descendants.add(code)
            waiting += parts.get(code, ())
    return descendants


@once_per_request
def code_names(kind: str) -> dict[str, tuple[str, str]]:
    """Code of a brand or a campaign (`kind`) → its name in Chinese and in English, where given."""
    rows = CodeName.objects.filter(kind=kind).order_by("code")
    return {code: (zh, en) for code, zh, en in rows.values_list("code", "name_zh", "name_en")}


@dataclass(frozen=True, slots=True)
class FreezeView:
    """An offer, campaign or launch that was taken from sale; `lifted_at` None while it stands."""

    kind: str
    ref: str
    cause: str
    reason: str
    frozen_by: str
    frozen_at: datetime
    lifted_by: str
    lifted_at: datetime | None


def is_frozen(kind: str, ref: str) -> bool:
    """Whether an `offer`, a `campaign` or a `launch` may not be sold now: what a gate asks."""
    open_freezes = SaleFreeze.objects.filter(kind=kind, ref=ref, lifted_at__isnull=True)
    return bool(ref) and open_freezes.exists()


@once_per_request
def freezes(*, cause: str = "") -> list[FreezeView]:
    """What is taken from sale now; with `cause`, all that one cause ever froze, oldest first."""
    rows = SaleFreeze.objects.order_by("frozen_at", "id")
    rows = rows.filter(cause=cause) if cause else rows.filter(lifted_at__isnull=True)
    return [
        FreezeView(*row)
        for row in rows.values_list(
            "kind", "ref", "cause", "reason", "frozen_by", "frozen_at", "lifted_by", "lifted_at"
        )
    ]
