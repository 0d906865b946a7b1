"""Locate faults of registered services from probes, charges, complaints and incidents together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta

from django.db import transaction

from amends.causes.vetting.models import LinkKind, ProbeResult, RegisteredService, ServiceFault
from amends.causes.vetting.rules.chain_events import CHARGE, COMPLAINT, INCIDENT, PROBE, ChainEvent
from amends.causes.vetting.rules.chains import ServiceChain, chain_of
from amends.causes.vetting.rules.fault_location import locate_faults
from amends.platform import registry
from amends.platform.kit.periods import from_ms
from amends.record.ledger.queries import facts_on
from amends.record.ledger.queries.columns import columns_of

DAYS = 14
_GRACE_MS = 600_000


def locate_service_faults(*, now: datetime, refs: tuple[str, ...] = ()) -> int:
    """Store the faults of the last `DAYS` days of every service with a chain (or of some).

    Faults located before in these days are replaced: later results correct earlier ones.
    """
    start = now - timedelta(days=DAYS)
    rows = RegisteredService.objects.prefetch_related("links__probes").filter(links__isnull=False)
    if refs:
        rows = rows.filter(ref__in=refs)
    fault_count = 0
    for service in rows.distinct():
        links = {link.name: link for link in service.links.all()}
        chain = chain_of(
            service.ref,
            [
                (link.name, link.kind, [probe.name for probe in link.probes.all()])
                for link in links.values()
            ],
        )
        events = list(service_events(service, chain, start=start, end=now))
        faults = locate_faults(events, chain)
        with transaction.atomic():
            ServiceFault.objects.filter(link__service=service, from_at__gte=start).delete()
            ServiceFault.objects.bulk_create(
                ServiceFault(
                    link=links[fault.link],
                    from_at=fault.from_at,
                    to_at=fault.to_at,
                    evidence=asdict(fault.evidence),
                    found_at=now,
                )
                for fault in faults
            )
        fault_count += len(faults)
    return fault_count


def service_events(
    service: RegisteredService, chain: ServiceChain, *, start: datetime, end: datetime
) -> Iterator[ChainEvent]:
    """All that is known of a service in `[start, end)`."""
    results = ProbeResult.objects.filter(
        probe__link__service=service, at__gte=start, at__lt=end
    ).values_list("at", "probe__link__name", "passed", "ms", "probe__name")
    for at, link, passed, ms, probe in results.iterator():
        yield ChainEvent(at=at, source=PROBE, link=link, ok=passed, ms=ms, what=probe)
    if not service.offer:
        return
    by_kind = {chain_link.kind: chain_link.id for chain_link in chain.links}
    received = registry.complaints_by_offer([service.offer], start, end)
    for at in received.get(service.offer, ()):
        yield ChainEvent(at=at, source=COMPLAINT, link="", ok=None)
    if billing := by_kind.get(LinkKind.BILLING):
        yield from _charges(service.offer, billing, start, end)
    if network := by_kind.get(LinkKind.NETWORK):
        yield from _incidents(service.offer, network, start, end)


def _charges(offer: str, link: str, start: datetime, end: datetime) -> Iterator[ChainEvent]:
    """Charges of an offer, and whether the user's confirmation of the service precedes each."""
    confirmed: dict[str, int] = {}
    charge_columns = columns_of(
        "ConfirmationGiven", end=end, fields=("subject", "offer"), where=("offer", {offer})
    )
    for row in charge_columns.to_pylist():
        confirmed.setdefault(row["subject"], row["happened_at_ms"])
    charges = columns_of(
        "ChargeMade", start=start, end=end, fields=("subject", "offer"), where=("offer", {offer})
    )
    last: dict[str, int] = {}
    for row in charges.to_pylist():
        at, service = row["happened_at_ms"], row["subject"]
        repeated = at - last.get(service, -(10**15)) < 24 * 3_600_000
        last[service] = at
        ok = service in confirmed and confirmed[service] <= at + _GRACE_MS
        what = "repeated" if repeated else "confirmed" if ok else "unconfirmed"
        yield ChainEvent(
            at=from_ms(at), source=CHARGE, link=link, ok=ok and not repeated, ms=None, what=what
        )


def _incidents(offer: str, link: str, start: datetime, end: datetime) -> Iterator[ChainEvent]:
    """Incidents of the network that list the offer, with their end."""
    opened = columns_of(
        "IncidentOpened", start=start, end=end, fields=("subject", "incident", "cause", "offers")
    )
    wanted = {
        row["incident"]: row
        for row in opened.to_pylist()
        if offer in (row["offers"] or "").split(",")
    }
    for row in wanted.values():
        yield ChainEvent(
            at=from_ms(row["happened_at_ms"]),
            source=INCIDENT,
            link=link,
            ok=False,
            ms=None,
            what=row["cause"],
        )
    areas = {row["subject"] for row in wanted.values()}
    for fact in facts_on(areas, kinds=["IncidentClosed"], start=start, end=end):
        row = wanted.get(str(fact.payload["incident"]))
        if row:
            at = from_ms(fact.happened_at_ms)
            yield ChainEvent(at=at, source=INCIDENT, link=link, ok=True, ms=None, what=row["cause"])
