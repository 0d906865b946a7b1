"""The time strip: whatever falls together, its words stand where they can be read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from amends.cases.complaints.web.strip import DrawnStrip, StripLane
from amends.site.templatetags.strip import POINT, RIGHT, WIDTH, draw, text_width

START = datetime(2026, 7, 12, tzinfo=UTC)
END = START + timedelta(days=136)
GAP = (START, START + timedelta(days=2), "not covered", "uncovered")


def _lane(points: list[int], gap: tuple[datetime, datetime, str, str] = GAP) -> object:
    told = [(START + timedelta(days=day), f"asked {day}", True) for day in points]
    model = DrawnStrip(
        START, END, None, [StripLane("confirmations", "Confirmations", [], told, [gap])]
    )
    return draw(model)["lanes"][0]


@pytest.mark.parametrize("points", [[], [5], [5, 9, 14], list(range(0, 60, 4)), [3, 130]])
def test_the_words_of_a_narrow_gap_hide_no_point(points: list[int]) -> None:
    lane = _lane(points)
    (gap,) = lane.gaps
    assert not gap.fits
    need = text_width(gap.label)
    left = gap.text_x if gap.anchor == "start" else gap.text_x - need
    assert left + need <= WIDTH
    assert all(not left - 1 < point.x < left + need + 1 for point in lane.points)
    assert all(
        point.text_x >= left + need or point.text_x + text_width(point.label) <= left
        for point in lane.points
        if point.fits and point.anchor == "start"
    )


def test_a_wide_gap_has_its_words_inside() -> None:
    (gap,) = _lane([], (START, END, "not covered", "uncovered")).gaps
    assert gap.fits
    assert gap.x + gap.width <= RIGHT + POINT


def test_the_words_of_one_gap_do_not_stand_beside_another() -> None:
    near = (START + timedelta(days=20), START + timedelta(days=21), "nothing found", "missing")
    model = DrawnStrip(START, END, None, [StripLane("confirmations", "C", [], [], [GAP, near])])
    uncovered, missing = draw(model)["lanes"][0].gaps
    assert missing.named
    assert missing.text_x >= missing.x + missing.width
    assert not uncovered.named or uncovered.text_x + text_width(uncovered.label) <= missing.x
