"""What pages, commands, the API and apps above ask about reports and numbers."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncDate, TruncMonth
from django.utils import timezone

from amends.causes.protection.choices import AppealState, FraudKind, MessageLabel, ReportState
from amends.causes.protection.choices import ReportedThing as ReportedThing
from amends.causes.protection.choices import Step as Step
from amends.causes.protection.models import (
    AdvertRefusal,
    BlockListChange,
    NuisanceReport,
    NumberAppeal,
    ReportedNumber,
    StoppedDelivery,
)
from amends.causes.protection.numbers import entry_of, masked
from amends.platform.vault.sealing import open_many, open_sealed

LISTED = 200
UNDO_WITHIN = timedelta(days=7)
"""How long a report can be taken back by its reporter."""

ADVERTS = frozenset({"marketing", "personalised", "partner_offers"})
"""Purposes of messages that advertise (`privacy/rules/data/purposes@….toml`)."""


@dataclass(frozen=True, slots=True)
class NumberLine:
    """A reported number in a list.

    number  masked, unless it is a short number or a sender's name
    step    what it is subject to, None for nothing
    """

    row: ReportedNumber
    number: str
    step: Step | None


@dataclass(frozen=True, slots=True)
class WaveDay:
    """Reports of a day (date in the installation's zone) and how many of them are fraud."""

    day: date
    reports: int
    frauds: int


@dataclass(frozen=True, slots=True)
class Wave:
    """The reports of the last days.

    kinds   kind of fraud → reports, most first
    hosts   suspicious host → reports, most first
    """

    days: list[WaveDay]
    kinds: list[tuple[str, int]]
    hosts: list[tuple[str, int]]
    reports: int
    people: int


@dataclass(frozen=True, slots=True)
class MonthlyReports:
    """A month of the public statistics."""

    month: date
    reports: int
    frauds: int
    confirmed: int


def visible_reports(*, brand: str = "") -> QuerySet[NuisanceReport]:
    """The reports that people of a brand may see: of its subscribers, and of nobody's."""
    rows = NuisanceReport.objects.all()
    return rows.filter(brand__in=("", brand)) if brand else rows


def wave(*, now: datetime, days: int = 30, brand: str = "") -> Wave:
    """The reports of the last days by day, kind of fraud and host."""
    rows = visible_reports(brand=brand).filter(reported_at__gt=now - timedelta(days=days))
    rows = rows.exclude(state=ReportState.WITHDRAWN).order_by()
    fraud = Q(label=MessageLabel.FRAUD)
    by_day = {
        day: (reports, frauds)
        for day, reports, frauds in rows.annotate(day=TruncDate("reported_at"))
        .values_list("day")
        .annotate(reports=Count("ref"), frauds=Count("ref", filter=fraud))
    }
    last = timezone.localdate(now)
    wave_days = [last - timedelta(days=back) for back in reversed(range(days))]
    kinds = rows.filter(fraud).values_list("kind").annotate(count=Count("ref"))
    hosts: dict[str, int] = {}
    for listed in rows.exclude(hosts=[]).values_list("hosts", flat=True)[:5_000]:
        for host, kind in listed:
            if kind != "official":
                hosts[host] = hosts.get(host, 0) + 1
    return Wave(
        days=[WaveDay(day, *by_day.get(day, (0, 0))) for day in wave_days],
        kinds=[
            (str(FraudKind(kind).label), count)
            for kind, count in sorted(kinds, key=lambda pair: (-pair[1], pair[0]))
            if kind
        ],
        hosts=sorted(hosts.items(), key=lambda pair: (-pair[1], pair[0]))[:10],
        reports=sum(reports for reports, _frauds in by_day.values()),
        people=rows.values("reporter").distinct().count(),
    )


def number_lines(rows: Sequence[ReportedNumber]) -> list[NumberLine]:
    """The rows with their numbers as a page may show them."""
    opened = opened_numbers(rows)
    return [
        NumberLine(row, masked(number), Step(row.step) if row.step else None)
        for row, number in zip(rows, opened, strict=True)
    ]


def worst_numbers(*, step: str = "") -> list[ReportedNumber]:
    """The numbers that weigh most, at most two hundred: all, or those subject to a consequence."""
    rows = ReportedNumber.objects.filter(weight__gt=0)
    return list((rows.filter(step=step) if step else rows)[:LISTED])


def counts_by_step() -> dict[str, int]:
    """How many numbers are subject to each consequence, 0 included."""
    rows = ReportedNumber.objects.exclude(step="").order_by().values_list("step")
    counts = dict(rows.annotate(Count("ref")))
    return {step: counts.get(step, 0) for step in Step.values}


def number_of(ref: str) -> ReportedNumber | None:
    """A reported number by its reference."""
    return ReportedNumber.objects.filter(ref=ref).first()


def words_of(report: NuisanceReport) -> str:
    """The words of a reported message; "" where it has none, or they were erased."""
    sealed = bytes(report.text)
    return open_sealed(NuisanceReport._meta.db_table, "text", report.ref, sealed) if sealed else ""


def words_of_appeal(appeal: NumberAppeal) -> str:
    """What the holder wrote; "" once it was erased."""
    sealed = bytes(appeal.words)
    return open_sealed(NumberAppeal._meta.db_table, "words", appeal.ref, sealed) if sealed else ""


def visible_appeals(*, brand: str = "") -> QuerySet[NumberAppeal]:
    """The appeals that people of a brand may see: of its subscribers, and of nobody's."""
    rows = NumberAppeal.objects.select_related("number")
    return rows.filter(brand__in=("", brand)) if brand else rows


def appeals(*, open_only: bool = True, brand: str = "") -> list[NumberAppeal]:
    """Appeals by their deadline: those to answer, or those answered, newest first."""
    rows = visible_appeals(brand=brand)
    if open_only:
        return list(rows.filter(state="open")[:LISTED])
    return list(rows.exclude(state="open").order_by("-answered_at", "ref")[:LISTED])


def monthly_reports(*, months: int = 12) -> list[MonthlyReports]:
    """Reports by month, newest first, for the public."""
    rows = (
        NuisanceReport.objects.exclude(state=ReportState.WITHDRAWN)
        .order_by()
        .annotate(month=TruncMonth("reported_at"))
        .values_list("month")
        .annotate(
            reports=Count("ref"),
            frauds=Count("ref", filter=Q(label=MessageLabel.FRAUD)),
            confirmed=Count("ref", filter=Q(state=ReportState.CONFIRMED)),
        )
        .order_by("-month")[:months]
    )
    return [MonthlyReports(timezone.localdate(month), *counts) for month, *counts in rows]


def first_step_at(numbers: Sequence[str], step: Step, *, since: datetime) -> datetime | None:
    """When a consequence took effect for the first of some numbers: for a recipient, or, of the
    block, on the list; None where it has not since then."""
    entries = [entry_of(number) for number in numbers]
    deliveries = StoppedDelivery.objects.filter(entry__in=entries, action=step, at__gte=since)
    times = list(deliveries.order_by("at").values_list("at", flat=True)[:1])
    if step == Step.BLOCK:
        listed = BlockListChange.objects.filter(
            number__entry__in=entries, added=True, at__gte=since
        )
        times += listed.order_by("at").values_list("at", flat=True)[:1]
    return min(times, default=None)


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A report as it is counted: a blind index or pseudonym for the person, no text."""

    ref: str
    reported_at: datetime
    person: str
    subscriber: str
    channel: str
    brand: str


def report_rows(
    start: datetime, end: datetime, *, brand: str = "", frauds_only: bool = False
) -> list[ReportRow]:
    """Reports from `start` to before `end`, oldest first, without withdrawn ones."""
    rows = NuisanceReport.objects.filter(reported_at__gte=start, reported_at__lt=end)
    rows = rows.exclude(state=ReportState.WITHDRAWN).order_by("reported_at", "ref")
    if brand:
        rows = rows.filter(brand=brand)
    if frauds_only:
        rows = rows.filter(label=MessageLabel.FRAUD)
    columns = ("ref", "reported_at", "reporter", "subscriber", "channel", "brand")
    return [ReportRow(*row) for row in rows.values_list(*columns).iterator(chunk_size=5_000)]


def reports_of(subscriber: str) -> list[NuisanceReport]:
    """A person's own reports, newest first."""
    return list(
        NuisanceReport.objects.filter(subscriber=subscriber).select_related("number")[:LISTED]
    )


def opened_numbers(rows: Sequence[ReportedNumber]) -> list[str]:
    """The numbers themselves, in the order given."""
    if not rows:
        return []
    table = ReportedNumber._meta.db_table
    unique = {row.ref: bytes(row.number) for row in rows if row.number}
    texts = dict(
        zip(unique, open_many(table, "number", list(unique), list(unique.values())), strict=True)
    )
    return [texts.get(row.ref, "") for row in rows]


def refuses_adverts(subscriber: str) -> bool:
    """Whether a person wants no advertising at all."""
    return AdvertRefusal.objects.filter(subscriber=subscriber).exists()


def may_send(purpose: str, subscribers: Collection[str]) -> set[str]:
    """The check before a message is sent: of those, whom an advertisement may go to."""
    if purpose not in ADVERTS:
        return set(subscribers)
    refused = AdvertRefusal.objects.filter(subscriber__in=list(subscribers))
    return set(subscribers) - set(refused.values_list("subscriber", flat=True))


@dataclass(frozen=True, slots=True)
class MyReport:
    """A report as its reporter sees it; `undo` while it can be taken back."""

    row: NuisanceReport
    state: ReportState
    undo: bool


def my_reports(subscriber: str, *, now: datetime) -> list[MyReport]:
    """A person's own reports, newest first, and what became of them."""
    return [
        MyReport(
            row,
            ReportState(row.state),
            row.state != ReportState.WITHDRAWN and row.reported_at >= now - UNDO_WITHIN,
        )
        for row in reports_of(subscriber)
    ]


def my_appeals(subscriber: str) -> list[tuple[NumberAppeal, AppealState]]:
    """A person's own appeals, newest first."""
    rows = NumberAppeal.objects.filter(subscriber=subscriber).order_by("-received_at", "ref")
    return [(row, AppealState(row.state)) for row in rows[:LISTED]]
