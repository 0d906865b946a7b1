"""How fast a month of usage is audited: `python bench/audit.py [--records 1000000]`.

Random records of as many lines as there are records in ten; three counters, a limit each. The
measure is leaving out doubles and `recompute` alone, against a read of the same columns (their
sums) in the same run.
"""

from __future__ import annotations

import argparse
import os
from datetime import date
from time import perf_counter, process_time

import numpy as np
import polars as pl

from amends.cases.audits.rules.levels import once
from amends.cases.audits.rules.recompute import KINDS, Inputs, recompute
from amends.engines.duties.book import book
from amends.record.facts.kinds import KINDS as ALL

START_MS = 1_790_784_000_000
MONTH_MS = 30 * 86_400_000


def empty(kind: str) -> pl.DataFrame:
    """No facts of a kind, with its columns."""
    spec = ALL[kind]
    schema = dict.fromkeys(("id", "subscriber", "subject", "source"), pl.String)
    schema |= dict.fromkeys(("happened_at_ms", "recorded_at_ms"), pl.Int64)
    fields = spec.required | spec.optional
    schema |= {name: pl.Int64 if form is int else pl.String for name, form in fields.items()}
    return pl.DataFrame(schema=schema)


def usage(records: int, seed: int) -> pl.DataFrame:
    """Records in order of arrival, one in a thousand of them twice."""
    rng = np.random.default_rng(seed)
    lines = max(records // 10, 1)
    line = rng.integers(lines, size=records)
    frame = pl.DataFrame(
        {
            "record": np.arange(records),
            "line": line,
            "counter": rng.choice(["data", "voice", "sms"], size=records),
            "at_ms": np.sort(START_MS + rng.integers(MONTH_MS, size=records)),
            "amount": rng.integers(1, 40, size=records),
        }
    ).with_columns(
        record=pl.col("record").cast(pl.String),
        subscriber="p" + pl.col("line").cast(pl.String),
        service="s" + pl.col("line").cast(pl.String),
        limit=pl.lit(100, pl.Int64),
        country=pl.lit(""),
    )
    return pl.concat([frame, frame.head(records // 1_000)])


def main() -> None:
    """Print one line of figures."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--records", type=int, default=1_000_000)
    arguments.add_argument("--seed", type=int, default=7)
    given = arguments.parse_args()
    records = usage(given.records, given.seed)
    own = book("cn", date(2026, 11, 24))
    begun = perf_counter()
    records.select(
        pl.col("amount").sum(),
        pl.col("at_ms").max(),
        pl.col("record").n_unique(),
        pl.col("service").n_unique(),
        pl.col("counter").n_unique(),
    )
    read_s = perf_counter() - begun
    begun, cpu = perf_counter(), process_time()
    world = Inputs({kind: empty(kind) for kind in KINDS}, once(records))
    owed = recompute(world, own, start_ms=START_MS, end_ms=START_MS + MONTH_MS)
    wall_s, cpu_s = perf_counter() - begun, process_time() - cpu
    load = os.getloadavg()[0]
    print(
        f"{len(records):,} records, {len(owed):,} notices owed: {wall_s:.2f} s, "
        f"{len(records) / wall_s / 1e6:.2f} M records/s ({len(records) / cpu_s / 1e6:.2f} M per "
        f"CPU-second), ratio to reading {read_s / wall_s:.2f}, load {load:.1f}"
    )


if __name__ == "__main__":
    main()
