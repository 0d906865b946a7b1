"""Counts for and against each partner in a period, from facts and from the other apps."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from amends.causes.confirmations.queries.by_partner import services_by_partner
from amends.causes.vetting.choices import AppVerdict
from amends.causes.vetting.models import (
    AppCheck,
    ContentFinding,
    ContentFindingState,
    RegisteredService,
    ServiceFault,
    ServiceLink,
)
from amends.causes.vetting.rules.partner_scores import (
    COMPLAINTS,
    FAULTS,
    FINDINGS,
    NIGHT,
    REFUNDS,
    SANCTIONS,
    TAKE_DOWNS,
    UNCONFIRMED,
    ComponentCount,
)
from amends.people.partners.queries import partners, sanctions
from amends.people.subscribers.queries.counts import services_by
from amends.platform import registry
from amends.platform.kit.periods import from_ms
from amends.record.ledger.queries.columns import columns_of

_NIGHT_HOURS = range(6)
_YEAR = timedelta(days=365)


def component_counts(*, start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[ComponentCount]:
    """The counts of all partners in `[start, end)`.

    zone  of the night: activations from midnight to six
    """
    providers = {
        registered_service.offer: registered_service.provider
        for registered_service in RegisteredService.objects.exclude(offer="").exclude(provider="")
    }
    for ref, (judged, wrong) in services_by_partner(start, end).items():
        yield ComponentCount(partner=ref, component=UNCONFIRMED, bad=wrong, exposure=judged)
    yield from _complaints(providers, start, end)
    yield from _faults(start, end)
    yield from _findings(start, end)
    yield from _take_downs(start, end)
    yield from _night(providers, start, end, zone)
    yield from _refunds(providers, start, end)
    for partner in partners():
        recent = [each for each in sanctions(partner.ref) if end - _YEAR <= each.imposed_at < end]
        if recent:
            yield ComponentCount(
                partner=partner.ref, component=SANCTIONS, bad=len(recent), exposure=1.0
            )


def _complaints(
    providers: Mapping[str, str], start: datetime, end: datetime
) -> Iterator[ComponentCount]:
    """Complaints about the services of a provider, week by week, of all their users."""
    users = services_by("offer", at=end) if providers else {}
    exposed: Counter[str] = Counter()
    for offer, provider in providers.items():
        exposed[provider] += users.get(offer, 0)
    weeks = max(1, (end - start).days // 7)
    weekly: dict[str, list[int]] = defaultdict(lambda: [0] * weeks)
    for offer, times in registry.complaints_by_offer(set(providers), start, end).items():
        for at in times:
            weekly[providers[offer]][min(weeks - 1, (at - start).days // 7)] += 1
    for provider, count in exposed.items():
        by_week = tuple(weekly[provider])
        yield ComponentCount(
            partner=provider,
            component=COMPLAINTS,
            bad=sum(by_week),
            exposure=float(count),
            weekly=by_week,
        )


def _faults(start: datetime, end: datetime) -> Iterator[ComponentCount]:
    """Faults located at links of a partner, over the days that its links were probed."""
    links = ServiceLink.objects.exclude(partner="").filter(probes__isnull=False).distinct()
    days: Counter[str] = Counter()
    for link in links:
        days[link.partner] += (end - start).days
    rows = ServiceFault.objects.filter(link__in=links, from_at__gte=start, from_at__lt=end)
    faults_by_partner = Counter(rows.values_list("link__partner", flat=True))
    for partner, exposure in days.items():
        yield ComponentCount(
            partner=partner,
            component=FAULTS,
            bad=faults_by_partner[partner],
            exposure=float(exposure),
        )


def _findings(start: datetime, end: datetime) -> Iterator[ComponentCount]:
    """Apps of a partner that were rejected, of those that were checked."""
    rows = AppCheck.objects.exclude(partner="").exclude(verdict="")
    checked: Counter[str] = Counter()
    rejected: Counter[str] = Counter()
    newest: dict[tuple[str, str], str] = {}
    for row in rows.filter(checked_at__gte=start, checked_at__lt=end).order_by("checked_at"):
        newest[row.partner, row.package] = row.verdict
    for (partner, _package), verdict in newest.items():
        checked[partner] += 1
        rejected[partner] += verdict == AppVerdict.REJECT
    for partner, count in checked.items():
        yield ComponentCount(
            partner=partner, component=FINDINGS, bad=rejected[partner], exposure=float(count)
        )


def _take_downs(start: datetime, end: datetime) -> Iterator[ComponentCount]:
    """Contents to take down that fell due, and those that were not taken down in time."""
    rows = ContentFinding.objects.exclude(partner="").filter(due_at__gte=start, due_at__lt=end)
    rows = rows.exclude(state=ContentFindingState.DISMISSED)
    due_counts: Counter[str] = Counter()
    late: Counter[str] = Counter()
    for partner, due_at, closed_at in rows.values_list("partner", "due_at", "closed_at"):
        due_counts[partner] += 1
        late[partner] += closed_at is None or closed_at > due_at
    for partner, count in due_counts.items():
        yield ComponentCount(
            partner=partner, component=TAKE_DOWNS, bad=late[partner], exposure=count
        )


def _night(
    providers: Mapping[str, str], start: datetime, end: datetime, zone: ZoneInfo
) -> Iterator[ComponentCount]:
    """Activations of a provider's services between midnight and six."""
    rows = columns_of("ServiceActivated", start=start, end=end, fields=("offer",))
    total: Counter[str] = Counter()
    night: Counter[str] = Counter()
    for row in rows.to_pylist():
        if provider := providers.get(row["offer"]):
            total[provider] += 1
            hour = from_ms(row["happened_at_ms"]).astimezone(zone).hour
            night[provider] += hour in _NIGHT_HOURS
    for provider, count in total.items():
        yield ComponentCount(partner=provider, component=NIGHT, bad=night[provider], exposure=count)


def _refunds(
    providers: Mapping[str, str], start: datetime, end: datetime
) -> Iterator[ComponentCount]:
    """Charges of a provider's services that were refunded."""
    charges = columns_of("ChargeMade", start=start, end=end, fields=("charge", "offer"))
    owner = {
        row["charge"]: providers[row["offer"]]
        for row in charges.to_pylist()
        if row["offer"] in providers
    }
    refunds = columns_of("RefundMade", start=start, end=end, fields=("charge",))
    refunded = {row["charge"] for row in refunds.to_pylist()} & owner.keys()
    total, back = Counter(owner.values()), Counter(owner[refunded_ref] for refunded_ref in refunded)
    for provider, count in total.items():
        yield ComponentCount(
            partner=provider, component=REFUNDS, bad=back[provider], exposure=count
        )
