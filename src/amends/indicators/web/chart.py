"""A rate by week as a line in its interval: numbers to draw, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from amends.indicators.rules.rates import Figure

WIDTH, HEIGHT = 540, 178
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 512, 12, 150


@dataclass(frozen=True, slots=True)
class Chart:
    """Points of a drawing of `WIDTH` x `HEIGHT`.

    line    the rate
    band    its exact interval, upper edge forth and lower edge back
    grid    (height, value) of the lines, zero among them
    """

    line: str
    band: str
    grid: list[tuple[float, str]]
    weeks: list[Figure]


def chart(weeks: Sequence[Figure]) -> Chart | None:
    """The drawing, None for fewer than two weeks: a point is no line."""
    if len(weeks) < 2:
        return None
    top = _nice(max(week.high for week in weeks))
    xs = [_LEFT + place * (_RIGHT - _LEFT) / (len(weeks) - 1) for place in range(len(weeks))]

    def points(values: Sequence[float], across: Sequence[float]) -> list[str]:
        return [f"{x:.1f},{_y(value, top):.1f}" for x, value in zip(across, values, strict=True)]

    upper = points([week.high for week in weeks], xs)
    lower = points([week.low for week in reversed(weeks)], xs[::-1])
    return Chart(
        line=" ".join(points([week.rate for week in weeks], xs)),
        band=" ".join([*upper, *lower]),
        grid=[(_y(top * step / 4, top), f"{top * step / 4:,.12g}") for step in range(5)],
        weeks=list(weeks),
    )


def _y(value: float, top: float) -> float:
    return _BOTTOM - value / top * (_BOTTOM - _TOP)


def _nice(value: float) -> float:
    """The next of 1, 2, 4, 8 times a power of ten: quarters of it are round."""
    size = 1.0
    while size * 8 < value:
        size *= 10
    while value <= size * 0.8 and size > 0.001:
        size /= 10
    return next(size * step for step in (1, 2, 4, 8, 10) if size * step >= value)
