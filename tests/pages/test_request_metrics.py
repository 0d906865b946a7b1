"""Requests are counted by the name of their route, never by path, and failures with them."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from amends.entrances.portals.actions.clients import make_client
from amends.operations.health.exposition import exposition
from amends.operations.health.readings import readings
from tests.pages.conftest import Desk


def _samples(client: Client, token: str) -> dict[str, float]:
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {token}"})
    lines = answer.content.decode().splitlines()
    return {
        name: float(value)
        for name, value in (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    }


def test_requests_latency_and_failures_by_route(
    client: Client, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = make_client("prometheus", scopes=["metrics:read"], now=timezone.now())
    before = _samples(client, token)

    def more(name: str) -> float:
        return after.get(name, 0.0) - before.get(name, 0.0)

    for path in ("/follow/AAAA-BBBB-CCCC/", "/follow/DDDD-EEEE-FFFF/", "/no/such/page"):
        client.get(path)
    monkeypatch.setattr("amends.operations.web.probes.missing", lambda connection: ["a guard"])
    assert client.get("/healthz").status_code == 503
    monkeypatch.undo()
    client.get("/api/v1/complaints/AAAA")
    after = _samples(client, token)
    assert more('amends_http_request_seconds_count{route="public:followed"}') == 2
    assert more('amends_http_requests_total{route="unknown",status="4xx"}') == 1
    assert more('amends_http_requests_total{route="healthz",status="5xx"}') == 1
    assert sum(more(name) for name in after if 'route="api' in name and "total" in name) == 1
    assert not [name for name in after if "AAAA" in name or "no/such" in name]
    assert after['amends_queue_oldest_seconds{queue="identity codes"}'] == 0
    memory = [name for name in after if name.startswith("amends_web_resident_memory_bytes")]
    assert after[memory[0]] > 10_000_000


def test_readings_and_requests_are_one_document(desk: Desk) -> None:
    said = exposition(readings(now=timezone.now())).decode()
    names = [line.split(" ")[2] for line in said.splitlines() if line.startswith("# TYPE")]
    assert len(names) == len(set(names))
