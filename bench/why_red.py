"""How long baselines of counters take, and then the answer why an area is red.

    python bench/why_red.py [--days 35] [--cells 10000] [--engine local|spark]

Five weeks by the hour of four indicators, in areas of 25 cells. `amends quality baselines` runs as a
process; its memory is the largest sum over it and its child processes. Then the page of one area, and
of a region of 1,000 cells.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta

from cube import resident_mb

END = datetime(2026, 11, 24, tzinfo=UTC)
KPIS = {"down_user_mbps": 50.0, "rtt_ms": 20.0, "drop_share": 0.01, "utilisation_share": 0.5}


def main() -> None:
    """Store, ask, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--days", type=int, default=35)
    parser.add_argument("--cells", type=int, default=10_000)
    parser.add_argument("--engine", choices=["local", "spark"], default="local")
    options = parser.parse_args()
    days, cells = options.days, options.cells
    with tempfile.TemporaryDirectory() as folder:
        os.environ["AMENDS_DATA_DIR"] = folder
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amends.site.settings")
        import django
        import numpy as np
        import polars as pl

        django.setup()
        from django.core.management import call_command

        from amends.network.quality.actions.take_counters import store
        from amends.network.quality.queries.counters import why

        call_command("migrate", interactive=False, verbosity=0)
        chance = np.random.default_rng(1)
        cell = np.repeat(np.arange(cells), 24)
        names = pl.DataFrame(
            {"cell": [f"cell-{n}" for n in cell], "area": [f"area-{n // 25}" for n in cell]}
        )
        began = time.perf_counter()
        for day in range(days):
            start = END - timedelta(days=days - day)
            day_hours = pl.datetime_range(
                start, start + timedelta(hours=23), "1h", eager=True, time_unit="us"
            )
            hours = pl.concat([day_hours] * cells)
            parts = [
                names.with_columns(
                    at=hours,
                    kpi=pl.lit(kpi),
                    value=pl.Series(usual * chance.normal(1, 0.05, cell.size)),
                )
                for kpi, usual in KPIS.items()
            ]
            store(pl.concat(parts).select("at", "area", "cell", "kpi", "value"))
        rows = cells * days * 24 * len(KPIS)
        print(f"{rows:,} samples stored in {time.perf_counter() - began:.0f} s")
        worse = {"down_user_mbps": "low"} | dict.fromkeys(list(KPIS)[1:], "high")
        began = time.perf_counter()
        command = [sys.executable, "-m", "amends", "quality", "baselines"]
        process = subprocess.Popen([*command, "--engine", options.engine])
        peak = 0.0
        while process.poll() is None:
            peak = max(peak, resident_mb(process.pid))
            time.sleep(0.05)
        seconds = time.perf_counter() - began
        print(f"baselines of all: exit {process.returncode}, {seconds:.0f} s, {peak:,.0f} MB")
        region = [f"area-{n}" for n in range(min(40, cells // 25))]
        for title, areas in (("an area, 25 cells", ["area-7"]), ("1,000 cells", region)):
            times = []
            for _ in range(5):
                began = time.perf_counter()
                why(areas, worse, zone="Asia/Shanghai")
                times.append(time.perf_counter() - began)
            print(f"{title}: median {sorted(times)[2]:.2f} s, slowest {max(times):.2f} s")
        print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
