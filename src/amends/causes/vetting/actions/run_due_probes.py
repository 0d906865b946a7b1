"""Run the probes that are due, several at once, and store what they found."""

from __future__ import annotations

import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from amends.causes.vetting.actions.probe import ProbeHosts, ProbeOutcome, probe_hosts, run_probe
from amends.causes.vetting.models import LinkProbe, ProbeResult

AT_ONCE = 8
_MOST_RUNS = 200
JITTER = 0.2
RESULTS_DAYS = 60


@dataclass(frozen=True, slots=True)
class ProbesRun:
    """How many probes ran, and how many of them failed."""

    run: int
    failed: int


def run_due_probes(*, now: datetime, refs: Sequence[str] = ()) -> ProbesRun:
    """Run what is due, or all probes of some services, and draw when they run next.

    The next run is `every_s` later, plus or minus a fifth: probes of one host do not come together.
    """
    rows = LinkProbe.objects.filter(is_active=True).select_related("link")
    rows = rows.filter(link__service__in=refs) if refs else rows.filter(next_at__lte=now)
    due_probes = list(rows.order_by("next_at")[:_MOST_RUNS])
    hosts = probe_hosts()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = list(pool.map(lambda probe: _run(probe, hosts), due_probes))
    with transaction.atomic():
        ProbeResult.objects.bulk_create(
            ProbeResult(
                probe=probe, at=now, passed=outcome.passed, ms=outcome.ms, error=outcome.error
            )
            for probe, outcome in zip(due_probes, outcomes, strict=True)
        )
        for probe in due_probes:
            probe.next_at = now + timedelta(seconds=probe.every_s * (1 + _jitter()))
        LinkProbe.objects.bulk_update(due_probes, ["next_at"])
    return ProbesRun(len(due_probes), sum(1 for outcome in outcomes if not outcome.passed))


def _run(probe: LinkProbe, hosts: ProbeHosts) -> ProbeOutcome:
    return run_probe(probe.kind, probe.target, probe.options, hosts=hosts, most_ms=probe.most_ms)


def _jitter() -> float:
    return random.uniform(-JITTER, JITTER)  # noqa: S311 (no secret)


def delete_old_results(*, now: datetime) -> int:
    """Delete results older than `RESULTS_DAYS`."""
    old = ProbeResult.objects.filter(at__lt=now - timedelta(days=RESULTS_DAYS))
    return old.delete()[0]
