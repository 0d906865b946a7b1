"""Charts: what is drawn is what stands in the table, words are escaped, nothing leaves the sheet."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amends.platform.kit.charts import Bar, Bars, Curve, CurveMark, Funnel, Unit, svg
from amends.platform.kit.charts.shapes import (
    BROAD,
    NARROW,
    WIDE,
    Chart,
    apart,
    nice_top,
    text_width,
)
from amends.platform.tabular.charts import file_of

VALUES = st.lists(st.one_of(st.none(), st.floats(0, 1e7)), min_size=1, max_size=60)


def _inside(chart: Chart, width: int) -> None:
    drawing = chart.draw(width)
    for shape in drawing.shapes:
        for x, y in shape.points:
            assert -0.5 <= x <= drawing.width + 0.5, shape
            assert -0.5 <= y <= drawing.height + 0.5, shape
    ET.fromstring(svg(drawing, label="<&\"'", alone=True))


@settings(deadline=None)
@given(
    values=VALUES,
    marks=st.lists(st.integers(0, 59), max_size=4),
    width=st.sampled_from([NARROW, WIDE, BROAD]),
)
def test_a_curve_stays_on_its_sheet_and_tells_all_it_draws(
    values: list[float | None], marks: list[int], width: int
) -> None:
    last = len(values) - 1
    curve = Curve(
        title="t",
        labels=[f"w{place}" for place in range(len(values))],
        values=values,
        low=[None if one is None else one / 2 for one in values],
        high=values,
        control=values[::-1],
        alarms={place: "a <b>" for place, one in enumerate(values) if one and place % 7 == 0},
        marks=[CurveMark(min(place, last), "原因 & effect") for place in marks],
        breaks={last // 2: "counted otherwise"} if last > 1 else {},
        names={"observed": "observed", "expected": "expected"},
    )
    _inside(curve, width)
    header, rows = curve.table()
    assert len(rows) == len(values)
    assert all(len(row) == len(header) for row in rows)
    for value, row in zip(values, rows, strict=True):
        assert (row[1] == "") if value is None else float(row[1]) == pytest.approx(value, rel=1e-5)


def test_no_line_crosses_a_break_or_a_gap() -> None:
    curve = Curve(
        title="t", labels=list("abcdefg"), values=[1, 2, None, 3, 4, 5, 6], breaks={5: "new"}
    )
    lines = [one for one in curve.draw(WIDE).shapes if (one.form, one.role) == ("line", "observed")]
    assert [len(one.points) for one in lines] == [2, 2, 2]
    header, rows = curve.table()
    assert (header[-1], rows[5][-1], rows[4][-1]) == ("what happened", "new", "")


def test_why_a_line_breaks_is_read_without_pointing_at_it() -> None:
    curve = Curve(
        title="t",
        labels=list("abcdefg"),
        values=[1, 2, 3, 3, 4, 5, 6],
        breaks={5: "of <all> users", 2: "counted otherwise"},
        full=[f"{one} 2026" for one in "abcdefg"],
    )
    assert curve.notes() == [("c 2026", "counted otherwise"), ("f 2026", "of <all> users")]
    for width in (WIDE, NARROW):
        numbers = [one.words for one in curve.draw(width).shapes if one.role == "plain"]
        assert numbers == ["1", "2"]
    content, _media, _name = file_of(curve, "svg") or ("", "", "")
    assert "2  f 2026 · of &lt;all&gt; users</text>" in content


def test_what_is_compared_with_is_named_once() -> None:
    """The band stands around the control: two names at its end would lie on each other."""
    names = {"observed": "seen", "control": "as the control", "expected": "to be expected"}
    drawn = Curve(
        "t",
        ["a", "b"],
        [5.0, 4.0],
        low=[3.0, 3.0],
        high=[7.0, 7.0],
        control=[5.0, 5.0],
        names=names,
    ).draw(WIDE)
    words = [one.words for one in drawn.shapes if one.role in {f"{name}-words" for name in names}]
    assert words == ["seen", "as the control"]


def test_counts_stand_on_zero() -> None:
    curve = Curve(title="t", labels=["a", "b"], values=[100, 104])
    axis = next(one for one in curve.draw(WIDE).shapes if one.role == "axis")
    line = next(one for one in curve.draw(WIDE).shapes if one.role == "observed")
    drawn = [axis.points[0][1] - y for _, y in line.points]
    assert drawn[1] / drawn[0] == pytest.approx(1.04, rel=0.01)


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(0.01, 1e7), st.floats(0, 1e5)), min_size=1, max_size=30))
def test_funnel_and_bars_stay_on_their_sheets(units: list[tuple[float, float]]) -> None:
    funnel = Funnel(
        title="t",
        units=[Unit(f"区{n}", size, rate, "higher") for n, (size, rate) in enumerate(units)],
        average=sum(rate for _, rate in units) / len(units),
        limits=[(size, 0.0, rate * 3) for size, rate in sorted(units)],
    )
    bars = Bars(title="t", bars=[Bar("很长的名字" * 9, rate, 0.0, rate * 2) for _, rate in units])
    for chart in (funnel, bars):
        for width in (NARROW, WIDE, BROAD):
            _inside(chart, width)
        assert len(chart.table()[1]) == len(units)


def test_bars_of_a_share_say_their_unit_and_stay_on_the_sheet() -> None:
    bars = Bars(title="t", bars=[Bar("Qianwan", 100.0, 97.1, 100.0)], most=100.0, unit="%")
    for width in (NARROW, WIDE, BROAD):
        _inside(bars, width)
        said = [shape.words for shape in bars.draw(width).shapes if shape.form == "text"]
        assert said == ["0%", "50%", "100%", "Qianwan", "100.0%"]


@settings(deadline=None)
@given(st.floats(1e-6, 1e12))
def test_the_end_of_a_scale_is_near_and_not_below(value: float) -> None:
    assert value * 0.998 <= nice_top(value) <= value * 10.001


@settings(deadline=None)
@given(st.lists(st.floats(0, 400), max_size=12))
def test_labels_are_moved_apart(heights: list[float]) -> None:
    moved = sorted(apart(heights))
    assert all(b - a >= 12.99 for a, b in pairwise(moved))


@pytest.mark.parametrize("width", [NARROW, WIDE, BROAD])
@pytest.mark.parametrize("days", [2, 3, 20, 61, 88, 90])
def test_no_date_stands_in_another(width: int, days: int) -> None:
    labels = ["2026年11月29日"] * days
    drawn = Curve(title="x", labels=labels, values=[1.0] * days).draw(width)
    ends = []
    for one in drawn.shapes:
        if one.form == "text" and one.words == labels[0]:
            left, wide = one.points[0][0], text_width(one.words)
            left -= {"start": 0.0, "middle": wide / 2, "end": wide}[one.anchor]
            ends.append((left, left + wide))
    assert len(ends) >= 2
    assert all(a[1] < b[0] for a, b in pairwise(ends))


@pytest.mark.parametrize("width", [390, 860])
def test_the_figures_of_a_scale_stand_on_the_sheet(width: int) -> None:
    limits = [(40.0, 10_000.0, 420_000.0), (120.0, 50_000.0, 280_000.0)]
    funnel = Funnel("a", [Unit("n", 44, 590_000, "within")], 150_000.0, limits)
    curve = Curve("b", ["1", "2"], [1_000.0, 12_345_678.0])
    for chart in (funnel, curve):
        words = [one for one in chart.draw(width).shapes if one.form == "text"]
        scale = [one for one in words if one.anchor == "end" and "," in one.words]
        assert scale
        assert min(one.points[0][0] - text_width(one.words) for one in scale) >= 0


def test_the_file_names_periods_with_their_year() -> None:
    curve = Curve("c", ["5 Jan", "12 Jan"], [1.0, 2.0], full=["5 Jan 2026", "12 Jan 2026"])
    assert [row[0] for row in curve.table()[1]] == ["5 Jan 2026", "12 Jan 2026"]
    assert "12 Jan" in [one.words for one in curve.draw(WIDE).shapes if one.form == "text"]
