"""The evidence on which a number is blocked or not: its reports, weighed, and its traffic."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q
from django.utils import timezone

from amends.causes.protection.choices import ReportState
from amends.causes.protection.models import (
    Guardianship,
    NuisanceReport,
    ProtectionSettings,
    ReportedNumber,
    StoppedDelivery,
)
from amends.causes.protection.queries import opened_numbers
from amends.causes.protection.queries.contacts import ordinary_hours
from amends.causes.protection.queries.protected import protection_of
from amends.causes.protection.rules.consequences import (
    BlockSafeguards,
    GivenReport,
    Weighed,
    block_safeguards,
    consequence_rules,
    corrections,
    is_evident,
    lowered,
    weigh,
)
from amends.causes.protection.rules.protected_numbers import ProtectedRange


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockEvidence:
    """The evidence for or against blocking a number.

    ordinary_hours  how long it contacted people before it was first reported
    protected       why it is never blocked, None where it may be
    is_evident      whether the published rule replaces the second person
    staff           colleagues who entered reports of it: they decide no block of it
    """

    weighed: Weighed
    ordinary_hours: float
    protected: ProtectedRange | None
    is_evident: bool
    safeguards: BlockSafeguards
    staff: tuple[str, ...]

    @property
    def whole_hours(self) -> int:
        """The hours of ordinary traffic, rounded down, as the page shows them."""
        return int(self.ordinary_hours)

    @property
    def stated(self) -> str:
        """As the record of the block states it, without the reporters."""
        weighed = self.weighed
        return (
            f"people={weighed.people} frauds={weighed.frauds} verified={weighed.verified} "
            f"weight={weighed.weight} ordinary_hours={self.ordinary_hours:.0f}"
        )


def block_evidence(number: ReportedNumber, *, now: datetime) -> BlockEvidence:
    """Weigh the reports of a number after corrections by subscribers, and read its traffic."""
    today = timezone.localdate(now)
    rules, safeguards = consequence_rules(today), block_safeguards(today)
    reports = _given(number)
    weighed = weigh(reports, now=now, rules=rules, safeguards=safeguards)
    weighed = lowered(weighed, _called_wrong(number), now=now, by=corrections(today))
    first = min((report.at for report in reports if report.verified), default=None)
    hours = ordinary_hours(number.entry, reported_at=first)
    protected = protection_of(opened_numbers([number])[0], on=today)
    needed = next(step for step in rules.steps if step.step == "block")
    return BlockEvidence(
        weighed=weighed,
        ordinary_hours=hours,
        protected=protected,
        is_evident=protected is None
        and is_evident(weighed, ordinary_hours=hours, needed=needed, safeguards=safeguards),
        safeguards=safeguards,
        staff=tuple(sorted({report.staff for report in reports if report.staff})),
    )


def _given(number: ReportedNumber) -> list[GivenReport]:
    rows = number.reports.exclude(state=ReportState.WITHDRAWN)
    since = max((at for at in (number.holder_since, number.cleared_at) if at), default=None)
    if since is not None:
        rows = rows.filter(reported_at__gte=since)
    columns = ("reporter", "verified", "label", "reported_at", "source", "typed_by")
    listed = list(rows.values_list(*columns))
    reporters = {row[0] for row in listed}
    records, households = _records(reporters, number), _households(reporters)
    return [
        GivenReport(
            reporter=reporter,
            verified=verified,
            label=label,
            at=at,
            confirmed=records.get(reporter, (0, 0))[0],
            refuted=records.get(reporter, (0, 0))[1],
            source=source,
            staff=typed_by,
            household=households.get(reporter, ""),
        )
        for reporter, verified, label, at, source, typed_by in listed
    ]


def _households(reporters: set[str]) -> dict[str, str]:
    """Reporter → what they have in common with their household: the guardian, or the same second
    contact. Postal addresses are not compared: they have no index."""
    sampled = list(reporters)[:5_000]
    contacts = ProtectionSettings.objects.filter(subscriber__in=sampled).exclude(contact_entry="")
    households = dict(contacts.values_list("subscriber", "contact_entry"))
    pairs = Guardianship.objects.filter(Q(minor__in=sampled) | Q(guardian__in=sampled))
    for minor, guardian in pairs.values_list("minor", "guardian"):
        households[minor] = households[guardian] = guardian
    return households


def _called_wrong(number: ReportedNumber) -> list[datetime]:
    """When subscribers said that stopping this number was wrong: each once, at the latest time."""
    rows = StoppedDelivery.objects.filter(entry=number.entry, wrong_at__isnull=False)
    latest = rows.order_by().values_list("subscriber").annotate(at=Max("wrong_at"))
    return [at for _subscriber, at in latest]


def _records(reporters: set[str], number: ReportedNumber) -> dict[str, tuple[int, int]]:
    """Reporter → how many of their reports about other numbers were confirmed, and were not."""
    rows = (
        NuisanceReport.objects.filter(reporter__in=list(reporters)[:5_000])
        .exclude(number=number)
        .order_by()
        .values_list("reporter")
        .annotate(
            confirmed=Count("ref", filter=Q(state=ReportState.CONFIRMED)),
            refuted=Count("ref", filter=Q(state=ReportState.NOT_CONFIRMED)),
        )
    )
    return {reporter: (confirmed, refuted) for reporter, confirmed, refuted in rows}
