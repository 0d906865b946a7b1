"""Degraded cells of invented networks: recall, false stretches, delay, and whether claims hold.

    python bench/degraded.py [--worlds load,few] [--cells 200] [--seed 1] [--claims 20]

`degraded_worlds.py` invents the networks; `untouched-1` and `untouched-2` are of no use for tuning.
Prints one JSON document a world. Run it on a quiet machine with OPENBLAS_NUM_THREADS=1.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from datetime import timedelta
from time import perf_counter
from typing import Any
from zoneinfo import ZoneInfo

import degraded_worlds as worlds
import polars as pl

from amends.network.quality.rules.degradation import Degradation, Direction, degraded
from amends.platform.kit.calendars import working_days

BAD_WHEN: dict[str, Direction] = {
    kpi: "high" if sign > 0 else "low" for kpi, sign in worlds.BAD.items()
}
SLACK = timedelta(hours=2)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--worlds", default="")
    parser.add_argument("--cells", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--claims", type=int, default=0, help="Claims that are found again.")
    wanted = parser.parse_args()
    for world in (*worlds.WORLDS, *worlds.UNTOUCHED):
        if wanted.worlds and world.name not in wanted.worlds.split(","):
            continue
        world = replace(world, cells=min(world.cells, wanted.cells))
        counters, truth = worlds.simulate(world, wanted.seed)
        started = perf_counter()
        result = find(counters, world)
        seconds = round(perf_counter() - started, 1)
        document = {"world": world.name, **judged(truth, result), "seconds": seconds}
        if wanted.claims:
            document["claims_hold"] = held(counters, world, result, wanted.claims)
        print(json.dumps(document), flush=True)


def find(counters: pl.DataFrame, world: worlds.World) -> Degradation:
    return degraded(
        counters,
        bad_when=BAD_WHEN,
        zone=ZoneInfo(world.zone),
        is_working=working_days("cn").is_working,
        loads=["traffic_gb"],
    )


def judged(truth: pl.DataFrame, result: Degradation) -> dict[str, Any]:
    """A stretch is found where a claim of its cell and indicator overlaps it and became known at
    most two hours after its end; a claim that is more than two hours away from every stretch of its
    cell is false."""
    stretches = truth.select("cell", "from", "to").unique().with_row_index("stretch")
    claims = result.stretches.with_row_index("claim")
    found = (
        truth.join(stretches, on=["cell", "from", "to"])
        .join(claims, on=["cell", "kpi"], suffix="_claimed")
        .filter(
            (pl.col("from") < pl.col("to_claimed"))
            & (pl.col("from_claimed") < pl.col("to"))
            & (pl.col("found_at") >= pl.col("from"))
            & (pl.col("found_at") <= pl.col("to") + SLACK)
        )
        .group_by("stretch")
        .agg(pl.col("found_at").min(), pl.col("from").first())
    )
    delay = (found["found_at"] - found["from"]).dt.total_seconds().median()
    false = false_claims(truth, result)
    return {
        "stretches": stretches.height,
        "recall": round(found.height / max(1, stretches.height), 3),
        "median_delay_h": round(delay / 3600, 2) if isinstance(delay, float) else None,
        "false": false.height,
        "cell_weeks": round(result.cell_weeks),
        "false_per_1000_cells_week": round(1000 * false.height / result.cell_weeks, 2),
        "expected_false": result.expected_false_per_1000_cells_week,
    }


def false_claims(truth: pl.DataFrame, result: Degradation) -> pl.DataFrame:
    """Claims of a cell far from all its stretches; those of one time count once."""
    claims = result.stretches.group_by("cell", "from", "to").agg(
        pl.col("area").first(), pl.col("found_at").min(), pl.col("kpi"), pl.col("score").max()
    )
    near = (
        claims.join(truth, on="cell", suffix="_true")
        .filter(
            (pl.col("from") < pl.col("to_true") + SLACK)
            & (pl.col("from_true") - SLACK < pl.col("to"))
        )
        .select("cell", "from", "to")
        .unique()
    )
    return claims.join(near, on=["cell", "from", "to"], how="anti").sort("from", "cell")


def held(counters: pl.DataFrame, world: worlds.World, result: Degradation, most: int) -> float:
    """Share of claims that come again where the later rows of their cell are removed."""
    claims = result.stretches.sample(min(most, result.stretches.height), seed=1)
    again = 0
    for row in claims.iter_rows(named=True):
        later = (pl.col("cell") == row["cell"]) & (pl.col("at") > row["found_at"])
        same = find(counters.filter(~later), world).stretches.filter(
            (pl.col("cell") == row["cell"])
            & (pl.col("kpi") == row["kpi"])
            & (pl.col("found_at") == row["found_at"])
        )
        again += same.height > 0
    return again / max(1, claims.height)


if __name__ == "__main__":
    main()
