"""How long it takes to say why an area is red, with the counters of 10,000 cells stored.

    python bench/why_red.py [--days 35]

Five weeks by the hour of four indicators in 400 areas of 25 cells. The page of one area, and of a
region with a tenth of all cells.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from datetime import UTC, datetime, timedelta

CELLS = 10_000
END = datetime(2026, 11, 24, tzinfo=UTC)
KPIS = {"down_user_mbps": 50.0, "rtt_ms": 20.0, "drop_share": 0.01, "utilisation_share": 0.5}


def main() -> None:
    """Store, ask, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--days", type=int, default=35)
    days = parser.parse_args().days
    with tempfile.TemporaryDirectory() as folder:
        os.environ["AMENDS_DATA_DIR"] = folder
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amends.site.settings")
        import django
        import numpy as np
        import polars as pl

        django.setup()
        from django.core.management import call_command

        from amends.network.quality.actions.take_counters import store
        from amends.network.quality.actions.write_baselines import write_baselines
        from amends.network.quality.queries.counters import why

        call_command("migrate", interactive=False, verbosity=0)
        chance = np.random.default_rng(1)
        cell = np.repeat(np.arange(CELLS), 24)
        names = pl.DataFrame(
            {"cell": [f"cell-{n}" for n in cell], "area": [f"area-{n // 25}" for n in cell]}
        )
        began = time.perf_counter()
        for day in range(days):
            start = END - timedelta(days=days - day)
            day_hours = pl.datetime_range(
                start, start + timedelta(hours=23), "1h", eager=True, time_unit="us"
            )
            hours = pl.concat([day_hours] * CELLS)
            parts = [
                names.with_columns(
                    at=hours,
                    kpi=pl.lit(kpi),
                    value=pl.Series(usual * chance.normal(1, 0.05, cell.size)),
                )
                for kpi, usual in KPIS.items()
            ]
            store(pl.concat(parts).select("at", "area", "cell", "kpi", "value"))
        rows = CELLS * days * 24 * len(KPIS)
        print(f"{rows:,} samples stored in {time.perf_counter() - began:.0f} s")
        worse = {"down_user_mbps": "low"} | dict.fromkeys(list(KPIS)[1:], "high")
        began = time.perf_counter()
        write_baselines(worse, zone="Asia/Shanghai")
        print(f"baselines of all written in {time.perf_counter() - began:.0f} s")
        region = [f"area-{n}" for n in range(CELLS // 25 // 10)]
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
