"""A run on Spark: what it is given and holds between batches, and a file that waits its turn."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from amends.causes.notices.actions.engine_memory import UsageEngine
from amends.causes.notices.actions.seen_shards import SeenShards
from amends.causes.notices.actions.usage_report import UsageReport
from amends.causes.notices.engine_models import LINES_A_BUCKET, UsageFile


@dataclass(slots=True)
class OnSpark:
    """A run on Spark: what it is given, what it has loaded, and where its time went.

    spent  seconds by step: `read` (files to parcels), `count` (dedupe and count), `land`
    """

    spark: Any
    engine: UsageEngine
    pack: str
    now: datetime
    buckets: int
    report: UsageReport
    seen: SeenShards
    roster: Any
    spent: dict[str, float] = field(
        default_factory=lambda: {"read": 0.0, "count": 0.0, "land": 0.0}
    )

    @property
    def lines_a_bucket(self) -> int:
        """A multiple of the database's buckets, so that a blob here is some whole rows there."""
        rows = -(-len(self.engine.memory.lines) // LINES_A_BUCKET)
        return max(-(-rows // self.buckets), 1) * LINES_A_BUCKET

    @contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Add what is done inside to the seconds of a step."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.spent[step] += time.perf_counter() - began


@dataclass(slots=True)
class PendingFile:
    """A file of the batch: where it is, and what was found of it."""

    path: Path
    file: UsageFile
    document: dict[str, object]
