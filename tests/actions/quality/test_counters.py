"""`amends quality degraded`: files of strangers, and what is said of their rows."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

from amends.network.quality.cli import app
from amends.platform.kit.errors import BadInput

START = datetime(2026, 6, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def run(*arguments: object) -> dict[str, Any]:
    found = CliRunner().invoke(app, [*map(str, arguments), "--json"])
    if found.exception and not isinstance(found.exception, SystemExit):
        raise found.exception
    assert found.exit_code == 0, found.output
    document: dict[str, Any] = json.loads(found.stdout)
    return document


def counters(*, cells: int = 15, days: int = 21, kpi: str = "rtt_ms") -> pl.DataFrame:
    """Hours of cells; cell 2 is slow for five hours of day 18."""
    rng = np.random.default_rng(5)
    hours = np.arange(days * 24)
    made = (
        30
        * (1 + 0.3 * np.sin(hours * np.pi / 12))
        * np.exp(0.08 * rng.standard_normal((cells, hours.size)))
    )
    made[2, 18 * 24 + 6 : 18 * 24 + 11] *= 2
    return pl.DataFrame(
        {
            "at": [f"{START + HOUR * int(hour):%Y-%m-%dT%H:%M:%S}+08:00" for hour in hours] * cells,
            "area": [f"area {cell % 3}" for cell in range(cells) for _hour in hours],
            "cell": [f"cell {cell}" for cell in range(cells) for _hour in hours],
            "kpi": kpi,
            "value": made.ravel().round(3),
        }
    )


def test_a_degraded_cell_is_written_with_times_as_the_file_writes_them(tmp_path: Path) -> None:
    file, out = tmp_path / "counters.csv", tmp_path / "out.csv"
    counters().write_csv(file)
    document = run("degraded", file, "--out", out, "--holidays", "cn")
    assert {"cells", "samples", "degraded", "expected_false_per_1000_cells_week", "seconds"} <= set(
        document
    )
    assert (document["cells"], document["samples"]) == (15, 15 * 504)
    rows = pl.read_csv(out).to_dicts()
    assert [(row["cell"], row["kpi"], row["from"]) for row in rows] == [
        ("cell 2", "rtt_ms", "2026-06-19T06:00:00+08:00")
    ]
    assert rows[0]["found_at"] == "2026-06-19T07:00:00+08:00"


def test_every_row_is_accounted_for(tmp_path: Path) -> None:
    file = tmp_path / "counters.csv"
    frame = counters()
    first = frame.row(0, named=True)
    odd = [
        {**first, "value": value}
        for value in (-3.0, 999_999_999.0, float("nan"), first["value"], first["value"] + 1)
    ]
    pl.concat([frame, pl.DataFrame([*odd, {**first, "at": "soon"}])]).write_csv(file)
    rows = run("degraded", file, "--out", tmp_path / "out.csv")["rows"]
    assert rows == {
        "read": frame.height + 6,
        "used": frame.height,
        "unreadable": 2,
        "impossible": 2,
        "duplicates": 1,
        "corrected": 1,
        "late": 2,
    }
    counted = sum(
        rows[name] for name in ("used", "unreadable", "impossible", "duplicates", "corrected")
    )
    assert rows["read"] == counted


@pytest.mark.parametrize("form", ["chinese", "wide", "parquet"])
def test_columns_of_strangers_are_found(tmp_path: Path, form: str) -> None:
    frame, file = counters(), tmp_path / "counters.csv"
    if form == "chinese":
        names = {
            "at": "采样时间",
            "area": "区域",
            "cell": "小区名称",
            "kpi": "指标",
            "value": "数值",
        }
        frame.rename(names).write_csv(file, separator=";")
    elif form == "wide":
        frame.drop("kpi").rename({"at": "time", "cell": "Cell ID", "value": "rtt_ms"}).write_csv(
            file
        )
    else:
        file = tmp_path / "counters.parquet"
        moments = pl.col("at").str.to_datetime(time_zone="Asia/Shanghai", time_unit="ms")
        frame.with_columns(moments).write_parquet(file)
    document = run("degraded", file, "--out", tmp_path / "out.csv")
    assert (document["samples"], document["stretches"]) == (frame.height, 1)


def test_an_indicator_of_ones_own_needs_its_direction(tmp_path: Path) -> None:
    file, out = tmp_path / "counters.csv", tmp_path / "out.csv"
    counters(kpi="game_lag").write_csv(file)
    document = run("degraded", file, "--out", out)
    assert (document["stretches"], document["not_judged"]) == (0, ["game_lag"])
    found = run("degraded", file, "--out", out, "--bad-when", "game_lag=high", "--force")
    assert found["stretches"] == 1
    with pytest.raises(BadInput, match="game_lag"):
        run("degraded", file, "--out", out, "--bad-when", "game_lag", "--force")


@pytest.mark.parametrize("content", ["", "a,b\n1,2\n", "at,area,cell,kpi,value\n"])
def test_a_file_without_counters_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "counters.csv"
    file.write_text(content)
    with pytest.raises(BadInput, match=r"counters\.csv"):
        run("degraded", file, "--out", tmp_path / "out.csv")


def peaks(days: int = 70) -> pl.DataFrame:
    """A row a day of 30 areas: weekends lower, growth of half a per cent a day, noise of 6 %."""
    rng = np.random.default_rng(9)
    level = np.exp(0.4 * rng.standard_normal((30, 1))) * 40
    number = np.arange(days)
    shape = np.exp(0.005 * number - 0.15 * (number % 7 >= 5))
    made = level * shape * np.exp(0.06 * rng.standard_normal((30, days)))
    return pl.DataFrame(
        {
            "at": [f"{START + timedelta(days=int(n)):%Y-%m-%d}T21:00:00+08:00" for n in number]
            * 30,
            "area": [f"area {area}" for area in range(30) for _day in number],
            "cell": [f"area {area}" for area in range(30) for _day in number],
            "kpi": "traffic_gb",
            "value": made.ravel(),
        }
    )


def test_a_forecast_holds_the_peak_of_the_week_that_follows(tmp_path: Path) -> None:
    every = peaks(77)
    last = pl.col("at") < f"{START + timedelta(days=70):%Y-%m-%d}"
    every.filter(last).write_csv(tmp_path / "counters.csv")
    actual = dict(every.filter(~last).group_by("area").agg(pl.col("value").max()).rows())
    # Half of the capacities lie a tenth below the peak that comes, half a tenth above.
    limits = {
        area: peak * (0.9 if number % 2 else 1.1)
        for number, (area, peak) in enumerate(sorted(actual.items()))
    }
    pl.DataFrame(
        {"area": list(limits), "kpi": "traffic_gb", "capacity": list(limits.values())}
    ).write_csv(tmp_path / "capacity.csv")
    out = tmp_path / "out.csv"
    document = run(
        "forecast",
        tmp_path / "counters.csv",
        "--capacity",
        tmp_path / "capacity.csv",
        "--out",
        out,
        "--holidays",
        "cn",
    )
    rows = pl.read_csv(out).to_dicts()
    assert list(rows[0]) == ["area", "kpi", "peak_at", "p10", "p50", "p90", "passes"]
    assert document["forecasts"] == len(rows) == 30
    within = sum(row["p10"] <= actual[row["area"]] <= row["p90"] for row in rows)
    assert 18 <= within <= 29
    right = sum(row["passes"] == (actual[row["area"]] > limits[row["area"]]) for row in rows)
    assert right >= 26
    assert {row["peak_at"][10:] for row in rows} == {"T21:00:00+08:00"}
    assert all("2026-08-10" <= row["peak_at"][:10] <= "2026-08-16" for row in rows)


def test_a_holiday_never_seen_widens_the_interval(tmp_path: Path) -> None:
    # The last day in the file is the one before National Day.
    shifted = pl.col("at").str.to_datetime("%Y-%m-%dT%H:%M:%S%z") + timedelta(days=52)
    frame = peaks().with_columns(shifted)
    frame.write_parquet(tmp_path / "counters.parquet")
    areas = frame["area"].unique()
    limits = pl.DataFrame({"area": areas, "kpi": "traffic_gb", "capacity": [100.0] * areas.len()})
    limits.write_csv(tmp_path / "capacity.csv")
    widths = []
    for holidays in ("cn", "uk"):
        out = tmp_path / f"{holidays}.csv"
        run(
            "forecast",
            tmp_path / "counters.parquet",
            "--capacity",
            tmp_path / "capacity.csv",
            "--out",
            out,
            "--holidays",
            holidays,
        )
        widths.append(pl.read_csv(out).select((pl.col("p90") / pl.col("p10")).log().mean()).item())
    assert widths[0] > 1.2 * widths[1]


def test_areas_that_cannot_be_forecast_are_counted(tmp_path: Path) -> None:
    peaks(10).write_csv(tmp_path / "counters.csv")
    (tmp_path / "capacity.csv").write_text("area,kpi,capacity\narea 1,traffic_gb,50\n")
    with pytest.raises(BadInput, match="14 days"):
        run(
            "forecast",
            tmp_path / "counters.csv",
            "--capacity",
            tmp_path / "capacity.csv",
            "--out",
            tmp_path / "out.csv",
        )


def test_placeholder_times_of_the_years_1_and_9999_are_left_out(tmp_path: Path) -> None:
    file, out = tmp_path / "counters.csv", tmp_path / "out.csv"
    rows = counters(cells=3)
    wrong = rows.head(2).with_columns(
        at=pl.Series(["0001-01-01T00:00:00+08:00", "9999-12-31T23:00:00-08:00"])
    )
    pl.concat([wrong, rows]).write_csv(file)
    assert run("degraded", file, "--out", out)["samples"] == len(rows)
