"""Reports about delivery: which mail of ours they speak of, and whether it is for good."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.message import Message

from amends.channels.mail.reading.headers import first, message_ids, read_headers

MAX_REPORTS = 50
_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_REPLY_CODE = re.compile(r"(?<![\d.])([45])\d\d[ -]")
_DELAY = re.compile(r"\bdelay|will (?:be )?retr|still trying|暂时|稍后重试|延迟", re.I)


@dataclass(frozen=True, slots=True)
class BounceReport:
    """What became of one mail for one recipient.

    message_id  Message-ID of the mail the report is about, "" if it does not say
    action      `delivered`, `failed` or `delayed`
    permanent   for a failure: the address will not take it later either
    detail      status and diagnostic as stated
    """

    message_id: str
    action: str
    permanent: bool
    detail: str


def read_reports(mail: Message, report_type: str) -> tuple[BounceReport, ...]:
    """The reports in a multipart/report (RFC 3464 delivery status, RFC 8098 reading receipt)."""
    about, blocks = "", []
    for part in _parts(mail):
        kind = part.get_content_type()
        if kind in {"message/delivery-status", "message/disposition-notification"}:
            blocks.extend(_blocks(part))
        elif kind in {"message/rfc822", "message/rfc822-headers", "text/rfc822-headers"}:
            about = about or _original_id(part)
    if report_type == "disposition-notification":
        return _receipts(about, blocks)
    reports = [_report(about, block) for block in blocks if "action" in block]
    return tuple(reports[:MAX_REPORTS])


def _parts(mail: Message) -> list[Message]:
    payload = mail.get_payload()
    return [p for p in payload if isinstance(p, Message)] if isinstance(payload, list) else []


def _blocks(part: Message) -> list[dict[str, str]]:
    """The groups of fields in a status part; the parser makes each a message of its own."""
    groups = _parts(part)
    if groups:
        return [_fields(group) for group in groups[: MAX_REPORTS + 1]]
    text = part.get_payload()
    if not isinstance(text, str):
        return []
    blocks = []
    for block in re.split(r"\n\s*\n", text[:50_000]):
        pairs = re.findall(r"^([\w-]{1,60}):[ \t]*(.*)$", block, re.M)
        blocks.append({name.lower(): value.strip() for name, value in pairs})
    return blocks


def _fields(group: Message) -> dict[str, str]:
    headers = read_headers(group)
    return {name: first(headers, name) for name in headers}


def _original_id(part: Message) -> str:
    inner = _parts(part)
    if inner:
        ids = message_ids(first(read_headers(inner[0]), "message-id"))
        return ids[0] if ids else ""
    text = part.get_payload()
    id_match = re.search(r"^message-id:\s*<([^<>\s]{1,250})>", str(text)[:100_000], re.I | re.M)
    return id_match[1] if id_match else ""


def _report(about: str, block: dict[str, str]) -> BounceReport:
    action = block["action"].split()[0].lower() if block["action"].split() else "failed"
    status = block.get("status", "")
    detail = f"{status} {block.get('diagnostic-code', '')}".strip()
    if action in {"delivered", "relayed", "expanded"}:
        # Relayed and expanded mean: handed on to a place that reports no more.
        return BounceReport(
            message_id=about,
            action="delivered" if action == "delivered" else "delayed",
            permanent=False,
            detail=detail,
        )
    if action == "delayed":
        return BounceReport(message_id=about, action="delayed", permanent=False, detail=detail)
    return BounceReport(
        message_id=about, action="failed", permanent=not status.startswith("4."), detail=detail
    )


def _receipts(about: str, blocks: list[dict[str, str]]) -> tuple[BounceReport, ...]:
    for block in blocks:
        if "disposition" in block:
            original = message_ids(block.get("original-message-id", ""))
            named = about or (original[0] if original else "")
            return (
                BounceReport(
                    message_id=named, action="delivered", permanent=False, detail="reading receipt"
                ),
            )
    return ()


def guess_report(text: str, *, ours: tuple[str, ...]) -> tuple[BounceReport, ...]:
    """The report in a mail that came back as prose, from the Message-IDs of ours it quotes.

    ours  Message-IDs of our own form found in the mail
    """
    status = _STATUS.search(text)
    code = _REPLY_CODE.search(text)
    kind = status[1] if status else code[1] if code else "5"
    delayed = kind == "4" or (kind != "5" and bool(_DELAY.search(text)))
    detail = status[0] if status else code[0].strip(" -") if code else "returned"
    action = "delayed" if delayed else "failed"
    return tuple(
        BounceReport(message_id=our, action=action, permanent=not delayed, detail=detail)
        for our in ours[:MAX_REPORTS]
    )
