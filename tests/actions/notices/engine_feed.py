"""A few enrolled lines and a feed of usage files for them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from amends.causes.notices.actions.enrol import NewLines, enrol
from amends.causes.notices.actions.run import run
from amends.causes.notices.actions.usage_report import UsageReport
from amends.engines.metering.engine.layout import KINDS, UsageColumns, country_name
from tests.rules.notices import engine_world as world

NOW = datetime(2026, 6, 12, tzinfo=UTC)
ZONES = [(cycle.zone, cycle.day) for cycle in world.CYCLES]


def enrol_lines(count: int = 12) -> None:
    numbers = range(count)
    enrol(
        NewLines(
            [f"svc-{n}" for n in numbers],
            [f"person-{n}" for n in numbers],
            [n % 3 for n in numbers],
            [n % len(ZONES) for n in numbers],
            world.PLANS,
            ZONES,
        ),
        now=NOW,
    )


def count(place: Path, **changes) -> UsageReport:
    return run(place, **{"jurisdiction": "cn", "now": NOW, "duties": world.DUTIES} | changes)


def as_table(batch: UsageColumns) -> pa.Table:
    kinds = [*KINDS, "other"]
    return pa.table(
        {
            "record": [f"r{n}" for n in batch.record.tolist()],
            "service": [f"svc-{n}" for n in batch.line.tolist()],
            "at_ms": batch.at_ms,
            "kind": [kinds[min(n, 4)] for n in batch.kind.tolist()],
            "amount": batch.amount,
            "charge_minor": batch.charge,
            "country": [country_name(n) for n in batch.country.tolist()],
        }
    )


def random_table(seed: int, rows: int, lines: int = 12) -> pa.Table:
    return as_table(world.random_batch(np.random.default_rng(seed), rows, lines))


def parquet(path: Path, table: pa.Table) -> Path:
    pq.write_table(table, path)
    return path


def csv(path: Path, table: pa.Table) -> Path:
    names = table.column_names
    lines = [",".join(names), *(",".join(map(str, row.values())) for row in table.to_pylist())]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@dataclass(frozen=True)
class Kept:
    """Everything a run leaves that must not depend on how it ran."""

    notices: list[tuple]
    holds: list[tuple]
    facts: int
    state: bytes
    terms: bytes


def kept() -> Kept:
    from amends.causes.notices.actions.engine_memory import load
    from amends.causes.notices.models import Hold, Notice
    from amends.record.ledger.models import Segment

    lines = load(jurisdiction="cn", now=NOW, duties=world.DUTIES).memory.lines
    rows = Notice.objects.order_by("id").values_list(
        "key", "service", "duty", "version", "period", "step", "action", "figures", "due_at_ms"
    )
    return Kept(
        list(rows),
        list(Hold.objects.order_by("id").values_list("key", "counter", "held_at_ms")),
        sum(Segment.objects.filter(kind="NoticeDue").values_list("rows", flat=True)),
        lines.state.tobytes(),
        lines.terms.tobytes(),
    )
