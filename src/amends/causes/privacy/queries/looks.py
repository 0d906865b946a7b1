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
    look_frame = pl.from_arrow(table)
    assert isinstance(look_frame, pl.DataFrame)
    return look_frame.filter(~pl.col("role").is_in(["system", "subscriber"]))


def concerns_as_leads(
    now: datetime, *, brand: str = ""
) -> tuple[list[registry.Concern], list[Lead]]:
    """Complaints and hot issues that speak of looks, and the users who may be behind them."""
    recent_concerns = registry.concerns(now - BACK, now)
    if brand:
        people = subscribers(concern.subscriber for concern in recent_concerns)
        recent_concerns = [
            concern
            for concern in recent_concerns
            if people.get(concern.subscriber) and people[concern.subscriber].brand == brand
        ]
    if not recent_concerns:
        return [], []
    rows = pl.DataFrame(
        [(concern.subscriber, to_ms(concern.at), concern.reference) for concern in recent_concerns],
        schema={"subscriber": pl.String, "at_ms": pl.Int64, "reference": pl.String},
        orient="row",
    )
    looks = looks_as_columns(now - 2 * BACK, now, "subscriber", "case")
    return recent_concerns, leads(rows, looks)
