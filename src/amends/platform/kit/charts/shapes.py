"""What every chart is made of: shapes with a role, a scale from zero, and the table behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

Point = tuple[float, float]
Table = tuple[list[str], list[list[str]]]
"""Header and rows, both as text."""

WIDE, NARROW = 680, 360
BROAD = 1000
"""For a card as wide as the page: stretched from 680, words would be half as large again."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One piece of a drawing.

    form    line, area, dot, bar or text
    role    what it stands for: observed, expected, alarm, mark, control, limit, grid, axis …
    points  in drawing units; a bar has two opposite corners
    words   the words of a text, for the others what is said when pointed at
    """

    form: str
    role: str
    points: tuple[Point, ...]
    words: str = ""
    anchor: str = "start"
    radius: float = 3.0


@dataclass(frozen=True, slots=True)
class Drawing:
    """Shapes on a sheet of `width` x `height`."""

    width: int
    height: int
    shapes: list[Shape]


class Chart(Protocol):
    """What can be shown in a chart frame."""

    @property
    def title(self) -> str:
        """What is drawn, with its unit."""

    @property
    def note(self) -> str:
        """How to read it, in a few words."""

    @property
    def summary(self) -> str:
        """What the drawing shows, for who does not see it."""

    @property
    def definition(self) -> str:
        """What is counted; it travels with the data."""

    @property
    def name(self) -> str:
        """The name of the downloaded files, without their ending."""

    def draw(self, width: int) -> Drawing:
        """The shapes on a sheet so wide."""

    def table(self) -> Table:
        """The figures drawn."""


def nice_top(value: float) -> float:
    """The end of a scale, near above `value`, whose quarters are round.

    >>> nice_top(87), nice_top(41), nice_top(0.3), nice_top(0)
    (100.0, 60.0, 0.32, 1.0)
    """
    if not value > 0:
        return 1.0
    size = 1.0
    while size * 10 < value:
        size *= 10
    while size >= value * 1.000001 and size > 1e-9:
        size /= 10
    steps = (1.0, 1.2, 1.6, 2.0, 2.4, 3.2, 4.0, 6.0, 8.0, 10.0)
    return next(round(step * size, 12) for step in steps if step * size >= value * 0.999)


def shown(value: float | None, digits: int) -> str:
    """A number for a person; a dash for none.

    >>> shown(1234.5, 1), shown(None, 1), shown(3, 0)
    ('1,234.5', '—', '3')
    """
    return "—" if value is None else f"{value:,.{digits}f}"


def exact(value: float | None) -> str:
    """A number for a file: six significant places, empty for none."""
    return "" if value is None else f"{value:.10g}" if float(value).is_integer() else f"{value:.6g}"


def apart(
    heights: Sequence[float], *, min_distance: float = 13.0, upper: float = float("inf")
) -> list[float]:
    """Heights of labels moved so that none stands in another; their order stays.

    upper  none is moved below this height, as long as there is room above it

    >>> apart([50.0, 52.0, 90.0]), apart([50.0, 52.0], upper=52.0)
    ([50.0, 63.0, 90.0], [39.0, 52.0])
    """
    order = sorted(range(len(heights)), key=lambda index: heights[index])
    moved: dict[int, float] = {}
    last = float("-inf")
    for index in order:
        last = moved[index] = max(heights[index], last + min_distance)
    room = upper
    for index in reversed(order):
        moved[index] = min(moved[index], room)
        room = moved[index] - min_distance
    return [moved[index] for index in range(len(heights))]


def scale_width(axis_end: float) -> float:
    """About how wide the widest figure of a scale in four steps up to `most` stands.

    >>> scale_width(600_000) > scale_width(8) > 0
    True
    """
    return max(text_width(scale_figure(axis_end * step / 4)) for step in range(5))


def scale_figure(value: float) -> str:
    """A figure of a scale, never with a power of ten.

    >>> scale_figure(12_500_000), scale_figure(0.04)
    ('12,500,000', '0.04')
    """
    return f"{value:,.0f}" if value >= 1000 else f"{value:.6g}"


def text_width(text: str, *, size: float = 11.0) -> float:
    """About how wide words stand: a Chinese character is as wide as the type is high.

    >>> text_width("预期") > text_width("ab")
    True
    """
    return sum(size if ord(letter) > 0x2E7F else size * 0.56 for letter in text)
