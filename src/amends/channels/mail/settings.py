"""Settings of mail, read strictly: half a setting, or one in the clear, stops the start.

| variable | meaning |
|---|---|
| AMENDS_IMAP_URL | `imaps://user@host/INBOX`; `imap://` = STARTTLS; `imap+plain://` = loopback |
| AMENDS_IMAP_PASSWORD_FILE | file with the password, unless the URL holds it |
| AMENDS_IMAP_DONE_FOLDER | where stored mail is moved; empty: it stays and is flagged |
| AMENDS_IMAP_SENT_FOLDER | where the provider keeps what we sent; looked up for unknown messages |
| AMENDS_SMTP_URL | `smtps://user@host`; `smtp://` = STARTTLS; `smtp+plain://` = loopback |
| AMENDS_SMTP_PASSWORD_FILE | file with the password, unless the URL holds it |
| AMENDS_MAIL_FROM | `Complaints <complaints@operator.example>`; needed to send |
| AMENDS_MAIL_CA_FILE | certificates to trust instead of the system's |
| AMENDS_MAIL_MAX_MB | larger mails are stored cut, 1 to 100, default 25 |
| AMENDS_MAIL_TIMEOUT_S | seconds to wait for a server, 1 to 600, default 30 |
"""

from __future__ import annotations

import ipaddress
import re
import ssl
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from amends.channels.mail.reading.headers import mailbox
from amends.platform.environment.variables import number, text
from amends.platform.kit.errors import gettext_noop
from amends.platform.kit.translatable import Translatable

_PORTS = {
    "imaps": 993,
    "imap": 143,
    "imap+plain": 143,
    "smtps": 465,
    "smtp": 587,
    "smtp+plain": 25,
}
_ADDRESS = re.compile(r"[^\s@<>]{1,64}@[A-Za-z0-9.-]{3,253}")


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where a mail server is and how it is talked to. `scheme` says the protection (see above)."""

    scheme: str
    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    folder: str = ""

    @property
    def is_tls_from_start(self) -> bool:
        """Whether the connection begins inside TLS."""
        return self.scheme in {"imaps", "smtps"}

    @property
    def is_plain(self) -> bool:
        """Whether it stays in the clear (loopback only)."""
        return self.scheme.endswith("+plain")


@dataclass(frozen=True, slots=True)
class MailSettings:
    """All settings of mail; `imap` or `smtp` is None where it is not switched on."""

    imap: MailServer | None = None
    smtp: MailServer | None = None
    from_name: str = ""
    from_address: str = ""
    done_folder: str = ""
    sent_folder: str = ""
    ca_file: str = ""
    max_bytes: int = 25 * 1024 * 1024
    timeout_s: int = 30

    @property
    def domain(self) -> str:
        """The domain of our address, under which our Message-IDs stand."""
        return self.from_address.rpartition("@")[2].lower()

    def tls(self) -> ssl.SSLContext:
        """TLS 1.2 or later, certificate and host name checked."""
        context = ssl.create_default_context(cafile=self.ca_file or None)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        return context


def mailbox_name(server: MailServer) -> str:
    """What a mailbox is called on record: opaque, and another for each account and folder."""
    mailbox = f"{server.user}@{server.host}:{server.port}/{server.folder}"
    return sha256(mailbox.encode()).hexdigest()


def mail_settings() -> MailSettings:
    """The settings in force; raises `ImproperlyConfigured` with a sentence if one is not usable."""
    smtp = _server("AMENDS_SMTP", ("smtps", "smtp", "smtp+plain"))
    name, address = _from(required=smtp is not None)
    return MailSettings(
        imap=_server("AMENDS_IMAP", ("imaps", "imap", "imap+plain"), folder="INBOX"),
        smtp=smtp,
        from_name=name,
        from_address=address,
        done_folder=text("AMENDS_IMAP_DONE_FOLDER"),
        sent_folder=text("AMENDS_IMAP_SENT_FOLDER"),
        ca_file=_ca_file(),
        max_bytes=number("AMENDS_MAIL_MAX_MB", default=25, low=1, high=100) * 1024 * 1024,
        timeout_s=number("AMENDS_MAIL_TIMEOUT_S", default=30, low=1, high=600),
    )


def _server(name: str, schemes: tuple[str, ...], *, folder: str = "") -> MailServer | None:
    url = text(f"{name}_URL")
    if not url:
        return None
    parts = urlsplit(url)
    # The URL may hold a password, so no message repeats it.
    if parts.scheme not in schemes:
        raise ImproperlyConfigured(
            Translatable(
                gettext_noop("%(name)s_URL must start with %(schemes)s://."),
                name=name,
                schemes="://, ".join(schemes),
            )
        )
    try:
        port = parts.port or _PORTS[parts.scheme]
    except ValueError:
        raise ImproperlyConfigured(
            Translatable(gettext_noop("%(name)s_URL has a port that is no number."), name=name)
        ) from None
    if not parts.hostname:
        raise ImproperlyConfigured(
            Translatable(gettext_noop("%(name)s_URL names no host."), name=name)
        )
    if parts.scheme.endswith("+plain") and not _is_loopback(parts.hostname):
        raise ImproperlyConfigured(
            Translatable(
                gettext_noop(
                    "%(name)s_URL would send passwords and complaints in the clear; "
                    "%(scheme)s:// is for this machine only. Use %(first)s:// or %(second)s://."
                ),
                name=name,
                scheme=parts.scheme,
                first=schemes[0],
                second=schemes[1],
            )
        )
    user = unquote(parts.username or "")
    password = _password(name, unquote(parts.password or ""))
    if name == "AMENDS_IMAP" and not (user and password):
        raise ImproperlyConfigured(
            Translatable(gettext_noop("%(name)s_URL needs a user and a password."), name=name)
        )
    if bool(user) != bool(password):
        raise ImproperlyConfigured(
            Translatable(
                gettext_noop("%(name)s_URL needs both a user and a password, or neither."),
                name=name,
            )
        )
    return MailServer(
        scheme=parts.scheme,
        host=parts.hostname,
        port=port,
        user=user,
        password=password,
        folder=unquote(parts.path.strip("/")) or folder,
    )


def _password(name: str, from_url: str) -> str:
    path = text(f"{name}_PASSWORD_FILE")
    if not path:
        return from_url
    if from_url:
        raise ImproperlyConfigured(
            Translatable(
                gettext_noop("%(name)s: the password stands in the URL and in a file; keep one."),
                name=name,
            )
        )
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ImproperlyConfigured(
            Translatable(
                gettext_noop("%(name)s_PASSWORD_FILE cannot be read (%(why)s)."),
                name=name,
                why=error.strerror,
            )
        ) from None


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _from(*, required: bool) -> tuple[str, str]:
    value = text("AMENDS_MAIL_FROM")
    name, address = mailbox(value)
    if value and not _ADDRESS.fullmatch(address):
        raise ImproperlyConfigured(
            Translatable(gettext_noop("AMENDS_MAIL_FROM is no mail address."))
        )
    if required and not address:
        raise ImproperlyConfigured(
            Translatable(
                gettext_noop("AMENDS_SMTP_URL needs AMENDS_MAIL_FROM, the address we send as.")
            )
        )
    return name, address


def _ca_file() -> str:
    path = text("AMENDS_MAIL_CA_FILE")
    if path and not Path(path).is_file():
        raise ImproperlyConfigured(Translatable(gettext_noop("AMENDS_MAIL_CA_FILE names no file.")))
    return path
