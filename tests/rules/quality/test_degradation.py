"""Degraded cells out of counters alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest

from amends.network.quality.rules.degradation import Degradation, degraded
from amends.platform.kit.calendars import working_days

START = datetime(2026, 6, 1, tzinfo=UTC)
CELLS, WEEKS = 40, 4
BAD_WHEN: Any = {"rtt_ms": "high", "down_user_mbps": "low"}
HOUR = timedelta(hours=1)


def values(seed: int = 7) -> dict[str, Any]:
    """Cells × hours of two indicators: each cell with a level of its own, evenings busy, noise of 10 %."""
    rng = np.random.default_rng(seed)
    hours = np.arange(WEEKS * 168)
    busy = 1 + 0.5 * np.exp(-0.5 * ((hours % 24 - 20) / 3) ** 2) - 0.2 * (hours // 24 % 7 >= 5)
    made = {}
    for kpi, shape in (("rtt_ms", 30 * busy), ("down_user_mbps", 50 / busy)):
        level = np.exp(0.3 * rng.standard_normal((CELLS, 1)))
        made[kpi] = level * shape * np.exp(0.1 * rng.standard_normal((CELLS, hours.size)))
    return made


def frame(made: dict[str, Any]) -> pl.DataFrame:
    length = WEEKS * 168
    times = [START + HOUR * hour for hour in range(length)]
    return pl.concat(
        pl.DataFrame(
            {
                "at": pl.Series(times * CELLS, dtype=pl.Datetime("us", "UTC")),
                "area": [f"a{cell % 4}" for cell in range(CELLS) for _hour in times],
                "cell": [f"c{cell:02}" for cell in range(CELLS) for _hour in times],
                "kpi": [kpi] * (CELLS * length),
                "value": array.flatten(),
            }
        )
        for kpi, array in made.items()
    )


def found(counters: pl.DataFrame) -> Degradation:
    return degraded(counters, bad_when=BAD_WHEN, is_working=working_days("cn").is_working)


def at(hour: int) -> datetime:
    return START + HOUR * hour


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    """Cell 3 slow for 4 hours, cell 5 for 2 days, cell 8 faster for a day, cell 9 one bad sample."""
    made = values()
    made["rtt_ms"][3, 500:504] *= 2.2
    made["down_user_mbps"][5, 540:588] *= 0.75
    made["rtt_ms"][8, 450:474] *= 0.5
    made["rtt_ms"][9, 480] *= 6
    return made


@pytest.fixture(scope="module")
def result(made: dict[str, Any]) -> Degradation:
    return found(frame(made))


def test_a_short_strong_and_a_long_weak_stretch_are_found_and_nothing_else(
    result: Degradation,
) -> None:
    rows = result.stretches
    assert set(rows["cell"]) == {"c03", "c05"}
    short = rows.filter(pl.col("cell") == "c03").row(0, named=True)
    assert (short["kpi"], short["from"], short["found_at"]) == ("rtt_ms", at(500), at(501))
    assert at(503) <= short["to"] <= at(506)
    long = rows.filter(pl.col("cell") == "c05").row(0, named=True)
    assert long["kpi"] == "down_user_mbps"
    assert at(538) <= long["from"] <= at(544)
    assert at(584) <= long["to"] <= at(592)
    assert long["found_at"] <= at(550)


def test_what_is_found_was_found_without_the_later_samples(
    made: dict[str, Any], result: Degradation
) -> None:
    counters = frame(made)
    for row in result.stretches.iter_rows(named=True):
        later = (pl.col("cell") == row["cell"]) & (pl.col("at") > row["found_at"])
        again = found(counters.filter(~later)).stretches.filter(pl.col("cell") == row["cell"])
        same = again.filter((pl.col("kpi") == row["kpi"]) & (pl.col("found_at") == row["found_at"]))
        assert same["from"].to_list() == [row["from"]]


def test_what_all_cells_have_in_common_is_no_stretch() -> None:
    made = values(11)
    made["rtt_ms"][:, 500:524] *= 1.6
    assert found(frame(made)).stretches.height == 0


def test_the_first_fourteen_days_of_a_cell_are_history() -> None:
    made = values(12)
    made["rtt_ms"][3, 200:230] *= 2.5
    counters = frame(made)
    # Cell 6 moves to another area in the third week and is bad soon after.
    made["rtt_ms"][6, 450:470] *= 2.5
    moved = frame(made).with_columns(
        pl.when((pl.col("cell") == "c06") & (pl.col("at") >= at(400)))
        .then(pl.lit("a3"))
        .otherwise(pl.col("area"))
        .alias("area")
    )
    assert found(counters).stretches.height == 0
    assert found(moved).stretches.height == 0


def test_indicators_without_a_direction_are_not_judged() -> None:
    assert found(frame({"traffic_gb": values()["rtt_ms"]})).stretches.height == 0
