"""Counters out of a real Prometheus server."""

from __future__ import annotations

import subprocess
import time
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.actions.quality.network import small_network
from tests.needs import program
from tests.ports import free_port

from amends.network.quality.actions.read_prometheus import (
    UnableToReadPrometheus,
    read_configured,
)
from amends.network.quality.queries.counters import read_stored
from amends.network.quality.queries.prometheus import prometheus_state
from amends.network.quality.rules.prometheus import source_of
from amends.platform.kit.actors import system

pytestmark = pytest.mark.django_db
JOB = system("quality")
STEP = timedelta(minutes=15)
BEGIN = datetime(2026, 11, 20, tzinfo=UTC)
HOURS = 30
CONFIGURATION = """
url = "http://127.0.0.1:{port}"
step_s = 900

[[queries]]
kpi = "rtt_ms"
query = "rtt_seconds"
scale = 1000
"""


def _blocks(folder: Path) -> Path:
    """The data of a Prometheus server that scraped a cell for some hours, and one without a name."""
    rows = ["# HELP rtt_seconds Round trip time.", "# TYPE rtt_seconds gauge"]
    for minutes in range(0, HOURS * 60 + 1, 5):
        at = (BEGIN + timedelta(minutes=minutes)).timestamp()
        rows.append(f'rtt_seconds{{area="n1",cell="n1-c1"}} 0.02 {at:.0f}')
        rows.append(f'rtt_seconds{{area="n1"}} 0.03 {at:.0f}')
    text = folder / "rtt.openmetrics"
    text.write_text("\n".join([*rows, "# EOF", ""]))
    data = folder / "data"
    command = [
        program("promtool"),
        "tsdb",
        "create-blocks-from",
        "openmetrics",
        str(text),
        str(data),
    ]
    subprocess.run(command, check=True, capture_output=True)
    return data


def _start(folder: Path, data: Path, port: int) -> subprocess.Popen[bytes]:
    empty = folder / "prometheus.yml"
    empty.write_text("scrape_configs: []\n")
    server = subprocess.Popen(
        [
            program("prometheus"),
            f"--config.file={empty}",
            f"--storage.tsdb.path={data}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--storage.tsdb.retention.time=10y",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/-/ready", timeout=2):
                return server
        except OSError:
            time.sleep(0.2)
    server.kill()
    raise TimeoutError


@pytest.mark.needs("promtool")
def test_counters_are_read_and_what_an_outage_missed_is_read_later(
    settings: Any, tmp_path: Path
) -> None:
    small_network()
    port = free_port()
    file = tmp_path / "prometheus.toml"
    file.write_text(CONFIGURATION.format(port=port))
    settings.DATA_DIR, settings.PROMETHEUS_FILE = tmp_path, str(file)
    early, late = BEGIN + timedelta(hours=20), BEGIN + timedelta(hours=HOURS)
    with pytest.raises(UnableToReadPrometheus):
        read_configured(by=JOB, now=early)
    assert "Refused" in prometheus_state().problem

    server = _start(tmp_path, _blocks(tmp_path), port)
    try:
        first = read_configured(by=JOB, now=early)
        again = read_configured(by=JOB, now=late)
    finally:
        server.terminate()
        server.wait(20)
    assert first is not None
    assert again is not None
    assert (first.samples, first.nameless) == (20 * 4 + 1, 1)
    # The newest sample is read once more.
    assert again.samples == 10 * 4 + 1
    stored = read_stored(since=BEGIN - STEP)
    assert stored["at"].sort().to_list() == [BEGIN + STEP * (n - 1) for n in range(HOURS * 4 + 1)]
    assert stored["value"].unique().to_list() == [20.0]
    assert (prometheus_state().problem, prometheus_state().until["rtt_ms"]) == (
        "",
        late.isoformat(),
    )

    with pytest.raises(UnableToReadPrometheus):
        read_configured(by=JOB, now=late + STEP)
    # What was read stays; the next reading goes on from there.
    assert prometheus_state().until["rtt_ms"] == late.isoformat()


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"url": "http://prometheus.example:9090"}, "url"),
        ({"step_s": 7}, "step_s"),
        ({"queries": []}, "queries"),
        ({"queries": [{"kpi": "rtt_ms"}]}, "query 1"),
        ({"tokne": "x"}, "tokne"),
    ],
)
def test_a_configuration_that_cannot_be_used_says_why(change: Any, problem: str) -> None:
    usable = {"url": "https://p.example", "queries": [{"kpi": "rtt_ms", "query": "x"}]}
    assert source_of(usable).step == STEP
    with pytest.raises(ValueError, match=problem):
        source_of(usable | change)
