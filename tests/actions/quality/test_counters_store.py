"""Counters of a file become stored days, incidents, and the answer why an area is red."""

from __future__ import annotations

import os
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from django.utils import timezone
from polars.testing import assert_frame_equal
from tests.actions.quality.network import NOW, small_network
from tests.pages.conftest import colleague, signed_in

from amends.network.quality.actions.read_counters import totals_of
from amends.network.quality.actions.state_capacities import state_capacities
from amends.network.quality.actions.take_changes import take_changes
from amends.network.quality.actions.take_counters import (
    bad_directions,
    store,
    store_breakdown,
    take_counters,
)
from amends.network.quality.actions.take_own_tests import take_own_tests
from amends.network.quality.actions.write_baselines import write_baselines
from amends.network.quality.jobs.forecast_peaks import forecast_stored
from amends.network.quality.jobs.renew_baselines import renew_baselines
from amends.network.quality.models import DegradedStretch, NetworkCell, NetworkIncident, SpeedTest
from amends.network.quality.queries.counters import (
    baselines_dir,
    baselines_outdated,
    baselines_until,
    newest_sample,
    read_stored,
    scan_breakdown,
    why,
)
from amends.network.quality.queries.forecast import peaks_ahead
from amends.platform.kit.actors import system
from amends.problems.measures.models import Measure
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append

pytestmark = pytest.mark.django_db
JOB = system("quality")
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _folder(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


def samples(cells: dict[str, str], *, days: int, bad: str, until: datetime) -> pl.DataFrame:
    """Two indicators by the hour; the cell `bad` is slow in the last twelve hours."""
    chance = np.random.default_rng(3)
    hours = [until - HOUR * n for n in range(days * 24, 0, -1)]
    parts = []
    for cell, area in cells.items():
        busy = np.array([1 + 0.3 * np.sin(at.hour / 24 * 6.28) for at in hours])
        speed = 50 / busy * chance.normal(1, 0.04, len(hours))
        delay = 20 * busy * chance.normal(1, 0.04, len(hours))
        if cell == bad:
            speed[-12:] *= 0.4
            delay[-12:] *= 2.5
        for kpi, value in (("down_user_mbps", speed), ("rtt_ms", delay)):
            parts.append(
                pl.DataFrame({"at": hours, "area": area, "cell": cell, "kpi": kpi, "value": value})
            )
    return pl.concat(parts).with_columns(pl.col("at").cast(pl.Datetime("us", "UTC")))


def test_counters_open_an_incident_and_say_why(tmp_path: Path) -> None:
    small_network()
    cells = {f"{area}-c{n}": area for area in ("n1", "n2", "s1") for n in (1, 2)}
    file = tmp_path / "counters.parquet"
    samples(cells | {"x-1": "mars"}, days=30, bad="n1-c2", until=NOW).write_parquet(file)
    taken = take_counters(file, technology="fibre", by=JOB, now=NOW)
    assert (taken.days, taken.new_cells, taken.unknown_cells) == (31, 6, ["x-1"])
    assert len(taken.opened) == 1
    incident = NetworkIncident.objects.get()
    assert (incident.areas, incident.cells) == (["n1"], ["n1-c2"])
    # The same file again changes nothing.
    again = take_counters(file, technology="fibre", by=JOB, now=NOW)
    assert (again.stretches, again.opened, NetworkCell.objects.count()) == (0, [], 6)
    assert read_stored(since=NOW - 60 * 24 * HOUR).height == 7 * 2 * 30 * 24

    changes = [
        {"at": (NOW - 14 * HOUR).isoformat(), "area": "n1", "kind": "firmware", "what": "BBU 7.2"},
        {"at": (NOW - 14 * HOUR).isoformat(), "area": "s1", "kind": "work", "what": "elsewhere"},
        {"at": "yesterday", "area": "n1", "kind": "work", "what": "x"},
        {"at": NOW.isoformat(), "area": "mars", "kind": "work", "what": "x"},
    ]
    new, _known, refused = take_changes(changes, zone=timezone.get_current_timezone())
    assert (new, list(refused)) == (2, ["4", "5"])
    found = why(["n1"], bad_directions(), zone="Asia/Shanghai")
    assert found is not None
    assert (found.cells[0].name, found.cell) == ("n1-c2", "n1-c2")
    assert found.cells[0].share > 0.9
    assert {one.name for one in found.kpis} == {"down_user_mbps", "rtt_ms"}
    assert [one.what for one in found.changes] == ["BBU 7.2"]
    assert len(found.samples) == 7 * 24 + 1
    client = signed_in(colleague("lin", "handler"))
    page = client.get("/desk/network/areas/n1/why/").content.decode()
    assert "BBU 7.2" in page
    assert "n1-c2" in page

    # The import leaves baselines to the job; the board shows how current they are.
    assert "Newer counters have arrived" in client.get("/desk/network/").content.decode()
    assert baselines_until() is None
    assert renew_baselines() == 7 * 2
    assert renew_baselines() == 0
    board = client.get("/desk/network/").content.decode()
    assert "Baselines of cells are current until" in board
    assert "Newer counters have arrived" not in board
    written = why(["n1"], bad_directions(), zone="Asia/Shanghai")
    assert written is not None
    assert (written.until, written.samples) == (found.until, found.samples)
    assert [one.name for one in written.cells] == [one.name for one in found.cells]


def test_counters_by_app_and_device_say_which_contribute(tmp_path: Path) -> None:
    """Video is slow in the last twelve hours, on every device; the other app is not."""
    small_network()
    cells = {"n1-c1": "n1", "n1-c2": "n1"}
    good = samples(cells, days=30, bad="", until=NOW)
    slow = samples(cells, days=30, bad="n1-c1", until=NOW)
    parts = [
        (slow if app == "video" else good).with_columns(
            应用=pl.lit(app), device=pl.lit(device), users=pl.lit(users)
        )
        for app, users in (("video", 30), ("chat", 10))
        for device in ("phone", "router")
    ]
    file = tmp_path / "counters.parquet"
    pl.concat(parts).write_parquet(file)
    taken = take_counters(file, technology="fibre", by=JOB, now=NOW)
    assert (taken.rows.used, taken.rows.corrected, taken.rows.late) == (4 * good.height, 0, 0)
    # One total for each sample of a cell, the mean weighted by users.
    stored = read_stored(since=NOW - HOUR).filter(cell="n1-c1", kpi="rtt_ms")
    last = {"cell": "n1-c1", "kpi": "rtt_ms", "at": NOW - HOUR}
    video, chat = (rows.filter(**last)["value"].item() for rows in (slow, good))
    assert stored["value"].to_list() == [pytest.approx((3 * video + chat) / 4)]

    computed = why(["n1"], bad_directions(), zone="Asia/Shanghai")
    assert computed is not None
    assert list(computed.breakdown) == ["app", "device"]
    assert computed.breakdown["app"][0].name == "video"
    assert computed.breakdown["app"][0].share > 0.9
    renew_baselines()
    written = why(["n1"], bad_directions(), zone="Asia/Shanghai")
    assert written is not None
    assert [one.name for one in written.breakdown["app"]] == [
        one.name for one in computed.breakdown["app"]
    ]
    page = signed_in(colleague("lin", "handler")).get("/desk/network/areas/n1/why/")
    assert "Worst device classes" in page.content.decode()


def test_speed_tests_count_as_counters_by_device() -> None:
    small_network()
    test = {"server": "pop1", "method": "ndt7", "up_kbps": 8_000, "min_rtt_us": 9_000}
    for number, speed, area, conditions, why_not in (
        (1, 40_000, "n1", {"network": "wifi"}, []),
        (2, 60_000, "n1", {"network": "wifi"}, []),
        (3, 90_000, "n1", {"network": "cable"}, []),
        (4, 1_000, "n1", {"network": "wifi"}, ["vpn"]),
        (5, 50_000, "", {}, []),
    ):
        SpeedTest.objects.create(
            code=f"AAAA-BBBB-{number:04}",
            test=f"spd-{number}",
            at=NOW - timedelta(minutes=number),
            down_kbps=speed,
            area=area,
            conditions=conditions,
            invalid_because=why_not,
            **test,
        )
    figures = {"down_kbps": 70_000, "rtt_us": 5_000, "method": "gateway", "area": "s1"}
    append([Fact("SpeedMeasured", "p-1", "line-1", NOW - HOUR, "probes", figures)], now=NOW)
    taken = take_own_tests(now=NOW)
    rows = taken.rows
    assert (rows.read, rows.used, rows.unreadable, rows.impossible) == (6, 4, 1, 1)
    stored = scan_breakdown(since=NOW - 2 * HOUR)
    assert stored is not None
    speeds = stored.filter(kpi="down_user_mbps").select("area", "device", "value", "users")
    assert sorted(speeds.collect().rows()) == [
        ("n1", "cable", 90.0, 1.0),
        ("n1", "wifi", 50.0, 2.0),
        ("s1", "gateway", 70.0, 1.0),
    ]
    # They do not enter the counters of cells, in which incidents are searched for.
    assert read_stored(since=NOW - 2 * HOUR).is_empty()


def test_a_row_without_an_app_is_the_total_and_volumes_are_added_up() -> None:
    rows = pl.DataFrame(
        [
            ("c1", "rtt_ms", "", 20.0),
            ("c1", "rtt_ms", "video", 90.0),
            ("c2", "traffic_gb", "video", 3.0),
            ("c2", "traffic_gb", "chat", 1.0),
        ],
        schema=["cell", "kpi", "app", "value"],
        orient="row",
    ).with_columns(
        area=pl.lit("n1"),
        at=pl.lit(NOW),
        service=pl.lit(""),
        partner=pl.lit(""),
        device=pl.lit(""),
        users=pl.lit(None, pl.Float64),
        offset_min=pl.lit(0),
    )
    assert sorted(totals_of(rows)["value"].to_list()) == [4.0, 20.0]


def test_pages_use_baselines_until_newer_ones_are_written() -> None:
    small_network()
    cells = {"n1-c1": "n1", "n1-c2": "n1"}
    store(samples(cells, days=30, bad="n1-c2", until=NOW))
    renew_baselines()
    store(samples(cells, days=30, bad="n1-c1", until=NOW + HOUR))
    before = why(["n1"], bad_directions(), zone="Asia/Shanghai")
    assert before is not None
    assert (before.cell, before.until) == ("n1-c2", NOW - HOUR)
    assert baselines_outdated()
    renew_baselines()
    after = why(["n1"], bad_directions(), zone="Asia/Shanghai")
    assert after is not None
    assert (after.cell, after.until) == ("n1-c1", NOW)


def test_a_later_row_replaces_an_earlier_one_of_the_same_sample() -> None:
    row = {"at": [NOW], "area": ["n1"], "cell": ["c"], "kpi": ["rtt_ms"]}
    schema = {"at": pl.Datetime("us", "UTC")}
    for value in (10.0, 12.0):
        store(pl.DataFrame(row | {"value": [value]}, schema_overrides=schema))
    assert read_stored(since=NOW - HOUR)["value"].to_list() == [12.0]
    assert newest_sample() == NOW


def test_the_forecast_of_stored_counters_says_where_capacity_is_too_small(tmp_path: Path) -> None:
    small_network()
    hours = [NOW - HOUR * n for n in range(35 * 24)]
    schema = {"at": pl.Datetime("us", "UTC")}
    for area, level in (("n1", 0.6), ("s1", 0.3)):
        value = [level * (1 + 0.5 * np.sin((at.hour - 6) / 24 * 6.28)) for at in hours]
        store(
            pl.DataFrame(
                {"at": hours, "area": area, "cell": area, "kpi": "utilisation_share"}
                | {"value": value},
                schema_overrides=schema,
            )
        )
    client = signed_in(colleague("lin", "handler"))
    assert "No forecast yet" in client.get("/desk/network/forecast/").content.decode()
    assert forecast_stored(now=NOW) == 2
    full, calm = peaks_ahead()
    assert (full.area, full.passes, calm.passes) == ("n1", True, False)
    assert full.low <= full.middle <= full.high
    page = client.get("/desk/network/forecast/").content.decode()
    assert "1 of 2 areas will pass their capacity" in page
    assert "The capacity of 2 areas is not stated; 80% is assumed" in page

    file = tmp_path / "capacities.csv"
    rows = ("n1,utilisation_share,0.99", "mars,utilisation_share,0.9", "s1,utilisation_share,80")
    file.write_text("\n".join(("area,kpi,capacity", *rows)))
    stated = state_capacities(file)
    assert (stated.stated, stated.unknown_areas, stated.out_of_range) == (1, ["mars"], ["s1"])
    full, calm = peaks_ahead()
    assert (full.capacity, full.stated, full.passes, calm.stated) == (0.99, True, False, False)


def test_the_catalogue_and_the_measures_of_improvements_are_shown() -> None:
    small_network()
    DegradedStretch.objects.create(
        cell="n1-c1",
        area="n1",
        kpi="rtt_ms",
        from_at=NOW - 9 * HOUR,
        to_at=NOW - 3 * HOUR,
        found_at=NOW - 8 * HOUR,
        score=6.0,
    )
    client = signed_in(colleague("ma", "manager"))
    assert (
        "/desk/measures/new/?area=n1" in client.get("/desk/network/improvements/").content.decode()
    )
    assert "area=n1" in client.get("/desk/measures/new/?area=n1").content.decode()
    today = timezone.localdate()
    Measure.objects.create(
        number=1,
        title="Second carrier",
        owner="ma",
        starts_on=today,
        judge_on=today + timedelta(days=70),
        expected_drop_permille=300,
        treated=["area=n1|code=network.speed"],
        planned_at=NOW,
        planned_by="ma",
    )
    page = client.get("/desk/network/improvements/").content.decode()
    assert "Second carrier" in page
    assert "?area=n1" not in page
    page = client.get("/desk/network/indicators/").content.decode()
    assert "HTTP mean data rate" in page
    assert "not verified" in page


def test_without_counters_the_page_says_so() -> None:
    small_network()
    client = signed_in(colleague("lin", "handler"))
    page = client.get("/desk/network/areas/n1/why/")
    assert "No counters of this area" in page.content.decode()
    assert client.get("/desk/network/areas/n1/why/?cell=nothing").status_code == 404
    for path in ("improvements", "products"):
        assert client.get(f"/desk/network/{path}/").status_code == 200


def test_why_takes_less_than_seconds_for_ten_thousand_cells() -> None:
    """Five weeks of two indicators of 10,000 cells in 200 areas; one area is asked about."""
    small_network()
    cells, days = 10_000, 35
    hours = [NOW - HOUR * n for n in range(0, days * 24, 6)]
    chance = np.random.default_rng(1)
    for at in hours:
        rows = pl.DataFrame(
            {
                "at": [at] * (2 * cells),
                "area": [("n1" if n < 50 else f"a{n // 50}") for n in range(cells)] * 2,
                "cell": [f"c{n}" for n in range(cells)] * 2,
                "kpi": ["rtt_ms"] * cells + ["down_user_mbps"] * cells,
                "value": chance.normal(20, 1, 2 * cells),
            },
            schema_overrides={"at": pl.Datetime("us", "UTC")},
        )
        if at.hour == 2:
            store(rows)
    began = time.perf_counter()
    found = why(["n1"], bad_directions(), zone="Asia/Shanghai")
    # On a quiet machine 0.1 s; other tests may run beside it.
    assert time.perf_counter() - began < 5
    assert found is not None


@pytest.mark.parametrize(
    "with_spark", [False, pytest.param(True, marks=pytest.mark.spark)], ids=["local", "spark"]
)
def test_baselines_in_parts_are_equal(
    with_spark: bool, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = {f"{area}-c{n}": area for area in ("n1", "n2", "s1") for n in (1, 2)}
    rows = samples(cells, days=30, bad="n1-c2", until=NOW)
    store(rows)
    by_app = {"service": "", "app": "video", "partner": "", "device": ""}
    store_breakdown(
        rows.with_columns(pl.lit(3.0).alias("users"), **{k: pl.lit(v) for k, v in by_app.items()})
    )
    directions = bad_directions()

    def written(spark: Any = None) -> list[pl.DataFrame]:
        assert write_baselines(directions, zone="Asia/Shanghai", spark=spark) == 6 * 2
        files = sorted(baselines_dir().iterdir())
        assert [file.name for file in files] == [
            "breakdown.parquet",
            "usual.parquet",
            "worse.parquet",
        ]
        return [pl.read_parquet(file) for file in files]

    # A run that was killed two days ago left its parts.
    left = baselines_dir() / ".parts-killed"
    left.mkdir(parents=True)
    (left / "usual-000000.parquet").write_bytes(b"half")
    os.utime(left, (time.time() - 2 * 86_400,) * 2)
    at_once = written()
    # So every area is a part of its own.
    monkeypatch.setattr("amends.network.quality.actions.write_baselines.MOST_ROWS", 1)
    in_parts = written(request.getfixturevalue("spark") if with_spark else None)
    for one, other in zip(at_once, in_parts, strict=True):
        assert one.height > 0
        assert_frame_equal(one, other)
