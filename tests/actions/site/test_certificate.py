"""The certificate of the web address is looked at where subscribers see it, and missed in time."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from amends.operations.health.alarms import sounding
from amends.operations.health.readings import readings
from amends.operations.queries.certificate import note_certificate, renewal_late_s
from ports import free_port
from tests.actions.complaints.conftest import NOW

ENDS = NOW + timedelta(days=60)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _apart(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


def _certificate(folder: Path, ends: datetime) -> Path:
    """A certificate nobody signed but itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "complaints.example.org")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(ends - timedelta(days=90))
        .not_valid_after(ends)
        .sign(key, hashes.SHA256())
    )
    path = folder / "both.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


@pytest.fixture
def proxy(settings: Any, tmp_path: Path) -> Iterator[None]:
    """Something that answers by TLS at the address of this installation, once."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(_certificate(tmp_path, ENDS))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        settings.BASE_URL = f"https://127.0.0.1:{listening.getsockname()[1]}"

        def answer() -> None:
            plain, _ = listening.accept()
            # Who has seen the certificate goes away in the middle of the handshake.
            with suppress(OSError), context.wrap_socket(plain, server_side=True) as line:
                line.recv(1)

        thread = threading.Thread(target=answer)
        thread.start()
        yield
        thread.join(60)


def _heard(at: datetime) -> bool:
    return "AmendsCertificateEnds" in {one.alarm.id for one in sounding(readings(now=at))}


def test_one_that_is_not_renewed_is_missed_two_weeks_before_it_ends(db: None, proxy: None) -> None:
    assert renewal_late_s(NOW) is None, "nobody has looked yet"
    note_certificate()
    assert renewal_late_s(NOW) == 0
    assert not _heard(ENDS - timedelta(days=14, seconds=1))
    assert _heard(ENDS - timedelta(days=13))
    assert renewal_late_s(ENDS) == 14 * 86_400


def test_one_that_has_ended_is_read_all_the_same(
    proxy: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    note_certificate()
    assert (renewal_late_s(ENDS + timedelta(days=1)) or 0) == 15 * 86_400


def test_a_proxy_that_does_not_answer_leaves_what_was_seen(proxy: None, settings: Any) -> None:
    note_certificate()
    port = free_port()
    note = settings.DATA_DIR / "certificate.json"
    before = note.read_bytes()
    settings.BASE_URL = f"https://127.0.0.1:{port}"
    note_certificate()
    assert note.read_bytes() == before
    assert renewal_late_s(ENDS) is None, "what was seen is of another address"


def test_an_address_without_tls_is_not_asked(settings: Any) -> None:
    settings.BASE_URL = "http://127.0.0.1:1"
    note_certificate()
    assert renewal_late_s(NOW) is None
