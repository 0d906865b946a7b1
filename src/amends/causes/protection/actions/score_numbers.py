"""Score the numbers of a file of calls, in memory that does not grow with the file.

Each call goes to two temporary files, by the hash of its caller and by that of the number called.
So all that a number does and all that is done to it stands in one part, and the parts are counted
one after the other, or by the workers of Spark.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from amends.causes.protection.files import no_usable_call, reading, scan_calls, scan_reports
from amends.causes.protection.rules.reputation import ReputationRules, figures, score, weighted
from amends.platform.kit.spark import map_parts
from amends.platform.tabular.hash_partitions import PARTS, HashPartitions, read_batches, read_part


@dataclass(frozen=True, slots=True)
class ScoredNumbers:
    """Every number that called or was reported, as `rules.reputation.score` returns them.

    read      rows of both files
    rejected  of these, could not be used
    """

    scored: pl.DataFrame
    read: int
    rejected: int


def score_numbers(
    calls: Path,
    reports: Path | None,
    rules: ReputationRules,
    *,
    scratch: Path,
    spark: Any = None,
) -> ScoredNumbers:
    """Score the numbers of files of calls and reports (`files.py` says their columns).

    scratch  folder for temporary files, about as large as the calls; on a cluster, one that the
             workers share
    spark    a session; None counts in this process

    Raises UnableToReadCalls.
    """
    with tempfile.TemporaryDirectory(prefix=".calls-", dir=scratch) as folder_name:
        folder = Path(folder_name)
        read, usable = _part_calls(calls, folder)
        if not usable:
            raise no_usable_call(calls)
        reports_read, reports_usable = _part_reports(reports, folder)

        def of_part(number: int) -> pl.DataFrame:
            return figures(
                read_part(folder, "made", number),
                read_part(folder, "received", number),
                read_part(folder, "reports", number),
                rules,
            )

        all_figures = pl.concat(map_parts(of_part, range(PARTS), spark))
    return ScoredNumbers(
        scored=score(all_figures, rules),
        read=read + reports_read,
        rejected=read - usable + reports_read - reports_usable,
    )


def _part_calls(file: Path, folder: Path) -> tuple[int, int]:
    """Write the calls; how many rows there are, and how many can be used."""
    read = usable = 0
    with (
        reading(file),
        HashPartitions(folder, "made", by=["caller"]) as made,
        HashPartitions(folder, "received", by=["called"]) as received,
    ):
        for batch in read_batches(scan_calls(file)):
            good = batch.filter("is_usable").drop("is_usable")
            made.add(good)
            received.add(good.select("caller", "called"))
            read += batch.height
            usable += good.height
    return read, usable


def _part_reports(file: Path | None, folder: Path) -> tuple[int, int]:
    """The same for reports, once for each person and number."""
    good, read = None, 0
    if file is not None:
        with reading(file):
            rows = scan_reports(file).collect(engine="streaming")
        good, read = rows.filter("is_usable"), rows.height
    with HashPartitions(folder, "reports", by=["number"]) as by_number:
        by_number.add(weighted(good))
    return read, 0 if good is None else good.height
