"""Go on counting usage files as they arrive, by Spark's structured streaming.

Spark's checkpoint stores which files were in which batch; a batch that was under way
when the driver died is given again with the same files. Landing knows files by their content
and marks them in the transaction that writes their notices, so given again they bring
nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.db import close_old_connections

from amends.causes.notices.actions.run import check
from amends.causes.notices.actions.run_on_spark import run_on_spark
from amends.causes.notices.actions.usage_report import UsageReport
from amends.engines.metering.usage.files import ENDINGS

_FILE = "path string, modificationTime timestamp, length long, content binary"
EVERY = "10 seconds"


def follow_on_spark(
    folder: Path,
    keep: Path,
    *,
    spark: Any,
    jurisdiction: str,
    report_to: Callable[[UsageReport], None] = lambda report: None,
    until_done: bool = False,
    every: str = EVERY,
    duties: Any = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> None:
    """Count files of a directory batch by batch until interrupted.

    keep        directory of the checkpoint; one for each directory that is followed
    until_done  end once everything that is there is counted
    every       how long to wait between two polls
    """
    check(folder)

    def count(frame: Any, batch: int) -> None:
        close_old_connections()
        paths = sorted(Path(unquote(urlsplit(row.path).path)) for row in frame.collect())
        usage = [path for path in paths if path.name.endswith(ENDINGS)]
        if usage:
            report_to(
                run_on_spark(
                    folder,
                    spark=spark,
                    jurisdiction=jurisdiction,
                    now=clock(),
                    only=usage,
                    duties=duties,
                )
            )

    stream = (
        spark.readStream.format("binaryFile")
        .schema(_FILE)
        .option("pathGlobFilter", "[!._]*")
        .load(str(folder.resolve()))
        .select("path")
        .writeStream.foreachBatch(count)
        .option("checkpointLocation", str(keep.resolve()))
        .trigger(**({"availableNow": True} if until_done else {"processingTime": every}))
    )
    query = stream.start()
    try:
        query.awaitTermination()
    finally:
        query.stop()
