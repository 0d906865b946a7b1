"""Bars from zero, each with its interval, in the order given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from amends.platform.kit.charts.shapes import (
    Drawing,
    Shape,
    Table,
    exact,
    nice_top,
    scale_figure,
    shown,
    text_width,
)

_ROW, _TOP, _BELOW = 26, 8, 24


@dataclass(frozen=True, slots=True)
class Bar:
    """A value with its interval; `tone` "good" or "bad" where it is so beyond chance."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Bars:
    """Names on the left, values from zero to the right.

    most   the end of the scale, such as 100 for percentages; None for a round end
    names  words for "unit", "value", "interval"
    unit    stands behind each figure that is drawn, such as "%"
    behind  words → figures the values were made of: columns of the table, not drawn
    """

    title: str
    bars: Sequence[Bar]
    names: Mapping[str, str] = field(default_factory=dict)
    most: float | None = None
    note: str = ""
    summary: str = ""
    definition: str = ""
    name: str = "bars"
    digits: int = 1
    unit: str = ""
    behind: Mapping[str, Sequence[float | None]] = field(default_factory=dict)

    def word(self, name: str) -> str:
        """The reader's word for a part of the chart."""
        return self.names.get(name, name)

    def table(self) -> Table:
        """A row for each bar."""
        interval = self.word("interval")
        header = [self.word("unit"), self.word("value"), f"{interval} ≥", f"{interval} ≤"]
        return [*header, *self.behind], [
            [
                bar.name,
                exact(bar.value),
                exact(bar.low),
                exact(bar.high),
                *(exact(values[index]) for values in self.behind.values()),
            ]
            for index, bar in enumerate(self.bars)
        ]

    def draw(self, width: int) -> Drawing:
        """The bars on a sheet so wide."""
        left = min(width * 0.4, 16 + max((text_width(bar.name) for bar in self.bars), default=0.0))
        right = width - 56.0
        height = _TOP + _ROW * len(self.bars) + _BELOW
        ends = [bar.high if bar.high is not None else bar.value for bar in self.bars]
        axis_end = self.most or nice_top(max(ends, default=1.0))

        def x(value: float) -> float:
            return round(left + min(value, axis_end) / axis_end * (right - left), 1)

        shapes = []
        for step in (0, 2, 4):
            at, bottom = x(axis_end * step / 4), height - _BELOW
            role = "grid" if step else "axis"
            shapes.append(Shape("line", role, ((at, _TOP), (at, bottom))))
            tick_text = f"{scale_figure(axis_end * step / 4)}{self.unit}"
            shapes.append(
                Shape(
                    form="text",
                    role="quiet",
                    points=((at, bottom + 16),),
                    words=tick_text,
                    anchor="middle",
                )
            )
        for index, bar in enumerate(self.bars):
            shapes += self._row(bar, _TOP + _ROW * index, left, x)
        return Drawing(width, height, shapes)

    def _row(self, bar: Bar, top: float, left: float, x: object) -> list[Shape]:
        assert callable(x)
        name, middle = bar.name, top + _ROW / 2
        while len(name) > 2 and text_width(name) > left - 12:
            name = name[:-2] + "…"
        description = f"{bar.name}: {shown(bar.value, self.digits)}{self.unit}"
        end, role = x(bar.value), {"bad": "alarm", "good": "good"}.get(bar.tone, "observed")
        shapes = [
            Shape(
                form="text",
                role="plain",
                points=((left - 8, middle + 4),),
                words=name,
                anchor="end",
            ),
            Shape(
                form="bar",
                role=role,
                points=((left, top + 5), (end, top + _ROW - 5)),
                words=description,
            ),
        ]
        if bar.low is not None and bar.high is not None:
            description += f" ({shown(bar.low, self.digits)}–{shown(bar.high, self.digits)})"
            whisker = ((x(bar.low), middle), (x(bar.high), middle))
            shapes.append(Shape(form="line", role="whisker", points=whisker, words=description))
            end = max(end, x(bar.high))
        value_text = f"{shown(bar.value, self.digits)}{self.unit}"
        return [
            *shapes,
            Shape(form="text", role="plain", points=((end + 6, middle + 4),), words=value_text),
        ]
