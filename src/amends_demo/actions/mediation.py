"""Deliver the world's usage as mediation does: files in the directory the engine watches."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from amends_demo.rules.metering import COUNTRIES, KINDS

_COUNTRIES = pa.array(COUNTRIES)
_KINDS = pa.array(KINDS)


def write_file(
    folder: Path, records: pa.Table, services: pa.Array, *, name: str, now: datetime
) -> Path:
    """A Parquet file of records, dated `now`, that appears whole or not at all.

    services  references by row
    """
    table = pa.table(
        {
            "record": records["record"],
            "service": services.take(records["service"].combine_chunks()),
            "at_ms": records["at_ms"],
            "kind": _KINDS.take(records["kind"].combine_chunks()),
            "amount": records["amount"],
            "charge_minor": records["charge_minor"],
            "country": _COUNTRIES.take(records["country"].combine_chunks()),
        }
    )
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path, partial_path = folder / f"{name}.parquet", folder / f".{name}.part"
    pq.write_table(table, partial_path, compression="zstd")
    os.utime(partial_path, (now.timestamp(), now.timestamp()))
    partial_path.rename(path)
    return path
