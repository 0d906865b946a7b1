"""The page of duties names every duty in force, with its source."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from amends.engines.duties.book import book
from amends.engines.duties.duty import EVENTS
from amends.platform.kit.packs import jurisdictions

PAGE = (Path(__file__).parents[2] / "docs" / "duties.md").read_text(encoding="utf-8")
ROWS = {line.split("`")[1]: line for line in PAGE.splitlines() if line.startswith("| `")}
TODAY = date(2026, 11, 24)


@pytest.mark.parametrize("place", jurisdictions())
def test_every_duty_stands_there_with_its_source(place: str) -> None:
    for duty in book(place, TODAY).duties:
        assert f"| {duty.en} |" in ROWS[duty.id]
        assert f"| {duty.source} |" in ROWS[duty.id]
        checked = {True: "yes", "press": "press", False: "no"}[duty.verified]
        assert ROWS[duty.id].endswith(f"| {checked} |")


def test_no_duty_stands_there_that_is_not_in_force() -> None:
    known = {duty.id for place in jurisdictions() for duty in book(place, TODAY).duties}
    assert set(ROWS) <= known


def test_the_kinds_of_events_it_names_exist() -> None:
    said = PAGE.partition("Kinds: ")[2].partition(". Ends")[0]
    assert set(said.replace("`", "").replace("\n", " ").replace(" ", "").split(",")) <= set(EVENTS)
