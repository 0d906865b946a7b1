"""Published bulletins, held against themselves. What does not fit is flagged, not mended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from itertools import pairwise
from typing import Any

from amends.platform.kit.packs import Verified, load_rules


@dataclass(frozen=True, slots=True)
class PublishedQuarter:
    """One published quarter; what it does not print is None.

    change, rate_change       against the quarter before, in per cent
    year_change               appeals against the same quarter a year before, in per cent
    rate_points, year_points  the rate against both, in appeals a million
    shares                    of service, charges and network, in per cent
    """

    id: str
    zh: str
    en: str
    definition: str
    appeals: int
    rate: float
    source: str
    verified: Verified
    change: float | None = None
    rate_change: float | None = None
    year_change: float | None = None
    rate_points: float | None = None
    year_points: float | None = None
    shares: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Derived:
    """A quarter nobody published as such: what the changes of another one say it was."""

    id: str
    appeals: int
    rate: float | None
    of: str


@dataclass(frozen=True, slots=True)
class Flag:
    """Something printed that does not follow from what else is printed."""

    where: str
    printed: float
    computed: float
    what: str


def published(on: date) -> list[PublishedQuarter]:
    """The quarters of the Chinese bulletins, oldest first.

    >>> [quarter.rate for quarter in published(date(2026, 12, 1))][-3:]
    [8.6, 8.5, 8.8]
    """
    return _rows(on, "quarters", PublishedQuarter)


@dataclass(frozen=True, slots=True)
class BulletinOperator:
    """One operator's line in an annex: appeals by class, shares in per cent, rate per million."""

    id: str
    zh: str
    en: str
    quarter: str
    service: int
    network: int
    charges: int
    total: int
    share: float
    users_share: float
    rate: float
    source: str
    verified: Verified


@dataclass(frozen=True, slots=True)
class PublishedCount:
    """A quarter of which only the number of appeals was printed."""

    id: str
    zh: str
    en: str
    appeals: int
    source: str
    verified: Verified
    change: float | None = None
    shares: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class OnlyShares:
    """A quarter of which only shares of classes were printed, in per cent, not all of them."""

    id: str
    zh: str
    en: str
    shares: tuple[float, ...]
    source: str
    verified: Verified


@dataclass(frozen=True, slots=True)
class Printed:
    """One line of a bulletin somebody brings in; `name` "total" is the sum of the others.

    change  against the period before, in per cent; rate per million; None where not printed
    change_digits, rate_digits  digits printed behind the point: 47% may be anything from 46.5
            to 47.5
    """

    name: str
    count: int
    before: int | None = None
    change: float | None = None
    rate: float | None = None
    users: float | None = None
    change_digits: int = 1
    rate_digits: int = 1


TOTAL = "total"


def operators(on: date) -> list[BulletinOperator]:
    """The operators whose annexes were read."""
    return _rows(on, "operators", BulletinOperator)


def counts(on: date) -> list[PublishedCount]:
    """The quarters without a rate, oldest first; they continue no series of rates.

    >>> [one.id for one in counts(date(2026, 12, 1))]
    ['2019-Q2', '2019-Q4', '2020-Q1', '2020-Q2']
    """
    return _rows(on, "counts", PublishedCount)


def only_shares(on: date) -> list[OnlyShares]:
    """The quarters of which only shares were printed, oldest first; they continue no series.

    >>> [(one.id, one.shares) for one in only_shares(date(2026, 12, 1))]
    [('2025-Q1', (41.2, 39.1, 11.4)), ('2025-Q3', (42.1, 37.3, 10.1))]
    """
    return _rows(on, "only_shares", OnlyShares)


def check_operators(
    quarter: PublishedQuarter, lines: Sequence[BulletinOperator], *, rate_tolerance: float = 0.1
) -> list[Flag]:
    """An annex against itself and against its quarter.

    rate_tolerance  users are known only as shares rounded to a tenth of a per cent, so that a rate
                    follows to about 0.1 per million, not to the 0.05 of its own rounding

    >>> first = next(one for one in published(date(2026, 12, 1)) if one.id == "2012-Q1")
    >>> check_operators(first, operators(date(2026, 12, 1)))
    []
    """
    flags = []
    users = quarter.appeals / quarter.rate * 1e6
    lines_total = sum(line.total for line in lines)
    if lines_total != quarter.appeals:
        flags.append(
            Flag(where=quarter.id, printed=quarter.appeals, computed=lines_total, what="sum")
        )
    for line in lines:
        parts = line.service + line.network + line.charges
        if parts != line.total:
            flags.append(Flag(where=line.id, printed=line.total, computed=parts, what="sum"))
        computed = line.total / (users * line.users_share / 100) * 1e6
        if abs(computed - line.rate) > rate_tolerance:
            flags.append(Flag(where=line.id, printed=line.rate, computed=computed, what="rate"))
        share = line.total / quarter.appeals * 100
        if abs(share - line.share) > 0.051:
            flags.append(Flag(where=line.id, printed=line.share, computed=share, what="share"))
    return flags


def _rounding(digits: int) -> float:
    """Half of the last printed digit, and a little for what was rounded twice.

    >>> _rounding(0), round(_rounding(1), 6)
    (0.51, 0.051)
    """
    return 0.51 / 10.0**digits


def check_printed(lines: Sequence[Printed]) -> list[Flag]:
    """The lines of one bulletin held against themselves: sum, changes, rates, each as precisely as
    it was printed. Nothing is mended.

    >>> lines = [Printed("total", 13, before=14, change=47.0), Printed("Telecom", 5),
    ...          Printed("Mobile", 1), Printed("Unicom", 7)]
    >>> [(flag.where, flag.what, round(flag.computed, 1)) for flag in check_printed(lines)]
    [('total', 'change', -7.1)]
    """
    flags = []
    parts = [line for line in lines if line.name != TOTAL]
    for line in lines:
        if line.name == TOTAL and parts and sum(part.count for part in parts) != line.count:
            flags.append(
                Flag(
                    where=TOTAL,
                    printed=line.count,
                    computed=sum(part.count for part in parts),
                    what="sum",
                )
            )
        if line.change is not None and line.before:
            computed = (line.count / line.before - 1) * 100
            if abs(computed - line.change) > _rounding(line.change_digits):
                flags.append(
                    Flag(where=line.name, printed=line.change, computed=computed, what="change")
                )
        if line.rate is not None and line.users:
            computed = line.count / line.users * 1e6
            if abs(computed - line.rate) > _rounding(line.rate_digits):
                flags.append(
                    Flag(where=line.name, printed=line.rate, computed=computed, what="rate")
                )
    return flags


def _rows(on: date, table: str, kind: type[Any]) -> list[Any]:
    rows = load_rules("amends.problems.indicators", "bulletins-cn", on).data.get(table, [])
    column_names = [field.name for field in fields(kind)]
    records = []
    for row in rows:
        values = {name: row[name] for name in column_names if name in row}
        if "shares" in values:
            values["shares"] = tuple(values["shares"])
        records.append(kind(**values))
    return records


def check_chain(
    quarters: Sequence[PublishedQuarter | PublishedCount], *, tolerance_points: float = 0.051
) -> list[Flag]:
    """Printed changes that the printed counts and rates of neighbouring quarters do not give.

    tolerance_points  half of the last printed digit, in percentage points

    A change of the rate was computed before the rates were rounded: it is flagged where no two
    rates that round to the printed ones give it.
    """
    flags = []
    for before, now in pairwise(quarters):
        if not _follows(before.id, now.id):
            continue
        computed = (now.appeals / before.appeals - 1) * 100
        if now.change is not None and abs(computed - now.change) > tolerance_points:
            flags.append(Flag(where=now.id, printed=now.change, computed=computed, what="change"))
        if isinstance(before, PublishedQuarter) and isinstance(now, PublishedQuarter):
            flags += _rate_flags(before, now)
    return flags


def _rate_flags(before: PublishedQuarter, now: PublishedQuarter) -> list[Flag]:
    half, flags = _rounding(1), []
    ratio = now.rate / before.rate
    if now.rate_change is not None:
        low = ((now.rate - half) / (before.rate + half) - 1) * 100 - half
        high = ((now.rate + half) / (before.rate - half) - 1) * 100 + half
        if not low <= now.rate_change <= high:
            flags.append(
                Flag(
                    where=now.id,
                    printed=now.rate_change,
                    computed=(ratio - 1) * 100,
                    what="rate_change",
                )
            )
    if now.rate_points is not None and now.definition == before.definition:
        points = now.rate - before.rate
        if abs(points - now.rate_points) > 3 * half:
            flags.append(
                Flag(where=now.id, printed=now.rate_points, computed=points, what="rate_points")
            )
    return flags


def check_shares(quarters: Sequence[PublishedQuarter | PublishedCount]) -> list[Flag]:
    """Printed shares of classes that do not make a whole, beyond the rounding of each."""
    return [
        Flag(where=quarter.id, printed=100.0, computed=sum(quarter.shares), what="shares")
        for quarter in quarters
        if quarter.shares and abs(sum(quarter.shares) - 100.0) > len(quarter.shares) * _rounding(1)
    ]


def derived(quarters: Sequence[PublishedQuarter]) -> list[Derived]:
    """The quarters that the printed changes lead back to, oldest first; never as published.

    A figure that follows from two changes is listed for each: they must agree.

    >>> [(one.id, one.appeals, one.rate) for one in derived(published(date(2026, 12, 1)))
    ...  if one.id.startswith("2017")]
    [('2017-Q1', 12514, 6.8), ('2017-Q2', 13473, 7.2), ('2017-Q3', 17240, 9.1), \
('2017-Q4', 22743, 11.7)]
    """
    derived_figures = []
    for quarter in quarters:
        year, number = int(quarter.id[:4]), int(quarter.id[-1])
        before = f"{year}-Q{number - 1}" if number > 1 else f"{year - 1}-Q4"
        for name, change, points in (
            (before, quarter.change, quarter.rate_points),
            (f"{year - 1}-Q{number}", quarter.year_change, quarter.year_points),
        ):
            if change is not None:
                rate = None if points is None else round(quarter.rate - points, 1)
                derived_figures.append(
                    Derived(
                        id=name,
                        appeals=round(quarter.appeals / (1 + change / 100)),
                        rate=rate,
                        of=quarter.id,
                    )
                )
    return sorted(derived_figures, key=lambda figure: (figure.id, figure.of))


def _follows(before: str, now: str) -> bool:
    """Whether two quarters like 2012-Q1 are neighbours."""
    (year, quarter), (other_year, later_quarter) = (
        (int(quarter_id[:4]), int(quarter_id[-1])) for quarter_id in (before, now)
    )
    return other_year * 4 + later_quarter == year * 4 + quarter + 1
