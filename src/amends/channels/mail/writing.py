"""Writing a mail: plain text, in its thread, marked as written by a program."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from amends.platform.kit.texts import clean

_LANGUAGES = {"zh": "zh-CN", "en": "en"}
_NOT_IN_IDS = re.compile(r"[^\x21-\x3b\x3d\x3f-\x7e]")
_NEW_LINE = re.compile(r"[\r\n](?![ \t\n])|\n\s*\n|\x00")


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingMail:
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


def write_mail(letter: OutgoingMail, *, now: datetime) -> bytes:
    """The bytes of a mail, in ASCII whatever its language.

    `Auto-Submitted` (RFC 3834) and Exchange's own header keep automatic replies from coming back.
    Raises `ValueError` if the recipient is no address, or a header would hold a line break.
    """
    mail = EmailMessage(policy=SMTP.clone(cte_type="7bit"))
    mail["Date"] = format_datetime(now)
    mail["From"] = Address(_header_text(letter.from_name), addr_spec=letter.from_address)
    local, _, domain = envelope_address(letter.recipient).rpartition("@")
    mail["To"] = Address(username=local, domain=domain)
    mail["Subject"] = _header_text(letter.subject)
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    ascii_share = sum(char.isascii() for char in letter.body) / max(len(letter.body), 1)
    mail.set_content(
        letter.body.replace("\r\n", "\n").rstrip("\n") + "\n",
        charset="utf-8",
        cte="quoted-printable" if ascii_share > 0.7 else "base64",
    )
    if language := _LANGUAGES.get(letter.language):
        mail["Content-Language"] = language
    verify_headers(mail)
    return _id_lines(letter) + mail.as_bytes()


def _header_text(text: str) -> str:
    """One line, in which `email` finds no encoded word (RFC 2047) to decode: it might hold CR LF.

    >>> _header_text("Bill =?utf-8?q?=0d=0aBcc:_x?=")
    'Bill = ?utf-8?q?=0d=0aBcc:_x?='
    """
    return " ".join(clean(text).split()).replace("=?", "= ?")


def verify_headers(mail: EmailMessage) -> None:
    """Like the policy's `verify_generated_headers`, which some Pythons do not have yet."""
    for name, value in mail.items():
        if _NEW_LINE.search(mail.policy.fold(name, value).removesuffix("\r\n")):
            raise ValueError(f"line break in the header {name}")


def _id_lines(letter: OutgoingMail) -> bytes:
    """The headers made of ids, one id a line: the standard library encodes long ones to ruins."""
    ids = [_NOT_IN_IDS.sub("", reference) for reference in letter.references[-10:]]
    lines = [f"Message-ID: <{message_id(letter.outbox_id, letter.domain)}>"]
    if ids := [mail_id for mail_id in ids if mail_id]:
        lines.append(f"In-Reply-To: <{ids[-1]}>")
        lines.append("References: " + "\r\n ".join(f"<{mail_id}>" for mail_id in ids))
    return "".join(f"{line}\r\n" for line in lines).encode("ascii")


def envelope_address(recipient: str) -> str:
    """The address with its domain in ASCII; `ValueError` for what no mail server could take.

    >>> envelope_address("li@例子.cn")
    'li@xn--fsqu00a.cn'
    """
    local, at, domain = recipient.strip().rpartition("@")
    odd = any(c.isspace() or not c.isprintable() or c in '<>,;:"()[]\\' for c in recipient.strip())
    if not (local and at and domain) or odd or "@" in local or "=?" in recipient:
        raise ValueError("no mail address")
    try:
        domain = domain.encode("idna").decode("ascii")
    except UnicodeError:
        raise ValueError("no mail domain") from None
    return f"{local}@{domain}"
