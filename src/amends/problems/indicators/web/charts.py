"""The charts of the indicators: rate by week, areas in a funnel, shares with intervals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date

import numpy as np
import scipy
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from amends.platform.kit.charts import Bar, Bars, Curve, Funnel, Unit
from amends.platform.kit.formats import format_date, format_day_month, is_chinese
from amends.problems.indicators.queries.figures import OWN, PeriodReport
from amends.problems.indicators.rules.definitions import breaks, definitions
from amends.problems.indicators.rules.league import FUNNEL_LEVEL
from amends.problems.indicators.rules.published_bulletins import published
from amends.problems.indicators.rules.shares import ShareIndicator, standings

MOST_BARS = 24


def weeks_chart(period_report: PeriodReport, counted: str) -> Curve | None:
    """The rate by week in its interval; None for fewer than two weeks, which are no line."""
    if len(period_report.weeks) < 2:
        return None
    language = get_language() or ""
    shown = [week.published for week in period_report.weeks]
    is_small = any(published.rate is None for published in shown)
    return Curve(
        title=_("Complaints by week") if is_small else _("Complaints per million users, by week"),
        labels=[format_day_month(week.start, language) for week in period_report.weeks],
        full=[format_date(week.start, language) for week in period_report.weeks],
        values=[
            published.count if published.rate is None else published.rate for published in shown
        ],
        low=[published.low for published in shown],
        high=[published.high for published in shown],
        names={
            "period": _("Week from"),
            "observed": _("Complaints") if is_small else _("Rate"),
            "expected": _("95%% interval") % {},
        },
        note=_("band: exact 95%% interval; whole weeks from Monday") % {},
        summary=_("Complaints by week with their interval; the table below holds the figures.")
        if is_small
        else _("Complaint rate by week with its interval; the table below holds the figures."),
        definition=counted,
        name=f"rate-by-week-{period_report.start}-{period_report.end}",
        digits=0 if is_small else 1,
        behind={
            **({} if is_small else {_("Complaints"): [week.count for week in period_report.weeks]}),
            _("Users"): [round(week.users) for week in period_report.weeks],
        },
    )


def published_chart(on: date) -> Curve:
    """The rates the regulator's bulletins printed, quarter by quarter; a quarter nobody read is a
    gap, and no line crosses a change of what is counted."""
    quarters, rules = published(on), definitions(on)
    quarter_numbers = [_quarters_since_1_of_year_0(quarter.id) for quarter in quarters]
    first, last = quarter_numbers[0], quarter_numbers[-1]
    at = {
        quarter_number - first: quarter_row
        for quarter_number, quarter_row in zip(quarter_numbers, quarters, strict=True)
    }
    span = range(last - first + 1)
    marks = breaks([quarter.definition for quarter in quarters], on)
    chinese = is_chinese(get_language() or "")
    counted = dict.fromkeys(quarter.definition for quarter in quarters)
    return Curve(
        title=_("Appeals to the regulator per million users"),
        labels=[_quarter(first + offset) for offset in span],
        values=[at[offset].rate if offset in at else None for offset in span],
        breaks={
            quarter_numbers[order] - first: mark.zh if chinese else mark.en
            for order, mark in marks.items()
        },
        names={
            "period": _("Quarter"),
            "observed": _("Rate"),
            "what happened": _("What changes"),
        },
        note=_("as printed; no line across a change of what is counted"),
        summary=_("The rates as the bulletins print them; the table holds the figures."),
        definition=_sentences(
            f"{rule.zh}：{rule.counts_zh}；{rule.users_zh}"
            if chinese
            else f"{rule.en}: {rule.counts_en}; {rule.users_en}"
            for rule in (rules[rule_name] for rule_name in counted)
        ),
        name="regulator-rates",
        digits=2,
        behind={_("Appeals"): [at[offset].appeals if offset in at else None for offset in span]},
    )


def _quarters_since_1_of_year_0(ref: str) -> int:
    year, quarter = ref.split("-Q")
    return int(year) * 4 + int(quarter) - 1


def _quarter(number: int) -> str:
    year, quarter = divmod(number, 4)
    if is_chinese(get_language() or ""):
        return f"{year}年{quarter + 1}季度"
    return f"{year} Q{quarter + 1}"


def _sentences(several: Iterable[str]) -> str:
    return (
        "".join(f"{sentence}。" for sentence in several)
        if is_chinese(get_language() or "")
        else (" ".join(f"{sentence}." for sentence in several))
    )


def funnel_chart(
    period_report: PeriodReport, names: Mapping[str, str], title: str, counted: str
) -> Funnel | None:
    """Units with users of their own against the limits chance allows; None for fewer than three
    that are large enough for a rate."""
    rows = [
        row
        for row in period_report.rows
        if row.place and row.figure and row.figure.published.rate is not None
    ]
    if len(rows) < 3:
        return None
    users = sum(row.place.entry.users for row in rows if row.place)
    average = sum(row.measure.complaints for row in rows) / users * 1e6 if users else 0.0
    # A few thousand users would read as 0.0 of a million.
    per = 1e6 if users > 2e6 else 1e3
    if max(row.place.entry.users for row in rows if row.place) < 1e3:
        per = 1.0
    size, rate = _exposed(OWN.get(period_report.by, "users"), per)
    return Funnel(
        title=title,
        units=[
            Unit(
                name=names.get(row.unit, row.unit),
                size=row.place.entry.users / per,
                rate=row.figure.rate,
                standing=row.place.standing,
            )
            for row in rows
            if row.place and row.figure
        ],
        average=average,
        limits=_limits([row.place.entry.users for row in rows if row.place], average, per),
        names={
            "unit": _("Unit"),
            "size": size,
            "rate": rate,
            "standing": _("Standing"),
            "average": _("all together"),
            "limit": _("99.8%% limit") % {},
            "higher": pgettext("standing", "higher"),
            "lower": pgettext("standing", "lower"),
            "within": _("within chance"),
        },
        note=_("between the limits nobody is better or worse than another"),
        summary=_("Rates against size with the limits chance allows; the table holds the figures."),
        definition=counted,
        name=f"funnel-{period_report.by}-{period_report.start}-{period_report.end}",
        behind={
            _("Complaints"): [row.measure.complaints for row in rows],
            _("Lowest"): [row.figure.low for row in rows if row.figure],
            _("Highest"): [row.figure.high for row in rows if row.figure],
        },
    )


def _exposed(own: str, per: float) -> tuple[str, str]:
    """Words for the size of a unit and for its rate."""
    if own == "services":
        sizes = {1e6: _("million services"), 1e3: _("thousand services"), 1.0: _("services")}
        return sizes[per], _("Per million services")
    sizes = {1e6: _("million users"), 1e3: _("thousand users"), 1.0: _("users")}
    return sizes[per], _("Per million users")


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
    period_report: PeriodReport, indicator: ShareIndicator, names: Mapping[str, str], title: str
) -> Bars | None:
    """One share unit by unit; those beyond the limits of chance first, in colour."""
    every = standings([row.measure for row in period_report.rows], indicator)
    measured_rows = [share_figure for share_figure in every if share_figure.share]
    rows = measured_rows[:MOST_BARS]
    if not rows:
        return None
    tones = {
        "high": {"higher": "good", "lower": "bad"},
        "low": {"higher": "bad", "lower": "good"},
    }.get(indicator.good, {})
    chinese = is_chinese(get_language() or "")
    note = _("in colour: beyond the limits of chance (99.8%%)") % {}
    if len(measured_rows) > MOST_BARS:
        more = _("%(shown)s of %(all)s are drawn; all are in the CSV above")
        note = f"{note}; {more % {'shown': MOST_BARS, 'all': len(measured_rows)}}"
    return Bars(
        title=title,
        bars=[
            Bar(
                name=names.get(row.unit, row.unit) or _("not known"),
                value=row.share.share * 100,
                low=row.share.low * 100,
                high=row.share.high * 100,
                tone=tones.get(row.word, ""),
            )
            for row in rows
            if row.share
        ],
        names={
            "unit": _("Unit"),
            "value": _("Per cent"),
            "interval": _("95%% interval") % {},
        },
        most=100.0,
        unit="%",
        note=note,
        summary=_("Shares with their intervals; the table holds the figures."),
        definition=indicator.counts_zh if chinese else indicator.counts_en,
        name=f"{indicator.id}-{period_report.by}-{period_report.start}-{period_report.end}",
        behind={
            _("Counted"): [row.share.count for row in rows if row.share],
            _("Of"): [row.share.of for row in rows if row.share],
        },
    )
