"""The record ids seen on the days a batch touches, shared out as Spark's workers ask for them."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from amends.causes.notices.engine_models import SeenRecords
from amends.engines.metering.engine.layout import Array
from amends.engines.metering.engine.seen import ENTRY
from amends.engines.metering.spark.stages import shard_of


class SeenShards:
    """Ids by day and shard, read from the database once a run."""

    def __init__(self, shards: int) -> None:
        self.shards = shards
        self.held: dict[int, list[list[bytes]]] = {}

    def rows(self, days: Iterable[int]) -> list[tuple[int, str, int, bytes]]:
        """Rows for `stages.dedupe_shard`; days that are not asked for are dropped."""
        wanted = set(days)
        self.held = {day: shards for day, shards in self.held.items() if day in wanted}
        for day in sorted(wanted - set(self.held)):
            self.held[day] = self._loaded(day)
        return [
            (shard, "seen", day, b"".join(bodies))
            for day, shards in self.held.items()
            for shard, bodies in enumerate(shards)
            if bodies
        ]

    def add(self, shard: int, day: int, body: bytes) -> None:
        """Hold the ids of a day that a batch has just landed, as `stages` packed them."""
        self.held[day][shard].append(body)

    def _loaded(self, day: int) -> list[list[bytes]]:
        rows = SeenRecords.objects.filter(day=day).order_by("id")
        entries = np.frombuffer(b"".join(bytes(row.entries) for row in rows), ENTRY)
        if not len(entries):
            return [[] for _ in range(self.shards)]
        shards: Array = shard_of(entries["record"], self.shards).astype(np.uint16)
        ordered = entries[np.argsort(shards, kind="stable")]
        ends = np.cumsum(np.bincount(shards, minlength=self.shards)).tolist()
        return [
            [ordered[first:last].tobytes()] if last > first else []
            for first, last in zip([0, *ends[:-1]], ends, strict=True)
        ]
