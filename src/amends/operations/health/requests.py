"""Requests by the name of their route, and the web processes that answer them.

A route is a name of the address configuration, never a path, so there are as many as it has. One
process counts in memory; the processes of `amends serve --processes N` share their counts by files
in PROMETHEUS_MULTIPROC_DIR (multiprocess mode of prometheus_client).
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from threading import Lock

from django.conf import settings
from django.http import HttpRequest
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.multiprocess import MultiProcessCollector

from amends.operations.queries.process_figures import process_figures

UNKNOWN = "unknown"
_FIGURES_EVERY_S = 5.0
_own = CollectorRegistry()
_requests = Counter(
    "amends_http_requests_total",
    "Requests by route and class of status.",
    ["route", "status"],
    registry=_own,
)
_seconds = Histogram(
    "amends_http_request_seconds",
    "Seconds until the answer, by route.",
    ["route"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
    registry=_own,
)
_memory = Gauge(
    "amends_web_resident_memory_bytes",
    "Memory of a web process.",
    ["process"],
    registry=_own,
    multiprocess_mode="mostrecent",
)
_processor = Gauge(
    "amends_web_processor_seconds",
    "Processor time of a web process.",
    ["process"],
    registry=_own,
    multiprocess_mode="mostrecent",
)
_files = Gauge(
    "amends_web_open_files",
    "Open files of a web process.",
    ["process"],
    registry=_own,
    multiprocess_mode="mostrecent",
)
_lock = Lock()
_measured_at = float("-inf")


def count_request(request: HttpRequest, status: int, seconds: float) -> None:
    """One more request was answered."""
    route = route_of(request)
    _requests.labels(route, f"{status // 100}xx").inc()
    _seconds.labels(route).observe(seconds)
    _measure_process()


def route_of(request: HttpRequest) -> str:
    """The name of the route, its pattern where it has no name, or `unknown`."""
    match = request.resolver_match
    if match is None:
        is_static = request.path_info.startswith(f"/{settings.STATIC_URL.lstrip('/')}")
        return "static" if is_static else UNKNOWN
    return str(match.view_name if match.url_name else match.route) or UNKNOWN


def collected() -> CollectorRegistry:
    """The counts of this process, or of all processes of this `amends serve`."""
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR", "")
    _measure_process(at_once=True)
    if not folder:
        return _own
    _forget_dead(Path(folder))
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=folder)  # type: ignore[no-untyped-call]
    return registry


def _measure_process(*, at_once: bool = False) -> None:
    global _measured_at
    with _lock:
        if not at_once and time.monotonic() - _measured_at < _FIGURES_EVERY_S:
            return
        _measured_at = time.monotonic()
    figures, process = process_figures(), str(os.getpid())
    _memory.labels(process).set(figures.resident_bytes)
    _processor.labels(process).set(figures.cpu_s)
    _files.labels(process).set(figures.open_files)


def _forget_dead(folder: Path) -> None:
    """Drop figures of processes that ended; their counts of requests remain."""
    for file in folder.glob("gauge_*.db"):
        pid = file.stem.rpartition("_")[2]
        if pid.isdigit() and not Path(f"/proc/{pid}").exists():
            file.unlink(missing_ok=True)
