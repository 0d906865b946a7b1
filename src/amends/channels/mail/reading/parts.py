"""The parts of a mail: which hold its words, which its files."""

from __future__ import annotations

import binascii
import quopri
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32

from amends.channels.mail.reading.charsets import decode
from amends.channels.mail.reading.headers import (
    Headers,
    first,
    loose_base64,
    read_headers,
    value_and_parameters,
)
from amends.platform.kit.html_text import html_to_text

_BOUNDARY = re.compile(rb"^--([\w'()+,./:=?-]{1,70})[ \t]*\r?$", re.M)
MAX_DEPTH = 12
MAX_PARTS = 200
_SIGNATURES = {
    "application/pgp-signature",
    "application/pkcs7-signature",
    "application/x-pkcs7-signature",
}


@dataclass(frozen=True, slots=True)
class MailFile:
    """A file in a mail, under the name it was given."""

    name: str
    content: bytes


@dataclass(slots=True)
class MailParts:
    """What a walk through the parts has gathered."""

    texts: list[str] = field(default_factory=list)
    files: list[MailFile] = field(default_factory=list)
    problems: set[str] = field(default_factory=set)
    parts: int = 0
    nested_words: list[str] = field(default_factory=list)


def walk(part: Message, mail_parts: MailParts, *, depth: int = 0) -> None:
    """Gather into `found` what stands in `part` and below it."""
    mail_parts.parts += 1
    if depth > MAX_DEPTH or mail_parts.parts > MAX_PARTS:
        mail_parts.problems.add("too_many_parts")
        _gather_below(part, mail_parts)
        return
    kind = part.get_content_type()
    children = list(_children(part))
    if kind == "message/rfc822" and children:
        _walk_nested(children[0], mail_parts, depth)
    elif kind == "multipart/alternative" and children:
        _walk_alternatives(children, mail_parts, depth)
    elif kind == "multipart/report" and children:
        # The first part is for people; the rest is read by `reports`.
        walk(children[0], mail_parts, depth=depth + 1)
    elif children:
        for child in children:
            walk(child, mail_parts, depth=depth + 1)
    elif kind.startswith("multipart/") and (reparsed := _by_its_own_boundary(part)):
        mail_parts.problems.add("boundary_broken")
        walk(reparsed, mail_parts, depth=depth + 1)
    else:
        _leaf(part, mail_parts)


def _gather_below(part: Message, mail_parts: MailParts) -> None:
    """Below the depth at which structure is still followed: what is readable, in its order, as far
    as the bound of parts allows. Of several forms of the same words one is taken."""
    waiting = [part]
    while waiting and mail_parts.parts <= MAX_PARTS:
        current_part = waiting.pop()
        mail_parts.parts += 1
        children = list(_children(current_part))
        if current_part.get_content_type() == "multipart/alternative" and children:
            plain = [child for child in children if child.get_content_type() == "text/plain"]
            children = (plain or children)[:1]
        if children:
            waiting.extend(reversed(children))
        elif not current_part.is_multipart():
            _leaf(current_part, mail_parts)


def _children(part: Message) -> Iterator[Message]:
    payload = part.get_payload()
    if isinstance(payload, list):
        yield from (child for child in payload if isinstance(child, Message))


def _by_its_own_boundary(part: Message) -> Message | None:
    """A multipart whose declared boundary never occurs, read by the one that does."""
    body = part.get_payload(decode=True)
    match = _BOUNDARY.search(body[:20_000]) if isinstance(body, bytes) else None
    if match is None or not isinstance(body, bytes):
        return None
    head = b'Content-Type: multipart/mixed; boundary="' + match[1] + b'"\n\n'
    reparsed = BytesParser(policy=compat32).parsebytes(head + body)
    return reparsed if reparsed.is_multipart() else None


def _walk_nested(inner: Message, mail_parts: MailParts, depth: int) -> None:
    """A mail attached to a mail: its files come along, its words only if there are no others."""
    own = MailParts(problems=mail_parts.problems, parts=mail_parts.parts)
    walk(inner, own, depth=depth + 1)
    mail_parts.parts = own.parts
    mail_parts.files.extend(own.files)
    mail_parts.nested_words.extend(own.texts or own.nested_words)


def _walk_alternatives(children: list[Message], mail_parts: MailParts, depth: int) -> None:
    """Of several forms of the same words take the plain one, unless it says next to nothing."""
    forms: list[tuple[str, MailParts]] = []
    for child in children:
        own = MailParts(problems=mail_parts.problems, parts=mail_parts.parts)
        walk(child, own, depth=depth + 1)
        mail_parts.parts = own.parts
        mail_parts.files.extend(own.files)
        mail_parts.nested_words.extend(own.nested_words)
        forms.append((child.get_content_type(), own))
    plain = "\n\n".join(t for kind, own in forms if kind == "text/plain" for t in own.texts)
    other_text = "\n\n".join(t for kind, own in forms if kind != "text/plain" for t in own.texts)
    says_little = len(plain.strip()) < 80 and len(other_text) > 5 * len(plain.strip())
    chosen = other_text if not plain.strip() or says_little else plain
    if chosen.strip():
        mail_parts.texts.append(chosen)


def _leaf(part: Message, mail_parts: MailParts) -> None:
    headers = read_headers(part)
    kind, parameters = value_and_parameters(first(headers, "content-type"))
    kind = kind if "/" in kind and not kind.startswith("multipart/") else "text/plain"
    disposition, placed = value_and_parameters(first(headers, "content-disposition"))
    name = placed.get("filename") or parameters.get("name") or ""
    if kind in _SIGNATURES:
        return
    content = _content(part, headers, mail_parts.problems)
    is_text = kind in {"text/plain", "text/html", "text/enriched", "text/markdown"}
    if is_text and disposition != "attachment" and not name:
        text = decode(content, parameters.get("charset", "") or _meta_charset(kind, content))
        text = html_to_text(text) if kind == "text/html" else _unflowed(text, parameters)
        if text.strip():
            mail_parts.texts.append(text)
        return
    if content or name:
        mail_parts.files.append(MailFile(name or _unnamed(kind), content))


def _meta_charset(kind: str, content: bytes) -> str:
    """An HTML part without a charset often names it inside."""
    if kind != "text/html":
        return ""
    match = re.search(rb"charset\s*=\s*[\"']?([\w-]{2,30})", content[:2_000], re.I)
    return match[1].decode("ascii") if match else ""


def _unnamed(kind: str) -> str:
    extensions = {"image/jpeg": ".jpg", "image/png": ".png", "application/pdf": ".pdf"}
    return f"unnamed{extensions.get(kind, '')}"


def _content(part: Message, headers: Headers, problems: set[str]) -> bytes:
    # The parser decodes only when it trusts the label; without one it hands out the bytes as sent.
    del part["Content-Transfer-Encoding"]
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes):
        return b""
    encoding = first(headers, "content-transfer-encoding").lower().strip(" \"'")
    if encoding == "base64":
        return _from_base64(data, problems)
    if encoding == "quoted-printable":
        return quopri.decodestring(data)
    decoders: dict[str, Callable[[bytes], bytes]] = {"x-uuencode": _from_uu, "uuencode": _from_uu}
    return decoders.get(encoding, bytes)(data)


def _from_base64(data: bytes, problems: set[str]) -> bytes:
    compact = b"".join(data.split())
    strange = re.search(rb"[^A-Za-z0-9+/=]", compact)
    if strange is None and len(compact) % 4 == 0:
        return loose_base64(compact)
    problems.add("base64_broken")
    if strange is not None and len(re.findall(rb"[^A-Za-z0-9+/=]", compact)) > len(compact) // 4:
        return data  # labelled base 64, but it is plain text
    return loose_base64(compact)


def _from_uu(data: bytes) -> bytes:
    out = []
    for line in data.splitlines():
        if line.startswith((b"begin ", b"end")) or not line.strip():
            continue
        try:
            out.append(binascii.a2b_uu(line))
        except binascii.Error:
            continue
    return b"".join(out)


def _unflowed(text: str, parameters: dict[str, str]) -> str:
    """Join the soft line ends of `format=flowed` (RFC 3676); quoted lines keep their depth."""
    if parameters.get("format", "").lower() != "flowed":
        return text
    joint = "" if parameters.get("delsp", "").lower() == "yes" else " "
    lines: list[str] = []
    open_depth = -1
    for line in text.split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        body = line[depth:].removeprefix(" ")
        if open_depth == depth and lines:
            lines[-1] = lines[-1].rstrip(" ") + joint + body
        else:
            lines.append(f"{'>' * depth} {body}" if depth else body)
        open_depth = depth if body.endswith(" ") and body != "-- " else -1
    return "\n".join(lines)
