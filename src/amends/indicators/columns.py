"""The columns the measures are taken of: complaints with what services and remedies add."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from amends.complaints.measured import complaint_columns
from amends.remedies.queries import paid_by_cause
from amends.subscribers.counts import offer_kinds, services_by, users_by

_TYPES: dict[str, Any] = {
    "received_at": pl.Datetime("us", "UTC"), "first_resolved_at": pl.Datetime("us", "UTC"),
    "late": pl.Boolean, "decided_by_rule": pl.Boolean, "ruled": pl.Boolean,
    "overruled": pl.Boolean, "reopened_count": pl.Int64, "amount_minor": pl.Int64,
    "satisfaction": pl.Int64, "paid_minor": pl.Int64, "id": pl.String, "code": pl.String,
    "area": pl.String, "channel": pl.String, "brand": pl.String, "verdict": pl.String,
    "product": pl.String, "partner": pl.String, "kind": pl.String, "outcome": pl.String,
}  # fmt: skip


def at(zone: str) -> Callable[[date], datetime]:
    """The moment a day begins in a zone."""
    return lambda day: datetime.combine(day, time(), tzinfo=ZoneInfo(zone))


def columns(*, start: date, end: date, zone: str, brand: str = "") -> pl.DataFrame:
    """The complaints received in `[start, end)`, days of `zone`, one row each.

    Beside what `complaint_columns` says: partner and kind of the product, what was paid, seconds,
    group of the class, local week and month.
    """
    moment = at(zone)
    found = complaint_columns(start=moment(start), end=moment(end), brand=brand)
    kinds, paid = offer_kinds(), paid_by_cause(since=moment(start))
    found["kind"] = [kinds.get(offer, ("", ""))[0] for offer in found["product"]]
    found["partner"] = [kinds.get(offer, ("", ""))[1] for offer in found["product"]]
    found["paid_minor"] = [paid.get(f"complaint:{ref}", 0) for ref in found["id"]]
    local = pl.col("received_at").dt.convert_time_zone(zone)
    return pl.DataFrame(found, schema_overrides=_TYPES).with_columns(
        received_s=pl.col("received_at").dt.epoch("s"),
        resolved_s=pl.col("first_resolved_at").dt.epoch("s"),
        root=pl.col("code").str.split(".").list.first(),
        week=local.dt.truncate("1w").dt.date(),
        month=local.dt.truncate("1mo").dt.date(),
    )


def exposure(
    dimension: str, *, start: date, end: date, zone: str, brand: str = ""
) -> dict[str, float]:
    """Unit → mean of those exposed at both ends: users of an area or brand, services of a product,
    a kind or a partner; {} for a dimension whose units have nobody of their own."""
    moment = at(zone)
    ends = (moment(start), moment(end))
    if dimension in ("", "area", "brand"):
        return _mean(*(users_by(dimension, at=one, brand=brand) for one in ends))
    if dimension == "services":
        return _mean(*(services_by("", at=one, brand=brand) for one in ends))
    if dimension == "kind":
        return _mean(*(services_by("kind", at=one, brand=brand) for one in ends))
    if dimension in ("product", "partner"):
        offers = _mean(*(services_by("offer", at=one, brand=brand) for one in ends))
        return offers if dimension == "product" else _of_partners(offers)
    return {}


def _of_partners(offers: dict[str, float]) -> dict[str, float]:
    found: dict[str, float] = {}
    for offer, (_, partner) in offer_kinds().items():
        if partner:
            found[partner] = found.get(partner, 0.0) + offers.get(offer, 0.0)
    return found


def _mean(first: dict[str, int], last: dict[str, int]) -> dict[str, float]:
    units = first.keys() | last.keys()
    return {unit: (first.get(unit, 0) + last.get(unit, 0)) / 2 for unit in units}
