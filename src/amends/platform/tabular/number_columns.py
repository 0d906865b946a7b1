"""Columns of numbers in files of counts, as other programs write them."""

from __future__ import annotations

from pathlib import Path

import polars as pl

EMPTY = ["NA", "N/A", "NaN", "nan", "NULL", "null"]
"""How other programs write a cell in which nothing is known."""


def separator_of(path: Path) -> str:
    """What stands between the cells of a CSV file: a comma, unless its header has none."""
    with path.open(encoding="utf-8", errors="replace") as file:
        header = file.readline()
    return next((separator for separator in (",", ";", "\t") if separator in header), ",")


def header_width(path: Path) -> int:
    """How many columns a CSV or Parquet file names, at most; 0 for a file of another kind.

    Told before the file is read: a reader of columns takes gigabytes for a million of them.
    """
    with path.open("rb") as file:
        start = file.read(4)
        if start == b"PAR1":
            return len(pl.read_parquet_schema(path))
        if start[:1] in (b"{", b"[") or start[:2] == b"PK":
            return 0
        header = start + file.readline()
    return header.partition(b"\n")[0].count(separator_of(path).encode()) + 1


def without_thousands(column: pl.Series) -> pl.Series:
    """Counts written 1,234 as numbers; every other column as it is."""
    if column.dtype != pl.String:
        return column
    filled = column.drop_nulls().str.strip_chars()
    if not filled.len() or not filled.str.contains(r"^\d{1,3}(,\d{3})*$").all():
        return column
    return column.str.strip_chars().str.replace_all(",", "").cast(pl.Int64)
