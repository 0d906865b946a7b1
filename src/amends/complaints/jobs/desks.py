"""Exports of other desks as the table our import knows: Zammad's JSON and osTicket's CSV.

What is carried over: the number of the ticket, when it came and was closed, its state and channel,
who wrote, and the own words of the complainant. Answers and inner notes are not. Formats:
docs.zammad.org (tickets and articles, `expand=true`), the ticket export of osTicket;
docs/operator/migrate.md says how to make the files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from email.utils import parseaddr
from pathlib import Path
from typing import Any

import orjson
from django.utils.translation import gettext as _

from amends.channels.files.tables import Reject, Table, UnableToReadFile, read_table
from amends.channels.mail.reading.html_text import html_to_text

HEADER = ["id", "created at", "closed at", "channel", "state", "name", "email", "phone", "text"]
"""The documented form; `import complaints` takes any CSV with these columns as it is."""
_ID, _TEXT = HEADER.index("id"), HEADER.index("text")

_ZAMMAD_STATES = {
    "new": "new",
    "open": "open",
    "pending reminder": "open",
    "pending close": "open",
    "closed": "closed",
}
_ZAMMAD_CHANNELS = {
    "email": "email",
    "phone": "phone",
    "web": "web",
    "note": "",
    "sms": "sms",
    "chat": "chat",
    "fax": "fax",
    "whatsapp message": "social",
    "telegram personal-message": "social",
    "facebook feed post": "social",
    "facebook feed comment": "social",
    "twitter status": "social",
    "twitter direct-message": "social",
}
_OSTICKET_STATES = {"open": "open", "resolved": "solved", "closed": "closed", "archived": "closed"}
_OSTICKET_SOURCES = {"web": "web", "email": "email", "phone": "phone", "api": "web", "other": ""}
_OSTICKET_COLUMNS = ("Ticket Number", "Date Created", "Subject", "From Email", "Current Status")


def read_desk(path: Path, desk: str, *, encoding: str = "") -> Table:
    """An export of `desk` ("zammad" or "osticket") as a table with our own columns.

    Raises UnableToReadFile where the file is no such export; a ticket that cannot be used is a
    reject with its reason.
    """
    return _DESKS[desk](path, encoding)


def _zammad(path: Path, encoding: str) -> Table:
    table = Table(HEADER, [], [], "zammad")
    for line, ticket in _tickets(path):
        if not isinstance(ticket, dict) or "number" not in ticket:
            table.rejects.append(Reject(line, _("is no ticket of Zammad"), (str(ticket)[:1000],)))
            continue
        cells, fault = _of_zammad(ticket)
        _add(table, line, cells, fault)
    return _checked(table, path, _("Zammad's tickets with their articles"))


def _of_zammad(ticket: Mapping[str, Any]) -> tuple[list[str], str]:
    """The cells of a ticket, and why it cannot be used ("" if it can)."""
    state = _told(ticket.get("state")).lower()
    articles = [one for one in ticket.get("articles") or [] if isinstance(one, dict)]
    own = [
        one
        for one in articles
        if _told(one.get("sender")).lower() == "customer" and not one.get("internal")
    ]
    first: Mapping[str, Any] = own[0] if own else {}
    name, email = _person(ticket.get("customer"), _told(first.get("from")))
    customer = ticket.get("customer")
    phone = ""
    if isinstance(customer, dict):
        phone = _told(customer.get("mobile")) or _told(customer.get("phone"))
    words = [_told(ticket.get("title")), *(_body(one) for one in own)]
    cells = [
        _told(ticket["number"]),
        _told(ticket.get("created_at")),
        _told(ticket.get("close_at")) if state == "closed" else "",
        _ZAMMAD_CHANNELS.get(_told(first.get("type")).lower(), ""),
        _ZAMMAD_STATES.get(state, state),
        name,
        email,
        phone,
        _joined(words),
    ]
    fault = {
        "merged": _("was merged into another ticket, which carries it on"),
        "removed": _("was removed"),
    }.get(state, "")
    return cells, fault


def _osticket(path: Path, encoding: str) -> Table:
    found = read_table(path, encoding=encoding)
    if missing := [name for name in _OSTICKET_COLUMNS if name not in found.header]:
        raise UnableToReadFile(
            _("%(file)s is no export of osTicket's tickets: it lacks %(columns)s.")
            % {"file": path.name, "columns": ", ".join(missing)},
            next_step=_("Export in English with these columns, or import without --from."),
        )
    at = {name: found.header.index(name) for name in found.header}
    table = Table(HEADER, [], [], "osticket", found.encoding, list(found.rejects))
    for line, row in zip(found.lines, found.rows, strict=True):
        cell = {name: row[place].strip() for name, place in at.items()}
        _add(table, line, *_of_osticket(cell))
    return _checked(table, path, _("osTicket's tickets"))


def _of_osticket(cell: Mapping[str, str]) -> tuple[list[str], str]:
    state = cell["Current Status"].lower()
    words = [cell["Subject"], html_to_text(cell.get("Message", ""))]
    cells = [
        cell["Ticket Number"],
        cell["Date Created"],
        cell.get("Closed Date", "") if state != "open" else "",
        _OSTICKET_SOURCES.get(cell.get("Source", "").lower(), ""),
        _OSTICKET_STATES.get(state, state),
        cell.get("From", ""),
        cell["From Email"],
        cell.get("Phone Number", ""),
        _joined(words),
    ]
    return cells, _("was deleted") if state == "deleted" else ""


def _add(table: Table, line: int, cells: list[str], fault: str) -> None:
    if not fault and not cells[_ID]:
        fault = _("has no number")
    if not fault and not cells[_TEXT]:
        fault = _("holds no words of the complainant")
    if fault:
        table.rejects.append(Reject(line, fault, tuple(cell[:1000] for cell in cells)))
    else:
        table.rows.append(cells)
        table.lines.append(line)


def _checked(table: Table, path: Path, what: str) -> Table:
    if not table.read:
        raise UnableToReadFile(
            _("%(file)s does not hold %(what)s.") % {"file": path.name, "what": what},
            next_step=_("See docs/operator/migrate.md."),
        )
    return table


def _tickets(path: Path) -> Iterator[tuple[int, Any]]:
    """Tickets with their line: one JSON document a line, or one list of all."""
    with path.open("rb") as file:
        start = file.read(4096).lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
        file.seek(0)
        if start == b"[":
            yield from enumerate(_json(file.read(), path, 1), start=1)
            return
        for number, line in enumerate(file, start=1):
            if line.strip():
                yield number, _json(line.removeprefix(b"\xef\xbb\xbf"), path, number)


def _json(text: bytes, path: Path, line: int) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        if line == 1:
            raise UnableToReadFile(
                _("It is not JSON."),
                where=f"{path.name}:{line}",
                next_step=_("Export one ticket a line, or one list; see docs/operator/migrate.md."),
            ) from error
        return str(text[:1000], "utf-8", "replace")


def _person(customer: Any, sender: str) -> tuple[str, str]:
    """Name and address: of the customer's own record, else of whoever wrote the first article."""
    name, email = parseaddr(sender)
    if isinstance(customer, dict):
        whole = f"{_told(customer.get('firstname'))} {_told(customer.get('lastname'))}".strip()
        return whole or name, _told(customer.get("email")) or email
    login = _told(customer)
    return name, login if "@" in login else email


def _body(article: Mapping[str, Any]) -> str:
    body = _told(article.get("body"))
    return html_to_text(body) if "html" in _told(article.get("content_type")) else body


def _joined(words: list[str]) -> str:
    """Title and words, without saying the same twice."""
    said: list[str] = []
    for one in (word.strip() for word in words):
        if one and one not in said:
            said.append(one)
    return "\n\n".join(said)


def _told(value: Any) -> str:
    return "" if value is None or isinstance(value, dict | list) else str(value).strip()


_DESKS: dict[str, Callable[[Path, str], Table]] = {"zammad": _zammad, "osticket": _osticket}
DESKS = tuple(_DESKS)
