"""A chart as a file to take along: its data as CSV, its picture as SVG."""

from __future__ import annotations

import io

from amends.platform.kit.charts import Chart, Curve, svg
from amends.platform.kit.charts.shapes import WIDE
from amends.platform.tabular.exports import write_csv


def csv_of(it: Chart) -> str:
    """The figures of a chart as CSV, its title and definition in every row."""
    header, rows = it.table()
    out = io.StringIO()
    more = [it.title, it.definition] if it.definition else [it.title]
    names = ["chart", "definition"][: len(more)]
    write_csv(out, [*header, *names], [[*row, *more] for row in rows])
    return out.getvalue()


def file_of(it: Chart, form: str) -> tuple[str, str, str] | None:
    """Content, media type and name of a chart as csv or svg; None for any other form."""
    if form == "csv":
        return "\ufeff" + csv_of(it), "text/csv; charset=utf-8", f"{it.name}.csv"
    if form == "svg":
        notes = [
            f"{number}  {period} · {note}"
            for number, (period, note) in enumerate(
                it.notes() if isinstance(it, Curve) else (), start=1
            )
        ]
        drawn = svg(
            it.draw(WIDE), label=it.title, alone=True, definition=it.definition, notes=notes
        )
        return drawn, "image/svg+xml; charset=utf-8", f"{it.name}.svg"
    return None
