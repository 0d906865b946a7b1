"""A period as one document: what the page shows of it, for the command and whoever reads JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from django.conf import settings

from amends.audits.queries import coverage_of_duties, month_names
from amends.complaints.queries.corrections import overrules
from amends.complaints.queries.units import unit_names
from amends.indicators.by_unit import UnitRow, lines
from amends.indicators.columns import at
from amends.indicators.figures import PeriodReport
from amends.indicators.parts import OF_DUTIES, duty_parts, overruled_parts, used_by
from amends.indicators.rules.measures import UnitFigures
from amends.indicators.rules.rates import RateChange, RateFigure
from amends.indicators.rules.shares import ShareFigure
from amends.indicators.rules.shares import indicators as share_indicators
from amends.stats.rates import UNITS, Mean, Share, mean, share


def document_of(found: PeriodReport, *, on: date, last: date, brand: str = "") -> dict[str, Any]:
    """The report with its shares, channels, rules set aside and duties, each by its units.

    last  the last day of the period, as it was asked for
    """
    names, known = unit_names(found.by), list(share_indicators(on).values())
    whole = found.measure
    where: dict[str, Any] = {"start": found.start, "end": found.end, "brand": brand}
    return {
        "from": found.start.isoformat(), "to": last.isoformat(), "by": found.by,
        "users": found.users, "classes": found.classes, "currency": found.currency,
        "whole": figure(found.whole), "before": figure(found.before),
        "change": changed(found.change),
        "year_before": figure(found.year_before), "year_change": changed(found.year_change),
        "is_over": found.is_over,
        "records_begin": found.begins.isoformat() if found.begins else None,
        "days_to_solve_80": found.days_to_solve,
        "mean_days": _mean(mean(whole.days, whole.days2, whole.resolved)),
        **_money(whole, found.currency),
        "shares": {one.id: _share(one.of_measure(whole)) for one in known},
        "units": [_unit(line, names, found.currency) for line in lines(found, known)],
        "used": {by: [asdict(one) for one in used_by(by, **where)]
                 for by in dict.fromkeys(("channel", found.by))},
        "overruled": _overruled(found.by, where),
        "duties": _duties(found.by, where, on),
    }  # fmt: skip


def _unit(line: UnitRow, names: Mapping[str, str], currency: str) -> dict[str, Any]:
    row = line.row
    return {
        "unit": row.unit, "name": names.get(row.unit, row.unit),
        "complaints": row.measure.complaints, "rate": figure(row.figure),
        "standing": row.place.standing if row.place else None,
        "mean_days": _mean(row.days), "days_to_solve_80": row.days_to_solve,
        **_money(row.measure, currency),
        "shares": {ref: _share_document(one) for ref, one in line.shares.items()},
    }  # fmt: skip


def figure(found: RateFigure | None) -> dict[str, Any] | None:
    """A rate with all it is: count, users, interval, definition, version of classes."""
    if found is None:
        return None
    return {
        "count": found.count, "users": found.users, "rate": found.rate, "low": found.low,
        "high": found.high, "per": found.definition.per, "definition": found.definition.id,
        "small": found.small, "classes": found.classes, "level": found.level,
        "from": found.start.isoformat(),
        "to": (found.end - timedelta(days=1)).isoformat(),
        "in_units": {unit: found.in_unit(unit)[0] for unit in UNITS},
    }  # fmt: skip


def changed(found: RateChange | None) -> dict[str, Any] | None:
    """A change: ratio, interval and what may be said; ends that are not finite are null."""
    if found is None:
        return None
    ends = {name: getattr(found.ratio, name) for name in ("ratio", "low", "high")}
    finite = {name: end if abs(end) < float("inf") else None for name, end in ends.items()}
    return {**finite, "word": found.word}


def _money(measure: UnitFigures, currency: str) -> dict[str, int | None]:
    if not currency:
        return {"granted_minor": None, "paid_minor": None}
    return {"granted_minor": measure.refunded_minor, "paid_minor": measure.paid_minor}


def _mean(found: Mean | None) -> dict[str, Any] | None:
    return asdict(found) if found else None


def _share(found: Share | None) -> dict[str, Any] | None:
    return asdict(found) if found else None


def _share_document(one: ShareFigure) -> dict[str, Any] | None:
    return {**asdict(one.share), "standing": one.word} if one.share else None


def _parts(by: str, rows: Sequence[ShareFigure]) -> list[dict[str, Any]]:
    names = unit_names(by)
    return [
        {"unit": row.unit, "name": names.get(row.unit, row.unit), "share": _share_document(row)}
        for row in rows
    ]


def _overruled(by: str, where: Mapping[str, Any]) -> list[dict[str, Any]]:
    moment = at(settings.TIME_ZONE)
    rules = overrules(
        since=moment(where["start"]), until=moment(where["end"]), brand=where["brand"]
    )
    units = overruled_parts(by, **where)
    return [
        {
            "rule": one.rule, "verdicts": one.decided, "overruled": one.overruled,
            "share": _share(share(min(one.overruled, one.decided), one.decided)), "by": by,
            "units": _parts(by, units.get(one.rule, [])),
        }
        for one in rules
    ]  # fmt: skip


def _duties(by: str, where: Mapping[str, Any], on: date) -> list[dict[str, Any]]:
    """By area where duties have no units of the dimension asked for."""
    by = by if by in OF_DUTIES else OF_DUTIES[0]
    found = coverage_of_duties(
        month_names(where["start"], where["end"]), on=on, brand=where["brand"],
        jurisdiction=settings.JURISDICTION,
    )  # fmt: skip
    units = duty_parts(by, **where)
    return [
        {
            "duty": one.duty, "title_zh": one.title_zh, "title_en": one.title_en,
            "zh": one.zh, "en": one.en, "due": one.total.due,
            "known": one.total.known, "in_time": one.total.in_time,
            "share": _share(share(one.total.in_time, one.total.known)), "by": by,
            "units": _parts(by, units.get(one.duty, [])),
        }
        for one in found
    ]  # fmt: skip
