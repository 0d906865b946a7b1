"""The chart frame: a chart of `amends.kit.charts` with its table, its files and its definition."""

from __future__ import annotations

import base64
import io
from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe

from amends.channels.files.exports import write_csv
from amends.kit.charts import Chart, svg
from amends.kit.charts.shapes import NARROW, WIDE

register = template.Library()


@register.inclusion_tag("amends/chart.html")
def chart(it: Chart, heading: str = "") -> dict[str, Any]:
    """Show a chart: drawn for a wide and for a narrow sheet, no script.

    heading  "h2" or "h3" where the title is a heading of the page
    """
    wide = it.draw(WIDE)
    header, rows = it.table()
    label = it.summary or it.title
    return {
        "it": it,
        "heading": heading,
        "wide": _safe(svg(wide, label=label, css="wide")),
        "narrow": _safe(svg(it.draw(NARROW), label=label, css="narrow")),
        "header": header,
        "rows": rows,
        "picture": _file("image/svg+xml", svg(wide, label=it.title, alone=True)),
        "data": _file("text/csv", "\ufeff" + csv_of(it)),
    }


def csv_of(it: Chart) -> str:
    """The figures of a chart as CSV, its title and definition in every row."""
    header, rows = it.table()
    out = io.StringIO()
    more = [it.title, it.definition] if it.definition else [it.title]
    names = ["chart", "definition"][: len(more)]
    write_csv(out, [*header, *names], [[*row, *more] for row in rows])
    return out.getvalue()


def _file(media_type: str, content: str) -> str:
    """The content as an address, so that a download needs neither script nor another request."""
    coded = base64.b64encode(content.encode()).decode()
    return f"data:{media_type};charset=utf-8;base64,{coded}"


def _safe(drawn: str) -> SafeString:
    return mark_safe(drawn)  # noqa: S308 - every word in it was escaped where it was drawn
