"""Counter files with a column an indicator, as network management systems export them."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import polars as pl
import pytest
import xlsxwriter
from tests.needs import shared_folder

from amends.network.quality.actions.read_counters import Counters, read_counters
from amends.network.quality.rules.indicators import indicators
from amends.platform.kit.errors import BadInput

HEADER = "Date,Hour,eNodeB ID,Cell Name,RRC Setup Success Rate (%),DL User Throughput (kbps),HO Failure Rate"
ROWS = ["2026-06-01,0,5001,A1,99.5,8000,1.5", "2026-06-01,1,5001,A1,98,-,2.5"]


def read(path: Path) -> Counters:
    return read_counters(
        path, indicators_by_kpi=indicators(date(2026, 12, 1)), zone="Asia/Shanghai"
    )


def samples(counters: Counters) -> dict[tuple[str, int], float]:
    """Value by indicator and hour of the day (local)."""
    local = counters.frame.with_columns(pl.col("at").dt.convert_time_zone("Asia/Shanghai"))
    return {
        (row["kpi"], row["at"].hour): round(row["value"], 4) for row in local.iter_rows(named=True)
    }


def expected() -> dict[tuple[str, int], float]:
    return {
        ("session_setup_failure_share", 0): 0.005,
        ("session_setup_failure_share", 1): 0.02,
        ("down_user_mbps", 0): 8.0,
        ("HO Failure Rate", 0): 1.5,
        ("HO Failure Rate", 1): 2.5,
    }


def test_names_units_and_success_rates_are_read_as_indicators(tmp_path: Path) -> None:
    file = tmp_path / "wide.csv"
    file.write_text("\n".join([HEADER, *ROWS]))
    counters = read(file)
    assert samples(counters) == expected()
    assert counters.frame["cell"].unique().to_list() == ["A1"]
    readings = {reading.column: reading for reading in counters.readings}
    # The identifier of the base station is a number and no indicator.
    assert set(readings) == set(HEADER.split(",")[4:])
    assert readings["DL User Throughput (kbps)"].unit_stated
    assert readings["HO Failure Rate"].worse == "high"


def test_a_workbook_and_json_say_the_same(tmp_path: Path) -> None:
    book, document = tmp_path / "wide.xlsx", tmp_path / "wide.json"
    header, rows = HEADER.split(","), [row.split(",") for row in ROWS]
    with xlsxwriter.Workbook(book) as workbook:
        sheet = workbook.add_worksheet()
        for number, row in enumerate([header, *rows]):
            sheet.write_row(number, 0, row)
    document.write_text(json.dumps([dict(zip(header, row, strict=True)) for row in rows]))
    assert samples(read(book)) == samples(read(document)) == expected()


def test_chinese_names_and_decimal_commas(tmp_path: Path) -> None:
    file = tmp_path / "wide.csv"
    file.write_text("时间;小区名称;下行速率(Mbps);PRB利用率(%)\n2026-06-01 08:00;甲;10,25;45,5\n")
    assert samples(read(file)) == {("down_user_mbps", 8): 10.25, ("utilisation_share", 8): 0.455}


def test_a_unit_that_is_assumed_is_said(tmp_path: Path) -> None:
    file = tmp_path / "wide.csv"
    file.write_text("timestamp,cell,DL_bitrate\n2026-06-01 08:00,A,10\n")
    (reading,) = read(file).readings
    assert (reading.indicator, reading.unit, reading.unit_stated) == (
        "down_user_mbps",
        "Mbit/s",
        False,
    )


def test_a_file_without_indicators_is_refused_with_both_forms(tmp_path: Path) -> None:
    file = tmp_path / "sites.csv"
    file.write_text("time,cell,latitude,longitude,pci\n2026-06-01,A,31.2,121.4,17\n")
    with pytest.raises(BadInput) as refused:
        read(file)
    assert "rtt_ms" in str(refused.value.next_step)


@pytest.mark.shared
def test_traces_of_a_public_data_set() -> None:
    folder = shared_folder()
    assert folder is not None
    counters = read(folder / "data/radio_5g/traces_dev.csv")
    known = {reading.indicator for reading in counters.readings}
    assert {"down_user_mbps", "up_user_mbps", "rtt_ms", "loss_share", "RSRP"} <= known
    assert "CellID" not in known
    assert counters.rows.used > 0.5 * counters.rows.read
