"""Shapes as SVG: colours stand as attributes, so that a saved picture keeps them and a page's own
style sheet, which is stronger, may change them for the dark."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from amends.platform.kit.charts.shapes import Drawing, Shape

# Okabe-Ito, as the style sheet has them.
PAINT: dict[str, str] = {
    "observed": 'fill="none" stroke="#0072b2" stroke-width="2" stroke-linejoin="round"',
    "control": 'fill="none" stroke="#5a696e" stroke-width="1.5" stroke-dasharray="5 4"',
    "expected": 'fill="#0072b2" fill-opacity="0.16" stroke="none"',
    "limit": 'fill="none" stroke="#0072b2" stroke-width="1" stroke-opacity="0.5"',
    "alarm": 'fill="#c65300" stroke="#ffffff" stroke-width="1.5"',
    "good": 'fill="#00835f" stroke="#ffffff" stroke-width="1.5"',
    "mark": 'stroke="#7a2c5b" stroke-width="1" stroke-dasharray="2 3"',
    "break": 'stroke="#16201f" stroke-width="1.5" stroke-dasharray="6 4"',
    "grid": 'stroke="#dbe1e0" stroke-width="1"',
    "axis": 'stroke="#7c8b8e" stroke-width="1"',
    "whisker": 'stroke="#16201f" stroke-width="1.5"',
    "touch": 'fill="transparent"',
    "quiet": 'fill="#5a696e"',
    "plain": 'fill="#16201f"',
    "mark-words": 'fill="#7a2c5b"',
    "observed-words": 'fill="#0072b2"',
    "control-words": 'fill="#5a696e"',
    "expected-words": 'fill="#5a696e"',
}
FILLED: dict[str, str] = {"observed": 'fill="#0072b2"', "alarm": 'fill="#c65300"'}
_NOTE = 15  # the height of a line below the picture
_FACES = "Noto Sans CJK SC, PingFang SC, Microsoft YaHei, Noto Sans, sans-serif"


def svg(
    drawing: Drawing,
    *,
    label: str,
    css: str = "",
    alone: bool = False,
    definition: str = "",
    notes: Sequence[str] = (),
) -> str:
    """The drawing as an SVG element; `alone` as a file of its own, on white.

    label       what it shows, for who does not see it
    definition  what is counted, inside a file of its own
    notes       what the numbers at breaks mean: below the picture in a file of its own

    >>> from amends.platform.kit.charts.shapes import Drawing, Shape
    >>> one = Drawing(10, 10, [Shape("line", "axis", ((0, 5), (10, 5)), "a < b")])
    >>> print(svg(one, label="A line"))  # doctest: +ELLIPSIS
    <svg viewBox="0 0 10 10" role="img" aria-label="A line" ...><title>a &lt; b</title>...</svg>
    """
    height = drawing.height + (_NOTE * len(notes) + 4 if alone and notes else 0)
    head = f'viewBox="0 0 {drawing.width} {height}" role="img" aria-label={quoteattr(label)}'
    if css:
        head += f" class={quoteattr(css)}"
    head += f' font-family="{_FACES}" font-size="11"'
    body = "".join(map(_element, drawing.shapes))
    if not alone:
        return f"<svg {head}>{body}</svg>"
    size = f'xmlns="http://www.w3.org/2000/svg" width="{drawing.width}" height="{height}"'
    titles = f"<title>{escape(label)}</title>"
    if definition:
        titles += f"<desc>{escape(definition)}</desc>"
    white = '<rect width="100%" height="100%" fill="#ffffff"/>'
    below = "".join(
        _element(
            Shape(
                form="text",
                role="plain",
                points=((12, drawing.height + _NOTE * order),),
                words=note,
            )
        )
        for order, note in enumerate(notes, start=1)
    )
    return f"<svg {size} {head}>{titles}{white}{body}{below}</svg>\n"


def _element(shape: Shape) -> str:
    paint = PAINT[shape.role]
    if shape.form in ("bar", "dot") and shape.role in FILLED:
        paint = FILLED[shape.role]
    head = f'class="{shape.role}" {paint}'
    title = f"<title>{escape(shape.words)}</title>" if shape.words else ""
    if shape.form == "text":
        ((x, y),) = shape.points
        anchor = "" if shape.anchor == "start" else f' text-anchor="{shape.anchor}"'
        return f'<text {head} x="{x:g}" y="{y:g}"{anchor}>{escape(shape.words)}</text>'
    if shape.form == "dot":
        ((x, y),) = shape.points
        return f'<circle {head} cx="{x:g}" cy="{y:g}" r="{shape.radius:g}">{title}</circle>'
    if shape.form == "bar":
        (x, y), (right, bottom) = shape.points
        size = f'width="{max(right - x, 0):g}" height="{bottom - y:g}"'
        return f'<rect {head} x="{x:g}" y="{y:g}" {size} rx="2">{title}</rect>'
    points = " ".join(f"{x:g},{y:g}" for x, y in shape.points)
    element = "polygon" if shape.form == "area" else "polyline"
    return f'<{element} {head} points="{points}">{title}</{element}>'
