"""Header lines: unfolded, decoded, and cut to a length that can do no harm."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from urllib.parse import unquote_to_bytes

from amends.channels.mail.reading.charsets import decode

MAX_VALUE = 16_000
MAX_REFERENCES = 50
_WORD = re.compile(r"=\?([^?\s]{1,40})\?([bBqQ])\?([^?]*)\?=")
_BETWEEN = re.compile(r"(\?=)[ \t\r\n]+(=\?)")
_FOLD = re.compile(r"\r?\n[ \t]?|\r")
_ID = re.compile(r"<\s*([^<>\s]{1,250})\s*>")
_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"\\@]{1,64}@[^\s<>()\[\],;:\"\\@]{1,255}")
_PARAMETER = re.compile(r";\s*([\w!#$&+.^`{}~-]{1,60}\*?(?:\d{1,3}\*?)?)\s*=\s*", re.ASCII)
_CONTROLS = re.compile(r"[\x00-\x1f\x7f]+")

Headers = dict[str, list[str]]


def read_headers(part: Message) -> Headers:
    """All headers by lower-case name, raw and unfolded, bytes above 127 kept as surrogates."""
    headers: Headers = {}
    for name, value in part.raw_items():
        values = headers.setdefault(name.lower(), [])
        if len(values) < MAX_REFERENCES:
            values.append(_FOLD.sub(" ", str(value)[: MAX_VALUE * 4])[:MAX_VALUE])
    return headers


def first(headers: Headers, name: str) -> str:
    """The first value of a header, raw; "" if there is none."""
    values = headers.get(name)
    return values[0].strip() if values else ""


def words(raw: str) -> str:
    """A header's text with RFC 2047 words decoded and raw bytes guessed.

    Neighbouring words of one character set are joined before they are decoded: some clients cut a
    Chinese character in two.

    >>> words("=?gb2312?B?xPq6ww==?= 5G")
    '您好 5G'
    >>> words("=?utf-8?Q?a=5Fb?= =?utf-8?Q?_c?=")
    'a_b c'
    """
    raw = _BETWEEN.sub(r"\1\2", raw[:MAX_VALUE])
    parts: list[str] = []
    waiting, label, end = b"", "", 0
    for match in _WORD.finditer(raw):
        between = raw[end : match.start()]
        charset = match[1].split("*")[0].lower()
        if waiting and (between or charset != label):
            parts.append(decode(waiting, label))
            waiting = b""
        if between:
            parts.append(_plain(between))
        waiting += _word_bytes(match[2], match[3])
        label, end = charset, match.end()
    if waiting:
        parts.append(decode(waiting, label))
    parts.append(_plain(raw[end:]))
    return " ".join(_CONTROLS.sub(" ", "".join(parts)).split())


def _plain(raw: str) -> str:
    return decode(raw.encode("utf-8", "surrogateescape")) if not raw.isascii() else raw


def _word_bytes(encoding: str, body: str) -> bytes:
    data = body.encode("ascii", "ignore")
    if encoding in "bB":
        return loose_base64(data)
    return unquote_to_bytes(data.replace(b"_", b" ").replace(b"%", b"=25").replace(b"=", b"%"))


def loose_base64(data: bytes) -> bytes:
    """Base 64 as far as it goes: strange characters skipped, missing padding supplied.

    >>> loose_base64(b"SGVs\\x00bG8"), loose_base64(b"*")
    (b'Hello', b'')
    """
    kept_bytes = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    if len(kept_bytes) % 4 == 1:
        kept_bytes = kept_bytes[:-1]
    try:
        return base64.b64decode(kept_bytes + b"=" * (-len(kept_bytes) % 4))
    except (binascii.Error, ValueError):
        return b""


def message_ids(raw: str) -> tuple[str, ...]:
    """The ids of `Message-ID`, `In-Reply-To` or `References`, without brackets.

    >>> message_ids("<a@b> comment <c@d>")
    ('a@b', 'c@d')
    """
    ids_found = _ID.findall(raw[:MAX_VALUE]) or raw.split()[:1]
    return tuple(_printable(part)[:250] for part in ids_found[-MAX_REFERENCES:])


def _printable(text: str) -> str:
    return "".join(char for char in text if char.isprintable() and not "\ud800" <= char <= "\udfff")


def mailbox(raw: str) -> tuple[str, str]:
    """Display name and address of the first mailbox of a `From`; "" for what is missing.

    The address is what stands in the last brackets, so a name that looks like another address
    deceives nobody.

    >>> mailbox('"ceo@bank.example" <x@evil.example>')
    ('ceo@bank.example', 'x@evil.example')
    >>> mailbox("=?utf-8?B?5p2O6Zu3?= <li@example.com>")
    ('李雷', 'li@example.com')
    """
    raw = raw[:2_000]
    name, bracket, remainder = raw.rpartition("<")
    if bracket:
        inside = words(remainder.split(">")[0].replace(" ", ""))
        address_match = _ADDRESS.search(inside)
        if address_match:
            return words(name.strip().strip('"').replace('\\"', '"')).strip("\"' "), address_match[
                0
            ]
    address_match = _ADDRESS.search(words(raw))
    return "", address_match[0] if address_match else ""


def sent_at(raw: str) -> datetime | None:
    """The `Date`, in UTC; None where it cannot be read or is out of all reason.

    >>> sent_at("Fri, 1 May 2026 10:00:00 +0800")
    datetime.datetime(2026, 5, 1, 2, 0, tzinfo=datetime.timezone.utc)
    """
    try:
        moment = parsedate_to_datetime(raw[:200])
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment if 1990 <= moment.year < 2100 else None


def value_and_parameters(raw: str) -> tuple[str, dict[str, str]]:
    """`Content-Type` and the like: the value in lower case and its parameters.

    RFC 2231 pieces and charsets, RFC 2047 words where they do not belong, and raw bytes are all
    understood.

    >>> value_and_parameters("TEXT/plain; charset=gbk; name*=utf-8''%E8%B4%A6%E5%8D%95.pdf")
    ('text/plain', {'charset': 'gbk', 'name': '账单.pdf'})
    """
    raw = raw[:MAX_VALUE]
    value = raw.partition(";")[0].strip().lower()
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    for match in _PARAMETER.finditer(raw):
        parameter_value = _parameter_value(raw, match.end())
        name, star, remainder = match[1].lower().partition("*")
        number = remainder.rstrip("*")
        extended = bool(star) and (remainder.endswith("*") or not remainder)
        pieces.setdefault(name, {}).setdefault(
            int(number) if number.isdigit() else 0, (parameter_value, extended)
        )
    return value, {name: _joined(name_pieces) for name, name_pieces in pieces.items()}


def _parameter_value(raw: str, start: int) -> str:
    if raw[start : start + 1] != '"':
        return re.split(r"[;\s]", raw[start : start + 2_000], maxsplit=1)[0]
    out, at = [], start + 1
    while at < len(raw) and raw[at] != '"':
        at += raw[at] == "\\"
        out.append(raw[at : at + 1])
        at += 1
    return "".join(out)


def _joined(pieces: dict[int, tuple[str, bool]]) -> str:
    label, data, extended_seen = "", b"", False
    for index, number in enumerate(sorted(pieces)):
        text, extended = pieces[number]
        if extended:
            if index == 0 and text.count("'") >= 2:
                label, _, text = text.split("'", 2)
            data += unquote_to_bytes(text.encode("utf-8", "surrogateescape"))
            extended_seen = True
        else:
            data += text.encode("utf-8", "surrogateescape")
    if extended_seen:
        return decode(data, label)
    return words(data.decode("utf-8", "surrogateescape"))
