"""Where traces go, read from `AMENDS_TRACES_URL`; nowhere by default."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from amends.platform.environment.settings_values import text
from amends.platform.kit.errors import gettext_noop
from amends.platform.kit.translatable import Translatable

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def traces_url() -> str:
    """Where spans go (OTLP over HTTP), "" for nowhere; plain HTTP to this machine alone."""
    url = text("AMENDS_TRACES_URL", default="")
    parts = urlsplit(url)
    if url and not (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    ):
        raise ImproperlyConfigured(
            Translatable(
                gettext_noop(
                    "AMENDS_TRACES_URL is %(url)s; it can be https://…/v1/traces, or http:// to "
                    "a collector on this machine."
                ),
                url=repr(url),
            )
        )
    return url
