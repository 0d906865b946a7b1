"""Where the push gateway is, read strictly; without it the channel `app` reaches nobody.

| variable | meaning |
|---|---|
| AMENDS_APP_URL | `https://host/path` of the gateway; `http://` on loopback only; empty: no app |
| AMENDS_APP_SECRET_FILE | a file with the secret that signs what is sent, 24 characters or more |
"""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from amends.platform.kit.errors import gettext_noop
from amends.platform.kit.translatable import Translatable

_LEAST_SECRET = 24


@dataclass(frozen=True, slots=True)
class Gateway:
    """The gateway: host, port and path, whether by TLS, and the secret of signatures."""

    host: str
    port: int
    path: str
    tls: bool
    secret: bytes


def gateway() -> Gateway | None:
    """The gateway in force, None for none; raises `ImproperlyConfigured` for one not to be used."""
    url = os.environ.get("AMENDS_APP_URL", "").strip()
    if not url:
        return None
    parts = urlsplit(url)
    tls = parts.scheme == "https"
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise ImproperlyConfigured(
            Translatable(gettext_noop("AMENDS_APP_URL must be https://host/path."))
        )
    if not tls and not _is_loopback(parts.hostname):
        raise ImproperlyConfigured(
            Translatable(
                gettext_noop(
                    "AMENDS_APP_URL would send people's messages in the clear; write https://, "
                    "or name a gateway on this machine."
                )
            )
        )
    port = parts.port or (443 if tls else 80)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Gateway(host=parts.hostname, port=port, path=path, tls=tls, secret=_secret())


def _secret() -> bytes:
    name = os.environ.get("AMENDS_APP_SECRET_FILE", "").strip()
    try:
        secret = Path(name).read_text("utf-8").strip() if name else ""
    except OSError as error:
        raise ImproperlyConfigured(
            Translatable(
                gettext_noop("AMENDS_APP_SECRET_FILE cannot be read: %(why)s."), why=str(error)
            )
        ) from None
    if len(secret) < _LEAST_SECRET:
        raise ImproperlyConfigured(
            Translatable(
                gettext_noop(
                    "AMENDS_APP_URL needs AMENDS_APP_SECRET_FILE, a file of %(least)s characters "
                    "or more, so that the gateway knows who speaks."
                ),
                least=_LEAST_SECRET,
            )
        )
    return secret.encode()


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
