"""Read the counters of the configured Prometheus server; nothing where none is configured."""

from __future__ import annotations

from datetime import datetime

from amends.network.quality.actions.read_prometheus import read_configured
from amends.platform.kit.actors import system


def read_prometheus(*, now: datetime) -> None:
    """Once; a server that is away fails the job, and the next run reads what was missed."""
    read_configured(by=system("quality"), now=now)
