"""Judge the periods of a scan on Spark: cells of some periods a partition, the same numbers.

What is expected of a thin cell is drawn towards the other cells of its period, so a partition is
some periods of all cells, never some cells: then every number is the one that a single process
computes, and so is every alarm. Counts go to each worker once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from amends.engines.detection.scan import Judge, Judged, Scanner

PARTITIONS_A_CORE = 2


def judge_on_spark(spark: Any) -> Judge:
    """For `scan(judge=…)`: the periods shared out among the workers of a session."""

    def judge(scanner: Scanner, rows: Sequence[int]) -> Iterator[Judged]:
        context = spark.sparkContext
        counts = context.broadcast(scanner.counts)
        alone = replace(scanner, counts=scanner.counts[:0], workers=1)
        parts = _parts(rows, PARTITIONS_A_CORE * context.defaultParallelism)

        def judged(part: Sequence[int]) -> list[Judged]:
            return list(alone.judge_each(counts.value, part))

        try:
            for judged_part in context.parallelize(parts, len(parts)).map(judged).collect():
                yield from judged_part
        finally:
            counts.destroy()

    return judge


def _parts(rows: Sequence[int], number: int) -> list[range]:
    """Consecutive rows in at most so many parts.

    >>> _parts(range(10, 15), 2)
    [range(10, 12), range(12, 15)]
    """
    number = min(number, len(rows)) or 1
    ends = [len(rows) * at // number for at in range(number + 1)]
    return [range(rows[0] + first, rows[0] + last) for first, last in pairwise(ends)]
