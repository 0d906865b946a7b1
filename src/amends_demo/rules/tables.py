"""Columns of facts: gathered in pieces, finished as one Arrow table a kind, ordered by time."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
CHINA_MS = 8 * HOUR_MS
"""Offset of the simulated operator's local time from UTC; China keeps no summer time."""

Column = np.ndarray[Any, Any] | Sequence[Any] | str | int


class FactBook:
    """Facts by kind, gathered as columns; a subscriber is his row number, nobody is -1."""

    def __init__(self) -> None:
        self._pieces: dict[str, list[pa.Table]] = {}

    def add(
        self,
        kind: str,
        /,
        *,
        subscriber: Column,
        subject: Column,
        at_ms: np.ndarray[Any, Any],
        source: str,
        **payload: Column,
    ) -> None:
        """Add as many facts of `kind` as `at_ms` is long; a scalar holds for all of them.

        at_ms    milliseconds since 1970 UTC, when each happened
        payload  columns named as the kind's fields; None in a column leaves the field out
        """
        rows = len(at_ms)
        if rows == 0:
            return
        columns = {
            "subscriber": pa.array(_spread(subscriber, rows), type=pa.int64()),
            "subject": pa.array(_spread(subject, rows), type=pa.string()),
            "happened_at_ms": pa.array(np.asarray(at_ms, dtype=np.int64)),
            "source": pa.array(_spread(source, rows), type=pa.string()),
        }
        columns |= {name: pa.array(_spread(values, rows)) for name, values in payload.items()}
        self._pieces.setdefault(kind, []).append(pa.table(columns))

    def finish(self) -> dict[str, pa.Table]:
        """One table a kind, ordered by time (then in the order of adding)."""
        merged_tables = {
            kind: pa.concat_tables(pieces, promote_options="default").combine_chunks()
            for kind, pieces in sorted(self._pieces.items())
        }
        return {kind: table.take(_by_time(table)) for kind, table in merged_tables.items()}


def _by_time(table: pa.Table) -> pa.Array:
    return pa.array(np.argsort(table["happened_at_ms"].to_numpy(), kind="stable"))


def _spread(value: Column, rows: int) -> Any:
    if isinstance(value, str | int):
        return [value] * rows if isinstance(value, str) else np.full(rows, value, dtype=np.int64)
    if len(value) != rows:
        raise ValueError(f"A column of {len(value)} does not fit {rows} rows.")
    return value


def table_digest(tables: Mapping[str, pa.Table]) -> str:
    """SHA-256 over names, columns and values; equal worlds have equal digests."""
    digest = hashlib.sha256()
    for name in sorted(tables):
        for column in sorted(tables[name].column_names):
            digest.update(f"\x1d{name}\x1e{column}\x1e".encode())
            values = tables[name][column]
            if pa.types.is_integer(values.type) and values.null_count == 0:
                digest.update(values.to_numpy().astype("<i8").tobytes())
            else:
                as_text = pc.fill_null(values.cast(pa.string()), "\x00")
                digest.update("\x1f".join(as_text.to_pylist()).encode())
    return digest.hexdigest()


def month_starts(anchor_ms: np.ndarray[Any, Any], months: np.ndarray[Any, Any]) -> Any:
    """The local midnight `months` after the month of `anchor_ms`, on the anchor's day (at most 28).

    anchor_ms  milliseconds since 1970 UTC
    months     whole months to go forward, one a row
    returns    milliseconds since 1970 UTC

    >>> import numpy as np
    >>> one_month_on = month_starts(np.array([1_767_196_800_000]), np.array([1]))
    >>> str(np.datetime64(int(one_month_on[0]) + CHINA_MS, "ms"))
    '2026-02-01T00:00:00.000'
    """
    local = (np.asarray(anchor_ms, dtype=np.int64) + CHINA_MS).astype("datetime64[ms]")
    month = local.astype("datetime64[M]")
    day = np.minimum(
        (local.astype("datetime64[D]") - month.astype("datetime64[D]")).astype(int), 27
    )
    moved = (month + months.astype("timedelta64[M]")).astype("datetime64[D]") + day
    return moved.astype("datetime64[ms]").astype(np.int64) - CHINA_MS
