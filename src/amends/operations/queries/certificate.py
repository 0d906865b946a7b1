"""When the certificate ends under which subscribers reach this installation.

The proxy holds it, so it is asked for as they would: at the address of AMENDS_BASE_URL. When it was
seen to end stands in a file beside the data; whether the proxy answers is for others to tell.
"""

from __future__ import annotations

import json
import logging
import socket
import ssl
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from django.conf import settings

from amends.people.operator.queries import public_address

log = logging.getLogger(__name__)
DUE_BEFORE = timedelta(days=14)
"""A certificate should have been renewed that long before it ends."""
_PATIENCE_S = 10.0


def note_certificate() -> None:
    """Ask for the certificate and note when it ends; nothing where this is no address by TLS.

    One that cannot be asked for leaves what was noted: it ends no later for that.
    """
    parts = urlsplit(public_address())
    if parts.scheme != "https" or not parts.hostname:
        return
    try:
        ends_at = _ends_at(parts.hostname, parts.port or 443)
    except (OSError, ValueError) as error:
        log.warning("the certificate could not be asked for: %s", type(error).__name__)
        return
    note = {"of": public_address(), "ends_at": ends_at.isoformat()}
    part = _file().with_suffix(".part")
    part.write_text(json.dumps(note), encoding="utf-8")
    part.replace(_file())


def renewal_late_s(now: datetime) -> float | None:
    """By how much the certificate's renewal is late, 0 while it is not; None: none was seen."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        note = json.loads(_file().read_text(encoding="utf-8"))
        if note["of"] == public_address():
            due_at = datetime.fromisoformat(note["ends_at"]) - DUE_BEFORE
            return max((now - due_at).total_seconds(), 0.0)
    return None


def _ends_at(host: str, port: int) -> datetime:
    # Looked at, not trusted: one that has ended, or that this machine does not know, is read, too.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with (
        socket.create_connection((host, port), timeout=_PATIENCE_S) as plain,
        context.wrap_socket(plain, server_hostname=host) as line,
    ):
        certificate = line.getpeercert(binary_form=True)
    return x509.load_der_x509_certificate(certificate or b"").not_valid_after_utc


def _file() -> Path:
    return Path(settings.DATA_DIR) / "certificate.json"
