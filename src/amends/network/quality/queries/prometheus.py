"""How far the counters of Prometheus have been read."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

from amends.network.quality.queries.counters import counters_dir


@dataclass(frozen=True, slots=True)
class PrometheusState:
    """How far Prometheus has been read, and why not further: `problem` is empty after success."""

    until: dict[str, str] = field(default_factory=dict)
    read_at: str = ""
    problem: str = ""


def prometheus_state() -> PrometheusState:
    """As the last reading left it."""
    try:
        return PrometheusState(**json.loads(state_file().read_text(encoding="utf-8")))
    except FileNotFoundError:
        return PrometheusState()


def state_file() -> Path:
    """Where the state is stored."""
    return counters_dir() / "prometheus.json"
