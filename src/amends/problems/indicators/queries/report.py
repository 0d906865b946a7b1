"""A period as one document: what the page shows of it, for the command and whoever reads JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.conf import settings

from amends.cases.audits.queries import coverage_of_duties, month_names
from amends.cases.complaints.queries.corrections import overrules
from amends.cases.complaints.texts.units import unit_names
from amends.engines.stats.rates import UNITS, Mean, Share, mean, share
from amends.problems.indicators.queries.columns import at
from amends.problems.indicators.queries.figures import PeriodReport, UnitRow, lines
from amends.problems.indicators.queries.parts import (
    OF_DUTIES,
    Used,
    duty_parts,
    overruled_parts,
    used_by,
)
from amends.problems.indicators.rules.measures import UnitFigures
from amends.problems.indicators.rules.rates import RateChange, RateFigure
from amends.problems.indicators.rules.shares import ShareFigure
from amends.problems.indicators.rules.shares import indicators as share_indicators


@dataclass(frozen=True, slots=True)
class ReportedRate:
    """A rate of a period with its interval, definition and the version of the classes.

    rate      None of fewer than `FEWEST_USERS` users: `low` and `high` are then the interval of
              the count
    per       users it is of; in_units, the rate in the units of regulators, empty without a rate
    start, end  first and last day
    """

    count: int
    users: float
    rate: float | None
    low: float
    high: float
    per: float
    definition: str
    small: bool
    classes: str
    level: float
    start: date = field(metadata={"serialization_alias": "from"})
    end: date = field(metadata={"serialization_alias": "to"})
    in_units: dict[str, float]


@dataclass(frozen=True, slots=True)
class ReportedChange:
    """A change: ratio and interval, None where an end is not finite; `word`, what may be said."""

    ratio: float | None
    low: float | None
    high: float | None
    word: str


@dataclass(frozen=True, slots=True)
class ComparedShare(Share):
    """The share of a unit; `standing` against all together is higher, within or lower."""

    standing: str = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class ReportedUnit:
    """A unit of the dimension; amounts in minor units, shares by the id of their indicator."""

    unit: str
    name: str
    complaints: int
    rate: ReportedRate | None
    standing: str | None
    mean_days: Mean | None
    days_to_solve_80: int | None
    granted_minor: int | None
    paid_minor: int | None
    shares: dict[str, ComparedShare | None]


@dataclass(frozen=True, slots=True)
class UnitShare:
    """The share of a unit."""

    unit: str
    name: str
    share: ComparedShare | None


@dataclass(frozen=True, slots=True)
class OverruledRule:
    """How often people decided otherwise than a rule."""

    rule: str
    verdicts: int
    overruled: int
    share: Share | None
    by: str
    units: list[UnitShare]


@dataclass(frozen=True, slots=True)
class ReportedDuty:
    """Notices due under a duty; `known`, those whose outcome is known."""

    duty: str
    title_zh: str
    title_en: str
    zh: str
    en: str
    due: int
    known: int
    in_time: int
    share: Share | None
    by: str
    units: list[UnitShare]


@dataclass(frozen=True, slots=True)
class PeriodDocument:
    """A period (`start` to `end`, its last day) by the units of a dimension.

    before, year_before  the rates it is compared with, None where there is nothing to compare
    records_begin        first day of records, where an earlier period is left out for it
    granted, paid        in minor units of `currency`; None where there are several currencies
    used                 contacts and orders by dimension
    """

    start: date = field(metadata={"serialization_alias": "from"})
    end: date = field(metadata={"serialization_alias": "to"})
    by: str
    users: float | None
    classes: str
    currency: str
    whole: ReportedRate | None
    before: ReportedRate | None
    change: ReportedChange | None
    year_before: ReportedRate | None
    year_change: ReportedChange | None
    is_over: bool
    records_begin: date | None
    days_to_solve_80: int | None
    mean_days: Mean | None
    granted_minor: int | None
    paid_minor: int | None
    shares: dict[str, Share | None]
    units: list[ReportedUnit]
    used: dict[str, list[Used]]
    overruled: list[OverruledRule]
    duties: list[ReportedDuty]


def document_of(
    period_report: PeriodReport, *, on: date, last: date, brand: str = ""
) -> PeriodDocument:
    """The report with its shares, channels, rules set aside and duties, each by its units.

    last  the last day of the period, as it was asked for
    """
    names, indicators = unit_names(period_report.by), list(share_indicators(on).values())
    total_measure = period_report.measure
    where: dict[str, Any] = {"start": period_report.start, "end": period_report.end, "brand": brand}
    return PeriodDocument(
        start=period_report.start,
        end=last,
        by=period_report.by,
        users=period_report.users,
        classes=period_report.classes,
        currency=period_report.currency,
        whole=figure(period_report.whole),
        before=figure(period_report.before),
        change=changed(period_report.change),
        year_before=figure(period_report.year_before),
        year_change=changed(period_report.year_change),
        is_over=period_report.is_over,
        records_begin=period_report.begins,
        days_to_solve_80=period_report.days_to_solve,
        mean_days=mean(total_measure.days, total_measure.days2, total_measure.resolved),
        **_money(total_measure, period_report.currency),
        shares={indicator.id: indicator.of_measure(total_measure) for indicator in indicators},
        units=[
            _unit(line, names, period_report.currency) for line in lines(period_report, indicators)
        ],
        used={by: used_by(by, **where) for by in dict.fromkeys(("channel", period_report.by))},
        overruled=_overruled(period_report.by, where),
        duties=_duties(period_report.by, where, on),
    )


def _unit(line: UnitRow, names: Mapping[str, str], currency: str) -> ReportedUnit:
    row = line.row
    return ReportedUnit(
        unit=row.unit,
        name=names.get(row.unit, row.unit),
        complaints=row.measure.complaints,
        rate=figure(row.figure),
        standing=row.place.standing if row.place else None,
        mean_days=row.days,
        days_to_solve_80=row.days_to_solve,
        **_money(row.measure, currency),
        shares={ref: _compared(share_figure) for ref, share_figure in line.shares.items()},
    )


def figure(rate_figure: RateFigure | None) -> ReportedRate | None:
    """A rate with all it is: count, users, interval, definition, version of classes."""
    if rate_figure is None:
        return None
    published = rate_figure.published
    return ReportedRate(
        count=rate_figure.count,
        users=rate_figure.users,
        rate=published.rate,
        low=published.low,
        high=published.high,
        per=rate_figure.definition.per,
        definition=rate_figure.definition.id,
        small=rate_figure.small,
        classes=rate_figure.classes,
        level=rate_figure.level,
        start=rate_figure.start,
        end=rate_figure.end - timedelta(days=1),
        in_units={}
        if published.rate is None
        else {unit: rate_figure.in_unit(unit)[0] for unit in UNITS},
    )


def changed(rate_change: RateChange | None) -> ReportedChange | None:
    """A change: ratio, interval and what may be said; ends that are not finite are None."""
    if rate_change is None:
        return None
    ends = (rate_change.ratio.ratio, rate_change.ratio.low, rate_change.ratio.high)
    ratio, low, high = (end if abs(end) < float("inf") else None for end in ends)
    return ReportedChange(ratio=ratio, low=low, high=high, word=rate_change.word)


def _money(measure: UnitFigures, currency: str) -> dict[str, int | None]:
    if not currency:
        return {"granted_minor": None, "paid_minor": None}
    return {"granted_minor": measure.refunded_minor, "paid_minor": measure.paid_minor}


def _compared(share_figure: ShareFigure) -> ComparedShare | None:
    if share_figure.share is None:
        return None
    measured_share = share_figure.share
    return ComparedShare(
        count=measured_share.count,
        of=measured_share.of,
        share=measured_share.share,
        low=measured_share.low,
        high=measured_share.high,
        level=measured_share.level,
        standing=share_figure.word,
    )


def _parts(by: str, rows: Sequence[ShareFigure]) -> list[UnitShare]:
    names = unit_names(by)
    return [UnitShare(row.unit, names.get(row.unit, row.unit), _compared(row)) for row in rows]


def _overruled(by: str, where: Mapping[str, Any]) -> list[OverruledRule]:
    moment = at(settings.TIME_ZONE)
    rules = overrules(
        since=moment(where["start"]), until=moment(where["end"]), brand=where["brand"]
    )
    units = overruled_parts(by, **where)
    return [
        OverruledRule(
            rule=rule.rule,
            verdicts=rule.decided,
            overruled=rule.overruled,
            share=share(min(rule.overruled, rule.decided), rule.decided),
            by=by,
            units=_parts(by, units.get(rule.rule, [])),
        )
        for rule in rules
    ]


def _duties(by: str, where: Mapping[str, Any], on: date) -> list[ReportedDuty]:
    """By area where duties have no units of the dimension asked for."""
    by = by if by in OF_DUTIES else OF_DUTIES[0]
    duty_coverages = coverage_of_duties(
        month_names(where["start"], where["end"]),
        on=on,
        brand=where["brand"],
        jurisdiction=settings.JURISDICTION,
    )
    units = duty_parts(by, **where)
    return [
        ReportedDuty(
            duty=duty_coverage.duty,
            title_zh=duty_coverage.title_zh,
            title_en=duty_coverage.title_en,
            zh=duty_coverage.zh,
            en=duty_coverage.en,
            due=duty_coverage.total.due,
            known=duty_coverage.total.known,
            in_time=duty_coverage.total.in_time,
            share=share(duty_coverage.total.in_time, duty_coverage.total.known),
            by=by,
            units=_parts(by, units.get(duty_coverage.duty, [])),
        )
        for duty_coverage in duty_coverages
    ]
