"""Read a file of usage records and look at each alone, in a thread beside the counting.

Whatever does not ask what was counted before is done here: reading, conversion to the engine's
columns, the usual sizes, and setting aside what cannot be counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from amends.engines.metering.engine.compile import Rules
from amends.engines.metering.engine.layout import Array, UsageColumns
from amends.engines.metering.engine.screen import Screened, look
from amends.engines.metering.engine.sizes import Sizes, sizes_of
from amends.engines.metering.usage.columns import Finds, UnableToReadUsage, columns
from amends.engines.metering.usage.files import batches, read_ahead


@dataclass(frozen=True, slots=True)
class ScreenedBatch:
    """Records that were looked at, each alone.

    rejected  the treatment of records that could not be read, else `COUNTED`
    screened  the same with those that cannot be counted, as `advance` takes it
    sizes     the usual sizes of the records that could be read
    """

    batch: UsageColumns
    rejected: Array
    screened: Screened
    sizes: Sizes


def looked_at(
    path: Path,
    *,
    roster: Finds,
    rules: Rules,
    lines: int,
    received_ms: int,
    first_row: int = 0,
    rows: int,
) -> Iterator[ScreenedBatch]:
    """The records of a file from a row on, `rows` at once; the next are read meanwhile.

    lines        how many are enrolled
    received_ms  when the file arrived

    Raises what `reading.batches` raises.
    """

    def look_at(table: Any) -> ScreenedBatch:
        try:
            batch, rejected = columns(table, roster)
        except UnableToReadUsage as error:
            raise error.found_in(path.name) from error
        screened = look(batch, rules, lines=lines, received_ms=received_ms)
        return ScreenedBatch(
            batch=batch, rejected=rejected, screened=screened, sizes=sizes_of(batch, rejected)
        )

    # By `map`, which keeps no table while the next is read.
    yield from read_ahead(map(look_at, batches(path, first_row=first_row, rows=rows)))
