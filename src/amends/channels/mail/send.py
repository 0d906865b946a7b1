"""Sending by SMTP, so that we know of each mail whether it went, or know that we do not."""

from __future__ import annotations

import re
import smtplib
import socket
from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Self

from amends.channels.mail.conversation import references_of
from amends.channels.mail.settings import MailSettings, mail_settings
from amends.channels.mail.writing import OutgoingMail, envelope_address, message_id, write_mail
from amends.channels.rules.outcomes import DeliveryOutcome
from amends.channels.senders import UnableToReachProvider
from amends.platform.kit.errors import gettext_noop as _

if TYPE_CHECKING:
    from amends.channels.actions.claim import Claimed

_LEADING_DOT = re.compile(rb"^\.", re.M)
_END = b".\r\n"
_LOST = (smtplib.SMTPServerDisconnected, OSError)


class MailSender:
    """One SMTP connection, opened when first needed and again when it was lost."""

    def __init__(self, settings: MailSettings, *, clock: Callable[[], datetime]) -> None:
        self._settings = settings
        self._clock = clock
        self._smtp: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        self._connected()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._smtp is not None:
            try:
                self._smtp.quit()
            except (smtplib.SMTPException, OSError):
                self._drop()

    def send(self, message: Claimed, *, begin: Callable[[], bool]) -> DeliveryOutcome | None:
        """Hand one mail over. See `switches.Sender`."""
        settings = self._settings
        try:
            address = envelope_address(message.recipient)
            content = write_mail(
                OutgoingMail(
                    outbox_id=message.id,
                    domain=settings.domain,
                    from_name=settings.from_name,
                    from_address=settings.from_address,
                    recipient=message.recipient,
                    subject=message.subject,
                    body=message.body,
                    language=message.language,
                    references=references_of(message.in_reply_to),
                ),
                now=self._clock(),
            )
        except ValueError:
            return DeliveryOutcome(
                "not_sent", permanent=True, said="the recipient is no mail address"
            )
        smtp = self._connected()
        try:
            refusal = self._envelope(smtp, address)
        except _LOST as error:
            self._drop()
            return DeliveryOutcome(
                "not_sent", said=f"connection lost before the message: {_why(error)}"
            )
        if refusal is not None:
            return refusal
        return self._content(smtp, content, begin, message_id(message.id, settings.domain))

    def _envelope(self, smtp: smtplib.SMTP, address: str) -> DeliveryOutcome | None:
        """Name sender and recipient; the refusal, if there is one."""
        options = []
        if not address.isascii():
            if not smtp.has_extn("smtputf8"):
                return DeliveryOutcome(
                    "not_sent", permanent=True, said="the server takes ASCII addresses"
                )
            options = ["SMTPUTF8", "BODY=8BITMIME"]
        code, reply_bytes = smtp.mail(self._settings.from_address, options)
        if code != 250:
            # Our own address is refused: the setting is wrong, not this message.
            self._reset(smtp, code)
            return DeliveryOutcome("not_sent", said=f"sender refused: {_reply(code, reply_bytes)}")
        code, reply_bytes = smtp.rcpt(address)
        if code not in {250, 251}:
            self._reset(smtp, code)
            return DeliveryOutcome(
                "not_sent", permanent=code >= 500, said=_reply(code, reply_bytes)
            )
        code, reply_bytes = smtp.docmd("DATA")
        if code != 354:
            self._reset(smtp, code)
            return DeliveryOutcome(
                "not_sent", permanent=code >= 500, said=_reply(code, reply_bytes)
            )
        return None

    def _content(
        self, smtp: smtplib.SMTP, content: bytes, begin: Callable[[], bool], own_id: str
    ) -> DeliveryOutcome | None:
        """Send the mail itself: without the final dot it is never delivered, after it it may be."""
        body = _LEADING_DOT.sub(b"..", content)
        body = body if body.endswith(b"\r\n") else body + b"\r\n"
        try:
            smtp.send(body)
        except _LOST as error:
            self._drop()
            return DeliveryOutcome(
                "not_sent", said=f"connection lost within the message: {_why(error)}"
            )
        if not begin():
            self._drop()
            return None
        try:
            smtp.send(_END)
            code, reply_bytes = smtp.getreply()
        except _LOST as error:
            self._drop()
            return DeliveryOutcome("unknown", said=f"no answer after the message: {_why(error)}")
        if code == 250:
            return DeliveryOutcome(
                "sent", said=_reply(code, reply_bytes), provider_message_id=own_id
            )
        return DeliveryOutcome("not_sent", permanent=code >= 500, said=_reply(code, reply_bytes))

    def _connected(self) -> smtplib.SMTP:
        if self._smtp is None:
            try:
                self._smtp = _connect(self._settings)
            except (smtplib.SMTPException, OSError) as error:
                raise UnableToReachProvider(
                    _("The mail server does not let us in (%(why)s)."),
                    meaning=_("Messages wait in the outbox."),
                    next_step=_("Check AMENDS_SMTP_URL, the password and the certificate."),
                    values={"why": _why(error)},
                ) from error
        return self._smtp

    def _reset(self, smtp: smtplib.SMTP, code: int) -> None:
        """Make ready for the next message; after 421 the server hangs up."""
        try:
            smtp.rset() if code != 421 else self._drop()
        except (smtplib.SMTPException, OSError):
            self._drop()

    def _drop(self) -> None:
        """Close without a word: a server throws a mail away that was not ended."""
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None


def _connect(settings: MailSettings) -> smtplib.SMTP:
    server = settings.smtp
    if server is None:
        raise OSError("mail is not switched on")
    # Our own domain as host name: the machine's name is nobody's business.
    name, wait = settings.domain, settings.timeout_s
    if server.is_tls_from_start:
        smtp: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, local_hostname=name, timeout=wait, context=settings.tls()
        )
    else:
        smtp = smtplib.SMTP(server.host, server.port, local_hostname=name, timeout=wait)
    try:
        if not server.is_tls_from_start and not server.is_plain:
            smtp.starttls(context=settings.tls())
        # The final dot goes alone; without this the kernel holds it back for some 40 ms.
        assert smtp.sock is not None
        smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        smtp.ehlo_or_helo_if_needed()
        if server.user:
            smtp.login(server.user, server.password)
    except BaseException:
        smtp.close()
        raise
    return smtp


def _reply(code: int, reply_bytes: bytes) -> str:
    return f"{code} {reply_bytes.decode('utf-8', 'replace')}"


def _why(error: BaseException) -> str:
    """The kind of an error and the server's code; its text may repeat a password or an address."""
    code = getattr(error, "smtp_code", "") or getattr(error, "errno", "") or ""
    return f"{type(error).__name__} {code}".strip()


def open_sender(clock: Callable[[], datetime]) -> MailSender:
    """A sender with the settings in force; connects when entered."""
    return MailSender(mail_settings(), clock=clock)
