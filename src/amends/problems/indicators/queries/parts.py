"""Duties kept in time, and rules people set aside, by the units of a dimension."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings

from amends.cases.audits.queries import coverage_by, month_names
from amends.cases.complaints.queries import renamed_classes, scheme, schemes
from amends.cases.complaints.queries.analytics import contacts_by
from amends.cases.complaints.queries.corrections import OVERRULED_BY, overrules_by
from amends.causes.confirmations.queries import ORDERED_BY, orders_by
from amends.engines.stats.rates import share
from amends.problems.indicators.queries.columns import at
from amends.problems.indicators.rules.shares import ShareFigure, against
from amends.record.catalogue.queries import offer_kinds

OF_DUTIES = ("area", "product", "partner", "channel", "brand")
"""Dimensions of duties; a notice has no class."""

Counted = dict[str, tuple[int, int]]
"""Unit → (count, of)."""


def overruled_parts(by: str, *, start: date, end: date, brand: str) -> dict[str, list[ShareFigure]]:
    """Rule → each unit of `by` against all of them: verdicts of `[start, end)` people set aside."""
    moment = at(settings.TIME_ZONE)
    dimension = _stored_dimension(by)
    if dimension not in OVERRULED_BY:
        return {}
    units_by_rule = overrules_by(dimension, since=moment(start), until=moment(end), brand=brand)
    return {
        rule: _against(
            _of(
                by,
                {
                    unit: (min(overrule.overruled, overrule.decided), overrule.decided)
                    for unit, overrule in units.items()
                },
            )
        )
        for rule, units in units_by_rule.items()
    }


def duty_parts(by: str, *, start: date, end: date, brand: str) -> dict[str, list[ShareFigure]]:
    """Duty → each unit of `by` against all of them: notices sent in time, of those known, in the
    audited months of the period; by channel of those sent, for one never sent has none."""
    if by not in OF_DUTIES:
        return {}
    dimension = "product" if by == "partner" else by
    units_by_duty = coverage_by(dimension, month_names(start, end), brand=brand)
    return {
        duty: _against(
            _of(
                by,
                {
                    unit: (unit_coverage.in_time, unit_coverage.known)
                    for unit, unit_coverage in units.items()
                    if unit or by != "channel"
                },
            )
        )
        for duty, units in units_by_duty.items()
    }


@dataclass(frozen=True, slots=True)
class Used:
    """How many contacts and orders one unit had; a contact is about a complaint or an enquiry."""

    unit: str
    complaint: int
    enquiry: int
    orders: int


def used_by(by: str, *, start: date, end: date, brand: str, zone: str = "") -> list[Used]:
    """Contacts and orders of `[start, end)` by the units of `by`; an order has no class."""
    moment = at(zone or settings.TIME_ZONE)
    where: dict[str, Any] = {"start": moment(start), "end": moment(end), "brand": brand}
    dimension = _stored_dimension(by)
    contacts: dict[str, Counter[str]] = {}
    whole_of = _wholes(by)
    for unit, kinds in contacts_by(dimension, **where).items():
        contacts.setdefault(whole_of(unit), Counter()).update(kinds)
    orders = orders_by(by, **where) if by in ORDERED_BY else {}
    return [
        Used(
            unit=unit,
            complaint=mine["complaint"],
            enquiry=mine["enquiry"],
            orders=orders.get(unit, 0),
        )
        for unit in sorted(contacts.keys() | orders.keys())
        for mine in [contacts.get(unit, Counter())]
    ]


def _stored_dimension(by: str) -> str:
    """The dimension of a complaint of which the units of `by` consist."""
    if by == "root" or by in schemes():
        return "code"
    return "product" if by == "partner" else by


def _wholes(by: str) -> Callable[[str], str]:
    """From a class to its name of today, its group or the regulator's class, from a product to its
    partner."""
    if _stored_dimension(by) == "code":
        renamed = renamed_classes()
        classes = scheme(by).class_of if by in schemes() else None

        def whole_of(unit: str) -> str:
            code = renamed.get(unit, unit)
            if classes is not None:
                return classes.get(code, "")
            return code.split(".")[0] if by == "root" else code

        return whole_of
    if by == "partner":
        offers = offer_kinds()
        return lambda unit: offers.get(unit, ("", ""))[1]
    return lambda unit: unit


def _against(counted: Counted) -> list[ShareFigure]:
    return against((unit, share(count, of)) for unit, (count, of) in counted.items())


def _of(by: str, counted: Mapping[str, tuple[int, int]]) -> Counted:
    """By groups of classes, or by partners, where the units are classes or products."""
    whole_of = _wholes(by)
    merged_counts: Counted = {}
    for unit, (count, of) in counted.items():
        whole_unit = whole_of(unit)
        before = merged_counts.get(whole_unit, (0, 0))
        merged_counts[whole_unit] = before[0] + count, before[1] + of
    return merged_counts
