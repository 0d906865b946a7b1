"""What became of usage records, asked afterwards: rows that were not counted, and why."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from amends.notices.engine_models import UsageBatch
from amends.notices.rules.engine.layout import TREATMENTS


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A record that was not counted: its file, its number in it from 1 on, and why."""

    file: str
    row: int
    reason: str


def rejected_rows(*, files: list[str] | None = None) -> Iterator[RejectedRow]:
    """Rejected records in the order they were read.

    files  only of files of these names; of all if left out
    """
    batches = UsageBatch.objects.select_related("file").order_by("id")
    if files is not None:
        batches = batches.filter(file__name__in=files)
    for batch in batches.iterator(chunk_size=50):
        body = zlib.decompress(bytes(batch.rejected))
        count = len(body) // 9
        rows = np.frombuffer(body, "<i8", count)
        for row, treatment in zip(rows.tolist(), body[count * 8 :], strict=True):
            yield RejectedRow(batch.file.name, row + 1, TREATMENTS[treatment])
