"""Judge files of charges against files of confirmations, in memory that does not grow with them.

The rows go to temporary files by the hash of their service. All that is said of a charge is said
by the rows of its service, so the parts are judged one after the other, or by the workers of
Spark, and what they come to is added up.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from pathlib import Path
from typing import Any

import polars as pl

from amends.causes.confirmations.actions.audit_files import (
    BAD,
    bad_rows,
    charge_batches,
    confirmation_batches,
)
from amends.causes.confirmations.rules.file_parts import AuditQuestion, JudgedPart, judge_part
from amends.causes.confirmations.rules.summary import Sums, largest_first
from amends.platform.kit.spark import map_parts
from amends.platform.tabular.hash_partitions import PARTS, HashPartitions, read_part

_REPEATED = "this charge stands further up already"


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedFiles:
    """What was found.

    sums           of all charges
    findings       as `rules.summary.findings`; without rows if they were not wanted
    wrong          charges under a verdict of `WRONG` with their `code`; likewise
    span_ms        of the first and the last charge; None where there is none
    read           rows of the file of charges
    confirmations  those that could be read
    bad            rows that could not be read
    """

    sums: Sums
    findings: pl.DataFrame
    wrong: pl.DataFrame
    span_ms: tuple[int, int] | None
    read: int
    confirmations: int
    bad: pl.DataFrame


def judge_files(
    charges: Path,
    confirmations: Sequence[Path],
    *,
    currency: str,
    zone: str,
    scratch: Path,
    question: AuditQuestion,
    spark: Any = None,
) -> JudgedFiles:
    """The verdict on every charge of a file.

    currency  of charges that name none
    zone      of times that state none
    scratch   folder for temporary files, about as large as the files; on a cluster, one that the
              workers share

    Raises BadInput.
    """
    with tempfile.TemporaryDirectory(prefix=".audit-", dir=scratch) as folder_name:
        folder = Path(folder_name)
        read, charges_bad, repeated, charge_offers = _part_charges(charges, currency, zone, folder)
        given, events_bad, event_offers = _part_confirmations(confirmations, zone, folder)
        # Where one side knows no offers, the services alone decide.
        without_offers = not (charge_offers and event_offers)

        # Workers import only what stands in here: no model.
        def judged(number: int) -> JudgedPart:
            charges = read_part(folder, "charges", number)
            if repeated.height:
                charges = charges.join(repeated, on="row", how="anti", maintain_order="left")
            events = read_part(folder, "events", number)
            return judge_part(charges, events, question, without_offers=without_offers)

        parts = map_parts(judged, range(PARTS), spark)
    spans = [part.span_ms for part in parts if part.span_ms]
    return JudgedFiles(
        sums=reduce(add, (part.sums for part in parts)),
        findings=largest_first(pl.concat(part.findings for part in parts)),
        wrong=pl.concat(part.wrong for part in parts).sort("row").drop("row"),
        span_ms=(min(first for first, _ in spans), max(last for _, last in spans))
        if spans
        else None,
        read=read,
        confirmations=given,
        bad=pl.concat([charges_bad, events_bad]),
    )


def _part_charges(
    file: Path, currency: str, zone: str, folder: Path
) -> tuple[int, pl.DataFrame, pl.DataFrame, bool]:
    """Write the charges that can be read.

    Returns how many rows there are, the bad ones, the `row` of charges that are listed again, and
    whether any other charge has an offer.
    """
    read, bad = 0, []
    with (
        HashPartitions(folder, "charges", by=["service"]) as by_service,
        HashPartitions(folder, "names", by=["charge"]) as by_name,
    ):
        for batch in charge_batches(file, currency, zone):
            read += batch.height
            bad.append(bad_rows(batch, file))
            is_good = pl.col("fault").is_null()
            by_service.add(batch.filter(is_good).drop("fault"))
            by_name.add(
                batch.select(
                    "charge",
                    "row",
                    is_good.alias("is_good"),
                    (is_good & (pl.col("offer") != "")).alias("has_offer"),
                )
            )
    repeated, has_offers = [], False
    for names in _parts(folder, "names"):
        again = (pl.col("charge") != "") & ~pl.col("charge").is_first_distinct()
        marked = names.with_columns(again.alias("again"))
        repeated.append(marked.filter(pl.col("again") & pl.col("is_good")).select("row"))
        has_offers = has_offers or marked.filter(~pl.col("again"))["has_offer"].any()
    rows = pl.concat(repeated)
    bad.append(bad_rows(rows.with_columns(pl.lit(_REPEATED).alias("fault")), file))
    return read, pl.concat(bad).sort("row"), rows, has_offers


def _part_confirmations(
    files: Sequence[Path], zone: str, folder: Path
) -> tuple[int, pl.DataFrame, bool]:
    """Write the confirmations that can be read; their number, bad rows, and if any has an offer."""
    count, bad, has_offers = 0, [pl.DataFrame(schema=BAD)], False
    with HashPartitions(folder, "events", by=["service"]) as by_service:
        for file in files:
            for batch in confirmation_batches(file, zone):
                bad.append(bad_rows(batch, file))
                good = batch.filter(pl.col("fault").is_null()).drop("row", "fault")
                count += good.height
                has_offers = has_offers or (good["offer"] != "").any()
                by_service.add(good)
    return count, pl.concat(bad), has_offers


def _parts(folder: Path, name: str) -> Iterator[pl.DataFrame]:
    for number in range(PARTS):
        yield read_part(folder, name, number)
