"""Probes against servers of the loopback: what they find, and where they refuse to go."""

from __future__ import annotations

import hashlib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from amends.causes.vetting.actions.probe import ProbeHosts, run_probe
from amends.causes.vetting.actions.register_services import (
    LinkEntry,
    ServiceEntry,
    register_service,
)
from amends.causes.vetting.actions.run_due_probes import run_due_probes
from amends.causes.vetting.actions.watch_service import UnableToWatchService, watch_service
from amends.causes.vetting.models import LinkProbe, ProbeResult

NOW = datetime(2026, 6, 1, 4, tzinfo=UTC)
PAGE = b"<p>Hello</p><a href='/order?id=X7'>order</a>"


class _Pages(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/endless":
            self._endless()
            return
        found = {"/": PAGE, "/pay?id=X7": b"paid"}.get(self.path)
        self.send_response(200 if found else 404)
        self.end_headers()
        self.wfile.write(found or b"")

    def _endless(self) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            while True:
                self.wfile.write(b".")
                self.wfile.flush()
                time.sleep(0.02)
        except OSError:
            return

    def log_message(self, *args: object) -> None:
        """Quiet."""


@pytest.fixture
def port() -> Iterator[int]:
    """A web server."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Pages)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


def probe(kind: str, target: str, most_ms: int = 2_000, **options: object) -> str:
    """The error of one probe of the loopback, "" where it passed."""
    hosts = ProbeHosts(private=frozenset({"127.0.0.1", "localhost"}))
    return run_probe(kind, target, options, hosts=hosts, most_ms=most_ms, now=NOW).error


def test_an_answer_is_checked_by_status_text_and_hash(port: int) -> None:
    base = f"http://127.0.0.1:{port}"
    assert probe("http", base + "/", contains="Hello") == ""
    assert probe("http", base + "/", contains="Goodbye") == "text_missing"
    assert probe("http", base + "/none") == "status_404"
    assert probe("start", base + "/") == ""
    digest = hashlib.sha256(PAGE).hexdigest()
    assert probe("content", base + "/", sha256=digest) == ""
    assert probe("content", base + "/", sha256="0" * 64) == "content_changed"


def test_a_journey_goes_on_with_what_the_first_step_gave(port: int) -> None:
    base = f"http://127.0.0.1:{port}"
    first = {"url": base + "/", "take": ["order?id=", "'"]}
    steps = [first, {"url": base + "/pay?id={taken}", "contains": "paid"}]
    assert probe("journey", "", steps=steps) == ""
    steps = [first, {"url": base + "/gone"}]
    assert probe("journey", "", steps=steps) == "step_2_status_404"


def test_an_endless_answer_is_cut_off(port: int) -> None:
    began = time.monotonic()
    assert probe("http", f"http://127.0.0.1:{port}/endless", most_ms=400) == "timeout"
    assert time.monotonic() - began < 3


def test_hosts_that_are_not_listed_or_private_are_refused(port: int) -> None:
    url = f"http://localhost:{port}/"
    for hosts, why in (
        (ProbeHosts(), "host_not_listed"),
        (ProbeHosts(listed=frozenset({"localhost"})), "private_address"),
    ):
        assert run_probe("http", url, {}, hosts=hosts, most_ms=1_000).error == why
    for name in ("169.254.169.254", "10.0.0.1", "::1", "::ffff:10.0.0.1"):
        hosts = ProbeHosts(listed=frozenset({name}))
        target = f"http://[{name}]/" if ":" in name else f"http://{name}/"
        assert run_probe("http", target, {}, hosts=hosts, most_ms=500).error == "private_address"


def certificate(folder: Path, begins: datetime, ends: datetime) -> ssl.SSLContext:
    """A server's context with a certificate for localhost of its own."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(begins)
        .not_valid_after(ends)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{begins:%Y%m%d}.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


@pytest.mark.parametrize(
    ("begins", "ends", "error"),
    [
        (-30, 300, ""),
        (1, 300, "certificate_not_yet_valid"),
        (-300, -1, "certificate_expired"),
        (-300, 5, "certificate_expires_soon"),
    ],
)
def test_the_dates_of_a_certificate_are_read(
    tmp_path: Path, begins: int, ends: int, error: str
) -> None:
    context = certificate(tmp_path, NOW + timedelta(days=begins), NOW + timedelta(days=ends))
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        try:
            peer, _address = listening.accept()
            context.wrap_socket(peer, server_side=True).close()
        except OSError:
            return

    threading.Thread(target=serve, daemon=True).start()
    with listening:
        target = f"localhost:{listening.getsockname()[1]}"
        assert probe("tls", target, verify=False) == error


@pytest.mark.django_db(transaction=True)
def test_due_probes_run_and_are_drawn_again(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMENDS_PROBE_PRIVATE_HOSTS", "127.0.0.1")
    entry = ServiceEntry("s1", "own", "彩铃", "Tones", links=(LinkEntry("d", "delivery"),))
    register_service(entry, now=NOW)
    probes = [
        {"id": "home", "kind": "http", "target": f"http://127.0.0.1:{port}/"},
        {"id": "gone", "kind": "http", "target": f"http://127.0.0.1:{port}/gone"},
    ]
    links = [{"id": "d", "kind": "delivery", "probes": probes}]
    watched = watch_service({"service": "s1", "links": links}, now=NOW)
    assert (watched.probes, watched.removed) == (2, 0)
    found = run_due_probes(now=NOW)
    assert (found.run, found.failed) == (2, 1)
    assert set(ProbeResult.objects.values_list("error", flat=True)) == {"", "status_404"}
    assert run_due_probes(now=NOW).run == 0
    for one in LinkProbe.objects.all():
        assert timedelta(seconds=240) <= one.next_at - NOW <= timedelta(seconds=360)
    fewer = [{"id": "d", "kind": "delivery", "probes": probes[:1]}]
    assert watch_service({"service": "s1", "links": fewer}, now=NOW).removed == 1


@pytest.mark.django_db
def test_a_probe_that_is_described_wrongly_is_refused() -> None:
    register_service(ServiceEntry("s1", "own", "彩铃", "Tones"), now=NOW)
    for probe_entry in ({"id": "x", "kind": "smell", "target": "a"}, {"id": "x", "kind": "http"}):
        links = [{"id": "d", "kind": "delivery", "probes": [probe_entry]}]
        with pytest.raises(UnableToWatchService):
            watch_service({"service": "s1", "links": links}, now=NOW)
    assert not LinkProbe.objects.exists()


@pytest.mark.parametrize(
    "address",
    [
        "::ffff:10.0.0.1",
        "::ffff:0:10.0.0.1",
        "64:ff9b::10.0.0.1",
        "64:ff9b:1::10.0.0.1",
        "2002:a00:1::1",
        "fec0::1",
        "192.88.99.1",
        "::ffff:192.88.99.1",
    ],
)
def test_a_private_address_inside_an_ipv6_address_is_refused(address: str) -> None:
    hosts = ProbeHosts(listed=frozenset({address}))
    host = f"[{address}]" if ":" in address else address
    found = run_probe("http", f"http://{host}/", {}, hosts=hosts, most_ms=500)
    assert found.error == "private_address"
