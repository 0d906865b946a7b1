"""What Amends answers today is what it answered when `make golden` was last run."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest

from tests.golden.__main__ import HERE, record

SHOWN = 60
"""Lines of each difference."""


@pytest.mark.golden
def test_nothing_differs_from_the_golden_record(tmp_path: Path) -> None:
    record(tmp_path)
    differences: list[str] = []
    for file in sorted(tmp_path.iterdir()):
        then = (HERE / "record" / file.name).read_text("utf-8").splitlines()
        now = file.read_text("utf-8").splitlines()
        lines = list(
            difflib.unified_diff(then, now, f"{file.name}, recorded", file.name, n=2, lineterm="")
        )
        differences += lines[:SHOWN]
        if len(lines) > SHOWN:
            differences.append(f"… {len(lines) - SHOWN} more lines")
    assert not differences, "\n".join(
        [*differences, "", "If each difference is meant, renew the record: make golden"]
    )
