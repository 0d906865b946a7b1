"""Tables larger than memory: their rows in files by the hash of a column, worked on file by file.

Rows with an equal value of that column stand in one file, in the order in which they came. So what
is computed for each value by itself is the same as from the table as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import polars as pl

PARTS = 64
"""A hundred million rows have one and a half million in a part."""
ROWS_AT_ONCE = 250_000
_SEED = 7


class HashPartitions:
    """Write the rows of a table into the files of a folder, by the hash of some columns.

    folder  exists, and belongs to one run
    name    of the table; a folder may hold several
    by      columns of text

    >>> import tempfile
    >>> folder = tempfile.TemporaryDirectory()
    >>> with HashPartitions(Path(folder.name), "calls", by=["caller"], parts=2) as calls:
    ...     calls.add(pl.DataFrame({"caller": ["a", "b"], "at": [1, 2]}))
    ...     calls.add(pl.DataFrame({"caller": ["a"], "at": [3]}))
    >>> both = [read_part(Path(folder.name), "calls", number) for number in range(2)]
    >>> [part["at"].to_list() for part in both if "a" in part["caller"]][0][-1]
    3
    >>> folder.cleanup()
    """

    def __init__(self, folder: Path, name: str, *, by: Sequence[str], parts: int = PARTS) -> None:
        self._paths = [_path(folder, name, number) for number in range(parts)]
        self._by = by
        self._files = ExitStack()
        self._writers: list[Any] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._files.close()

    def add(self, frame: pl.DataFrame) -> None:
        """Write rows; the columns are those of the first call."""
        import pyarrow as pa

        parts = len(self._paths)
        part = (frame.select(pl.struct(self._by).hash(_SEED)).to_series() % parts).to_numpy()
        order = np.argsort(part, kind="stable")
        table = frame[order].to_arrow(compat_level=pl.CompatLevel.oldest())
        if not self._writers:
            options = pa.ipc.IpcWriteOptions(compression="lz4")
            for path in self._paths:
                sink = self._files.enter_context(pa.OSFile(str(path), "wb"))
                writer = pa.ipc.new_stream(sink, table.schema, options=options)
                self._writers.append(self._files.enter_context(writer))
        ends = np.searchsorted(part[order], np.arange(parts + 1)).tolist()
        for writer, (first, last) in zip(self._writers, pairwise(ends), strict=True):
            if last > first:
                writer.write_table(table.slice(first, last - first))


def read_part(folder: Path, name: str, number: int) -> pl.DataFrame:
    """The rows of one file."""
    return pl.read_ipc_stream(_path(folder, name, number))


def read_batches(scan: pl.LazyFrame, *, rows: int = ROWS_AT_ONCE) -> Iterator[pl.DataFrame]:
    """The rows of a table in order, so many at once; one empty batch where it has none."""
    is_empty = True
    for batch in scan.collect_batches(chunk_size=rows, maintain_order=True, lazy=True):
        if batch.height:
            is_empty = False
            yield batch
    if is_empty:
        yield pl.DataFrame(schema=scan.collect_schema())


def _path(folder: Path, name: str, number: int) -> Path:
    return folder / f"{name}-{number:03}.arrows"
