"""The measurement server of visitors' browsers, read from `AMENDS_SPEED_URL`; none by default."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from amends.platform.environment.settings_values import text
from amends.platform.kit.errors import gettext_noop
from amends.platform.kit.translatable import Translatable

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def speed_url() -> str:
    """`wss://host:port`, `ws://` on loopback only; "" for none."""
    url = text("AMENDS_SPEED_URL", default="").rstrip("/")
    parts = urlsplit(url)
    plain = parts.scheme == "ws" and parts.hostname in _LOOPBACK
    if url and not (((parts.scheme == "wss" and parts.netloc) or plain) and not parts.path):
        raise ImproperlyConfigured(
            Translatable(
                gettext_noop(
                    "AMENDS_SPEED_URL is %(url)s; it can be wss://host:port, or ws:// to this "
                    "machine."
                ),
                url=repr(url),
            )
        )
    return url
