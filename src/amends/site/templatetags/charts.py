"""The chart frame: a chart of `kit.charts` with its table, its files and its definition."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from amends.platform.kit.charts import Chart, Curve, svg
from amends.platform.kit.charts.shapes import BROAD, NARROW, WIDE
from amends.platform.tabular.charts import file_of

register = template.Library()

SPARK_WIDTH, SPARK_HEIGHT = 96, 24


@register.inclusion_tag("amends/chart.html")
def chart(it: Chart, heading: str = "", files: str = "", *, broad: bool = False) -> dict[str, Any]:
    """Show a chart: drawn for a wide and for a narrow sheet, no script.

    heading  "h2" or "h3" where the title is a heading of the page
    files    address of its data without the ending; without one the page itself carries data and
             picture, which makes it twice as large
    broad    drawn for a card as wide as the page, too
    """
    wide = it.draw(WIDE)
    header, rows = it.table()
    label = it.summary or it.title
    return {
        "it": it,
        "heading": heading,
        "wide": _safe(svg(wide, label=label, css="wide")),
        "broad": _safe(svg(it.draw(BROAD), label=label, css="broad")) if broad else "",
        "narrow": _safe(svg(it.draw(NARROW), label=label, css="narrow")),
        "notes": it.notes() if isinstance(it, Curve) else [],
        "header": header,
        "rows": rows,
        "picture": f"{files}.svg" if files else _inline(it, "svg"),
        "data": f"{files}.csv" if files else _inline(it, "csv"),
    }


@register.simple_tag
def sparkline(values: Sequence[float], label: Any) -> SafeString:
    """A line the size of a word: one point a value, from zero; a title says what it counts.

    label  what the values are; the newest and the largest value are added
    """
    if not values:
        return SafeString("—")
    highest = max(*values, 1)
    step = SPARK_WIDTH / max(len(values) - 1, 1)
    points = " ".join(
        f"{at * step:.1f},{SPARK_HEIGHT - value / highest * (SPARK_HEIGHT - 2) - 1:.1f}"
        for at, value in enumerate(values)
    )
    spoken = _("%(label)s: newest %(newest)s, most %(most)s") % {
        "label": label,
        "newest": values[-1],
        "most": max(values),
    }
    return format_html(
        '<svg class="sparkline" role="img" aria-label="{}" viewBox="0 0 {} {}">'
        '<title>{}</title><polyline points="{}"/></svg>',
        spoken,
        SPARK_WIDTH,
        SPARK_HEIGHT,
        spoken,
        points,
    )


def _inline(it: Chart, form: str) -> str:
    """The file as an address, so that a download needs neither script nor another request."""
    chart_file = file_of(it, form)
    assert chart_file is not None
    content, media_type, _name = chart_file
    coded = base64.b64encode(content.encode()).decode()
    return f"data:{media_type.replace(' ', '')};base64,{coded}"


def _safe(drawn: str) -> SafeString:
    return mark_safe(drawn)  # noqa: S308 - every word in it was escaped where it was drawn
