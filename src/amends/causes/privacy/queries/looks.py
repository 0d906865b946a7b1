"""Looks on record as columns, for rules over a whole period."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

import polars as pl

from amends.causes.privacy.rules.leads import Lead, leads
from amends.people.subscribers.queries import subscribers
from amends.platform import registry
from amends.platform.kit.periods import to_ms
from amends.record.ledger.queries import columns_of

BACK = timedelta(days=60)


def looks_as_columns(
    start: datetime, end: datetime, *fields: str, users: Collection[str] | None = None
) -> pl.DataFrame:
    """Looks in `[start, end)` of people who work here: user, role, happened_at_ms and `fields`.

    users  only the looks of these
    """
    table = columns_of(
        "DataAccessed",
        start=start,
        end=end,
        fields=("user", "role", *fields),
        where=None if users is None else ("user", users),
    ).drop(["id"])
    found = pl.from_arrow(table)
    assert isinstance(found, pl.DataFrame)
    return found.filter(~pl.col("role").is_in(["system", "subscriber"]))


def concerns_as_leads(
    now: datetime, *, brand: str = ""
) -> tuple[list[registry.Concern], list[Lead]]:
    """Complaints and hot issues that speak of looks, and the users who may be behind them."""
    found = registry.concerns(now - BACK, now)
    if brand:
        known = subscribers(one.subscriber for one in found)
        found = [
            one
            for one in found
            if known.get(one.subscriber) and known[one.subscriber].brand == brand
        ]
    if not found:
        return [], []
    rows = pl.DataFrame(
        [(one.subscriber, to_ms(one.at), one.reference) for one in found],
        schema={"subscriber": pl.String, "at_ms": pl.Int64, "reference": pl.String},
        orient="row",
    )
    looks = looks_as_columns(now - 2 * BACK, now, "subscriber", "case")
    return found, leads(rows, looks)
