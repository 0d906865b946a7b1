"""Settings of text messages, read strictly: half a setting, or one in the clear, stops the start.

| variable | meaning |
|---|---|
| AMENDS_SMPP_URL | `smpps://system_id@host:port`; `smpp+plain://` = loopback or a private address |
| AMENDS_SMPP_PASSWORD_FILE | file with the password, unless the URL holds it |
| AMENDS_SMPP_SYSTEM_TYPE | what the centre wants there, mostly nothing |
| AMENDS_SMPP_CA_FILE | certificates to trust instead of the system's |
| AMENDS_SMS_FROM | the number or name we send under, and people answer to |
| AMENDS_SMPP_WINDOW | parts under way at once, 1 to 1,000, default 50 |
| AMENDS_SMPP_PER_SECOND | parts submitted a second, 1 to 10,000, default 100 |
| AMENDS_SMPP_TIMEOUT_S | seconds to wait for an answer, 1 to 120, default 10 |
| AMENDS_SMPP_ENQUIRE_S | seconds of silence before the link is tested, 1 to 600, default 30 |
| AMENDS_SMPP_ALPHABET | what data coding 0 means at the centre: `gsm7` (default), `latin-1` |
| AMENDS_SMPP_RECEIPT_IDS | `as-given` (default), `decimal`, `hexadecimal` |
| AMENDS_SMS_MAX_PARTS | longer texts are refused, 1 to 255, default 20 |
"""

from __future__ import annotations

import ipaddress
import ssl
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from amends.channels.sms.writing.addresses import Address, address_of
from amends.platform.environment.variables import number, text
from amends.platform.kit.errors import gettext_noop
from amends.platform.kit.translatable import Translatable

_SCHEMES = ("smpps", "smpp+plain")
_PORTS = {"smpps": 3550, "smpp+plain": 2775}
# SMPP 3.4, 4.1.1: fifteen and eight characters, twelve of the system type, beside their NUL.
_MAX_ID, _MAX_PASSWORD, _MAX_SYSTEM_TYPE = 15, 8, 12


@dataclass(frozen=True, slots=True)
class Centre:
    """Where the message centre is, and who we are there."""

    host: str
    port: int
    system_id: str
    password: str = field(default="", repr=False)
    system_type: str = ""
    is_plain: bool = False


@dataclass(frozen=True, slots=True)
class SmsSettings:
    """All settings of text messages; `centre` is None where they are not switched on."""

    centre: Centre | None = None
    source: Address | None = None
    window: int = 50
    per_second: int = 100
    timeout_s: int = 10
    enquire_s: int = 30
    alphabet: str = "gsm7"
    receipt_ids: str = "as-given"
    max_parts: int = 20
    ca_file: str = ""

    def tls(self) -> ssl.SSLContext:
        """TLS 1.2 or later, certificate and host name checked."""
        context = ssl.create_default_context(cafile=self.ca_file or None)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context


def line_name(centre: Centre) -> str:
    """What the line to a centre is called on record: opaque, and another for each account."""
    return sha256(f"{centre.system_id}@{centre.host}:{centre.port}".encode()).hexdigest()


def sms_settings() -> SmsSettings:
    """The settings in force; raises `ImproperlyConfigured` with a sentence if one is not usable."""
    centre = _centre()
    return SmsSettings(
        centre=centre,
        source=_source(required=centre is not None),
        window=number("AMENDS_SMPP_WINDOW", default=50, low=1, high=1_000),
        per_second=number("AMENDS_SMPP_PER_SECOND", default=100, low=1, high=10_000),
        timeout_s=number("AMENDS_SMPP_TIMEOUT_S", default=10, low=1, high=120),
        enquire_s=number("AMENDS_SMPP_ENQUIRE_S", default=30, low=1, high=600),
        alphabet=_choice("AMENDS_SMPP_ALPHABET", ("gsm7", "latin-1")),
        receipt_ids=_choice("AMENDS_SMPP_RECEIPT_IDS", ("as-given", "decimal", "hexadecimal")),
        max_parts=number("AMENDS_SMS_MAX_PARTS", default=20, low=1, high=255),
        ca_file=_ca_file(),
    )


def _choice(name: str, choices: tuple[str, ...]) -> str:
    value = text(name) or choices[0]
    if value not in choices:
        raise ImproperlyConfigured(
            Translatable(
                gettext_noop("%(name)s is %(value)s; it can be %(known)s."),
                name=name,
                value=repr(value),
                known=", ".join(choices),
            )
        )
    return value


def _centre() -> Centre | None:
    url = text("AMENDS_SMPP_URL")
    if not url:
        return None
    parts = urlsplit(url)
    # The URL may hold a password, so no message repeats it.
    if parts.scheme not in _SCHEMES:
        raise ImproperlyConfigured(
            Translatable(
                gettext_noop("AMENDS_SMPP_URL must start with %(schemes)s://."),
                schemes="://, ".join(_SCHEMES),
            )
        )
    try:
        port = parts.port or _PORTS[parts.scheme]
    except ValueError:
        raise ImproperlyConfigured(
            Translatable(gettext_noop("AMENDS_SMPP_URL has a port that is no number."))
        ) from None
    if not parts.hostname:
        raise ImproperlyConfigured(Translatable(gettext_noop("AMENDS_SMPP_URL names no host.")))
    is_plain = parts.scheme == "smpp+plain"
    if is_plain and not _is_own_network(parts.hostname):
        raise ImproperlyConfigured(
            Translatable(
                gettext_noop(
                    "AMENDS_SMPP_URL would send passwords and people's messages in the clear; "
                    "smpp+plain:// is for this machine and private addresses, named by number. "
                    "Use smpps://, or a tunnel."
                )
            )
        )
    system_id = unquote(parts.username or "")
    password = _password(unquote(parts.password or ""))
    if not (system_id and password):
        raise ImproperlyConfigured(
            Translatable(gettext_noop("AMENDS_SMPP_URL needs a system_id and a password."))
        )
    system_type = text("AMENDS_SMPP_SYSTEM_TYPE")
    for name, value, max_length in (
        ("The system_id in AMENDS_SMPP_URL", system_id, _MAX_ID),
        ("The SMPP password", password, _MAX_PASSWORD),
        ("AMENDS_SMPP_SYSTEM_TYPE", system_type, _MAX_SYSTEM_TYPE),
    ):
        if len(value) > max_length or not value.isascii():
            raise ImproperlyConfigured(
                Translatable(
                    gettext_noop("%(name)s may have %(most)s characters of ASCII (SMPP 3.4)."),
                    name=name,
                    most=max_length,
                )
            )
    return Centre(
        host=parts.hostname,
        port=port,
        system_id=system_id,
        password=password,
        system_type=system_type,
        is_plain=is_plain,
    )


def _is_own_network(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_private


def _password(from_url: str) -> str:
    path = text("AMENDS_SMPP_PASSWORD_FILE")
    if not path:
        return from_url
    if from_url:
        raise ImproperlyConfigured(
            Translatable(
                gettext_noop("AMENDS_SMPP: the password stands in the URL and in a file; keep one.")
            )
        )
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(
            Translatable(
                gettext_noop("AMENDS_SMPP_PASSWORD_FILE cannot be read (%(why)s)."),
                why=error.strerror,
            )
        ) from None


def _source(*, required: bool) -> Address | None:
    value = text("AMENDS_SMS_FROM")
    if not value:
        if required:
            raise ImproperlyConfigured(
                Translatable(
                    gettext_noop(
                        "AMENDS_SMPP_URL needs AMENDS_SMS_FROM, the number or name we send under."
                    )
                )
            )
        return None
    try:
        return address_of(value)
    except ValueError as error:
        raise ImproperlyConfigured(
            Translatable(gettext_noop("AMENDS_SMS_FROM is %(why)s."), why=str(error))
        ) from None


def _ca_file() -> str:
    path = text("AMENDS_SMPP_CA_FILE")
    if path and not Path(path).is_file():
        raise ImproperlyConfigured(Translatable(gettext_noop("AMENDS_SMPP_CA_FILE names no file.")))
    return path
