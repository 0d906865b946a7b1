"""Store results of probes that were run elsewhere."""

from __future__ import annotations

from collections.abc import Iterable

from amends.causes.vetting.models import LinkProbe, ProbeResult
from amends.causes.vetting.rules.chain_events import PROBE, ChainEvent


def store_results(service: str, events: Iterable[ChainEvent]) -> int:
    """Store the results of a service's probes; how many. Other events and probes are left out."""
    probes = {
        (link_probe.link.name, link_probe.name): link_probe
        for link_probe in LinkProbe.objects.filter(link__service=service).select_related("link")
    }
    rows = [
        ProbeResult(
            probe=probes[event.link, event.what],
            at=event.at,
            passed=bool(event.ok),
            ms=event.ms,
            error="" if event.ok else "timeout",
        )
        for event in events
        if event.source == PROBE and (event.link, event.what) in probes
    ]
    ProbeResult.objects.bulk_create(rows, batch_size=1_000)
    return len(rows)
