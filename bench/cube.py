"""The count cube: what keeping it costs beside intake, and how long it takes to make it anew.

    python bench/cube.py [--complaints 20000] [--rows 10000000] [--seed 1]

Intake is the real one (`receive_many`, batches of 500, facts and clocks included) on SQLite with
FULL sync; the cube is kept after every 5,000, as its job would at some seconds of full load. `--rows` rows are made as columns, spread over three
years, packed day by day as a rebuild does, and every place of up to two dimensions is counted from
them. What reading them from the database takes is measured on the complaints received and said per
row beside it.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amends.site.settings")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--complaints", type=int, default=20_000)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--seed", type=int, default=1)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["AMENDS_DATA_DIR"] = folder
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        print(f"load {os.getloadavg()[0]:.1f}, seed {wanted.seed}")
        keep_beside_intake(wanted.complaints)
        rebuild(wanted.complaints)
        columns(wanted.rows, wanted.seed)


def keep_beside_intake(size: int) -> None:
    from amends.complaints.actions.receive import receive_many
    from amends.complaints.submission import Submission
    from amends.hotissues.actions.fill_cube import update_cube

    now = datetime.now(UTC).replace(microsecond=0)
    intake = cube = 0.0
    for first in range(0, size, 500):
        some = [
            Submission(
                channel=("web", "sms", "mail")[n % 3],
                key=f"bench-{n}",
                text=f"宽带这几天一直很慢，第{n}次来电，请尽快处理",
                received_at=now - timedelta(seconds=(size - n) // 2),
                phone=f"1540{n:07d}",
            )
            for n in range(first, min(first + 500, size))
        ]
        at = time.perf_counter()
        receive_many(some, now=now)
        intake += time.perf_counter() - at
        if (first + 500) % 5_000:
            continue
        at = time.perf_counter()
        update_cube()
        cube += time.perf_counter() - at
    print(f"{size:,} received in {intake:.1f} s; cube kept in {cube:.2f} s: {cube / intake:.1%}")


def rebuild(size: int) -> None:
    from amends.hotissues.actions.fill_cube import rebuild_cube

    at = time.perf_counter()
    rows = rebuild_cube()
    took = time.perf_counter() - at
    print(f"rebuilt {rows:,} from the database in {took:.2f} s ({1e6 * took / size:.1f} µs a row)")


def columns(rows: int, seed: int) -> None:
    import numpy as np
    import polars as pl

    from amends.hotissues.cube import counts
    from amends.hotissues.rules.cube import Trees, pack, unpack, with_levels

    chance = np.random.default_rng(seed)
    start = datetime(2024, 1, 1, tzinfo=UTC)
    minutes = np.sort(chance.integers(0, 1095 * 1440, rows))
    number = np.arange(rows)

    def drawn(names: list[str]) -> pl.Series:
        return pl.Series(names).gather(chance.integers(0, len(names), rows))

    frame = pl.DataFrame(
        {
            "id": pl.Series(number).cast(pl.String).str.zfill(32),
            "received_at": pl.Series(minutes * 60_000_000 + int(start.timestamp() * 1e6)).cast(
                pl.Datetime("us", "UTC")
            ),
            "kind": pl.repeat("complaint", rows, eager=True),
            "code": drawn([f"group{n % 10}.class{n}" for n in range(22)]),
            "area": drawn([f"area-{n}" for n in range(340)]),
            "product": drawn([f"offer-{n}" for n in range(60)]),
            "channel": drawn(["web", "app", "sms", "mail", "phone", "counter", "social"]),
            "brand": pl.repeat("", rows, eager=True),
            "person": pl.Series(chance.integers(0, max(rows // 2, 1), rows)).cast(pl.String),
            "text_print": pl.Series(number).cast(pl.Int64),
            "history": pl.repeat(False, rows, eager=True),
        }
    )
    at = time.perf_counter()
    days = frame.with_columns(day=pl.col("received_at").dt.date()).partition_by(
        "day", as_dict=True, include_key=False
    )
    packed = [pack(part) for part in days.values()]
    took = time.perf_counter() - at
    size = sum(map(len, packed)) / 1e6
    print(f"{rows:,} rows packed into {len(packed)} days in {took:.1f} s ({size:,.0f} MB)")
    at = time.perf_counter()
    back = pl.concat([unpack(one) for one in packed])
    trees = Trees({f"area-{n}": f"province-{n % 31}" for n in range(340)}, {}, {})
    levels = with_levels(back, trees, zone="Asia/Shanghai")
    cells = counts(levels, date(2024, 1, 1), date(2026, 12, 31), least=1_000)
    took = time.perf_counter() - at
    print(f"counted in {len(cells.places):,} places x {len(cells.starts):,} days in {took:.1f} s")


if __name__ == "__main__":
    main()
