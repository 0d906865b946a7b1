"""Links of complaints and events: the pairs near each other, counted before they are made."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from amends.quality.rules.links import MOST_PAIRS, UnableToLink, link

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
            (ref, area, service, START + timedelta(hours=start),
             None if end is None else START + timedelta(hours=end), "outage")
            for ref, area, service, start, end in rows
        ],
        schema=["event", "area", "service", "from", "to", "kind"],
        orient="row",
    )  # fmt: skip


def test_each_complaint_is_held_against_the_events_of_its_place_and_time() -> None:
    came = complaints([("c1", 1, "network.outage"), ("c2", 300, "network.outage")])
    happened = events(
        ("here", "north", "mobile", 0, 2), ("there", "south", "mobile", 0, 2),
        ("other", "north", "fixed", 0, 2), ("wide", "*", "", 0.5, 1.5),
    )  # fmt: skip
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
