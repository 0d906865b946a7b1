"""One definition of each measure, equal on every engine; leagues that do not rank noise."""

from __future__ import annotations

from datetime import date

import duckdb
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amends.problems.indicators.rules.definitions import definitions
from amends.problems.indicators.rules.league import LeagueEntry, league
from amends.problems.indicators.rules.measures import (
    UnitFigures,
    days_taken,
    days_to_solve,
    measures,
)
from amends.problems.indicators.rules.rates import change, figure
from amends.problems.indicators.rules.shares import indicators, standings

RULES = definitions(date(2026, 12, 1))
VERDICTS = ["upheld", "partly_upheld", "not_upheld", "person_must_decide", ""]

ELECTRONIC = ("web", "app", "sms", "mail", "social", "api")


def _frame(rows: int, seed: int) -> pl.DataFrame:
    chance = np.random.default_rng(seed)
    received = chance.integers(1_700_000_000, 1_760_000_000, rows)
    took = chance.integers(0, 40 * 86_400, rows)
    return pl.DataFrame(
        {
            "area": chance.choice(["north", "south", "", "东区"], rows),
            "verdict": chance.choice(VERDICTS, rows),
            "late": chance.random(rows) < 0.1,
            "decided_by_rule": chance.random(rows) < 0.6,
            "reopened_count": chance.integers(0, 3, rows),
            "amount_minor": chance.integers(0, 50_000, rows) * chance.integers(0, 2, rows),
            "paid_minor": chance.integers(0, 50_000, rows) * chance.integers(0, 2, rows),
            "ruled": chance.random(rows) < 0.8,
            "overruled": chance.random(rows) < 0.1,
            "channel": chance.choice(["web", "phone", "counter", "sms", ""], rows),
            "outcome": chance.choice(["solved", "partly", "not_solved", ""], rows),
            "satisfaction": pl.Series(
                [int(one) or None for one in chance.integers(0, 6, rows)], dtype=pl.Int64
            ),
            "received_s": received,
            "resolved_s": pl.Series(
                [int(a + b) if b % 3 else None for a, b in zip(received, took, strict=True)],
                dtype=pl.Int64,
            ),
        }
    )


@settings(deadline=None, max_examples=20)
@given(rows=st.integers(1, 300), seed=st.integers(0, 2**31))
def test_engines_measure_alike(rows: int, seed: int) -> None:
    frame = _frame(rows, seed)
    with duckdb.connect() as engine:
        other = engine.from_arrow(frame.to_arrow())
        for by in ("", "area", "verdict"):
            found = measures(frame, by, electronic=ELECTRONIC)
            assert found == measures(frame.lazy(), by, electronic=ELECTRONIC)
            assert found == measures(other, by, electronic=ELECTRONIC)
            assert days_taken(frame, by) == days_taken(other, by)


@pytest.mark.spark
def test_spark_measures_alike(spark) -> None:
    frame = _frame(300, 5)
    there = spark.createDataFrame(frame.to_arrow())
    for by in ("", "area", "verdict"):
        assert measures(frame, by, electronic=ELECTRONIC) == measures(
            there, by, electronic=ELECTRONIC
        )
        assert days_taken(frame, by) == days_taken(there, by)


@settings(deadline=None)
@given(rows=st.integers(1, 300), seed=st.integers(0, 2**31))
def test_measures_are_what_counting_by_hand_gives(rows: int, seed: int) -> None:
    frame = _frame(rows, seed)
    (found,) = measures(frame, electronic=ELECTRONIC)
    taken = frame.to_dicts()
    upheld = [row for row in taken if row["verdict"] in ("upheld", "partly_upheld")]
    assert found.complaints == rows
    assert found.late == sum(row["late"] for row in taken)
    assert found.upheld == len(upheld)
    # Before, money paid under an earlier decision was paid and not granted.
    assert found.refunded_minor == sum(
        max(row["amount_minor"] * (row["verdict"] in VERDICTS[:2]), row["paid_minor"])
        for row in taken
    )
    assert found.resolved == sum(row["resolved_s"] is not None for row in taken)
    days = sum(
        (row["resolved_s"] - row["received_s"]) / 86_400 for row in taken if row["resolved_s"]
    )
    assert found.days == pytest.approx(days)
    assert found.paid == sum(row["paid_minor"] > 0 and row["amount_minor"] > 0 for row in upheld)
    rated = [row["satisfaction"] for row in taken if row["satisfaction"]]
    assert (found.rated, found.content) == (len(rated), sum(one >= 4 for one in rated))
    assert found.electronic == sum(row["channel"] in ("web", "sms") for row in taken)
    within = sorted(
        (row["resolved_s"] - row["received_s"]) // 86_400 + 1 for row in taken if row["resolved_s"]
    )
    need = -(-8 * rows // 10)
    expected = within[need - 1] if len(within) >= need else None
    assert days_to_solve(days_taken(frame).get("", {}), rows) == expected


def test_nothing_is_measured_as_nothing() -> None:
    empty = _frame(1, 1).clear()
    assert measures(empty, "area", electronic=ELECTRONIC) == []


def test_a_change_is_named_only_beyond_chance() -> None:
    rule = RULES["operator"]
    july, october = date(2026, 7, 1), date(2026, 10, 1)
    before = figure(100, 1e6, rule, start=date(2026, 4, 1), end=july)
    assert change(figure(95, 1e6, rule, start=july, end=october), before).word == "not_shown"
    assert change(figure(60, 1e6, rule, start=july, end=october), before).word == "lower"
    assert change(figure(160, 1e6, rule, start=july, end=october), before).word == "higher"


def test_what_counts_different_things_has_no_trend() -> None:
    day, later = date(2026, 1, 1), date(2026, 4, 1)
    ours = figure(10, 1e6, RULES["operator"], start=day, end=later)
    theirs = figure(10, 1e6, RULES["acma"], start=day, end=later)
    with pytest.raises(ValueError, match="different things"):
        change(ours, theirs)


def test_few_units_of_a_quiet_year_are_called_out_by_chance() -> None:
    chance = np.random.default_rng(7)
    called = units = 0
    for _ in range(200):
        entries = [LeagueEntry(str(n), int(chance.poisson(8.0)), 1e5) for n in range(20)]
        called += sum(place.standing != "within" for place in league(entries))
        units += 20
    assert called / units <= 0.004, "99.8 % limits, discrete: no more than nominal"


def test_units_without_users_or_all_without_complaints_stand_nowhere() -> None:
    assert league([LeagueEntry("a", 3, 0.0)]) == []
    quiet = league([LeagueEntry("a", 0, 10.0), LeagueEntry("b", 0, 20.0)])
    assert [place.standing for place in quiet] == ["within", "within"]


@settings(deadline=None, max_examples=30)
@given(rows=st.integers(1, 300), seed=st.integers(0, 2**31))
def test_every_share_is_part_of_its_whole(rows: int, seed: int) -> None:
    for indicator in indicators(date(2026, 12, 1)).values():
        found = standings(measures(_frame(rows, seed), "area", electronic=ELECTRONIC), indicator)
        for one in found:
            if one.share:
                assert 0 <= one.share.low <= one.share.share <= one.share.high <= 1
            assert bool(one.share) == bool(one.word)


def test_shares_of_equal_units_are_not_ranked() -> None:
    chance = np.random.default_rng(11)
    called = units = 0
    kept = indicators(date(2026, 12, 1))["kept"]
    for _ in range(100):
        rows = [
            UnitFigures(str(n), complaints=60, late=int(chance.binomial(60, 0.1)))
            for n in range(20)
        ]
        called += sum(one.word != "within" for one in standings(rows, kept))
        units += 20
    assert called / units <= 0.004, "99.8 % limits, discrete: no more than nominal"
