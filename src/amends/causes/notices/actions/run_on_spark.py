"""Count usage records on Spark: the same rules and state, read and counted by many workers.

A batch is some whole files. Workers read, dedupe and count them (`metering/spark/stages.py`); what
they return is written here in one transaction: notices, holds, facts, changed state, seen ids and
how
far each file is counted. Between two batches only the database holds state, so a run that is
killed begins its batch again, and any engine goes on where another one stopped.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils.translation import gettext

from amends.causes.notices.actions import write_spark_batch as land_batch
from amends.causes.notices.actions.run import UnableToOpen, check, loaded, opened, units_jumped
from amends.causes.notices.actions.seen_shards import SeenShards
from amends.causes.notices.actions.spark_run import OnSpark, PendingFile
from amends.causes.notices.actions.usage_report import UsageReport, add_committed, add_repeated
from amends.causes.notices.engine_models import UsageFile
from amends.engines.metering.engine.portable import packed
from amends.engines.metering.engine.sizes import joined, jumped
from amends.engines.metering.spark import stages
from amends.engines.metering.usage.columns import roster_of
from amends.engines.metering.usage.files import files_in, parts

BUCKETS = 32
RECORDS_A_BATCH = 8_000_000
RECORDS_A_PART = 500_000
_BYTES_A_RECORD = 12
"""Estimate from the file's size; errs towards small batches."""


def run_on_spark(
    folder: Path,
    *,
    spark: Any,
    jurisdiction: str,
    now: datetime,
    accept: bool = False,
    buckets: int = BUCKETS,
    records_a_batch: int = RECORDS_A_BATCH,
    progress: Callable[[int, int], None] = lambda done_bytes, total: None,
    duties: Sequence[Any] | None = None,
    only: Sequence[Path] | None = None,
) -> UsageReport:
    """Count every file of a directory, or one file, that was not counted before, on Spark.

    spark            a session; files must be readable by its workers under the same path
    buckets          into how many parts lines and record ids are shared out
    records_a_batch  about how many records a transaction lands; files are not divided
    """
    check(folder)
    started = time.perf_counter()
    engine = loaded(jurisdiction, now, duties)
    on = OnSpark(
        spark=spark,
        engine=engine,
        pack=jurisdiction,
        now=now,
        buckets=buckets,
        report=UsageReport(),
        seen=SeenShards(buckets),
        roster=spark.sparkContext.broadcast(roster_of(engine.services)),
    )
    paths = files_in(folder) if only is None else list(only)
    waiting: list[PendingFile] = []
    size = 0.0
    for number, path in enumerate(paths):
        try:
            file, _ = opened(path, now=now, accept=accept)
        except UnableToOpen as error:
            if folder.is_file():
                raise
            on.report.files.append(
                {"file": path.name, "state": "stopped", "reason": error.in_words(gettext)[:300]}
            )
            continue
        if any(
            waiting_file.file.pk == file.pk for waiting_file in waiting
        ):  # the same content twice
            _count(on, waiting, alone=False)
            waiting, size = [], 0.0
            file.refresh_from_db()
        document: dict[str, object] = {"file": path.name, "state": "counted"}
        on.report.files.append(document)
        if file.state == UsageFile.State.DONE:
            document |= {"state": "repeated", "records": add_repeated(file, on.report)}
        else:
            add_committed(file, on.report, treatments=True)
            waiting.append(PendingFile(path, file, document))
            size += path.stat().st_size / _BYTES_A_RECORD
        if size >= records_a_batch:
            _count(on, waiting, alone=folder.is_file())
            waiting, size = [], 0.0
        progress(number + 1, len(paths))
    _count(on, waiting, alone=folder.is_file())
    on.roster.destroy()
    on.report.seconds = time.perf_counter() - started
    on.report.spent = {name: round(value, 3) for name, value in on.spent.items()}
    return on.report


def _count(on: OnSpark, files: list[PendingFile], *, alone: bool) -> None:
    """One batch. A file of a strange size is left out with all that come after it, and refused."""
    if not files:
        return
    terms = on.spark.sparkContext.broadcast(
        stages.CountingTerms(
            rules=on.engine.rules,
            lines=len(on.engine.memory.lines),
            shards=on.buckets,
            lines_a_bucket=on.lines_a_bucket,
        )
    )
    read = _read(on, files, terms)
    try:
        with on.timed("read"):
            batch = land_batch.said_of(read.filter("kind != 'records'").toArrow())
        sizes = on.engine.sizes
        for number, file in enumerate(files):
            file_sizes = batch.sizes_of(number)
            kind = "" if file.file.accepted else jumped(sizes, file_sizes, on.engine.rules.limits)
            if kind:
                refused = units_jumped(file.path.name, kind, file.file.done_rows)
                file.file.state, file.file.why = UsageFile.State.STOPPED, refused.code
                file.file.reason = str(refused)[:300]
                file.file.save(update_fields=["state", "why", "reason"])
                _count(on, files[:number], alone=alone)
                raise refused
            sizes = joined(sizes, file_sizes)
        with on.timed("count"):
            brought = _results(on, read, terms, batch.days)
    finally:
        read.unpersist()
        terms.destroy()
    on.engine.sizes = sizes
    with on.timed("land"):
        land_batch.land(on, files, batch, brought)
    faults = [batch.fault_of(number) for number in range(len(files))]
    if alone and faults[0]:
        raise faults[0]


def _read(on: OnSpark, files: list[PendingFile], terms: Any) -> Any:
    """Parcels by shard and the summary, cached for the two questions that follow."""
    rows = [
        (number, str(file.path.resolve()), first, length, file.file.received_ms)
        for number, file in enumerate(files)
        for first, length in parts(file.path, first_row=file.file.done_rows, rows=RECORDS_A_PART)
    ]
    spread = on.spark.sparkContext.parallelize(rows, len(rows))
    frame = on.spark.createDataFrame(spread, stages.PARTS)
    return frame.mapInArrow(stages.reading(terms, on.roster), stages.ROWS).persist()


def _results(on: OnSpark, read: Any, terms: Any, days: set[int]) -> Any:
    """The rows of `stages` that come out in the end, as one table."""
    records = read.filter("kind = 'records'")
    seen = _frame(on, on.seen.rows(days))
    by_bucket = records.union(seen).groupBy("key").applyInArrow(stages.deduping(terms), stages.ROWS)
    lines = on.engine.memory.lines
    states = [
        (
            number,
            "state",
            -1,
            packed(
                type(lines)(
                    lines.state[at : at + on.lines_a_bucket],
                    lines.terms[at : at + on.lines_a_bucket],
                )
            ),
        )
        for number, at in enumerate(range(0, len(lines), on.lines_a_bucket))
    ]
    counted = (
        by_bucket.union(_frame(on, states))
        .groupBy("key")
        .applyInArrow(stages.counting(terms), stages.ROWS)
    )
    return counted.toArrow()


def _frame(on: OnSpark, rows: list[tuple[int, str, int, bytes]]) -> Any:
    return on.spark.createDataFrame(stages.table_of(rows))
