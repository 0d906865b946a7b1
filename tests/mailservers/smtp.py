"""A real SMTP server (aiosmtpd) that keeps what it accepts and can be told to misbehave."""

from __future__ import annotations

import os
import signal
import ssl
import threading
from dataclasses import dataclass, field

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from mailservers.certificate import Certificates
from ports import free_port

USER, PASSWORD = "desk", "fish-and-chips"


@dataclass
class Accepted:
    """One mail the server took."""

    sender: str
    recipient: str
    content: bytes


@dataclass
class _Handler:
    accepted: list[Accepted] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    hang_up: set[str] = field(default_factory=set)
    kill_after_accepting: int = 0
    refuse_sender: bool = False

    async def handle_MAIL(self, server, session, envelope, address, options):
        if self.refuse_sender:
            return "550 5.7.1 not your address"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        local = address.partition("@")[0]
        if local == "nobody":
            return f"550 5.1.1 <{address}>: no such user"
        if local == "grey":
            return "451 4.7.1 come back later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        recipient = envelope.rcpt_tos[0]
        local = recipient.partition("@")[0]
        if local == "full":
            return "452 4.2.2 mailbox full"
        if local == "spam":
            return "554 5.7.1 refused by content"
        with self.lock:
            self.accepted.append(Accepted(envelope.mail_from, recipient, envelope.content))
            if self.kill_after_accepting:
                os.kill(self.kill_after_accepting, signal.SIGKILL)
                self.kill_after_accepting = 0
        if local in self.hang_up:
            # Accepted, and the answer is lost on the way.
            server.transport.abort()
        return "250 2.0.0 queued as 4711"


class _Login:
    def __call__(self, server, session, envelope, mechanism, data):
        return AuthResult(
            success=data.login == USER.encode() and data.password == PASSWORD.encode(),
            handled=False,
        )


class SmtpServer:
    """A running server. `accepted` is what it took, in order."""

    def __init__(
        self, *, certificates: Certificates | None = None, scheme: str = "smtp+plain"
    ) -> None:
        self.handler = _Handler()
        self.scheme = scheme
        self.port = free_port()
        options = {}
        if certificates is not None:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(certificates.certificate, certificates.key)
            options = {
                "authenticator": _Login(),
                "auth_required": True,
                "auth_require_tls": scheme == "smtp",
            }
            if scheme == "smtp":
                options |= {"tls_context": context, "require_starttls": True}
            else:
                options |= {"ssl_context": context}
        self._controller = Controller(
            self.handler, hostname="127.0.0.1", port=self.port, ready_timeout=120, **options
        )
        self._controller.start()
        self._account = f"{USER}:{PASSWORD}@" if certificates else ""

    @property
    def url(self) -> str:
        """Where it is, for AMENDS_SMTP_URL."""
        return f"{self.scheme}://{self._account}localhost:{self.port}"

    @property
    def accepted(self) -> list[Accepted]:
        return self.handler.accepted

    def stop(self) -> None:
        """End the server."""
        self._controller.stop(no_assert=True)
