"""Duties kept in time, and rules people set aside, by the units of a dimension."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.conf import settings

from amends.complaints.corrected import OVERRULED_BY, overrules_by
from amends.indicators.columns import at
from amends.indicators.rules.shares import Standing, against
from amends.notices.coverage import coverage_by, month_names
from amends.stats.rates import share
from amends.subscribers.counts import offer_kinds

OF_DUTIES = ("area", "product", "partner", "brand")
"""Dimensions of duties. A notice has no class, and one that was never sent no channel."""

Counted = dict[str, tuple[int, int]]
"""Unit → (count, of)."""


def overruled_parts(by: str, *, start: date, end: date, brand: str) -> dict[str, list[Standing]]:
    """Rule → each unit of `by` against all of them: verdicts of `[start, end)` people set aside."""
    moment = at(settings.TIME_ZONE)
    dimension = {"root": "code", "partner": "product"}.get(by, by)
    if dimension not in OVERRULED_BY:
        return {}
    found = overrules_by(dimension, since=moment(start), until=moment(end), brand=brand)
    return {
        rule: _against(
            _of(by, {unit: (min(one.overruled, one.decided), one.decided)
                     for unit, one in units.items()})
        )
        for rule, units in found.items()
    }  # fmt: skip


def duty_parts(by: str, *, start: date, end: date, brand: str) -> dict[str, list[Standing]]:
    """Duty → each unit of `by` against all of them: notices told in time, of those known, in the
    audited months of the period."""
    if by not in OF_DUTIES:
        return {}
    dimension = "product" if by == "partner" else by
    found = coverage_by(dimension, month_names(start, end), brand=brand)
    return {
        duty: _against(
            _of(by, {unit: (one.in_time, one.known) for unit, one in units.items()})
        )
        for duty, units in found.items()
    }  # fmt: skip


def _against(counted: Counted) -> list[Standing]:
    return against((unit, share(count, of)) for unit, (count, of) in counted.items())


def _of(by: str, counted: Mapping[str, tuple[int, int]]) -> Counted:
    """By groups of classes, or by partners, where the units are classes or products."""
    kinds = offer_kinds() if by == "partner" else {}
    found: Counted = {}
    for unit, (count, of) in counted.items():
        whole = unit
        if by == "root":
            whole = unit.split(".")[0]
        elif by == "partner":
            whole = kinds.get(unit, ("", ""))[1]
        before = found.get(whole, (0, 0))
        found[whole] = before[0] + count, before[1] + of
    return found
