"""Every table that a person may open in a spreadsheet is written by `tabular.exports`."""

from __future__ import annotations

import csv
import io
import re

import polars as pl
import pytest
from tests.source_tree import DEMONSTRATION, app_path, source_files

from amends.platform.tabular.exports import neutral_frame, write_csv

pytestmark = pytest.mark.no_database
WRITERS = {"tabular/exports.py": "the one that makes cells neutral"}
STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t")


def test_nobody_else_writes_csv() -> None:
    found = {
        str(app_path(path)): line.strip()
        for path in source_files("*.py")
        if not path.is_relative_to(DEMONSTRATION)
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r"csv\.(?:writer|DictWriter)\(", line)
        or (re.search(r"\w\.write_csv\b", line) and "neutral_frame(" not in line)
    }
    assert found.keys() == WRITERS.keys(), found


def test_both_ways_of_writing_agree() -> None:
    cells = [f"{start}cmd()" for start in STARTS] + ["-12.50", "+7", "+8a", "", "plain", "a=b"]
    header = ["＝a", "b"]
    by_row, by_frame = io.StringIO(), io.StringIO()
    write_csv(by_row, header, [[cell, "x"] for cell in cells])
    frame = pl.DataFrame({"＝a": cells, "b": ["x"] * len(cells)})
    neutral_frame(frame).write_csv(by_frame)
    one, other = ([*csv.reader(io.StringIO(out.getvalue()))] for out in (by_row, by_frame))
    assert one == other
    written = [row[0] for row in one]
    assert [cell for cell in written if cell.startswith(STARTS)] == ["-12.50", "+7"]
