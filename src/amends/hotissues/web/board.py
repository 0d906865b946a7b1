"""The board of hot issues: cards, the newest first, and how many may be chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from scipy import stats

from amends.access.web.permission import actor_of, requires
from amends.complaints.web.units import DIMENSIONS, unit_names
from amends.hotissues.board import (
    DRAWN_DAYS,
    LEAST_DAYS,
    LEVELS,
    SHOWN_DAYS,
    Board,
    HotIssue,
    board,
)
from amends.kit.formats import format_date

KEPT_S = 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 36, 512, 10, 110


@dataclass(frozen=True, slots=True)
class Card:
    """One issue as the page draws it; coordinates are those of a 540 x 140 drawing."""

    issue: HotIssue
    where: str
    kind: str
    line: str
    band: str
    dots: list[tuple[float, float]]
    top: int
    first_day: str
    last_day: str


@require_safe
@requires("hotissues.read")
def hotissues(request: HttpRequest) -> HttpResponse:
    """The page; counted anew every `KEPT_S` seconds."""
    found = _board(actor_of(request).brand)
    names = {level: unit_names(level) for level in LEVELS}
    return render(
        request,
        "hotissues/board.html",
        {
            "found": found,
            "cards": [_card(issue, names) for issue in found.issues],
            "shown_days": SHOWN_DAYS,
            "least_days": LEAST_DAYS,
            "drawn_days": DRAWN_DAYS,
        },
    )


def _board(brand: str) -> Board:
    key = f"hotissues:{brand}"
    found: Board | None = caches["process"].get(key)
    if found is None:
        found = board(now=timezone.now(), zone=settings.TIME_ZONE, brand=brand)
        caches["process"].set(key, found, KEPT_S)
    return found


def _card(issue: HotIssue, names: dict[str, dict[str, str]]) -> Card:
    counts = [count for _day, count, _mean in issue.days]
    means = np.array([mean for _day, _count, mean in issue.days])
    known = np.isfinite(means)
    low, high = stats.poisson.ppf([[0.025], [0.975]], np.where(known, means, 0.0))
    top = max(4, *counts, int(high.max(initial=0.0)))
    xs = np.linspace(_LEFT, _RIGHT, len(counts))
    ys = [_BOTTOM - count / top * (_BOTTOM - _TOP) for count in counts]

    def edge(values: Any) -> list[str]:
        heights = _BOTTOM - values[known] / top * (_BOTTOM - _TOP)
        return [f"{x:.1f},{y:.1f}" for x, y in zip(xs[known], heights, strict=True)]

    return Card(
        issue=issue,
        where=names[issue.level].get(issue.unit, issue.unit) or _("all complaints"),
        kind=str(DIMENSIONS[issue.level]),
        line=" ".join(f"{x:.1f},{y:.1f}" for x, y in zip(xs, ys, strict=True)),
        band=" ".join([*edge(high), *edge(low)[::-1]]),
        dots=[
            (round(float(x), 1), round(y, 1))
            for x, y, (day, _count, _mean) in zip(xs, ys, issue.days, strict=True)
            if issue.first <= day <= issue.last
        ],
        top=top,
        first_day=format_date(issue.days[0][0], get_language() or ""),
        last_day=format_date(issue.days[-1][0], get_language() or ""),
    )
