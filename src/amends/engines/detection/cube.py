"""The cube of complaints: class x area x product x channel, by hour, day and week.

It keeps its finest cells, a row a complaint; every coarser level is counted from them when asked,
so that a person who complains twice is one person on every level. A place is a set of values of
dimensions, written `area=area-4101|code=network.speed`; "" is everything. A value may stand
anywhere in the tree of its dimension: `code=network` is the group, `code=network.speed` the class.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from io import BytesIO
from itertools import combinations, product
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from amends.engines.detection.baseline.references import Period

DIMENSIONS = ("area", "channel", "code", "product")
EVERYTHING = ""
STEPS: dict[Period, str] = {"hour": "1h", "day": "1d", "week": "1w"}
ALIKE = 20
HALVES = (timedelta(0), timedelta(seconds=30))
"""What comes within a minute may lie on both sides of a full one."""
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
    """The rows as bytes, in the streaming format of Arrow.

    Polars reads and writes the file format with its query engine: ten times as long for small days.
    """
    body = BytesIO()
    rows.write_ipc_stream(body, compression="zstd")
    return body.getvalue()


def unpack(packed: bytes) -> pl.DataFrame:
    """The rows `pack` wrote."""
    return pl.read_ipc_stream(BytesIO(packed))


def merge(old: pl.DataFrame | None, new: pl.DataFrame) -> pl.DataFrame:
    """Old rows with the new ones in their place, in order of receipt; a row is known by its
    complaint, which is named once among the new ones.
    """
    if old is None:
        return new.sort("received_at", "id")
    return pl.concat([old, new]).unique("id", keep="last").sort("received_at", "id")


def with_levels(rows: pl.DataFrame, trees: Trees, *, zone: str) -> pl.DataFrame:
    """The rows with a column for each level of each tree (`code.0`, `code.1`, …, null where a
    value is not so deep), `moment` in local time, and `who` for the person.
    """
    leveled = rows.with_columns(
        moment=pl.col("received_at").dt.convert_time_zone(zone).dt.replace_time_zone(None),
        who=pl.when(pl.col("person") == "").then("id").otherwise("person").hash(),
    )
    for dimension in DIMENSIONS:
        values = leveled[dimension].unique().to_list()
        chains = {value: trees.ancestors(dimension, value) for value in values}
        for depth in range(max((len(chain) for chain in chains.values()), default=0)):
            level = {v: chain[depth] for v, chain in chains.items() if len(chain) > depth}
            leveled = leveled.with_columns(
                pl.col(dimension)
                .replace_strict(level, default=None, return_dtype=pl.String)
                .alias(f"{dimension}.{depth}")
            )
    return leveled


def levels_of(rows: pl.DataFrame, *, max_dimensions: int = 2) -> list[tuple[str, ...]]:
    """Every set of level columns with at most `most` dimensions, the whole first."""
    by_dimension = [
        [name for name in rows.columns if name.startswith(f"{dimension}.")]
        for dimension in DIMENSIONS
    ]
    sets: list[tuple[str, ...]] = [()]
    for size in range(1, max_dimensions + 1):
        for dimension_names in combinations(by_dimension, size):
            sets += list(product(*dimension_names))
    return sets


@dataclass(frozen=True, slots=True)
class Cells:
    """Counts of periods x places. `starts` are local times without a zone."""

    places: list[str]
    starts: list[Any]
    persons: NDArray[np.int32]
    complaints: NDArray[np.int32]


def count(
    rows: pl.DataFrame,
    levels: Sequence[tuple[str, ...]],
    *,
    period: Period,
    first: object,
    last: object,
    min_persons: int = 0,
) -> Cells:
    """Distinct persons and complaints of every place of these levels, from `first` to `last`.

    rows   as `with_levels` makes them
    least  leave out places of two and more dimensions with fewer persons than this altogether
    """
    step = STEPS[period]
    ends = pl.Series([first, last], dtype=pl.Datetime("us")).dt.truncate(step)
    axis = pl.datetime_range(ends[0], ends[1], step, eager=True)
    moments = rows["moment"].dt.truncate(step).cast(pl.Int64).to_numpy()
    row = np.searchsorted(axis.cast(pl.Int64).to_numpy(), moments)
    inside = (moments >= _microseconds(axis[0])) & (moments <= _microseconds(axis[-1]))
    coded = _Coded.of(rows.filter(inside), row[inside], len(axis))
    cell_names: list[str] = []
    persons: list[NDArray[np.int32]] = []
    complaints: list[NDArray[np.int32]] = []
    for level in levels:
        named, people, spread = coded.count(level, min_persons)
        cell_names += named
        persons.append(people)
        complaints.append(spread)
    return Cells(
        places=cell_names,
        starts=axis.to_list(),
        persons=np.concatenate(persons, axis=1),
        complaints=np.concatenate(complaints, axis=1),
    )


def _microseconds(moment: object) -> int:
    return int(pl.Series([moment], dtype=pl.Datetime("us")).cast(pl.Int64)[0])


@dataclass(frozen=True, slots=True)
class _Coded:
    """Rows as numbers: the period, the person, and for each level the place of its value."""

    row: NDArray[np.int64]
    who: NDArray[np.int64]
    codes: Mapping[str, NDArray[np.int64]]
    names: Mapping[str, list[str]]
    periods: int

    @classmethod
    def of(cls, rows: pl.DataFrame, row: NDArray[np.int64], periods: int) -> _Coded:
        _, who = np.unique(rows["who"].to_numpy(), return_inverse=True)
        codes, names = {}, {}
        for level in (name for name in rows.columns if "." in name):
            values_seen = sorted(rows[level].drop_nulls().unique().to_list())
            numbers = {value: number for number, value in enumerate(values_seen)}
            coded = rows[level].replace_strict(numbers, default=-1, return_dtype=pl.Int64)
            codes[level], names[level] = coded.to_numpy(), values_seen
        return cls(row.astype(np.int64), who.astype(np.int64), codes, names, periods)

    def count(
        self, level: tuple[str, ...], min_persons: int
    ) -> tuple[list[str], NDArray[np.int32], NDArray[np.int32]]:
        """Names of the places of a level, persons and complaints by period and place."""
        cell, size, is_known = np.zeros_like(self.row), 1, np.ones(self.row.size, dtype=bool)
        for name in level:
            is_known &= self.codes[name] >= 0
            cell, size = (
                cell * len(self.names[name]) + self.codes[name],
                size * len(self.names[name]),
            )
        cell, row, who = cell[is_known], self.row[is_known], self.who[is_known]
        cell_row = row * size + cell
        people = int(who.max(initial=0)) + 1
        # Sorted here: NumPy's own `unique` hashes, which takes ten times as long.
        distinct = np.sort(cell_row * people + who)
        distinct = distinct[np.flatnonzero(np.diff(distinct, prepend=-1))] // people
        persons_in = np.bincount(distinct % size, minlength=1 if not level else 0)
        kept_cells = np.flatnonzero(persons_in >= (max(min_persons, 1) if len(level) > 1 else 1))
        if not level:
            kept_cells = np.zeros(1, dtype=np.int64)
        at = np.full(size, -1, dtype=np.int64)
        at[kept_cells] = np.arange(kept_cells.size)
        named = [self._place(level, int(cell_number)) for cell_number in kept_cells]
        return (
            named,
            self._dense(distinct, at, kept_cells.size, size),
            self._dense(cell_row, at, kept_cells.size, size),
        )

    def _dense(
        self, cell_row: NDArray[np.int64], at: NDArray[np.int64], cell_count: int, size: int
    ) -> NDArray[np.int32]:
        column = at[cell_row % size]
        is_kept = column >= 0
        flat = (cell_row // size)[is_kept] * cell_count + column[is_kept]
        counted = np.bincount(flat, minlength=self.periods * cell_count)
        return counted.reshape(self.periods, cell_count).astype(np.int32)

    def _place(self, level: tuple[str, ...], number: int) -> str:
        values = {}
        for name in reversed(level):
            number, code = divmod(number, len(self.names[name]))
            values[name.rpartition(".")[0]] = self.names[name][code]
        return place_of(values)


def place_of(values: Mapping[str, str]) -> str:
    """The place with these values.

    >>> place_of({"code": "network.speed", "area": "area-4101"})
    'area=area-4101|code=network.speed'
    """
    return "|".join(f"{dimension}={values[dimension]}" for dimension in sorted(values))


def values_of(cell_name: str) -> dict[str, str]:
    """The values of a place.

    >>> values_of("area=area-4101|code=network.speed")
    {'area': 'area-4101', 'code': 'network.speed'}
    >>> values_of("")
    {}
    """
    return dict(_pairs_of(cell_name))


@lru_cache(maxsize=1 << 16)
def _pairs_of(cell_name: str) -> tuple[tuple[str, str], ...]:
    """A scan takes every place apart for each that runs hot."""
    parts = (part.partition("=") for part in cell_name.split("|") if part)
    return tuple((name, value) for name, _, value in parts)


def is_part(cell_name: str, whole_name: str) -> bool:
    """Whether a place lies within another, and is not the same.

    >>> is_part("area=a|code=network.speed", "code=network"), is_part("", "area=a")
    (True, False)
    """
    if cell_name == whole_name:
        return False
    values = values_of(cell_name)
    return all(
        (part_value := values.get(name, "")) == value
        or (name == "code" and part_value.startswith(f"{value}."))
        for name, value in values_of(whole_name).items()
    )


def overlap(cell_name: str, other_cell: str, trees: Trees) -> bool:
    """Whether a complaint may count in both places: no dimension keeps them apart.

    >>> tree = Trees({"a1": "a", "a": ""}, {}, {})
    >>> overlap("code=network", "code=network.speed", tree), overlap("code=a", "code=b", tree)
    (True, False)
    >>> overlap("area=a1|code=x", "area=a", tree), overlap("area=a", "code=x", tree)
    (True, True)
    """
    values = values_of(cell_name)
    for name, value in values_of(other_cell).items():
        mine = values.get(name)
        if mine is None:
            continue
        up, across = trees.ancestors(name, mine), trees.ancestors(name, value)
        if up[-1] not in across and across[-1] not in up:
            return False
    return True


def within(rows: pl.DataFrame, cell_name: str) -> pl.DataFrame:
    """The rows that count in a place."""
    cell_rows = rows
    for dimension, value in values_of(cell_name).items():
        columns = [name for name in rows.columns if name.startswith(f"{dimension}.")]
        here = pl.any_horizontal([pl.col(name) == value for name in columns] or [pl.lit(False)])
        cell_rows = cell_rows.filter(here)
    return cell_rows


def suspected(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows that look like one sender's: `ALIKE` or more with the same print in one minute, by the
    clock or from half a minute to the next.

    >>> from datetime import datetime
    >>> came = [datetime(2026, 11, 1, 9, 59, 45) + timedelta(seconds=n) for n in range(30)]
    >>> suspected(pl.DataFrame({"received_at": came, "text_print": [7] * 30})).height
    30
    """
    same_text = [
        pl.len().over((pl.col("received_at") + ahead).dt.truncate("1m"), "text_print") >= ALIKE
        for ahead in HALVES
    ]
    return rows.filter((pl.col("text_print") != 0) & pl.any_horizontal(*same_text))
