"""The columns the measures are taken of: complaints with what services and remedies add."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import polars as pl
from django.conf import settings

from amends.catalogue.queries import offer_kinds
from amends.complaints.queries import renamed_classes, scheme, schemes
from amends.complaints.queries.analytics import complaint_columns
from amends.indicators.daily_columns import TYPES, kept
from amends.remedies.queries import paid_by_cause
from amends.subscribers.queries.counts import services_by, users_by

PART_ROWS = 5_000
"""Complaints that are counted at once."""


def at(zone: str) -> Callable[[date], datetime]:
    """The moment a day begins in a zone."""
    return lambda day: datetime.combine(day, time(), tzinfo=ZoneInfo(zone))


def columns(*, start: date, end: date, zone: str, brand: str = "") -> pl.DataFrame:
    """The complaints received in `[start, end)`, days of `zone`, one row each.

    Classes of an earlier version stand under their name of today. Beside what `complaint_columns`
    says: partner and kind of the product, what was paid, seconds,
    group of the class, local week and month.
    """
    return pl.concat(parts(start=start, end=end, zone=zone, brand=brand))


def parts(*, start: date, end: date, zone: str, brand: str = "") -> Iterator[pl.DataFrame]:
    """The same in parts, one at least: whoever adds up what is in them holds no more than one of
    them, however many complaints there are."""
    found = None
    if zone == settings.TIME_ZONE:
        found = kept(start, end, brand=brand)
    if found is None:
        found = _plain_parts(start=start, end=end, zone=zone, brand=brand)
    renamed, kinds = renamed_classes(), offer_kinds()
    for part in _of_size(found):
        yield _with_details(part, renamed, kinds, zone)


def _of_size(frames: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """The same rows in frames of about `PART_ROWS`: each costs its own setting about."""
    gathered: list[pl.DataFrame] = []
    for frame in frames:
        for piece in frame.iter_slices(PART_ROWS):
            if gathered and sum(one.height for one in gathered) + piece.height > PART_ROWS:
                yield pl.concat(gathered, how="diagonal")
                gathered.clear()
            gathered.append(piece)
    yield pl.concat(gathered, how="diagonal") if gathered else pl.DataFrame(schema=TYPES)


def _with_details(
    found: pl.DataFrame, renamed: dict[str, str], kinds: dict[str, tuple[str, str]], zone: str
) -> pl.DataFrame:
    if renamed:
        found = found.with_columns(pl.col("code").replace(renamed))
    of = {offer: pair for offer in found["product"].unique() if (pair := kinds.get(offer))}
    roots = {code: code.split(".")[0] for code in found["code"].unique()}
    local = pl.col("received_at").dt.convert_time_zone(zone).dt.date()
    return found.with_columns(
        kind=pl.col("product").replace_strict(
            {offer: kind for offer, (kind, _) in of.items()}, default="", return_dtype=pl.String
        ),
        partner=pl.col("product").replace_strict(
            {offer: partner for offer, (_, partner) in of.items()},
            default="",
            return_dtype=pl.String,
        ),
        received_s=pl.col("received_at").dt.epoch("s"),
        resolved_s=pl.col("first_resolved_at").dt.epoch("s"),
        root=pl.col("code").replace_strict(roots, default="", return_dtype=pl.String),
        week=local.dt.truncate("1w"),
        month=local.dt.truncate("1mo"),
    )


def in_classes_of(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """With a column of a regulator's classes, "" for what they have none for, if `name` is a
    version of theirs."""
    if name not in schemes():
        return frame
    return frame.with_columns(
        pl.col("code")
        .replace_strict(scheme(name).class_of, default="", return_dtype=pl.String)
        .alias(name)
    )


def plain(*, start: date, end: date, zone: str, brand: str = "") -> pl.DataFrame:
    """What `complaint_columns` and the remedies say, read from their rows."""
    return pl.concat(_plain_parts(start=start, end=end, zone=zone, brand=brand))


def _plain_parts(*, start: date, end: date, zone: str, brand: str = "") -> Iterator[pl.DataFrame]:
    moment = at(zone)
    paid = paid_by_cause(since=moment(start))
    for piece in complaint_columns(start=moment(start), end=moment(end), brand=brand):
        piece["paid_minor"] = [paid.get(f"complaint:{ref}", 0) for ref in piece["id"]]
        yield pl.DataFrame(piece, schema_overrides=TYPES)


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
