"""Read a Parquet file from standard input, in the limited process that `tables` starts.

The first line is `{"columns": …, "rows": …}`, then a line follows for each row, every cell as text.
A few bytes may declare one long text a million times: rows are decoded a few at a time, and the
caller counts what is written.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from typing import IO, Any

import orjson

_ROWS_AT_ONCE = 500


def answer(file: IO[bytes], most_rows: int, most_columns: int) -> Iterator[Any]:
    """The documents of the file, one a line; no rows where it has more than the caller takes."""
    # Each thread of polars reserves address space, of which the process has little.
    os.environ["POLARS_MAX_THREADS"] = "1"
    import polars as pl
    import pyarrow as pa
    import pyarrow.parquet as pq

    pa.set_memory_pool(pa.system_memory_pool())
    pa.set_cpu_count(1)
    try:
        source = pq.ParquetFile(file)
        columns = source.schema_arrow.names
        rows = source.metadata.num_rows
        yield {"columns": columns, "rows": rows}
        if rows > most_rows or len(columns) > most_columns:
            return
        for batch in source.iter_batches(batch_size=_ROWS_AT_ONCE, use_threads=False):
            frame = pl.from_arrow(batch)
            assert isinstance(frame, pl.DataFrame)
            for row in frame.iter_rows():
                yield [cell_text(value) for value in row]
    except (
        pa.ArrowException,
        OSError,
        UnicodeDecodeError,
        pl.exceptions.PolarsError,
        pl.exceptions.PanicException,
    ):
        yield {"damaged": True}


def cell_text(value: object) -> str:
    """A value of a typed file as text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict | list):
        return orjson.dumps(value).decode()
    return str(value)


def _main() -> None:
    file = os.fdopen(sys.stdin.fileno(), "rb", closefd=False)
    for document in answer(file, *map(int, sys.argv[1:])):
        sys.stdout.buffer.write(orjson.dumps(document) + b"\n")


if __name__ == "__main__":
    _main()
