"""Files whose scan or verdict would take minutes and gigabytes are refused before they are read."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from amends.platform.kit.errors import BadInput
from amends.platform.tabular.width import MAX_COLUMNS, check_width
from amends.problems.hotissues.actions.scan_file import scan_file
from amends.problems.hotissues.queries.complaint_rows import MOST_PERIODS, MOST_SERIES
from amends.problems.hotissues.refusals import UnableToCountComplaints, UnableToReadCounts
from amends.problems.measures.actions.judge_file import (
    MOST_COLUMNS,
    FileTerms,
    UnableToJudgeFile,
    judge_file,
)
from amends.problems.measures.actions.judge_file import MOST_PERIODS as MOST_JUDGED

DAY = date(2026, 1, 1)


def scan(path: Path, **more: object) -> object:
    wishes = {"last": 7, "alarms": None, "false_per_series_year": 0.45}
    return scan_file(path, **(wishes | more))  # type: ignore[arg-type]


def write(path: Path, *lines: str) -> Path:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def test_a_file_of_too_many_series_is_refused(tmp_path: Path) -> None:
    names = ",".join(f"s{n}" for n in range(MOST_SERIES + 1))
    row = ",".join("1" for _ in range(MOST_SERIES + 1))
    path = write(tmp_path / "wide.csv", f"date,{names}", f"{DAY},{row}")
    with pytest.raises(UnableToReadCounts, match="25,001 series; at most 25,000"):
        scan(path)


def test_the_command_opens_as_many_columns_as_a_scan_reads(tmp_path: Path) -> None:
    check_width(write(tmp_path / "most.csv", "date" + ",s" * MOST_SERIES))
    with pytest.raises(BadInput, match="at most 25,010"):
        check_width(write(tmp_path / "more.csv", "date" + ",s" * MAX_COLUMNS))


def test_a_mistyped_year_makes_no_millions_of_periods(tmp_path: Path) -> None:
    days = [f"{DAY + timedelta(days=n)},3" for n in range(30)]
    path = write(tmp_path / "gap.csv", "date,a", "0001-01-01,3", *days)
    with pytest.raises(UnableToReadCounts, match=r"spans 7\d\d,\d\d\d periods"):
        scan(path)
    path = write(tmp_path / "long.csv", "a", *["1"] * (MOST_PERIODS + 1))
    with pytest.raises(UnableToReadCounts, match="at most 17,600"):
        scan(path)


def test_complaints_of_too_many_values_are_refused(tmp_path: Path) -> None:
    rows = [f"{DAY + timedelta(days=n % 40)},p{n},area{n}" for n in range(MOST_SERIES + 5)]
    path = write(tmp_path / "rows.csv", "date,person,area", *rows)
    with pytest.raises(UnableToCountComplaints, match="too many to scan at once"):
        scan(path, by=["area"])


def test_a_verdict_reads_no_million_of_rows_or_columns(tmp_path: Path) -> None:
    rows = [f"{n % 9},{int(n > 99)}" for n in range(MOST_JUDGED + 1)]
    with pytest.raises(UnableToJudgeFile, match="10,001 periods; at most 10,000"):
        judge_file(write(tmp_path / "long.csv", "treated,after", *rows), FileTerms())
    wide = write(tmp_path / "wide.csv", "treated," + "a," * MOST_COLUMNS)
    with pytest.raises(UnableToJudgeFile, match="1,002 columns; at most 1000"):
        judge_file(wide, FileTerms())
