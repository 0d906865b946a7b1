"""Writing a mail: plain text, in its thread, marked as written by a program."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

_LANGUAGES = {"zh": "zh-CN", "en": "en"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a mail is written from. `references`: the ids of its conversation, oldest first."""

    outbox_id: str
    domain: str
    from_name: str
    from_address: str
    recipient: str
    subject: str
    body: str
    language: str
    references: tuple[str, ...] = ()


def message_id(outbox_id: str, domain: str) -> str:
    """The Message-ID of an outbox message: the same at every try, so a second copy shows.

    >>> message_id("0" * 32, "operator.example")
    '00000000000000000000000000000000@operator.example'
    """
    return f"{outbox_id}@{domain}"


def write_mail(letter: Written, *, now: datetime) -> bytes:
    """The bytes of a mail, 7-bit whatever its language.

    `Auto-Submitted` (RFC 3834) and Exchange's own header keep automatic replies from coming back.
    Raises `ValueError` if the recipient is no address.
    """
    mail = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    mail["Message-ID"] = f"<{message_id(letter.outbox_id, letter.domain)}>"
    mail["Date"] = format_datetime(now)
    mail["From"] = Address(letter.from_name, addr_spec=letter.from_address)
    mail["To"] = Address(addr_spec=_checked(letter.recipient))
    mail["Subject"] = " ".join(letter.subject.split())
    if letter.references:
        mail["In-Reply-To"] = f"<{letter.references[-1]}>"
        mail["References"] = " ".join(f"<{one}>" for one in letter.references[-10:])
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    if language := _LANGUAGES.get(letter.language):
        mail["Content-Language"] = language
    ascii_share = sum(char.isascii() for char in letter.body) / max(len(letter.body), 1)
    mail.set_content(
        letter.body.replace("\r\n", "\n").rstrip("\n") + "\n",
        charset="utf-8",
        cte="quoted-printable" if ascii_share > 0.7 else "base64",
    )
    return mail.as_bytes()


def _checked(recipient: str) -> str:
    """The address with its domain in ASCII; `ValueError` for what no mail server could take."""
    local, at, domain = recipient.strip().rpartition("@")
    if not (local and at and domain) or any(c.isspace() or c in "<>,;\r\n" for c in recipient):
        raise ValueError("no mail address")
    try:
        domain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        raise ValueError("no mail domain") from None
    return f"{local}@{domain}"


def envelope_address(recipient: str) -> str:
    """The address as the SMTP envelope wants it. Raises `ValueError` like `write_mail`."""
    return _checked(recipient)
