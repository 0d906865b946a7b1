"""The cube of complaints: class x area x product x channel, by hour, day and week.

It keeps its finest cells, a row a complaint; every coarser level is counted from them when asked,
so that a person who complains twice is one person on every level. A place is a set of values of
dimensions, written `area=area-4101|code=network.speed`; "" is everything. A value may stand
anywhere in the tree of its dimension: `code=network` is the group, `code=network.speed` the class.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import combinations, product

import numpy as np
import polars as pl
from numpy.typing import NDArray

from amends.hotissues.rules.baseline.references import Period

DIMENSIONS = ("area", "channel", "code", "product")
EVERYTHING = ""
STEPS: dict[Period, str] = {"hour": "1h", "day": "1d", "week": "1w"}
ALIKE = 20
"""So many complaints with the same print in one minute are suspected to be one sender's."""


@dataclass(frozen=True, slots=True)
class Trees:
    """What the values of the dimensions are part of: value → parent, "" at the top.

    renamed  value → value, where a class version or a merged area gave it another name: the past
             is counted under the new one, so that the change of name is no outbreak
    """

    areas: Mapping[str, str]
    products: Mapping[str, str]
    renamed: Mapping[str, str]

    def ancestors(self, dimension: str, value: str) -> tuple[str, ...]:
        """The value and what it is part of, the widest first; nothing for "".

        >>> Trees({"a1": "a", "a": ""}, {}, {}).ancestors("area", "a1")
        ('a', 'a1')
        >>> Trees({}, {}, {}).ancestors("code", "network.speed")
        ('network', 'network.speed')
        """
        value = self.renamed.get(value, value)
        if not value:
            return ()
        if dimension == "code":
            root = value.split(".")[0]
            return (root, value) if root != value else (root,)
        parents = {"area": self.areas, "product": self.products}.get(dimension, {})
        chain = [value]
        while (above := parents.get(chain[-1], "")) and above not in chain:
            chain.append(above)
        return tuple(reversed(chain))


def pack(rows: pl.DataFrame) -> bytes:
    """The rows as bytes, in order of receipt."""
    body = BytesIO()
    rows.sort("received_at", "id").write_ipc(body, compression="zstd")
    return body.getvalue()


def unpack(packed: bytes) -> pl.DataFrame:
    """The rows `pack` wrote."""
    return pl.read_ipc(BytesIO(packed))


def merge(old: pl.DataFrame | None, new: pl.DataFrame) -> pl.DataFrame:
    """Old rows with the new ones in their place; a row is known by its complaint."""
    both = new if old is None else pl.concat([old, new])
    return both.unique("id", keep="last").sort("received_at", "id")


def with_levels(rows: pl.DataFrame, trees: Trees, *, zone: str) -> pl.DataFrame:
    """The rows with a column for each level of each tree (`code.0`, `code.1`, …, null where a
    value is not so deep), `moment` in local time, and `who` for the person.
    """
    found = rows.with_columns(
        moment=pl.col("received_at").dt.convert_time_zone(zone).dt.replace_time_zone(None),
        who=pl.when(pl.col("person") == "").then("id").otherwise("person").hash(),
    )
    for dimension in DIMENSIONS:
        values = found[dimension].unique().to_list()
        chains = {value: trees.ancestors(dimension, value) for value in values}
        for depth in range(max((len(chain) for chain in chains.values()), default=0)):
            level = {v: chain[depth] for v, chain in chains.items() if len(chain) > depth}
            found = found.with_columns(
                pl.col(dimension)
                .replace_strict(level, default=None, return_dtype=pl.String)
                .alias(f"{dimension}.{depth}")
            )
    return found


def levels_of(rows: pl.DataFrame, *, most: int = 2) -> list[tuple[str, ...]]:
    """Every set of level columns with at most `most` dimensions, the whole first."""
    by_dimension = [
        [name for name in rows.columns if name.startswith(f"{dimension}.")]
        for dimension in DIMENSIONS
    ]
    sets: list[tuple[str, ...]] = [()]
    for size in range(1, most + 1):
        for some in combinations(by_dimension, size):
            sets += list(product(*some))
    return sets


@dataclass(frozen=True, slots=True)
class Cells:
    """Counts of periods x places. `starts` are local times without a zone."""

    places: list[str]
    starts: list[object]
    persons: NDArray[np.int32]
    complaints: NDArray[np.int32]


def count(
    rows: pl.DataFrame,
    levels: Sequence[tuple[str, ...]],
    *,
    period: Period,
    first: object,
    last: object,
    least: int = 0,
) -> Cells:
    """Distinct persons and complaints of every place of these levels, from `first` to `last`.

    rows   as `with_levels` makes them
    least  leave out places of two and more dimensions with fewer persons than this altogether
    """
    step = STEPS[period]
    ends = pl.Series([first, last], dtype=pl.Datetime("us")).dt.truncate(step)
    axis = pl.datetime_range(ends[0], ends[1], step, eager=True)
    numbered = pl.DataFrame({"period": axis}).with_row_index("row")
    dated = rows.with_columns(period=pl.col("moment").dt.truncate(step)).join(
        numbered, on="period", how="inner"
    )
    places: list[str] = []
    persons: list[NDArray[np.int32]] = []
    complaints: list[NDArray[np.int32]] = []
    for level in levels:
        for place, spread, people in _of_level(dated, level, len(axis), least):
            places.append(place)
            persons.append(people)
            complaints.append(spread)
    shape = (len(axis), 0)
    return Cells(
        places,
        axis.to_list(),
        np.stack(persons, axis=1) if persons else np.zeros(shape, np.int32),
        np.stack(complaints, axis=1) if complaints else np.zeros(shape, np.int32),
    )


def _of_level(
    dated: pl.DataFrame, level: tuple[str, ...], size: int, least: int
) -> Iterable[tuple[str, NDArray[np.int32], NDArray[np.int32]]]:
    known = dated.drop_nulls(list(level)) if level else dated
    grouped = (
        known.group_by("row", *level, "who")
        .agg(pl.len().alias("complaints"))
        .group_by("row", *level)
        .agg(pl.len().alias("persons"), pl.col("complaints").sum())
    )
    if not level:
        yield EVERYTHING, _spread(grouped, "complaints", size), _spread(grouped, "persons", size)
        return
    for values, part in grouped.partition_by(list(level), as_dict=True).items():
        if len(level) > 1 and int(part["persons"].sum()) < least:
            continue
        place = place_of(
            {name.split(".")[0]: str(v) for name, v in zip(level, values, strict=True)}
        )
        yield place, _spread(part, "complaints", size), _spread(part, "persons", size)


def _spread(part: pl.DataFrame, column: str, size: int) -> NDArray[np.int32]:
    counts = np.zeros(size, dtype=np.int32)
    counts[part["row"].to_numpy()] = part[column].to_numpy()
    return counts


def place_of(values: Mapping[str, str]) -> str:
    """The place with these values.

    >>> place_of({"code": "network.speed", "area": "area-4101"})
    'area=area-4101|code=network.speed'
    """
    return "|".join(f"{dimension}={values[dimension]}" for dimension in sorted(values))


def values_of(place: str) -> dict[str, str]:
    """The values of a place.

    >>> values_of("area=area-4101|code=network.speed")
    {'area': 'area-4101', 'code': 'network.speed'}
    >>> values_of("")
    {}
    """
    return dict(part.split("=", 1) for part in place.split("|")) if place else {}


def within(rows: pl.DataFrame, place: str) -> pl.DataFrame:
    """The rows that count in a place."""
    found = rows
    for dimension, value in values_of(place).items():
        columns = [name for name in rows.columns if name.startswith(f"{dimension}.")]
        here = pl.any_horizontal([pl.col(name) == value for name in columns] or [pl.lit(False)])
        found = found.filter(here)
    return found


def suspected(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows that look like one sender's: `ALIKE` or more with the same print in one minute."""
    minute = pl.col("received_at").dt.truncate("1m")
    alike = pl.len().over(minute, "text_print") >= ALIKE
    return rows.filter((pl.col("text_print") != 0) & alike)
