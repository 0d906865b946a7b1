"""The scope of an incident: whose data some users saw, which fields, how often, since when."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True, slots=True)
class Scope:
    """Who was seen; `people` has a row a person: subscriber, looks, fields, first_ms, last_ms."""

    people: pl.DataFrame
    looks: int
    fields: tuple[str, ...]


def scope_of(looks: pl.DataFrame, users: Collection[str]) -> Scope:
    """The scope of some users' looks.

    looks  columns user, subscriber, fields (names with a comma between) and happened_at_ms
    """
    theirs = (
        looks.lazy().filter(pl.col("user").is_in(list(users)), pl.col("subscriber") != "").collect()
    )
    people = (
        theirs.group_by("subscriber")
        .agg(
            pl.len().alias("looks"),
            pl.col("fields").unique().sort().str.join(","),
            pl.col("happened_at_ms").min().alias("first_ms"),
            pl.col("happened_at_ms").max().alias("last_ms"),
        )
        .sort("subscriber")
        .with_columns(pl.col("fields").str.split(",").list.unique().list.sort().list.join(","))
    )
    names = {
        name for field_list in people["fields"].to_list() for name in field_list.split(",")
    } - {""}
    return Scope(people, len(theirs), tuple(sorted(names)))
