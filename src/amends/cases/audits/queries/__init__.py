"""Questions about coverage of duties and who is still owed a notice; read from the last audits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count as Number
from django.db.models import Q, QuerySet, Sum

from amends.cases.audits.models import (
    AuditRun,
    ChargeWithoutNotice,
    DutyCount,
    DutyPart,
    MissedNotice,
)
from amends.cases.audits.rules.coverage import DutyTally as DutyTally
from amends.cases.audits.rules.coverage import worst_first
from amends.cases.audits.rules.outcomes import STATES
from amends.cases.audits.rules.recompute import audited as audited
from amends.engines.duties.titles import DutyWords, words_of
from amends.platform.kit.packs import pack
from amends.platform.kit.periods import from_ms
from amends.platform.kit.terms import shifted


@dataclass(frozen=True, slots=True)
class DutyCoverage:
    """One duty over a period: `total`, its months in order, its title and what it says."""

    duty: str
    title_zh: str
    title_en: str
    zh: str
    en: str
    source: str
    verified: object
    total: DutyTally
    months: tuple[DutyTally, ...]
    untold_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class MissedNoticeView:
    """One notice that did not arrive in time; the person stays a reference until opened."""

    key: str
    duty: str
    step: str
    service: str
    brand: str
    due_at: datetime
    reached_at: datetime | None
    state: str
    excess_minor: int
    currency: str


def month_names(start: date, end: date) -> list[str]:
    """The first days of the months that hold `[start, end)`.

    >>> month_names(date(2026, 9, 15), date(2026, 11, 1))
    ['2026-09-01', '2026-10-01']
    """
    day, last, names = start.replace(day=1), end - timedelta(days=1), []
    while day <= last:
        names.append(day.isoformat())
        day = shifted(day, 1)
    return names


def coverage_of_duties(
    months: Iterable[str], *, on: date, jurisdiction: str, brand: str = ""
) -> list[DutyCoverage]:
    """Each duty with anything due in the months, the worst share first.

    Raises UnableToFindPack for a jurisdiction that has none, whatever was audited.
    """
    pack(jurisdiction, on)
    wanted = list(months)
    rows = DutyCount.objects.filter(period__in=wanted)
    if brand:
        rows = rows.filter(brand=brand)
    sums: dict[tuple[str, str], DutyTally] = {}
    for row in rows.order_by("period", "duty", "brand"):
        row_tally = DutyTally(row.duty, row.period, **{name: getattr(row, name) for name in STATES})
        tally_key = (row.duty, row.period)
        sums[tally_key] = sums[tally_key] + row_tally if tally_key in sums else row_tally
    counts = list(sums.values())
    money = _untold(wanted, brand)
    return [
        _described(
            total, counts, words_of(total.duty, on, jurisdiction), money.get(total.duty, (0, ""))
        )
        for total in worst_first(counts)
    ]


def coverage_by(
    dimension: str, months: Iterable[str], *, brand: str = ""
) -> dict[str, dict[str, DutyTally]]:
    """Duty → area, product, channel or brand → its count over the months; nothing for months that
    were audited before parts were stored."""
    if dimension == "brand":
        rows = DutyCount.objects.filter(period__in=list(months)).order_by("period", "brand")
    else:
        rows = DutyPart.objects.filter(period__in=list(months), dimension=dimension)
    rows = rows.filter(brand=brand) if brand else rows
    tallies: dict[str, dict[str, DutyTally]] = {}
    for row in rows:
        unit = row.brand if dimension == "brand" else row.unit
        row_tally = DutyTally(row.duty, row.period, **{name: getattr(row, name) for name in STATES})
        units = tallies.setdefault(row.duty, {})
        units[unit] = units[unit] + row_tally if unit in units else row_tally
    return tallies


def _described(
    total: DutyTally, counts: list[DutyTally], duty: DutyWords | None, money: tuple[int, str]
) -> DutyCoverage:
    own = tuple(count for count in counts if count.duty == total.duty)
    return DutyCoverage(
        total.duty,
        duty.title_zh if duty else total.duty,
        duty.title_en if duty else total.duty,
        duty.zh if duty else total.duty,
        duty.en if duty else total.duty,
        duty.source if duty else "",
        duty.verified if duty else False,
        total,
        tuple(sorted(own, key=lambda month_tally: month_tally.period)),
        *money,
    )


def _untold(months: list[str], brand: str) -> dict[str, tuple[int, str]]:
    rows = ChargeWithoutNotice.objects.filter(owed__period__in=months)
    if brand:
        rows = rows.filter(owed__brand=brand)
    missed_charges = rows.order_by("owed__duty").values_list("owed__duty", "currency")
    return {
        duty: (minor or 0, currency)
        for duty, currency, minor in missed_charges.annotate(minor=Sum("excess_minor"))
    }


def missed_notices(
    duty: str, months: Iterable[str], *, brand: str = "", state: str = "", limit: int = 200
) -> list[MissedNoticeView]:
    """The notices of a duty that did not arrive in time, the dearest first, then the oldest."""
    rows = missed_rows(duty, months, brand=brand, state=state)
    ranked = rows.annotate(excess=Sum("charges__excess_minor")).order_by(
        "-excess", "due_at_ms", "key"
    )
    return [_owed(row) for row in ranked.prefetch_related("charges")[:limit]]


def missed_rows(
    duty: str, months: Iterable[str], *, brand: str = "", state: str = ""
) -> QuerySet[MissedNotice]:
    """Notices of a duty that did not arrive in time, of one state or of all."""
    rows = MissedNotice.objects.filter(duty=duty, period__in=list(months))
    if brand:
        rows = rows.filter(brand=brand)
    return rows.filter(state=state) if state else rows


def numbers_of(duty: str, months: Iterable[str], *, brand: str = "") -> dict[str, int]:
    """State → how many of the duty's notices that did not arrive in time."""
    rows = missed_rows(duty, months, brand=brand).order_by("state").values_list("state")
    return dict(rows.annotate(number=Number("key")))


def missed_notice(key: str, *, brand: str = "") -> tuple[MissedNoticeView, str] | None:
    """One notice and whose it is (a pseudonym), None where it is not known or of another brand."""
    scope = Q(key=key) & (Q(brand=brand) if brand else Q())
    row = MissedNotice.objects.filter(scope).prefetch_related("charges").first()
    return None if row is None else (_owed(row), row.subscriber)


def _owed(row: MissedNotice) -> MissedNoticeView:
    charges = list(row.charges.all())
    return MissedNoticeView(
        key=row.key,
        duty=row.duty,
        step=row.step,
        service=row.service,
        brand=row.brand,
        due_at=from_ms(row.due_at_ms),
        reached_at=None if row.reached_at_ms is None else from_ms(row.reached_at_ms),
        state=row.state,
        excess_minor=sum(charge.excess_minor for charge in charges),
        currency=charges[0].currency if charges else "",
    )


def last_audit() -> tuple[datetime, datetime, datetime] | None:
    """When the last audit ran, and the months it read; None before the first."""
    run = AuditRun.objects.order_by("-number").first()
    return None if run is None else (run.ran_at, run.start_at, run.end_at)


def audited_months() -> list[str]:
    """The months that have counts, in order."""
    rows = DutyCount.objects.order_by("period").values_list("period", flat=True).distinct()
    return list(rows)


def counts_of(duties: Iterable[str], months: Iterable[str]) -> dict[str, DutyTally]:
    """What became of the notices of some duties in some months, all brands together."""
    rows = (
        DutyCount.objects.filter(duty__in=list(duties), period__in=list(months))
        .order_by("duty")
        .values("duty")
        .annotate(**{f"sum_{name}": Sum(name) for name in STATES})
    )
    return {
        row["duty"]: DutyTally(
            row["duty"], "", **{name: row[f"sum_{name}"] or 0 for name in STATES}
        )
        for row in rows
    }
