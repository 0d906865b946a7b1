"""Charts as numbers: what is to be drawn goes in, shapes and a table come out.

A chart is a dataclass of values and words (`Curve`, `Funnel`, `Bars`). `draw(width)` gives a
`Drawing` of shapes with roles, not colours: a page, a picture file and a printed page each render
the same shapes. `table()` gives the figures behind it, so that no chart is without its data.
"""

from amends.platform.kit.charts.bars import Bar, Bars
from amends.platform.kit.charts.curve import Curve, CurveMark
from amends.platform.kit.charts.funnel import Funnel, Unit
from amends.platform.kit.charts.shapes import Chart, Drawing, Shape, Table
from amends.platform.kit.charts.svg import svg

__all__ = [
    "Bar",
    "Bars",
    "Chart",
    "Curve",
    "CurveMark",
    "Drawing",
    "Funnel",
    "Shape",
    "Table",
    "Unit",
    "svg",
]
