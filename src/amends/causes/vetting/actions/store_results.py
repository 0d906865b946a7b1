"""Store results of probes that were run elsewhere."""

from __future__ import annotations

from collections.abc import Iterable

from amends.causes.vetting.models import LinkProbe, ProbeResult
from amends.causes.vetting.rules.chain_events import PROBE, ChainEvent


def store_results(service: str, events: Iterable[ChainEvent]) -> int:
    """Store the results of a service's probes; how many. Other events and probes are left out."""
    probes = {
        (one.link.name, one.name): one
        for one in LinkProbe.objects.filter(link__service=service).select_related("link")
    }
    rows = [
        ProbeResult(
            probe=probes[one.link, one.what],
            at=one.at,
            passed=bool(one.ok),
            ms=one.ms,
            error="" if one.ok else "timeout",
        )
        for one in events
        if one.source == PROBE and (one.link, one.what) in probes
    ]
    ProbeResult.objects.bulk_create(rows, batch_size=1_000)
    return len(rows)
