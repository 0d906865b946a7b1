"""A curve over time: observed as a line, expectation as a band, alarms as dots, causes as marks."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from amends.platform.kit.charts.shapes import (
    Drawing,
    Point,
    Shape,
    Table,
    apart,
    exact,
    nice_top,
    scale_figure,
    scale_width,
    shown,
    text_width,
)

_LEAST_LEFT, _TOP, _BELOW = 44, 14, 28


@dataclass(frozen=True, slots=True)
class CurveMark:
    """Something that happened before the position `at` ended: a cause, a measure, a break."""

    at: int
    words: str


@dataclass(frozen=True, slots=True)
class Curve:
    """Values over equally spaced periods; every list has one entry for each of `labels`.

    low, high   the band, None where nothing is expected
    control     a second line to compare with, such as areas without the measure
    alarms      positions that are dots, with what to say of each
    marks       causes and measures on the time axis
    breaks      position → why what is counted changes before it; no line crosses one
    names       words for "period", "observed", "expected", "control", in the reader's language
    full        the periods with their year, where `labels` have no room for it: table and file
    behind      words → figures the values were made of: columns of the table, not drawn
    top         where the scale ends, such as 100 for a share; None: a round number above all values
    """

    title: str
    labels: Sequence[str]
    values: Sequence[float | None]
    low: Sequence[float | None] = ()
    high: Sequence[float | None] = ()
    control: Sequence[float | None] = ()
    alarms: Mapping[int, str] = field(default_factory=dict)
    marks: Sequence[CurveMark] = ()
    breaks: Mapping[int, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    summary: str = ""
    definition: str = ""
    name: str = "chart"
    digits: int = 0
    full: Sequence[str] = ()
    behind: Mapping[str, Sequence[float | None]] = field(default_factory=dict)
    top: float | None = None

    def draw(self, width: int) -> Drawing:
        """The curve on a sheet so wide."""
        return _Sheet(self, width).drawing()

    def table(self) -> Table:
        """A row for each period."""
        columns: list[tuple[str, Sequence[float | None]]] = [(self.word("observed"), self.values)]
        if self.low:
            expected = self.word("expected")
            columns += [(f"{expected} ≥", self.low), (f"{expected} ≤", self.high)]
        if self.control:
            columns.append((self.word("control"), self.control))
        columns += self.behind.items()
        remarks = self._said()
        header = [self.word("period"), *(name for name, _ in columns)]
        rows = [
            [label, *(exact(values[index]) for _, values in columns)]
            for index, label in enumerate(self.full or self.labels)
        ]
        if remarks:
            header.append(self.word("what happened"))
            rows = [[*row, remarks.get(index, "")] for index, row in enumerate(rows)]
        return header, rows

    def notes(self) -> list[tuple[str, str]]:
        """Breaks in their order, as they are numbered in the picture: from which period, and why.

        >>> Curve("Rate", ["Q1", "Q2"], [1, 2], breaks={1: "counted otherwise"}).notes()
        [('Q2', 'counted otherwise')]
        """
        periods = self.full or self.labels
        return [(periods[index], text) for index, text in sorted(self.breaks.items())]

    def word(self, name: str) -> str:
        """The reader's word for a part of the chart."""
        return self.names.get(name, name)

    def _said(self) -> dict[int, str]:
        remarks: dict[int, str] = {}
        pairs = [
            *self.breaks.items(),
            *((mark.at, mark.words) for mark in self.marks),
            *self.alarms.items(),
        ]
        for index, text in pairs:
            remarks[index] = f"{remarks[index]}; {text}" if index in remarks else text
        return remarks


class _Sheet:
    """One curve on one sheet: where each value stands."""

    def __init__(self, curve: Curve, width: int) -> None:
        self.curve, self.width = curve, width
        self.rows = min(3, len(curve.marks))
        self.ends = self._ends()
        # A narrow sheet has no room for words at the end of a line.
        self.is_narrow = width < 480
        room = max((text_width(text) for text, _, _ in self.ends), default=0.0)
        self.right = width - 12 - (0 if self.is_narrow else min(room + 8, 120))
        self.top = _TOP + 14 * self.rows
        self.height = (200 if self.is_narrow else 220) + 14 * self.rows
        self.bottom = self.height - _BELOW
        all_values = (curve.values, curve.low, curve.high, curve.control)
        highest = max((v for values in all_values for v in values if v is not None), default=1)
        self.most = nice_top(highest) if curve.top is None else curve.top
        if not curve.digits:  # no quarter of a person stands at the scale
            self.most = math.ceil(self.most / 4) * 4
        self.left = max(_LEAST_LEFT, scale_width(self.most) + 10)

    def drawing(self) -> Drawing:
        shapes = [
            *self._grid(),
            *self._band(),
            *self._breaks(),
            *self._line(self.curve.control, "control"),
            *self._line(self.curve.values, "observed"),
            *self._marks(),
            *self._touch(),
            *self._alarms(),
            *self._end_words(),
            *self._ticks(),
        ]
        return Drawing(self.width, self.height, shapes)

    def x(self, position: float) -> float:
        steps = max(1, len(self.curve.labels) - 1)
        return round(self.left + position * (self.right - self.left) / steps, 1)

    def y(self, value: float) -> float:
        return round(self.bottom - value / self.most * (self.bottom - self.top), 1)

    def _ends(self) -> list[tuple[str, str, float]]:
        """Words, role and last value of what is labelled at its end."""
        curve, line_ends = self.curve, []
        for name, role, values in (
            ("observed", "observed", curve.values),
            ("control", "control", curve.control),
            ("expected", "expected", _middle(curve.low, curve.high)),
        ):
            # What is compared with is the middle of the band: one name for both at its end.
            if name == "expected" and curve.control:
                continue
            last = next((number for number in reversed(values) if number is not None), None)
            if last is not None and name in curve.names:
                line_ends.append((curve.names[name], role, last))
        return line_ends

    def _grid(self) -> list[Shape]:
        shapes = []
        for step in range(5):
            value = self.most * step / 4
            y = self.y(value)
            role = "grid" if step else "axis"
            shapes.append(Shape("line", role, ((self.left, y), (self.right, y))))
            shapes.append(
                Shape(
                    form="text",
                    role="quiet",
                    points=((self.left - 6, y + 4),),
                    words=scale_figure(value),
                    anchor="end",
                )
            )
        return shapes

    def _band(self) -> list[Shape]:
        shapes = []
        for run in _runs(self.curve.low, self.curve.breaks):
            upper = [(self.x(index), self.y(self.curve.high[index] or 0.0)) for index in run]
            lower = [(self.x(index), self.y(self.curve.low[index] or 0.0)) for index in run[::-1]]
            shapes.append(Shape("area", "expected", (*upper, *lower)))
        return shapes

    def _line(self, values: Sequence[float | None], role: str) -> list[Shape]:
        shapes = []
        for run in _runs(values, self.curve.breaks):
            points = tuple((self.x(index), self.y(values[index] or 0.0)) for index in run)
            if len(points) == 1:
                shapes.append(Shape("dot", role, points, radius=2.5))
            else:
                shapes.append(Shape("line", role, points))
        return shapes

    def _breaks(self) -> list[Shape]:
        shapes = []
        for number, (index, text) in enumerate(sorted(self.curve.breaks.items()), start=1):
            x = self.x(index - 0.5)
            shapes.append(
                Shape(
                    form="line", role="break", points=((x, self.top), (x, self.bottom)), words=text
                )
            )
            shapes.append(
                Shape(
                    form="text", role="plain", points=((x + 4, self.top + 10),), words=str(number)
                )
            )
        return shapes

    def _marks(self) -> list[Shape]:
        shapes = []
        for order, mark in enumerate(self.curve.marks):
            x, y = self.x(mark.at), _TOP + 14 * (order % 3)
            anchor = "end" if x > (self.left + self.right) / 2 else "start"
            text = mark.words
            room = (x - self.left if anchor == "end" else self.width - x) - 10
            while len(text) > 2 and text_width(text) > room:
                text = text[:-2] + "…"
            shapes.append(
                Shape(
                    form="line",
                    role="mark",
                    points=((x, y - 8), (x, self.bottom)),
                    words=mark.words,
                )
            )
            shift = -5 if anchor == "end" else 5
            shapes.append(
                Shape(
                    form="text",
                    role="mark-words",
                    points=((x + shift, y),),
                    words=text,
                    anchor=anchor,
                )
            )
        return shapes

    def _touch(self) -> list[Shape]:
        curve, shapes = self.curve, []
        for index, (label, value) in enumerate(zip(curve.labels, curve.values, strict=True)):
            if value is None:
                continue
            text = f"{label}: {shown(value, curve.digits)}"
            if curve.low and curve.low[index] is not None:
                ends = [shown(edge[index], curve.digits) for edge in (curve.low, curve.high)]
                text += f" ({curve.word('expected')} {'–'.join(ends)})"
            shapes.append(
                Shape(
                    form="dot",
                    role="touch",
                    points=((self.x(index), self.y(value)),),
                    words=text,
                    radius=7,
                )
            )
        return shapes

    def _alarms(self) -> list[Shape]:
        shapes = []
        for index, text in self.curve.alarms.items():
            value = self.curve.values[index]
            if value is not None:
                label = f"{self.curve.labels[index]}: {shown(value, self.curve.digits)} · {text}"
                point: Point = (self.x(index), self.y(value))
                shapes.append(
                    Shape(form="dot", role="alarm", points=(point,), words=label, radius=4)
                )
        return shapes

    def _end_words(self) -> list[Shape]:
        if self.is_narrow:
            return []
        heights = apart([self.y(value) + 4 for _, _, value in self.ends], upper=self.bottom + 4)
        return [
            Shape(form="text", role=f"{role}-words", points=((self.right + 6, y),), words=text)
            for (text, role, _), y in zip(self.ends, heights, strict=True)
        ]

    def _ticks(self) -> list[Shape]:
        labels = self.curve.labels
        if not labels:
            return []
        wide = max(text_width(label) for label in labels) + 14
        max_ticks = max(2, int((self.right - self.left) / wide))
        step = max(1, -(-(len(labels) - 1) // max(1, max_ticks - 1)))
        positions = list(range(0, len(labels), step))
        if positions[-1] != len(labels) - 1:
            positions.append(len(labels) - 1)
        # The last label ends at its point, the one before stands around its own.
        if len(positions) > 2 and self.x(positions[-1]) - self.x(positions[-2]) < 1.5 * wide:
            del positions[-2]
        # And the first begins at its own.
        if len(positions) > 2 and self.x(positions[1]) - self.x(positions[0]) < 1.5 * wide - 14:
            del positions[1]
        shapes = []
        for position in positions:
            anchor = "start" if not position else "end" if position == len(labels) - 1 else "middle"
            point = (self.x(position), self.height - 8)
            shapes.append(
                Shape(
                    form="text",
                    role="quiet",
                    points=(point,),
                    words=labels[position],
                    anchor=anchor,
                )
            )
        return shapes


def _runs(values: Sequence[float | None], breaks: Mapping[int, str]) -> list[list[int]]:
    """Stretches of positions with a value, cut where something is missing or a break stands."""
    runs: list[list[int]] = []
    for index, value in enumerate(values):
        if value is None:
            continue
        if runs and runs[-1][-1] == index - 1 and index not in breaks:
            runs[-1].append(index)
        else:
            runs.append([index])
    return runs


def _middle(low: Sequence[float | None], high: Sequence[float | None]) -> list[float | None]:
    return [None if a is None or b is None else (a + b) / 2 for a, b in zip(low, high, strict=True)]
