"""Formulas against published values."""

from __future__ import annotations

import math

import pytest

from amends.causes.launches.rules.formulas import UnableToCalculate, calculate


def value(name: str, **arguments: object) -> object:
    return calculate([{"f": name, **arguments}])[0]["value"]


@pytest.mark.parametrize(
    ("servers", "load"),
    [
        (1, 0.0101),
        (2, 0.1526),
        (5, 1.3608),
        (10, 4.4612),
        (15, 8.1080),
        (20, 12.0306),
        (100, 84.064),
    ],
)
def test_erlang_b_table_at_one_per_cent(servers: int, load: float) -> None:
    found = value("erlang_b_load", servers=servers, blocking=0.01)
    assert found == pytest.approx(load, rel=6e-5, abs=5e-5)
    assert value("erlang_b", servers=servers, offered=found) == pytest.approx(0.01)
    assert value("erlang_b_servers", offered=found * (1 - 1e-9), blocking=0.01) == servers


def test_erlang_of_a_large_group_is_far_below_the_smallest_float() -> None:
    assert round(value("ln_erlang_b", servers=10_000, offered=200), 7) == -29325.7541713
    assert value("erlang_b", servers=10_000, offered=200) == 0
    assert value("erlang_b", servers=0, offered=3) == 1


def test_erlang_c() -> None:
    # 2 servers, 1 erlang: C = 1/3.
    assert value("erlang_c", servers=2, offered=1) == pytest.approx(1 / 3)
    assert value("erlang_c", servers=2, offered=2.5) == 1


@pytest.mark.parametrize(
    ("flows", "rate"),
    [
        ([-150_000, 15_000, 25_000, 35_000, 45_000, 60_000], 0.0524),
        ([-100, 0, 0, 74], -0.0955),
        ([-100, 39, 59, 55, 20], 0.28095),
        ([-100, 100, 0, -7], -0.0833),
        ([-100, 100, 0, 7], 0.06206),
        ([-5, 10.5, 1, -8, 1], 0.0886),
    ],
)
def test_irr_of_public_cases(flows: list[float], rate: float) -> None:
    assert value("irr", flows=flows) == pytest.approx(rate, abs=6e-5)


def test_irr_warns_of_several_sign_changes_and_of_none() -> None:
    several, none = calculate(
        [{"f": "irr", "flows": [-100, 230, -132]}, {"f": "irr", "flows": [100, 5]}]
    )
    assert several["value"] == pytest.approx(0.1)
    assert "2 times" in several["warnings"][0]
    assert "20.0000%" in several["warnings"][1]
    assert none["value"] is None
    assert none["warnings"]


def test_dated_flows_as_in_the_spreadsheet_manual() -> None:
    dates = ["2008-01-01", "2008-03-01", "2008-10-30", "2009-02-15", "2009-04-01"]
    flows = [-10_000, 2_750, 4_250, 3_250, 2_750]
    assert value("xirr", dates=dates, flows=flows) == pytest.approx(0.373362535, abs=1e-8)
    assert value("xnpv", rate=0.09, dates=dates, flows=flows) == pytest.approx(
        2086.647602, abs=1e-6
    )


def test_mirr_and_pmt() -> None:
    flows = [-120_000, 39_000, 30_000, 21_000, 37_000, 46_000]
    assert value("mirr", flows=flows, finance=0.10, reinvest=0.12) == pytest.approx(
        0.126094, abs=1e-6
    )
    assert value("pmt", rate_per_period=0.08 / 12, periods=60, pv=15_000) == pytest.approx(
        -304.145914
    )
    assert value("pmt", rate_per_period=0, periods=10, pv=100) == -10


def test_bass_peaks_where_the_closed_form_says() -> None:
    assert value("bass_peak", p=0.03, q=0.38) == pytest.approx(6.19, abs=0.005)
    assert value("bass", p=0.03, q=0.38, t=0) == 0
    assert value("bass", p=0.00471, q=0.506, t=500) == pytest.approx(1)


def test_ishigami_within_two_hundredths() -> None:
    found = value("sobol_ishigami", a=7, b=0.1, n=4096, seed=3)
    assert isinstance(found, dict)
    assert found["S1"] == pytest.approx([0.3139, 0.4424, 0.0], abs=0.02)
    assert found["ST"] == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.02)


@pytest.mark.parametrize(
    "row",
    [
        {"f": "erlang"},
        {"f": "npv", "rate": "ten", "flows": [1]},
        {"f": "npv", "rate": 0.1},
        {"f": "xirr", "dates": ["2026-01-01"], "flows": [1, 2]},
        {"f": "bass", "p": 0, "q": 1, "t": 1},
        {"f": "erlang_b_load", "servers": 3, "blocking": 0},
        {"f": "irr", "flows": [math.nan]},
        {"f": "sobol_ishigami", "a": 7, "b": 0.1, "n": 1000, "seed": 1},
        "npv",
        {"f": "erlang_b", "servers": 1e12, "offered": 1},
        {"f": ["npv"]},
        {"f": "\ud800"},
        {"f": "erlang_b_servers", "offered": 1e12, "blocking": 0.01},
        {"f": "irr", "flows": [1] * 10_001},
        {"f": "npv", "rate": 0.1, "flows": [10**400]},
        {"f": "xirr", "dates": [[1]], "flows": [1]},
    ],
)
def test_what_cannot_be_calculated_names_its_entry(row: object) -> None:
    with pytest.raises(UnableToCalculate, match="entry 1"):
        calculate([row])


def test_a_list_too_long_to_calculate_is_refused() -> None:
    with pytest.raises(UnableToCalculate, match="10,001 formulas; at most 10,000"):
        calculate([{"f": "npv", "rate": 0, "flows": [1]}] * 10_001)
