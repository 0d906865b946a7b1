"""The Chinese bulletins as golden figures: rates, changes, breaks, and the one that is misprinted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from amends.engines.stats.rates import rate
from amends.problems.indicators.rules.definitions import breaks, class_breaks, definitions
from amends.problems.indicators.rules.published_bulletins import (
    Printed,
    check_chain,
    check_operators,
    check_printed,
    check_shares,
    counts,
    derived,
    only_shares,
    operators,
    published,
)

ON = date(2026, 12, 1)
QUARTERS = {quarter.id: quarter for quarter in published(ON)}


@pytest.mark.parametrize(
    ("quarter", "mean_users"),
    [("2012-Q1", 1294.8e6), ("2012-Q3", 1358e6), ("2018-Q3", 2106e6)],
)
def test_printed_rates_follow_from_appeals_and_users(quarter: str, mean_users: float) -> None:
    found = QUARTERS[quarter]
    assert rate(found.appeals, mean_users).rate == pytest.approx(found.rate, abs=0.05)


def test_the_operators_of_2012_q1_within_their_tolerance() -> None:
    quarter, lines = QUARTERS["2012-Q1"], operators(ON)
    assert check_operators(quarter, lines) == []
    # Rounded shares of users do not give the rate to its own rounding: 8.54 where 8.6 is printed.
    tight = check_operators(quarter, lines, rate_tolerance=0.05)
    assert [(one.where, round(one.computed, 2)) for one in tight] == [("2012-Q1-mobile", 8.54)]
    # The annex counts by class, not the shares of the running text (43.5 / 37 / 19.5).
    parts = [sum(getattr(one, name) for one in lines) for name in ("service", "charges", "network")]
    assert [round(part / quarter.appeals * 100, 1) for part in parts] == [43.3, 37.3, 19.4]


@pytest.mark.parametrize("field", ["service", "total", "rate", "share"])
def test_a_misprint_in_an_annex_is_flagged(field: str) -> None:
    first, *others = operators(ON)
    wrong = replace(first, **{field: getattr(first, field) + 1})
    flags = check_operators(QUARTERS["2012-Q1"], [wrong, *others])
    assert flags
    assert {one.where for one in flags} <= {first.id, "2012-Q1"}


def test_quarters_without_a_rate_chain_and_join_no_series() -> None:
    found = counts(ON)
    assert check_chain(found) == []
    wrong = [*found[:-1], replace(found[-1], appeals=37_943)]
    assert [one.where for one in check_chain(wrong)] == ["2020-Q2"]
    assert not {one.id for one in found} & set(QUARTERS)
    shares = only_shares(ON)
    assert not {one.id for one in shares} & {*QUARTERS, *(one.id for one in found)}
    assert all(sum(one.shares) < 100 for one in shares), "the rest is not named"
    (mark,) = [
        one
        for one in class_breaks([*(one.id for one in found), "2025-Q1"], ON).values()
        if one.id == "classes-2025"
    ]
    assert mark.before == "2025-Q1"


def test_ten_quarters_carry_a_rate() -> None:
    assert [one.rate for one in QUARTERS.values()] == [
        9.18,
        10.4,
        16.8,
        12.4,
        11.3,
        12.1,
        12.7,
        8.6,
        8.5,
        8.8,
    ]


def test_printed_changes_chain() -> None:
    assert check_chain(list(QUARTERS.values())) == []
    rates = QUARTERS["2012-Q3"].rate / QUARTERS["2012-Q2"].rate - 1
    assert rates * 100 == pytest.approx(7.1, abs=0.05), "from rounded rates; 7.4 is printed"


def test_a_changed_count_breaks_the_chain() -> None:
    broken = [
        *(quarter for name, quarter in QUARTERS.items() if name != "2018-Q3"),
        type(QUARTERS["2018-Q3"])(
            **{
                **{
                    name: getattr(QUARTERS["2018-Q3"], name)
                    for name in QUARTERS["2018-Q3"].__slots__
                },
                "appeals": 18_633,
            }
        ),
    ]
    assert [(flag.where, flag.what) for flag in check_chain(broken)] == [("2018-Q3", "change")]


def test_every_change_of_what_is_counted_is_marked() -> None:
    series = [quarter.definition for quarter in QUARTERS.values()]
    marks = breaks(series, ON)
    at = {list(QUARTERS)[place]: mark.id for place, mark in marks.items()}
    assert at == {"2010-Q3": "provinces-join", "2018-Q1": "broadband-joins"}
    assert breaks(["ofcom", "acma"], ON)[1].verified is False
    assert breaks(["acma", "acma"], ON) == {}


def test_the_misprinted_provincial_bulletin_is_flagged_and_not_mended() -> None:
    parts = [Printed("Telecom", 5), Printed("Mobile", 1), Printed("Unicom", 7)]
    (flag,) = check_printed([Printed("total", 13, before=14, change=47.0), *parts])
    assert (flag.what, flag.printed) == ("change", 47.0)
    assert flag.computed == pytest.approx(-7.14, abs=0.01)
    other = [Printed("total", 14, before=14, change=0.0), *parts]
    assert [one.what for one in check_printed(other)] == ["sum"]
    rates = [
        Printed("Mobile", 5940, users=695.3e6, rate=8.5),
        Printed("Unicom", 6034, users=299.1e6, rate=22.2),
    ]
    assert [one.where for one in check_printed(rates)] == ["Unicom"]


def test_definitions_say_what_they_count_in_both_languages() -> None:
    for one in definitions(ON).values():
        assert all((one.counts_zh, one.counts_en, one.users_zh, one.users_en))
        assert one.per in (10_000, 100_000, 1_000_000)


def test_every_printed_change_chains_and_every_share_makes_a_whole() -> None:
    quarters = list(QUARTERS.values())
    assert sum(one.change is not None for one in quarters) == 8
    assert check_chain(quarters) == []
    assert check_shares([*quarters, *counts(ON)]) == []
    last = quarters[-1]
    wrong = [*quarters[:-1], replace(last, rate_points=0.6, shares=(38.7, 36.7, 25.7))]
    assert [(one.where, one.what) for one in check_chain(wrong)] == [("2018-Q3", "rate_points")]
    assert [one.where for one in check_shares(wrong)] == ["2018-Q3"]
    at = [one.id for one in quarters].index("2012-Q2")
    wrong = [*quarters[:at], replace(quarters[at], rate_change=-7.0), *quarters[at + 1 :]]
    assert [(one.where, one.what) for one in check_chain(wrong)] == [("2012-Q2", "rate_change")]


def test_the_year_nobody_published_follows_from_the_changes_of_the_next() -> None:
    found = [one for one in derived(list(QUARTERS.values())) if one.id.startswith("2017")]
    assert [(one.id, one.appeals, one.rate) for one in found] == [
        ("2017-Q1", 12_514, 6.8),
        ("2017-Q2", 13_473, 7.2),
        ("2017-Q3", 17_240, 9.1),
        ("2017-Q4", 22_743, 11.7),
    ]
    assert not {one.id for one in found} & set(QUARTERS)
