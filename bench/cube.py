"""How long and how much memory a cube of counters takes, in one process and on Spark.

    python bench/cube.py [--samples 10000000] [--engine local|spark]

Two indicators of 1,000 cells in 40 areas and of four apps, by the hour. The memory is the largest
sum over the command and its child processes (resident, shared pages counted for each of them).
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

CELLS = 1_000
APPS = ("video", "chat", "game", "web")
KPIS = ("down_user_mbps", "rtt_ms")
START = datetime(2026, 9, 1, tzinfo=UTC)


def write_samples(file: Path, samples: int) -> int:
    """Write counters of as many hours as there are samples for; return how many rows."""
    import numpy as np
    import polars as pl

    hours = max(samples // (CELLS * len(APPS) * len(KPIS)), 1)
    at = pl.DataFrame({"at": [START + timedelta(hours=n) for n in range(hours)]})
    cells = pl.DataFrame({"cell": [f"cell-{n}" for n in range(CELLS)]}).with_columns(
        area=pl.format("area-{}", pl.int_range(CELLS) // 25)
    )
    rows = cells.join(pl.DataFrame({"app": APPS}), how="cross").join(
        pl.DataFrame({"kpi": KPIS}), how="cross"
    )
    rows = at.join(rows, how="cross")
    chance = np.random.default_rng(1)
    rows.with_columns(value=pl.Series(chance.gamma(3, 9, rows.height))).write_parquet(file)
    return rows.height


def resident_mb(pid: int) -> float:
    """Memory of a process and its children now, in MB."""
    parents: dict[int, int] = {}
    pages: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        parents[int(folder.name)] = int(fields[1])
        pages[int(folder.name)] = int(fields[21])
    family = {pid}
    while more := {one for one, parent in parents.items() if parent in family} - family:
        family |= more
    return sum(pages.get(one, 0) for one in family) * os.sysconf("SC_PAGE_SIZE") / 1e6


def main() -> None:
    """Write samples, make the cube, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--samples", type=int, default=10_000_000)
    parser.add_argument("--engine", default="local", choices=("local", "spark"))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "counters.parquet"
        # In a process of its own: what it leaves in memory would count.
        if pid := os.fork():
            os.waitpid(pid, 0)
        else:
            print(f"{write_samples(file, given.samples):,} samples", flush=True)
            os._exit(0)
        amends = str(Path(sys.executable).with_name("amends"))
        command = [amends, "quality", "cube", str(file), "--out", f"{folder}/cube.parquet"]
        command += ["--engine", given.engine, "--json"]
        began, most = time.perf_counter(), 0.0
        running = subprocess.Popen(command, env=os.environ | {"AMENDS_DATA_DIR": folder})
        while running.poll() is None:
            most = max(most, resident_mb(running.pid))
            time.sleep(0.2)
        print(f"{time.perf_counter() - began:.1f} s, {most:,.0f} MB, load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
