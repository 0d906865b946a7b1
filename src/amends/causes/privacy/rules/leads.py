"""Who may have leaked: users ranked by how many of those concerned they looked at before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import polars as pl

BEFORE = timedelta(days=30)
LEAST = 2


@dataclass(frozen=True, slots=True)
class Lead:
    """A user who looked at `hits` of the people concerned, where `expected` is chance alone.

    without_case  of these, how many without a case named; `references` of the complaints or issues
    """

    user: str
    hits: int
    expected: float
    without_case: int
    p: float
    references: tuple[str, ...]


def leads(concerns: pl.DataFrame, looks: pl.DataFrame) -> list[Lead]:
    """Users who looked at more of the people concerned than their share of all looks explains.

    concerns  columns subscriber, at_ms, reference
    looks     columns user, subscriber, case, happened_at_ms; those of the platform left out
    """
    if concerns.is_empty() or looks.is_empty():
        return []
    pairs = looks.unique(["user", "subscriber"])
    share = (
        pairs.group_by("user").len("seen").with_columns(share=pl.col("seen") / pl.lit(len(pairs)))
    )
    before = BEFORE // timedelta(milliseconds=1)
    near = looks.join(concerns, on="subscriber").filter(
        pl.col("happened_at_ms") <= pl.col("at_ms"),
        pl.col("happened_at_ms") > pl.col("at_ms") - before,
    )
    if near.is_empty():
        return []
    hits = near.group_by("user").agg(
        pl.col("subscriber").n_unique().alias("hits"),
        pl.col("subscriber").filter(pl.col("case") == "").n_unique().alias("without_case"),
        pl.col("reference").unique().sort(),
    )
    drawn = near.select(pl.struct("user", "subscriber").n_unique()).item()
    rows = hits.join(share, on="user").filter(pl.col("hits") >= LEAST)
    expected = rows["share"].to_numpy() * drawn
    # It is compiled by numba, which a service that nobody asked for leads does not hold.
    from amends.engines.stats.negative_binomial import upper_tail

    tails = upper_tail(rows["hits"].to_numpy(), mean=expected, dispersion=1.0)
    lead_rows = [
        Lead(
            user=row["user"],
            hits=row["hits"],
            expected=float(usual),
            without_case=row["without_case"],
            p=float(p),
            references=tuple(row["reference"]),
        )
        for row, usual, p in zip(rows.to_dicts(), expected, tails, strict=True)
    ]
    return sorted(lead_rows, key=lambda lead: (lead.p, -lead.without_case, -lead.hits, lead.user))
