"""What the rules of a pack make an operator pay, to the cent, and where they fix no amount."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from fractions import Fraction
from typing import Any

from amends.engines.decisions.clocks import RuleStatement, kind_of, placed
from amends.platform.kit.calendars import working_days
from amends.platform.kit.errors import BadInput, gettext_noop
from amends.platform.kit.packs import RuleFile, Verified, pack, rules_in_force

_DAY = timedelta(days=1)


class UnableToCompensate(BadInput):
    """A figure the rule needs was not given."""


@dataclass(frozen=True, slots=True)
class Basis:
    """What a rule may count: money in minor units, days and times as counts, a fault as a period.

    `fee_minor` is the fee the rule takes a share of (of the installation, of a month);
    `day_rate_minor` the tariff of one day; `paid_minor` what was charged or paid.
    """

    days: int | None = None
    times: int | None = None
    fee_minor: int | None = None
    day_rate_minor: int | None = None
    paid_minor: int | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Compensation:
    """An amount one rule makes the operator pay, and to whom."""

    remedy: str
    amount_minor: int
    currency: str
    to: str
    rule: str
    rule_id: str
    source: str
    verified: Verified
    zh: str
    en: str
    note_zh: str
    note_en: str


def compensations(
    *,
    jurisdiction: str,
    remedy: str,
    on: date,
    basis: Basis,
    province: str = "",
    zone: tzinfo | None = None,
) -> list[Compensation]:
    """Every amount the rules in force on `on` give for `remedy`; empty where no rule fixes one.

    `remedy`: late_repair, late_start, missed_visit, late_install, outage, slamming_paid,
    slamming_unpaid, fraud, unconfirmed_renewal, unexplained_usage. `zone` is needed where days of
    a fault are counted. Raises UnableToCompensate if the basis lacks what the rule counts, and
    UnableToFindRules where the amounts of that day are not known: then a person must decide.

    >>> april = date(2026, 4, 9)
    >>> [c.amount_minor for c in compensations(
    ...     jurisdiction="uk", remedy="late_repair", on=april, basis=Basis(days=3))]
    [3102]
    >>> [(c.to, c.amount_minor) for c in compensations(
    ...     jurisdiction="us", remedy="slamming_paid", on=april, basis=Basis(paid_minor=8000))]
    [('rightful_carrier', 12000), ('user', 4000)]
    """
    return [
        Compensation(
            remedy=remedy,
            amount_minor=_FORMULAS[row["formula"]](row, basis, zone),
            currency=pack(placed(jurisdiction, province)[0], on).currency,
            to=row.get("to", "user"),
            rule=file.version,
            rule_id=row["id"],
            source=row["source"],
            verified=row["verified"],
            zh=row["zh"],
            en=row["en"],
            note_zh=row.get("note_zh", ""),
            note_en=row.get("note_en", ""),
        )
        for file in _files(jurisdiction, province, on)
        for row in file.rules
        if row["remedy"] == remedy
    ]


def compensation_statements(
    *, jurisdiction: str, on: date, kind: str | None = None, province: str = ""
) -> list[RuleStatement]:
    """What the rules say about compensation without an amount; of every kind if none is named.

    Of a kind only what names it: a statement without kinds says nothing about this complaint.

    >>> spring = date(2026, 4, 9)
    >>> [s.id for s in compensation_statements(jurisdiction="eu", on=spring, kind="port")]
    ['eu.switch']
    """
    wanted = None if kind is None else kind_of(kind)
    return [
        RuleStatement(
            id=row["id"],
            zh=row["zh"],
            en=row["en"],
            source=row["source"],
            verified=row["verified"],
            rule=file.version,
        )
        for file in _files(jurisdiction, province, on)
        for row in file.data.get("statements", [])
        if wanted is None or wanted in row.get("kinds", ())
    ]


def late_days(due_on: date, done_on: date) -> int:
    """Days of delay: the day that was missed counts, the day it was done does not.

    >>> late_days(date(2026, 4, 9), date(2026, 4, 12))
    3
    """
    return max(0, (done_on - due_on).days)


def late_repair_days(
    reported_at: datetime,
    repaired_at: datetime,
    *,
    jurisdiction: str,
    zone: tzinfo,
    working: int = 2,
    region: str = "",
) -> int:
    """Days of delay after `working` full working days from the report (United Kingdom: two).

    >>> from zoneinfo import ZoneInfo
    >>> london = ZoneInfo("Europe/London")
    >>> late_repair_days(datetime(2026, 4, 9, 15, tzinfo=london),
    ...                  datetime(2026, 4, 16, 9, tzinfo=london), jurisdiction="uk", zone=london)
    3
    """
    reported = reported_at.astimezone(zone).date()
    limit = working_days(jurisdiction, region).add(reported, working)
    return late_days(limit, repaired_at.astimezone(zone).date())


def outage_days(
    started_at: datetime, ended_at: datetime, *, zone: tzinfo, day_hours: int = 12
) -> int:
    """Calendar days with more than `day_hours` hours of an outage.

    >>> from zoneinfo import ZoneInfo
    >>> india = ZoneInfo("Asia/Kolkata")
    >>> outage_days(datetime(2026, 4, 9, 6, tzinfo=india), datetime(2026, 4, 11, 10, tzinfo=india),
    ...             zone=india)
    2
    """
    limit = timedelta(hours=day_hours)
    return sum(span > limit for _, span in _by_day(started_at, ended_at, zone))


def _files(jurisdiction: str, province: str, on: date) -> tuple[RuleFile, ...]:
    return rules_in_force(placed(jurisdiction, province)[0], "decisions", "compensation", on)


def _per_day(row: Mapping[str, Any], basis: Basis, zone: tzinfo | None) -> int:
    return int(row["amount_minor"]) * _needed(basis, "days")


def _each(row: Mapping[str, Any], basis: Basis, zone: tzinfo | None) -> int:
    return int(row["amount_minor"]) * _needed(basis, "times")


def _share_per_day(row: Mapping[str, Any], basis: Basis, zone: tzinfo | None) -> int:
    share = Fraction(row["share_permille"], 1000)
    return _rounded(share * _needed(basis, "fee_minor") * _needed(basis, "days"))


def _share_of_paid(row: Mapping[str, Any], basis: Basis, zone: tzinfo | None) -> int:
    return _rounded(Fraction(row["share_permille"], 1000) * _needed(basis, "paid_minor"))


def _multiple(row: Mapping[str, Any], basis: Basis, zone: tzinfo | None) -> int:
    return max(int(row["times"]) * _needed(basis, "paid_minor"), int(row["least_minor"]))


def _fee_for_fault(row: Mapping[str, Any], basis: Basis, zone: tzinfo | None) -> int:
    """The month's fee by the calendar days the fault touches."""
    start, end, local = _fault(basis, zone)
    fee = _needed(basis, "fee_minor")
    share = sum(
        Fraction(1, calendar.monthrange(day.year, day.month)[1])
        for day, _ in _by_day(start, end, local)
    )
    return _rounded(share * fee)


def _outage(row: Mapping[str, Any], basis: Basis, zone: tzinfo | None) -> int:
    start, end, local = _fault(basis, zone)
    if end - start <= timedelta(hours=row["least_hours"]):
        return 0
    days = outage_days(start, end, zone=local, day_hours=row["day_hours"])
    return days * _needed(basis, "day_rate_minor")


_FORMULAS: Mapping[str, Callable[[Mapping[str, Any], Basis, tzinfo | None], int]] = {
    "per_day": _per_day,
    "each": _each,
    "share_per_day": _share_per_day,
    "share_of_paid": _share_of_paid,
    "multiple": _multiple,
    "fee_for_fault": _fee_for_fault,
    "outage_days": _outage,
}


def _needed(basis: Basis, name: str) -> int:
    value: int | None = getattr(basis, name)
    if value is None or value < 0:
        raise UnableToCompensate(
            gettext_noop("The rule counts %(name)s, which was not given."),
            next_step=gettext_noop("Give %(name)s, 0 or more."),
            values={"name": name},
        )
    return value


def _fault(basis: Basis, zone: tzinfo | None) -> tuple[datetime, datetime, tzinfo]:
    start, end = basis.started_at, basis.ended_at
    if start is None or end is None or zone is None or end < start:
        raise UnableToCompensate(
            gettext_noop(
                "The rule counts the days of the fault: its start, its end and the time zone."
            )
        )
    return start, end, zone


def _by_day(start: datetime, end: datetime, zone: tzinfo) -> list[tuple[date, timedelta]]:
    """The calendar days of `zone` that a period touches, and how long it lasted on each."""
    hours_by_day = []
    day, last = start.astimezone(zone).date(), end.astimezone(zone).date()
    while day <= last:
        opens = datetime.combine(day, time(), tzinfo=zone)
        closes = datetime.combine(day + _DAY, time(), tzinfo=zone)
        # Subtracting two times of one zone would ignore a change of clocks, hence timestamps.
        begun = max(start.timestamp(), opens.timestamp())
        seconds = min(end.timestamp(), closes.timestamp()) - begun
        if seconds > 0:
            hours_by_day.append((day, timedelta(seconds=seconds)))
        day += _DAY
    return hours_by_day


def _rounded(amount: Fraction | int) -> int:
    """To the nearest minor unit, halves up."""
    return int((Fraction(amount) + Fraction(1, 2)) // 1)
