"""Duties kept in time, and rules people set aside, by the units of a dimension."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.conf import settings

from amends.complaints.corrected import OVERRULED_BY, overrules_by
from amends.complaints.measured import contacts_by
from amends.confirmations.queries import ORDERED_BY, orders_by
from amends.indicators.columns import at
from amends.indicators.rules.shares import Standing, against
from amends.notices.coverage import coverage_by, month_names
from amends.stats.rates import share
from amends.subscribers.counts import offer_kinds

OF_DUTIES = ("area", "product", "partner", "channel", "brand")
"""Dimensions of duties; a notice has no class."""

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
    audited months of the period; by channel of those sent, for one never sent has none."""
    if by not in OF_DUTIES:
        return {}
    dimension = "product" if by == "partner" else by
    found = coverage_by(dimension, month_names(start, end), brand=brand)
    return {
        duty: _against(
            _of(by, {unit: (one.in_time, one.known) for unit, one in units.items()
                     if unit or by != "channel"})
        )
        for duty, units in found.items()
    }  # fmt: skip


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
    where = {"start": moment(start), "end": moment(end), "brand": brand}
    dimension = {"root": "code", "partner": "product"}.get(by, by)
    contacts: dict[str, Counter[str]] = {}
    offers = offer_kinds() if by == "partner" else {}
    for unit, kinds in contacts_by(dimension, **where).items():
        contacts.setdefault(_whole(by, unit, offers), Counter()).update(kinds)
    orders = orders_by(by, **where) if by in ORDERED_BY else {}
    return [
        Used(unit, mine["complaint"], mine["enquiry"], orders.get(unit, 0))
        for unit in sorted(contacts.keys() | orders.keys())
        for mine in [contacts.get(unit, Counter())]
    ]


def _whole(by: str, unit: str, offers: Mapping[str, tuple[str, str]]) -> str:
    """The group of a class, or the partner of a product, where units are those."""
    if by == "root":
        return unit.split(".")[0]
    return offers.get(unit, ("", ""))[1] if by == "partner" else unit


def _against(counted: Counted) -> list[Standing]:
    return against((unit, share(count, of)) for unit, (count, of) in counted.items())


def _of(by: str, counted: Mapping[str, tuple[int, int]]) -> Counted:
    """By groups of classes, or by partners, where the units are classes or products."""
    offers = offer_kinds() if by == "partner" else {}
    found: Counted = {}
    for unit, (count, of) in counted.items():
        whole = _whole(by, unit, offers)
        before = found.get(whole, (0, 0))
        found[whole] = before[0] + count, before[1] + of
    return found
