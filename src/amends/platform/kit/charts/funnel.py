"""A funnel plot: rates against size, with the limits chance allows around the rate of all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from amends.platform.kit.charts.shapes import (
    Drawing,
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

_LEAST_LEFT, _TOP, _BELOW = 44, 14, 42


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit: size, rate, and its standing in the league: higher, within or lower."""

    name: str
    size: float
    rate: float
    standing: str


@dataclass(frozen=True, slots=True)
class Funnel:
    """Units as dots; those beyond the limits carry their names.

    average  the rate of all together
    limits   (size, lowest rate, highest rate) chance allows, ordered by size
    names    words for "unit", "size", "rate", "standing", "average", "limit" and the standings
    behind   words → figures the rates were made of: columns of the table, not drawn
    """

    title: str
    units: Sequence[Unit]
    average: float
    limits: Sequence[tuple[float, float, float]]
    names: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    summary: str = ""
    definition: str = ""
    name: str = "funnel"
    digits: int = 1
    behind: Mapping[str, Sequence[float | None]] = field(default_factory=dict)

    def word(self, name: str) -> str:
        """The reader's word for a part of the chart."""
        return self.names.get(name, name)

    def table(self) -> Table:
        """A row for each unit."""
        header = [self.word(heading) for heading in ("unit", "size", "rate", "standing")]
        return [*header, *self.behind], [
            [
                unit.name,
                exact(unit.size),
                exact(unit.rate),
                self.word(unit.standing),
                *(exact(values[index]) for values in self.behind.values()),
            ]
            for index, unit in enumerate(self.units)
        ]

    def draw(self, width: int) -> Drawing:
        """The funnel on a sheet so wide."""
        return _Sheet(self, width).drawing()


class _Sheet:
    def __init__(self, funnel: Funnel, width: int) -> None:
        self.funnel, self.width = funnel, width
        self.is_narrow = width < 480
        self.height = 240 if self.is_narrow else 280
        self.right = width - (14 if self.is_narrow else 90)
        self.bottom = self.height - _BELOW
        sizes = [unit.size for unit in funnel.units] + [size for size, _, _ in funnel.limits]
        self.widest = nice_top(max(sizes, default=1.0))
        rates = [unit.rate for unit in funnel.units] + [funnel.average]
        # The limits of the smallest units would flatten all others.
        inside = [high for _, _, high in funnel.limits if high <= 4 * max(rates)]
        self.most = nice_top(max([*rates, *inside], default=1.0))
        self.left = max(_LEAST_LEFT, scale_width(self.most) + 10)

    def drawing(self) -> Drawing:
        shapes = [*self._grid(), *self._limits(), *self._dots(), *self._axis_words()]
        return Drawing(self.width, self.height, shapes)

    def x(self, size: float) -> float:
        return round(self.left + size / self.widest * (self.right - self.left), 1)

    def y(self, rate: float) -> float:
        height = self.bottom - min(rate, self.most) / self.most * (self.bottom - _TOP)
        return round(height, 1)

    def _grid(self) -> list[Shape]:
        shapes = []
        for step in range(5):
            value, y = self.most * step / 4, self.y(self.most * step / 4)
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
        for step in (0, 2, 4) if self.is_narrow else range(5):
            value = self.widest * step / 4
            point = (self.x(value), self.bottom + 16)
            anchor = "start" if not step else "end" if step == 4 else "middle"
            shapes.append(
                Shape(
                    form="text",
                    role="quiet",
                    points=(point,),
                    words=scale_figure(value),
                    anchor=anchor,
                )
            )
        return shapes

    def _limits(self) -> list[Shape]:
        funnel = self.funnel
        low = tuple((self.x(size), self.y(low)) for size, low, _ in funnel.limits)
        high = tuple((self.x(size), self.y(high)) for size, _, high in funnel.limits)
        average = self.y(funnel.average)
        shapes = [
            Shape("area", "expected", (*high, *low[::-1])),
            Shape("line", "limit", low),
            Shape("line", "limit", high),
            Shape("line", "control", ((self.left, average), (self.right, average))),
        ]
        if not self.is_narrow and low:
            heights = apart([high[-1][1] + 4, average + 4, low[-1][1] + 4])
            limit_labels = (
                self.funnel.word("limit"),
                self.funnel.word("average"),
                self.funnel.word("limit"),
            )
            shapes += [
                Shape(form="text", role="quiet", points=((self.right + 6, y),), words=limit_label)
                for y, limit_label in zip(heights, limit_labels, strict=True)
            ]
        return shapes

    def _dots(self) -> list[Shape]:
        shapes, named = [], []
        for unit in self.funnel.units:
            x, y = self.x(unit.size), self.y(unit.rate)
            text = f"{unit.name}: {shown(unit.rate, self.funnel.digits)}"
            text += f" · {self.funnel.word(unit.standing)}"
            role = {"higher": "alarm", "lower": "good"}.get(unit.standing, "observed")
            shapes.append(Shape(form="dot", role=role, points=((x, y),), words=text, radius=4.5))
            if unit.standing != "within":
                named.append((x, y, unit.name))
        # The farthest come first; more names than fit are read by pointing at the dot.
        named = named[: int((self.bottom - _TOP) / 12)]
        heights = apart([y + 4 for _, y, _ in named], min_distance=12, upper=self.bottom)
        for (x, _, name), y in zip(named, heights, strict=True):
            fits = x + 8 + text_width(name) < self.right
            point = (x + 8, y) if fits else (x - 8, y)
            shapes.append(
                Shape(
                    form="text",
                    role="mark-words",
                    points=(point,),
                    words=name,
                    anchor="start" if fits else "end",
                )
            )
        return shapes

    def _axis_words(self) -> list[Shape]:
        point = (self.right, self.height - 6)
        return [
            Shape(
                form="text",
                role="quiet",
                points=(point,),
                words=self.funnel.word("size"),
                anchor="end",
            )
        ]
