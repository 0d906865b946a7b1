"""What is watched beside the counters: the same however files are cut, and the same as the auditor."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from amends.cases.audits.rules.watched import owed_by_watching
from amends.causes.notices.rules.watching import (
    SIGHTED,
    at_borders,
    first_charges,
    marks_of,
    may_have_first,
    recent_ms,
)
from amends.engines.duties.book import book
from amends.platform.kit.packs import load_rules

BOOK = book("cn", date(2026, 11, 24))
MARKS = marks_of(load_rules("amends.causes.notices", "watching", BOOK.on))
MINUTE, DAY = 60_000, 86_400_000
NOTHING = pl.DataFrame(schema=SIGHTED)

sightings = st.lists(
    st.tuples(st.sampled_from("abc"), st.integers(0, 600), st.sampled_from(["", "", "HK", "MO"])),
    max_size=40,
    unique_by=lambda one: one[:2],
)


def frame(rows: list[tuple[str, int, str]]) -> pl.DataFrame:
    listed = [(line, minute * MINUTE, country) for line, minute, country in rows]
    return pl.DataFrame(listed, schema=SIGHTED, orient="row")


@given(sightings, st.lists(st.integers(0, 600), max_size=4))
def test_cutting_files_in_time_changes_nothing(
    rows: list[tuple[str, int, str]], cuts: list[int]
) -> None:
    whole, _ = at_borders(frame(rows), NOTHING, MARKS)
    parts, carried = [NOTHING], NOTHING
    bounds = [-1, *sorted(cuts), 600]
    for low, high in pairwise(bounds):
        some = frame([one for one in rows if low < one[1] <= high])
        found, carried = at_borders(some, carried, MARKS)
        parts.append(found)
    assert sorted(pl.concat(parts).rows()) == sorted(whole.rows())


@given(sightings)
def test_borders_are_those_the_auditor_finds(rows: list[tuple[str, int, str]]) -> None:
    notified, _ = at_borders(frame(rows), NOTHING, MARKS)
    usage = frame(rows).with_columns(subscriber=pl.col("service"))
    charges = pl.DataFrame(schema=CHARGED)
    owed = owed_by_watching(charges, usage, BOOK.on_trigger(["border"]), BOOK)
    assert sorted(owed.select("service", "event_at_ms").rows()) == sorted(
        notified.select("service", "at_ms").rows()
    )


CHARGED = {
    "id": pl.String,
    "subscriber": pl.String,
    "subject": pl.String,
    "happened_at_ms": pl.Int64,
    "charge_kind": pl.String,
    "amount_minor": pl.Int64,
    "currency": pl.String,
}
charges = st.lists(
    st.tuples(
        st.sampled_from("pq"),
        st.integers(0, 200),
        st.sampled_from(["monthly_fee", "value_added"]),
        st.integers(-5, 20),
    ),
    max_size=30,
)


@given(charges, st.integers(0, 200))
def test_new_charges_are_those_the_auditor_finds(
    rows: list[tuple[str, int, str, int]], since: int
) -> None:
    made = pl.DataFrame(
        [
            (f"c{number:03}", person, f"svc-{person}-{kind}", day * DAY, kind, amount, "CNY")
            for number, (person, day, kind, amount) in enumerate(rows)
        ],
        schema=CHARGED,
        orient="row",
    )
    notified = first_charges(made, MARKS, since_ms=since * DAY, zone=BOOK.zone)
    owed = owed_by_watching(made, NOTHING, BOOK.on_trigger(["new_charge_kind"]), BOOK)
    after = owed.filter(pl.col("event_at_ms") >= since * DAY)
    assert sorted(notified.select("service", "at_ms").rows()) == sorted(
        after.select("service", "event_at_ms").rows()
    )


@given(charges, st.integers(0, 200), st.integers(1, 3))
def test_accounts_that_had_all_their_kinds_shortly_before_have_no_new_one(
    rows: list[tuple[str, int, str, int]], since: int, months: int
) -> None:
    made = pl.DataFrame(
        [
            (f"c{number:03}", person, "svc", day * DAY, kind, amount, "CNY")
            for number, (person, day, kind, amount) in enumerate(rows)
            if day < since + 7
        ],
        schema=CHARGED,
        orient="row",
    )
    marks = replace(MARKS, months=months)
    recently = since * DAY - recent_ms(marks, late_ms=7 * DAY)
    asked = may_have_first(made.filter(pl.col("happened_at_ms") >= recently), since_ms=since * DAY)
    notified = first_charges(made, marks, since_ms=since * DAY, zone=BOOK.zone)
    assert set(notified["subscriber"]) <= set(asked)


def test_a_ringtone_nobody_ordered_is_new_and_the_second_month_of_it_is_not() -> None:
    rows = [(f"m{n}", "p", "line", n * 30 * DAY, "monthly_fee", 5_900, "CNY") for n in range(4)]
    rows += [
        (f"r{n}", "p", "tone", (65 + n * 30) * DAY, "value_added", 1_000, "CNY") for n in range(2)
    ]
    made = pl.DataFrame(rows, schema=CHARGED, orient="row")
    found = first_charges(made, MARKS, since_ms=0, zone=BOOK.zone)
    assert found.select("service", "charge_kind", "at_ms").rows() == [
        ("tone", "value_added", 65 * DAY)
    ]
