"""Traces reach the collector an operator names, with marks of complaints and no word of a person."""

from __future__ import annotations

import gzip
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from tests.actions.complaints.conftest import PHONE, World
from tests.actions.complaints.test_desk import LATER, complain, run_desk

from amends.cases.complaints.models import Complaint
from amends.channels import senders as switches
from amends.channels.jobs.send_due import send_due
from amends.channels.mail.fetch import take_in
from amends.channels.mail.settings import mail_settings
from amends.channels.rules.outcomes import DeliveryOutcome
from amends.entrances.portals.actions.clients import make_client
from amends.platform.kit import traces
from amends.site.dispatch import dispatch
from amends.site.traces_url import traces_url
from amends.site.tracing import start_tracing

pytestmark = pytest.mark.django_db
PERSONAL = (PHONE, PHONE[-8:], "林小满", "彩铃", "canary", "lin.canary@harbour.example")


class Collector:
    """An OTLP collector on loopback: real HTTP, real protocol."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                outer.bodies.append(body)
                self.send_response(200)
                self.send_header("Content-Type", "application/x-protobuf")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1/traces"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def spans(self) -> list[tuple[str, dict[str, str]]]:
        found = []
        for body in self.bodies:
            told = ExportTraceServiceRequest.FromString(body)
            for one in (s for r in told.resource_spans for c in r.scope_spans for s in c.spans):
                marks = {a.key: a.value.string_value for a in one.attributes}
                assert not one.events, "an exception's words are never told"
                assert not one.status.message
                found.append((one.name, marks))
        return found


@pytest.fixture
def collector() -> Iterator[Collector]:
    one = Collector()
    yield one
    traces.install(None)
    one.server.shutdown()
    one.server.server_close()


class _Sends:
    def send(self, message: Any, *, begin: Any) -> DeliveryOutcome:
        assert begin()
        return DeliveryOutcome("sent", provider_message_id="p1")


@contextmanager
def _open(_clock: Any) -> Iterator[_Sends]:
    yield _Sends()


@pytest.fixture
def mail_goes_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(switches.SWITCHES, "mail", switches.Switch(lambda: True, _open))
    monkeypatch.setitem(switches.SWITCHES, "sms", switches.Switch(lambda: True, _open))


def test_the_way_of_a_complaint_is_told_without_the_person(
    world: World, mail_goes_out: None, collector: Collector, settings: Any
) -> None:
    settings.TRACES_URL = collector.url
    send_rest = start_tracing("test")
    complaint = complain()
    run_desk()
    mail = (
        "From: Lin Canary <lin.canary@harbour.example>\r\nSubject: canary bill\r\n"
        f"Message-ID: <canary@harbour.example>\r\n\r\nMy number is {PHONE}, charged twice.\r\n"
    )
    take_in(mail.encode(), LATER, settings=mail_settings(), now=LATER)
    dispatch(now=LATER, holder="test")
    send_due(clock=lambda: datetime.now(LATER.tzinfo))
    web = Client(raise_request_exception=False)
    web.get(f"/desk/c/{complaint.id}/?q={PHONE}")
    web.get(f"/nowhere/{PHONE}/canary")
    web.post("/complain/", {"text": f"canary {PHONE}"})
    with pytest.raises(ValueError), traces.span("request", method="GET"):
        raise ValueError(f"canary {PHONE}")
    send_rest()

    spans = collector.spans()
    assert {"request", "dispatch", "decide", "send"} <= {name for name, _ in spans}
    decided = next(marks for name, marks in spans if name == "decide")
    assert decided["amends.complaint"] == complaint.id
    assert decided["amends.verdict"] == "upheld"
    dispatched = next(marks for name, marks in spans if name == "dispatch")
    assert Complaint.objects.filter(id=dispatched["amends.complaint"]).exists()
    assert any(marks.get("amends.error") == "ValueError" for _, marks in spans)
    raw = b"".join(collector.bodies)
    assert [word for word in PERSONAL if word.encode() in raw] == []
    for _, marks in spans:
        assert not [
            v for v in marks.values() if re.search(r"(?<![0-9a-f])1[3-9]\d{9}(?![0-9a-f])", v)
        ]


def test_a_request_is_marked_with_the_complaint_it_was_about_and_nothing_else(
    world: World, collector: Collector, settings: Any
) -> None:
    settings.TRACES_URL = collector.url
    complaint = complain()
    code = complaint.code_public
    scopes = ["complaints:read", "complaints:write"]
    token = f"Bearer {make_client('crm', scopes=scopes, now=LATER)}"
    web, other = Client(raise_request_exception=False), "0123456789abcdef" * 2
    send_rest = start_tracing("test")
    web.get(f"/desk/c/{complaint.id}/")
    web.get(f"/desk/c/{code.replace('-', '').lower()}/")
    for place in ("desk/confirmations/orders", "desk/hotissues", "desk/cases"):
        web.get(f"/{place}/{other}/")
    web.get(f"/follow/{code}/")
    web.get("/follow/0000-0000-0000/")
    web.post("/follow/", {"code": code})
    web.get(f"/api/v1/complaints/{code}", headers={"Authorization": token})
    taken = web.post(
        "/api/v1/complaints",
        {"text": f"canary {PHONE}", "phone": PHONE},
        content_type="application/json",
        headers={"Authorization": token, "Idempotency-Key": "k-1"},
    )
    send_rest()

    new = Complaint.objects.get(code_public=taken.json()["tracking_code"]).id
    told = [marks.get("amends.complaint") for name, marks in collector.spans() if name == "request"]
    one = complaint.id
    assert told == [one, None, None, None, None, one, None, one, one, new]
    raw = b"".join(collector.bodies)
    for secret in (code, code.replace("-", "").lower(), other, PHONE, "canary"):
        assert secret.encode() not in raw


def test_nothing_leaves_and_nothing_is_loaded_unless_a_collector_is_named(settings: Any) -> None:
    assert settings.TRACES_URL == ""
    start_tracing("test")()
    assert traces._Installed.tracer is None
    with traces.span("request", method="GET") as mark:
        mark({"status": "200"})


@pytest.mark.parametrize(
    "url", ["http://collector.example/v1/traces", "grpc://127.0.0.1:4317", "x"]
)
def test_traces_go_by_tls_or_stay_on_the_machine(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMENDS_TRACES_URL", url)
    with pytest.raises(ImproperlyConfigured, match="https"):
        traces_url()


def test_a_collector_that_is_away_holds_nothing_up(settings: Any, collector: Collector) -> None:
    settings.TRACES_URL = "http://127.0.0.1:9/v1/traces"
    send_rest = start_tracing("test")
    assert Client().get("/healthz").status_code in (200, 503)
    send_rest()
