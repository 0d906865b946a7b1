"""Links of complaints and events: the pairs near each other, counted before they are made."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from tests.shell import amends

from amends.network.quality.rules.links import MOST_PAIRS, UnableToLink, link

START = datetime(2026, 5, 1, tzinfo=UTC)


def complaints(rows: list[tuple[str, float, str]], area: str = "north") -> pl.DataFrame:
    return pl.DataFrame(
        [(ref, START + timedelta(hours=at), area, "mobile", name) for ref, at, name in rows],
        schema=["complaint", "at", "area", "service", "class"],
        orient="row",
    )


def events(*rows: tuple[str, str, str, float, float | None]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            (
                ref,
                area,
                service,
                START + timedelta(hours=start),
                None if end is None else START + timedelta(hours=end),
                "outage",
            )
            for ref, area, service, start, end in rows
        ],
        schema=["event", "area", "service", "from", "to", "kind"],
        orient="row",
    )


def test_each_complaint_is_held_against_the_events_of_its_place_and_time() -> None:
    came = complaints([("c1", 1, "network.outage"), ("c2", 300, "network.outage")])
    happened = events(
        ("here", "north", "mobile", 0, 2),
        ("there", "south", "mobile", 0, 2),
        ("other", "north", "fixed", 0, 2),
        ("wide", "*", "", 0.5, 1.5),
    )
    found = link(came, happened)
    assert found["complaint"].to_list() == ["c1"]
    assert found["event"].to_list() == ["wide"], "of two as likely, the one that began last"
    assert link(came, happened.filter(pl.col("event") == "there")).is_empty()


def test_what_would_take_gigabytes_is_refused_in_words() -> None:
    many = round(MOST_PAIRS**0.5) + 10
    came = complaints([(f"c{n}", 1, "network.outage") for n in range(many)])
    happened = events(*[(f"e{n}", "*", "*", 0, None) for n in range(many)])
    with pytest.raises(UnableToLink, match="pairs of a complaint and an event"):
        link(came, happened)


TEN_MB = 10_000_000
ROWS: dict[str, tuple[str, str]] = {
    "of nothing": (",,,,", ",,,,,"),
    "of keys alone": ("{n},,,,", "{n},,,,,"),
    "of one day": ("{n},2026-01-01,,,", "{n},,,2026-01-09,,"),
    "of one area each": (
        "c{n},2026-01-01T01:00Z,a{n},mobile,k{n}",
        "e{n},a{n},mobile,2026-01-01T00:00Z,2026-01-02T00:00Z,o{n}",
    ),
}


def filled(header: str, row: str) -> str:
    """A header and as many rows as ten megabytes hold."""
    count = TEN_MB // (len(row.format(n=100_000)) + 1)
    return "\n".join([header, *(row.format(n=number) for number in range(count))])


SHAPES = [
    pytest.param(name, marks=pytest.mark.nightly)
    if name in ("of keys alone", "of one day")
    else name
    for name in ROWS
]
"""The most rows and the most keys at every run; what lies between them at night."""


@pytest.mark.parametrize("name", SHAPES)
def test_ten_megabytes_take_no_more_than_400_megabytes(tmp_path: Path, name: str) -> None:
    complaint, event = ROWS[name]
    (tmp_path / "c.csv").write_text(filled("complaint,at,area,service,class", complaint))
    (tmp_path / "e.csv").write_text(filled("event,area,service,from,to,kind", event))
    # The peak of the process itself; what `resource` says includes its parent's before it began.
    script = (
        "import pathlib, sys\n"
        "from amends.site.cli import main\n"
        "try:\n    main()\n"
        "except SystemExit as ended:\n    code = ended.code\n"
        "peak = pathlib.Path('/proc/self/status').read_text().partition('VmHWM:')[2].split()[0]\n"
        "print(int(peak) // 1024, file=sys.stderr)\n"
        "sys.exit(code)"
    )
    words = ["quality", "link", "c.csv", "e.csv", "--out", "pairs.csv"]
    done = subprocess.run(
        [sys.executable, "-c", script, *words],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stderr.split()[-1]) <= 500


def test_a_text_in_place_of_a_class_is_refused(tmp_path: Path) -> None:
    came, happened = tmp_path / "c.csv", tmp_path / "e.csv"
    came.write_text("complaint,at,area,service,class\nc1,2026-01-01,n,mobile," + "x" * 1_001)
    happened.write_text("event,area,service,from,to,kind\n")
    done = amends("quality", "link", came, happened, "--out", tmp_path / "out.csv")
    assert done.code == 2
    assert "column class" in done.err
