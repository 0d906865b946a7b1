"""Run due probes, and locate faults from what is known of each service."""

from __future__ import annotations

from datetime import datetime

from amends.causes.vetting.actions.locate_service_faults import locate_service_faults
from amends.causes.vetting.actions.run_due_probes import delete_old_results, run_due_probes
from amends.causes.vetting.actions.score_partners import score_partners


def probe(*, now: datetime) -> int:
    """Run the probes that are due; how many."""
    return run_due_probes(now=now).run


def locate(*, now: datetime) -> int:
    """Locate the faults of the services that are probed; how many there are."""
    delete_old_results(now=now)
    return locate_service_faults(now=now)


def score(*, now: datetime) -> int:
    """Score the partners; how many."""
    return score_partners(now=now).partners
