"""A mail as plain values: who, when, in which conversation, what is said, what came with it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32
from hashlib import sha256

from amends.channels.mail.reading.automatic import written_by
from amends.channels.mail.reading.headers import (
    Headers,
    first,
    mailbox,
    message_ids,
    read_headers,
    sent_at,
    value_and_parameters,
    words,
)
from amends.channels.mail.reading.parts import MailFile, MailParts, walk
from amends.channels.mail.reading.reports import BounceReport, guess_report, read_reports
from amends.platform.kit.quoted_replies import new_words
from amends.platform.kit.tracking_codes import find_tracking_code

MAX_TEXT = 500_000
MAX_SUBJECT = 500
MAX_HEADER_BYTES = 256 * 1024
_OUR_ID = re.compile(r"\b([0-9a-f]{32})@[\w.-]{1,200}")


@dataclass(frozen=True, slots=True)
class ParsedMail:
    """What a mail says.

    identity       hash of what the sender composed: the same through whatever servers it came
    text           the new words; `history` what they quote
    thread         the same for all mails of one conversation
    answers        ids of outbox messages it replies to or reports about
    automatic      see `automatic.written_by`
    problems       what was wrong with it, for whoever looks after the channel
    """

    identity: str
    message_id: str
    references: tuple[str, ...]
    thread: str
    sender: str
    sender_name: str
    subject: str
    sent_at: datetime | None
    text: str
    history: str
    tracking_code: str
    answers: tuple[str, ...]
    automatic: str
    reports: tuple[BounceReport, ...]
    files: tuple[MailFile, ...]
    problems: tuple[str, ...]


def parse_mail(raw: bytes) -> ParsedMail:
    """Read a mail. It never raises: what cannot be understood is kept as text and named.

    >>> mail = parse_mail(b"From: a@example.com\\nSubject: Bill\\n\\nI was charged twice.")
    >>> mail.sender, mail.subject, mail.text
    ('a@example.com', 'Bill', 'I was charged twice.')
    """
    raw, problems = _bounded(raw)
    try:
        message = BytesParser(policy=compat32).parsebytes(raw)
        return _read(message, raw, problems)
    except Exception:
        # The standard parser has failed on hostile input before, also by recursion. A complaint is
        # then read as plain text under its own first lines.
        head, _, body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")
        plain = BytesParser(policy=compat32).parsebytes(head[:20_000] + b"\n\n", headersonly=True)
        for name in ("Content-Type", "Content-Transfer-Encoding"):
            del plain[name]
        plain.set_payload(body[:MAX_TEXT].decode("ascii", "surrogateescape"))
        return _read(plain, raw, {*problems, "structure_not_understood"})


def _bounded(raw: bytes) -> tuple[bytes, set[str]]:
    """Cut headers that are larger than any mail needs; the parser would work on them for long."""
    end = min(
        (at for at in (raw.find(b"\r\n\r\n"), raw.find(b"\n\n")) if at >= 0), default=len(raw)
    )
    if end <= MAX_HEADER_BYTES:
        return raw, set()
    head = raw[:MAX_HEADER_BYTES]
    kept_headers = _small_headers(raw[:end]) if end < 64 * 1024 * 1024 else head
    return kept_headers + raw[end:], {"headers_cut"}


def _small_headers(head: bytes) -> bytes:
    """The headers of at most 8 KiB each, up to the bound in all."""
    kept_headers, size = [], 0
    for header in re.split(rb"\r?\n(?![ \t])", head):
        if len(header) <= 8_192 and size + len(header) < MAX_HEADER_BYTES:
            kept_headers.append(header)
            size += len(header)
    return b"\r\n".join(kept_headers)


def _read(message: Message, raw: bytes, problems: set[str]) -> ParsedMail:
    headers = read_headers(message)
    mail_parts = MailParts(problems=set(problems))
    walk(message, mail_parts)
    own = message_ids(first(headers, "message-id"))
    replied = message_ids(first(headers, "in-reply-to"))
    references = (*message_ids(first(headers, "references")), *replied)
    references = tuple(dict.fromkeys(references))
    subject = words(first(headers, "subject"))[:MAX_SUBJECT]
    name, sender = mailbox(first(headers, "from") or first(headers, "sender"))
    _, parameters = value_and_parameters(first(headers, "content-type"))
    report_type = parameters.get("report-type", "").lower()
    is_report = message.get_content_type() == "multipart/report"
    automatic = written_by(
        headers, subject=subject, sender=sender, report=report_type if is_report else ""
    )
    body = "\n\n".join(mail_parts.texts or mail_parts.nested_words)[:MAX_TEXT]
    split_body = new_words(body)
    reports = _reports(message, report_type if is_report else "", automatic, raw, body)
    root = references[0] if references else own[0] if own else ""
    return ParsedMail(
        identity=identity(headers, raw),
        message_id=own[0] if own else "",
        references=references,
        thread=sha256(root.encode()).hexdigest()[:32] if root else "",
        sender=sender,
        sender_name=name[:200],
        subject=subject,
        sent_at=sent_at(first(headers, "date")),
        text=split_body.new,
        history=split_body.history,
        tracking_code=find_tracking_code(subject, split_body.new, split_body.history),
        answers=_our_ids((*reversed(replied), *reversed(references))),
        automatic=automatic,
        reports=reports,
        files=tuple(mail_parts.files),
        problems=tuple(sorted(mail_parts.problems | _defects(message))),
    )


def identity(headers: Headers, raw: bytes) -> str:
    """Hash of what the sender composed, not of what servers added on the way.

    The Message-ID alone would not do: whoever guesses one could make us drop somebody's mail.
    """
    names = ("message-id", "from", "date", "subject")
    head = "\n".join(f"{name}:{first(headers, name)}" for name in names)
    body = raw.replace(b"\r\n", b"\n").partition(b"\n\n")[2].rstrip()
    digest = sha256(head.encode("utf-8", "surrogateescape"))
    digest.update(b"\n\n" + body)
    return digest.hexdigest()


def _our_ids(ids: tuple[str, ...]) -> tuple[str, ...]:
    matches = (_OUR_ID.fullmatch(mail_id) for mail_id in ids)
    return tuple(dict.fromkeys(match[1] for match in matches if match))


def _reports(
    message: Message, report_type: str, automatic: str, raw: bytes, body: str
) -> tuple[BounceReport, ...]:
    if automatic != "bounce":
        return ()
    stated = read_reports(message, report_type) if report_type else ()
    if any(report.message_id for report in stated):
        return stated
    quoted = raw[:1_000_000].decode("ascii", "ignore")
    ours = tuple(dict.fromkeys(match[0] for match in _OUR_ID.finditer(quoted)))
    if stated and ours:
        return tuple(replace(report, message_id=ours[0]) for report in stated)
    return guess_report(body, ours=ours)


def _defects(message: Message) -> set[str]:
    """Names of what the parser found wrong, in our words."""
    named = set()
    for defect in message.defects:
        kind = type(defect).__name__
        if "Boundary" in kind or "Multipart" in kind:
            named.add("boundary_broken")
        elif "Header" in kind:
            named.add("headers_broken")
    return named
