"""Records of a batch sorted by line and then by arrival, for the kernel in NumPy."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from amends.metering.engine.layout import CHARGE, HOME, Array, UsageColumns, sorted_places


@dataclass(frozen=True)
class Ordered:
    """The records to count; lines once each.

    rows   their rows in the batch
    group  for each record, the number of its line in `lines`
    first  where each line's records begin; `last`: its last record
    lines  the numbers of the lines
    at_ms, kind, amount, charge, country   of the records, in this order
    """

    rows: Array
    group: Array
    first: Array
    lines: Array
    at_ms: Array
    kind: Array
    amount: Array
    charge: Array
    country: Array

    @property
    def last(self) -> Array:
        """The last record of each line."""
        return np.append(self.first[1:], len(self.rows)) - 1

    @cached_property
    def abroad(self) -> Array:
        """The places of the records that were made abroad."""
        if not self.country.any():
            return np.zeros(0, np.int64)
        return np.flatnonzero((self.country != HOME) & (self.kind < CHARGE))

    def of(self, groups: Array) -> Array:
        """The places of the records of some lines, given by their numbers in `lines`."""
        first, count = self.first[groups], self.last[groups] + 1 - self.first[groups]
        ends = np.cumsum(count)
        within = np.arange(int(ends[-1]) if len(ends) else 0) - np.repeat(ends - count, count)
        found: Array = np.repeat(first, count) + within
        return found


def ordered(batch: UsageColumns, rows: Array) -> Ordered:
    """Some rows of a batch, in order of line and arrival."""
    line = batch.line.take(rows)
    order = sorted_places(line)
    rows, line = rows.take(order), line.take(order)
    begins = np.empty(len(line), np.bool_)
    begins[:1] = True
    np.not_equal(line[1:], line[:-1], out=begins[1:])
    first = np.flatnonzero(begins)
    return Ordered(
        rows, np.cumsum(begins) - 1, first, line.take(first), batch.at_ms.take(rows),
        batch.kind.take(rows), batch.amount.take(rows), batch.charge.take(rows),
        batch.country.take(rows),
    )  # fmt: skip
