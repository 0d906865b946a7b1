"""A case: what is refused, what it gives, what never changes."""

from __future__ import annotations

import json
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from amends.causes.launches.queries.files import read_case
from amends.causes.launches.queries.workbook import write_template
from amends.causes.launches.rules.assess import assess, limits_on
from amends.causes.launches.rules.case import case_of, example, sha256
from amends.causes.launches.rules.forecast import forecast
from amends.causes.launches.rules.risk import break_even, draw, risk
from amends.causes.launches.rules.sheets import UnableToReadCase
from amends.causes.launches.rules.switching import after, apportion, switched

LIMITS = limits_on(date(2026, 11, 1))


def small(**sheets: Any) -> dict[str, Any]:
    """A case one can work out by hand: 1,000 users at once, two months."""
    return {
        "case": {"launch": "By hand", "currency": "CNY", "months": 2, "discount_rate": 0},
        "segments": [{"segment": "all", "market": 1_000, "analogue": "at once", "churn_month": 0}],
        "analogues": [{"analogue": "at once", "month": 1, "share": 1}],
        "price": {"month": 30, "included_min": 100, "extra_min": 0.1},
        "usage": [
            {
                "from_percentile": 0,
                "to_percentile": 90,
                "on_net_min": 60,
                "off_net_min": 40,
                "roaming_min": 0,
                "sms": 10,
                "data_mb": 1_000,
            },
            {
                "from_percentile": 90,
                "to_percentile": 100,
                "on_net_min": 100,
                "off_net_min": 1_000,
                "roaming_min": 20,
                "sms": 0,
                "data_mb": 5_000,
            },
        ],
        "settlement": [
            {"traffic": "on_net_min", "network": "own", "share": 1, "rate": 0},
            {"traffic": "off_net_min", "network": "A", "share": 0.75, "rate": 0.04},
            {"traffic": "off_net_min", "network": "B", "share": 0.25, "rate": 0.001},
            {"traffic": "roaming_min", "network": "abroad", "share": 1, "rate": 0.5},
            {"traffic": "sms", "network": "all", "share": 1, "rate": 0.01},
            {"traffic": "data_mb", "network": "own", "share": 1, "rate": 0.001},
        ],
        "costs": [{"item": "billing", "kind": "once", "from_month": 0, "amount": 10_000}],
        **sheets,
    }


def test_a_case_worked_by_hand_is_equal_to_the_cent() -> None:
    found = forecast(case_of(small()))
    # Light: 40 x (0.75 x 0.04 + 0.25 x 0.001) + 0.10 + 1.00 = 2.31.
    # Heavy: 1,000 x 0.03025 + 10 + 5 = 45.25, and 1,000 minutes beyond the allowance: 100.
    settlement = 1_000 * (0.9 * 2.31 + 0.1 * 45.25)
    income = 1_000 * (30 + 0.1 * 100)
    assert found.lines["settlement"][1:, 0] == pytest.approx([settlement] * 2, abs=0.005)
    assert found.lines["income"][1:, 0] == pytest.approx([income] * 2, abs=0.005)
    assert found.npv(0)[0] == pytest.approx(2 * (income - settlement) - 10_000, abs=0.005)


def test_heavy_users_in_loss_are_a_condition_and_settlement_above_income_a_no() -> None:
    said = _assessed(small(price={"month": 30}))
    assert any("10% of the users" in one for one in said["conditions"])
    said = _assessed(small(price={"month": 5}))
    assert said["verdict"] == "no"
    assert any("Settlement costs more" in one for one in said["reasons"])


def test_a_red_gate_is_a_condition_and_an_open_one_is_never_green() -> None:
    limits = [{"trigger": "refund_rate", "limit": 0.03}]
    document = small(price={"month": 60}, stop_loss=limits)
    free = _assessed(document)
    assert free["verdict"] == "go"
    assert set(free["gates"].values()) == {"open"}
    gates = {"publicity": ("red", "An advert names another price.")}
    red = _assessed(document, gates)
    assert red["verdict"] == "go_with_conditions"
    assert "An advert names another price." in red["conditions"][0]


def test_the_same_seed_gives_the_same_draws() -> None:
    case = case_of(example())
    assert risk(case, draws=500, seed=7) == risk(case, draws=500, seed=7)
    assert risk(case, draws=500, seed=7) != risk(case, draws=500, seed=8)


def test_without_uncertainty_every_draw_is_the_plain_figure() -> None:
    document = example() | {"uncertainty": []}
    case = case_of(document)
    plain = forecast(case).npv(case["case"][0]["discount_rate"])[0]
    assert np.allclose(draw(case, draws=100, seed=1)[0], plain)
    assert _assessed(document)["sobol"] == {}


@given(
    st.integers(0, 10**9),
    st.lists(st.integers(1, 1_000), min_size=1, max_size=8),
)
def test_apportioning_loses_nobody(total: int, weights: list[int]) -> None:
    shares = [one / sum(weights) for one in weights]
    parts = apportion(total, shares)
    assert sum(parts) == total
    assert all(abs(part - total * share) < 1 for part, share in zip(parts, shares, strict=True))


@given(st.integers(1, 300_000), st.floats(0, 1), st.floats(0, 1))
def test_subscribers_are_conserved_through_switches(market: int, a: float, b: float) -> None:
    shares = (a / 2, b / 2)
    case = case_of(
        small(
            segments=[
                {"segment": "all", "market": market, "p": 0.05, "q": 0.3, "churn_month": 0.1}
            ],
            tariffs=[
                {"tariff": name, "subscribers": 300_000, "margin_month": 5, "churn_month": 0.02}
                for name in "ab"
            ],
            switches=[
                {"tariff": name, "segment": "all", "share": share}
                for name, share in zip("ab", shares, strict=True)
            ],
        )
    )
    (moves,) = switched(case)
    left = after({"a": 300_000, "b": 300_000}, [moves])
    came = moves.buyers - moves.sources[""]
    assert sum(moves.sources.values()) == moves.buyers
    assert sum(left.values()) + came == 600_000
    assert min(left.values()) >= 0


def test_break_even_gives_a_value_of_zero() -> None:
    flat = {"extra_min": 0.0, "extra_sms": 0.0}
    price = break_even(case_of(_changed("price", 0, **flat)))["price_month"]
    case = case_of(_changed("price", 0, month=price, **flat))
    assert forecast(case).npv(0.1)[0] == pytest.approx(0, abs=1)


def test_p10_to_p90_covers_four_fifths_of_synthetic_launches() -> None:
    rng, within = np.random.default_rng(2026), 0
    for number in range(60):
        market, price = rng.integers(20_000, 400_000), rng.uniform(40, 70)
        case = case_of(
            _changed("segments", 0, market=float(market))
            | {
                "price": [example()["price"][0] | {"month": float(price)}],
                "switches": [],
            }
        )
        expected = risk(case, draws=400, seed=1)
        actual = draw(case, draws=1, seed=1_000 + number)[0][0]
        within += expected.p10 <= actual <= expected.p90
    assert 0.7 <= within / 60 <= 0.9


def _changed(sheet: str, row: int, **cells: object) -> dict[str, Any]:
    document = deepcopy(example())
    document[sheet][row] |= cells
    return document


@pytest.mark.parametrize(
    ("document", "where"),
    [
        ({key: rows for key, rows in example().items() if key != "usage"}, "usage"),
        (_changed("price", 0, month="forty-nine"), "price, row 1, month"),
        (_changed("settlement", 1, rate=-0.04), "settlement, row 2, rate"),
        (_changed("segments", 0, churn_month=30), "segments, row 1, churn_month: 30 is no share"),
        (_changed("segments", 0, p=0), "segments, row 1, p"),
        (_changed("usage", 1, from_percentile=40), "usage, row 2, from_percentile"),
        (_changed("usage", 3, to_percentile=99.5), "usage, row 4, to_percentile"),
        (_changed("settlement", 2, share=0.5), "settlement, row 3, share"),
        (_changed("switches", 0, share=1.0, tariff="student 29"), "switches, row 1, share"),
        (_changed("costs", 2, item="advertising", kind="month"), "costs, row 3, from_month"),
        (_changed("uncertainty", 0, low=2), "uncertainty, row 1, mode"),
        (_changed("capacity", 0, kind="trunks"), "capacity, row 1, kind"),
        (_changed("case", 0, months=2.5), "case, row 1, months"),
        (_changed("price", 0, colour="red"), "price, row 1, colour"),
        (example() | {"prices": []}, "prices"),
        ([], "sheets"),
    ],
)
def test_bad_input_names_sheet_and_cell(document: Any, where: str) -> None:
    with pytest.raises(UnableToReadCase, match=where):
        case_of(document)


@pytest.mark.parametrize(
    ("sheet", "row", "cells", "said"),
    [
        ("capacity", 0, {"per_user": 1e12}, "capacity, row 1, per_user: 1e.12 is above 100,000"),
        ("capacity", 0, {"hold_s": 1e12}, "capacity, row 1, hold_s: 1e.12 is above 86,400"),
        ("capacity", 1, {"installed": 1e12}, "capacity, row 2, installed"),
        ("capacity", 0, {"per_user": 90_000, "hold_s": 86_000}, "capacity, row 1, per_user"),
        ("capacity", 1, {"installed": 200_000}, "capacity, row 2, installed: .* 100,000"),
        ("segments", 0, {"market": 1e12}, "segments, row 1, market: .* 2,000,000,000"),
        ("usage", 0, {"data_mb": 1e300}, "usage, row 1, data_mb"),
        ("usage", 0, {"sms": 10**400}, "usage, row 1, sms"),
        ("price", 0, {"month": -(10**400)}, "price, row 1, month: -1000.* is negative"),
        ("settlement", 1, {"rate": [5]}, "settlement, row 2, rate: “.….” is no number"),
        ("case", 0, {"launch": {"a": 1}}, "case, row 1, launch: .* is no text"),
        ("case", 0, {"offer": "x" * 65}, "case, row 1, offer: The text has 65 characters"),
        ("case", 0, {"launch": "a\ud800"}, "case, row 1, launch"),
        ("case", 0, {"currency": "yuan"}, "case, row 1, currency"),
        ("stop_loss", 0, {"limit": 1e300}, "stop_loss, row 1, limit"),
        ("stop_loss", 0, {"limit": 1e6}, "stop_loss, row 1, limit: .* would stop nothing"),
        ("stop_loss", 1, {"limit": 3}, "stop_loss, row 2, limit: A limit above 1 would stop"),
        ("stop_loss", 2, {"limit": 1e6}, "stop_loss, row 3, limit: .* 100,000 would stop"),
        ("stop_loss", 3, {"limit": 0.9}, "stop_loss, row 4, limit: A limit above 0.5 would stop"),
        ("uncertainty", 0, {"high": 1e6}, "uncertainty, row 1, high"),
    ],
)
def test_a_figure_beyond_any_launch_is_refused_with_the_limit(
    sheet: str, row: int, cells: dict[str, object], said: str
) -> None:
    with pytest.raises(UnableToReadCase, match=said):
        case_of(_changed(sheet, row, **cells))


def test_more_rows_than_can_be_calculated_are_refused() -> None:
    rows = [example()["usage"][0] for _one in range(21)]
    with pytest.raises(UnableToReadCase, match=r"usage, row 21, from_percentile: .* than 20"):
        case_of(example() | {"usage": rows})


def test_every_error_is_told_at_once() -> None:
    document = _changed("price", 0, month="forty-nine", extra_mb=-1)
    document["settlement"][1]["rate"] = -0.04
    document["switches"][0]["tariff"] = "gone"
    del document["costs"]
    with pytest.raises(UnableToReadCase) as refused:
        case_of(document)
    told = "\n".join(str(one) for one in refused.value.errors)
    assert len(refused.value.errors) == 5, told
    for place in (
        "price, row 1, month",
        "price, row 1, extra_mb",
        "settlement, row 2, rate",
        "switches, row 1, tariff",
        "“costs” is missing",
    ):
        assert place in told
        assert place in str(refused.value)


def test_fifty_segments_and_fifty_hotlines_are_calculated() -> None:
    document = example()
    document["segments"] = [
        {"segment": f"s{n}", "market": 3_000, "p": 0.004, "q": 0.12, "churn_month": 0.015}
        for n in range(50)
    ]
    document["switches"] = []
    document["capacity"] = [
        document["capacity"][1] | {"resource": f"r{n}", "per_user": 10, "installed": 99_000}
        for n in range(50)
    ]
    found = assess(case_of(document), limits=LIMITS, gates={}, draws=100, seed=1)
    assert found["capacity"]["r49"]["needed"] == pytest.approx(
        found["capacity"]["r49"]["offered_peak"], rel=0.01
    )


@pytest.mark.parametrize(
    ("cells", "month"),
    [
        ({"month": "¥129"}, 129),
        ({"month": "129,00"}, 129),
        ({"month": "1,200.50"}, 1200.5),
        ({"month": "１２９"}, 129),
        ({"month": "129 CNY"}, 129),
        ({"month": "129元"}, 129),
        ({"month": "1.200,50", "extra_min": "0,10"}, 1200.5),
        ({"month": "1,200"}, 1200),
    ],
)
def test_figures_are_read_as_people_write_them(cells: dict[str, object], month: float) -> None:
    assert case_of(_changed("price", 0, **cells))["price"][0]["month"] == month


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"month": "€129"}, "“€129” is not in CNY"),
        ({"month": "1,200", "extra_min": "0,10"}, "may mean thousands or decimals"),
        ({"month": "30%"}, "“30%” is no number"),
        ({"month": "129 or so"}, "is no number"),
    ],
)
def test_what_may_mean_something_else_is_refused(cells: dict[str, object], said: str) -> None:
    with pytest.raises(UnableToReadCase, match=said):
        case_of(_changed("price", 0, **cells))


@pytest.mark.parametrize("share", ["1.5%", "1,5 %", "１.５％"])
def test_a_percentage_in_words_is_the_share(share: str) -> None:
    assert case_of(_changed("segments", 0, churn_month=share)) == case_of(example())


def test_a_free_service_that_becomes_income_is_no_go_without_a_warning() -> None:
    said = _assessed(
        small(
            price={"month": 0, "extra_min": 1},
            tariffs=[
                {"tariff": "free calls", "subscribers": 5_000, "margin_month": 0, "churn_month": 0}
            ],
            switches=[{"tariff": "free calls", "segment": "all", "share": 1}],
            costs=[{"item": "billing", "kind": "once", "from_month": 0, "amount": 0}],
            settlement=[
                {"traffic": one, "network": "own", "share": 1, "rate": 0}
                for one in ("on_net_min", "off_net_min", "roaming_min", "sms", "data_mb")
            ],
            stop_loss=[{"trigger": "refund_rate", "limit": 0.03}],
        )
    )
    warned = "\n".join(said["warnings"])
    assert said["verdict"] == "go"
    for words in (
        "free calls brings no margin today",
        "price of a month is 0",
        "every rate is 0",
        "every amount in the sheet costs is 0",
        "Megabytes beyond the allowance cost users nothing",
    ):
        assert words in warned


def test_a_case_with_prices_costs_and_margins_has_no_such_warning() -> None:
    document = _changed("price", 0, extra_mb=0.001)
    warned = "\n".join(_assessed(document)["warnings"])
    for words in ("margin", "counts as new", "is 0", "costs nothing", "cost users nothing"):
        assert words not in warned


def test_the_template_reads_as_its_example(tmp_path: Path) -> None:
    write_template(tmp_path / "case.xlsx")
    (tmp_path / "case.json").write_text(json.dumps(example()))
    book, text = (read_case(tmp_path / f"case.{form}") for form in ("xlsx", "json"))
    assert sha256(book) == sha256(text)


@pytest.mark.parametrize(
    ("sheet", "cell", "value", "said"),
    [
        ("settlement", "D5", "4 fen", "sheet settlement, cell D5: “4 fen” is no number"),
        ("segments", "F4", 30, "sheet segments, cell F4: 30 is no share"),
        ("usage", "A2", "from", "sheet usage, cell A2: There is no column"),
        ("costs", "C8", None, "sheet costs, cell C8: The cell is empty"),
    ],
)
def test_a_workbook_is_refused_by_its_cell(
    tmp_path: Path, sheet: str, cell: str, value: object, said: str
) -> None:
    path = tmp_path / "case.xlsx"
    write_template(path)
    book = load_workbook(path)
    book[sheet][cell] = value
    book.save(path)
    with pytest.raises(UnableToReadCase, match=said):
        read_case(path)


def test_every_cell_of_a_workbook_is_named_at_once(tmp_path: Path) -> None:
    path = tmp_path / "case.xlsx"
    write_template(path)
    book = load_workbook(path)
    book["settlement"]["D5"], book["segments"]["F4"], book["price"]["A4"] = "4 fen", 30, "$49"
    book["usage"]["A2"] = "from"
    del book["case"]
    book.save(path)
    with pytest.raises(UnableToReadCase) as refused:
        read_case(path)
    told = str(refused.value)
    for place in (
        "settlement, cell D5",
        "segments, cell F4",
        "price, cell A4",
        "usage, cell A2",
        "The column “from_percentile” is missing",
        "“case” is missing",
    ):
        assert place in told


def test_a_line_that_names_the_source_under_a_table_is_no_row(tmp_path: Path) -> None:
    path = tmp_path / "case.xlsx"
    write_template(path)
    book = load_workbook(path)
    for sheet in ("costs", "usage", "segments"):
        book[sheet].append([])
        book[sheet].append(["Source: finance, plan of May 2026"])
    book["settlement"].append(["来源：网间结算系统"])
    book.save(path)
    assert read_case(path) == case_of(example())
    book["costs"].append(["advertising"])
    book.save(path)
    with pytest.raises(UnableToReadCase, match="costs, cell B"):
        read_case(path)


def test_a_workbook_without_a_sheet_or_with_macros_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "case.xlsx"
    write_template(path)
    book = load_workbook(path)
    del book["usage"]
    book.save(path)
    with pytest.raises(UnableToReadCase, match="“usage” is missing"):
        read_case(path)
    with pytest.raises(UnableToReadCase, match="macros"):
        read_case(path.rename(tmp_path / "case.xlsm"))


def _assessed(document: Any, gates: Any = None) -> dict[str, Any]:
    return assess(case_of(document), limits=LIMITS, gates=gates or {}, draws=200, seed=1)
