"""The charts of the indicators: rate by week, areas in a funnel, shares with intervals."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import scipy
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from amends.indicators.figures import OWN, Report
from amends.indicators.rules.league import FUNNEL_LEVEL
from amends.indicators.rules.shares import Indicator, standings
from amends.kit.charts import Bar, Bars, Curve, Funnel, Unit
from amends.kit.formats import format_date, is_chinese

MOST_BARS = 24


def weeks_chart(found: Report, counted: str) -> Curve | None:
    """The rate by week in its interval; None for fewer than two weeks, which are no line."""
    if len(found.weeks) < 2:
        return None
    language = get_language() or ""
    return Curve(
        title=_("Complaints per million users, by week"),
        labels=[_short(format_date(week.start, language)) for week in found.weeks],
        values=[week.rate for week in found.weeks],
        low=[week.low for week in found.weeks],
        high=[week.high for week in found.weeks],
        names={
            "period": _("Week from"), "observed": _("Rate"), "expected": _("95%% interval") % {},
        },
        note=_("band: exact 95%% interval; whole weeks from Monday") % {},
        summary=_("Complaint rate by week with its interval; the table below holds the figures."),
        definition=counted,
        name=f"rate-by-week-{found.start}-{found.end}",
        digits=1,
        behind={
            _("Complaints"): [week.count for week in found.weeks],
            _("Users"): [round(week.users) for week in found.weeks],
        },
    )  # fmt: skip


def funnel_chart(
    found: Report, names: Mapping[str, str], title: str, counted: str
) -> Funnel | None:
    """Units with users of their own against the limits chance allows; None for fewer than three."""
    rows = [row for row in found.rows if row.place and row.figure]
    if len(rows) < 3:
        return None
    users = sum(row.place.entry.users for row in rows if row.place)
    average = sum(row.measure.complaints for row in rows) / users * 1e6 if users else 0.0
    # A few thousand users would read as 0.0 of a million.
    per = 1e6 if users > 2e6 else 1e3
    size, rate = _exposed(OWN.get(found.by, "users"), per)
    return Funnel(
        title=title,
        units=[
            Unit(names.get(row.unit, row.unit), row.place.entry.users / per, row.figure.rate,
                 row.place.standing)
            for row in rows if row.place and row.figure
        ],
        average=average,
        limits=_limits([row.place.entry.users for row in rows if row.place], average, per),
        names={
            "unit": _("Unit"), "size": size, "rate": rate,
            "standing": _("Standing"), "average": _("all together"),
            "limit": _("99.8%% limit") % {}, "higher": pgettext("standing", "higher"),
            "lower": pgettext("standing", "lower"), "within": _("within chance"),
        },
        note=_("between the limits nobody is better or worse than another"),
        summary=_("Rates against size with the limits chance allows; the table holds the figures."),
        definition=counted,
        name=f"funnel-{found.by}-{found.start}-{found.end}",
        behind={
            _("Complaints"): [row.measure.complaints for row in rows],
            _("Lowest"): [row.figure.low for row in rows if row.figure],
            _("Highest"): [row.figure.high for row in rows if row.figure],
        },
    )  # fmt: skip


def _exposed(own: str, per: float) -> tuple[str, str]:
    """Words for the size of a unit and for its rate."""
    if own == "services":
        size = _("million services") if per > 1e5 else _("thousand services")
        return size, _("Per million services")
    return (_("million users") if per > 1e5 else _("thousand users")), _("Per million users")


def _limits(users: list[float], average: float, per: float) -> list[tuple[float, float, float]]:
    """The exact limits over the sizes drawn, fine enough to look like a curve."""
    sizes = np.linspace(min(users) * 0.7, max(users) * 1.05, 48)
    expected = sizes * average / 1e6
    tail = (1 - FUNNEL_LEVEL) / 2
    low = scipy.stats.poisson.ppf(tail, expected) / sizes * 1e6
    high = scipy.stats.poisson.isf(tail, expected) / sizes * 1e6
    return [
        (float(size / per), max(float(a), 0.0), float(b))
        for size, a, b in zip(sizes, low, high, strict=True)
    ]


def shares_chart(
    found: Report, indicator: Indicator, names: Mapping[str, str], title: str
) -> Bars | None:
    """One share unit by unit; those beyond the limits of chance first, in colour."""
    every = standings([row.measure for row in found.rows], indicator)
    known = [one for one in every if one.share]
    rows = known[:MOST_BARS]
    if not rows:
        return None
    tones = {
        "high": {"higher": "good", "lower": "bad"}, "low": {"higher": "bad", "lower": "good"},
    }.get(indicator.good, {})  # fmt: skip
    chinese = is_chinese(get_language() or "")
    note = _("in colour: beyond the limits of chance (99.8%%)") % {}
    if len(known) > MOST_BARS:
        more = _("%(shown)s of %(all)s are drawn; all are in the CSV above")
        note = f"{note}; {more % {'shown': MOST_BARS, 'all': len(known)}}"
    return Bars(
        title=title,
        bars=[
            Bar(
                names.get(one.unit, one.unit) or _("not known"), one.share.share * 100,
                one.share.low * 100, one.share.high * 100, tones.get(one.word, ""),
            )
            for one in rows if one.share
        ],
        names={
            "unit": _("Unit"), "value": _("Per cent"), "interval": _("95%% interval") % {},
        },
        most=100.0,
        unit="%",
        note=note,
        summary=_("Shares with their intervals; the table holds the figures."),
        definition=indicator.counts_zh if chinese else indicator.counts_en,
        name=f"{indicator.id}-{found.by}-{found.start}-{found.end}",
        behind={
            _("Counted"): [one.share.count for one in rows if one.share],
            _("Of"): [one.share.of for one in rows if one.share],
        },
    )  # fmt: skip


def _short(day: str) -> str:
    """A day without its year: the axis says the order, the table the year."""
    return day.split("年", 1)[-1] if "年" in day else day.rsplit(" ", 1)[0]
