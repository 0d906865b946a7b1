"""A reader of strangers' files ends at its limits, and its caller goes on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import xlsxwriter

from amends.platform.environment.limited_process import LimitReached, ReaderLimits, output_lines
from amends.platform.tabular import spreadsheets
from amends.platform.tabular.tables import read_table
from amends.platform.tabular.workbook_reader import UnableToOpenWorkbook

pytestmark = pytest.mark.no_database

LIMITS = ReaderLimits(memory_bytes=500_000_000, cpu_s=2, wait_s=20, output_bytes=100_000)


def _run(statement: str, limits: ReaderLimits = LIMITS) -> bytes:
    """Run one statement in a limited process; `timeit` is a module that runs what it is given."""
    with Path(__file__).open("rb") as file:
        words = ("-n", "1", "-r", "1", statement)
        return b"".join(output_lines("timeit", *words, file=file, limits=limits))


def test_the_output_is_returned() -> None:
    assert b"whole answer" in _run("print('whole answer')")


def test_the_file_is_the_standard_input() -> None:
    assert b"A reader of strangers" in _run("import sys; print(sys.stdin.readline())")


def test_settings_and_secrets_are_not_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMENDS_SECRET_KEY", "harbour-kite")
    assert b"harbour-kite" not in _run("import os; print(dict(os.environ))")


@pytest.mark.parametrize(
    "statement",
    [
        "while True: pass",
        "content = bytes(10**9)",
        "print('x' * 200_000)",
        "raise SystemExit(1)",
    ],
)
def test_a_limit_ends_the_process(statement: str) -> None:
    with pytest.raises(LimitReached):
        _run(statement)


def test_elapsed_time_is_limited() -> None:
    with pytest.raises(LimitReached):
        _run("import time; time.sleep(30)", replace(LIMITS, wait_s=0.5))


def test_a_workbook_that_exhausts_its_reader_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Complaints")
        sheet.write_row(0, 0, ["id", "text"])
        sheet.write_row(1, 0, [7, "No signal"])
    assert read_table(path).rows == [["7", "No signal"]]
    monkeypatch.setattr(
        spreadsheets, "READER_LIMITS", replace(spreadsheets.READER_LIMITS, output_bytes=10)
    )
    with pytest.raises(UnableToOpenWorkbook, match="limits of time and memory"):
        read_table(path)
