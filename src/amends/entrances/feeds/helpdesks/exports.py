"""Exports of other desks as the table our import knows: Zammad's JSON and osTicket's CSV.

What is carried over: the number of the ticket, when it came and was closed, its state and channel,
who wrote, the words it was opened with, and what was written to and fro under it. Inner notes are
not. Formats: docs.zammad.org (tickets and articles, `expand=true`), the ticket export of osTicket
with its thread entries; docs/operator/migrate.md says how to make the files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from email.utils import parseaddr
from functools import partial
from pathlib import Path
from typing import Any

import orjson
from django.utils.translation import gettext as _

from amends.entrances.feeds.helpdesks.osticket_entries import OSTICKET_SOURCES, read_entries
from amends.entrances.feeds.helpdesks.threads import Threads
from amends.entrances.feeds.helpdesks.zammad_articles import (
    ZAMMAD_CHANNELS,
    articles_of,
    read_articles,
    text_of,
)
from amends.platform.kit.html_text import html_to_text
from amends.platform.tabular.tables import (
    Reject,
    Table,
    UnableToReadFile,
    not_readable,
    read_table,
)

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
_OSTICKET_STATES = {"open": "open", "resolved": "solved", "closed": "closed", "archived": "closed"}
_OSTICKET_COLUMNS = ("Ticket Number", "Date Created", "Subject", "From Email", "Current Status")


@dataclass(slots=True)
class TicketExport:
    """The tickets of another desk as a table, and what was written under each.

    talks  whether the export holds more than the tickets: messages to count
    """

    table: Table
    threads: Threads = field(default_factory=Threads)
    talks: bool = True


def read_desk(
    path: Path, desk: str, *, zone: tzinfo, encoding: str = "", entries: Path | None = None
) -> TicketExport:
    """An export of `desk` ("zammad" or "osticket") as a table with our own columns.

    entries  osTicket's thread entries, where they were exported
    zone     of times without one

    Raises UnableToReadFile where a file is no such export; a ticket that cannot be used is a reject
    with its reason.
    """
    return _DESKS[desk](_Read(path=path, zone=zone, encoding=encoding, entries=entries))


@dataclass(frozen=True, slots=True)
class _Read:
    """What is to be read."""

    path: Path
    zone: tzinfo
    encoding: str
    entries: Path | None


def _zammad(wish: _Read) -> TicketExport:
    export = TicketExport(Table(header=HEADER, rows=[], lines=[], format="zammad"))
    table, threads = export.table, export.threads
    for line, ticket, reread in _tickets(wish.path):
        if not isinstance(ticket, dict) or "number" not in ticket:
            table.rejects.append(Reject(line, _("is no ticket of Zammad"), (str(ticket)[:1000],)))
            continue
        read_articles(ticket, threads, line=line, reread=reread)
        _add(table, line, *_of_zammad(ticket, threads, wish.zone))
    _checked(table, wish.path, _("Zammad's tickets with their articles"))
    threads.end_of_reading()
    return export


def _of_zammad(ticket: Mapping[str, Any], threads: Threads, zone: tzinfo) -> tuple[list[str], str]:
    """The cells of a ticket, and why it cannot be used ("" if it can)."""
    state = text_of(ticket.get("state")).lower()
    number, created = text_of(ticket["number"]), text_of(ticket.get("created_at"))
    first = _first_of_customer(ticket)
    name, email = _person(ticket.get("customer"), text_of(first.get("from")))
    customer = ticket.get("customer")
    phone = ""
    if isinstance(customer, dict):
        phone = text_of(customer.get("mobile")) or text_of(customer.get("phone"))
    cells = [
        number,
        created,
        text_of(ticket.get("close_at")) if state == "closed" else "",
        ZAMMAD_CHANNELS.get(text_of(first.get("type")).lower(), ""),
        _ZAMMAD_STATES.get(state, state),
        name,
        email,
        phone,
        _joined([text_of(ticket.get("title")), threads.opening(number, created, zone)]),
    ]
    fault = {
        "merged": _("was merged into another ticket, which carries it on"),
        "removed": _("was removed"),
    }.get(state, "")
    return cells, fault


def _first_of_customer(ticket: Mapping[str, Any]) -> Mapping[str, Any]:
    for article in articles_of(ticket):
        if (
            isinstance(article, dict)
            and text_of(article.get("sender")).lower() == "customer"
            and not article.get("internal")
        ):
            return article
    return {}


def _osticket(wish: _Read) -> TicketExport:
    path = wish.path
    export_table = read_table(path, encoding=wish.encoding)
    if missing := [name for name in _OSTICKET_COLUMNS if name not in export_table.header]:
        raise UnableToReadFile(
            _("%(file)s is no export of osTicket's tickets: it lacks %(columns)s.")
            % {"file": path.name, "columns": ", ".join(missing)},
            next_step=_("Export in English with these columns, or import without --from."),
        )
    at = {name: export_table.header.index(name) for name in export_table.header}
    table = Table(
        header=HEADER,
        rows=[],
        lines=[],
        format="osticket",
        encoding=export_table.encoding,
        rejects=list(export_table.rejects),
    )
    export = TicketExport(table, talks=wish.entries is not None)
    threads = export.threads
    if wish.entries is not None:
        read_entries(wish.entries, threads, encoding=wish.encoding)
    for line, row in zip(export_table.lines, export_table.rows, strict=True):
        cell = {name: row[index].strip() for name, index in at.items()}
        threads.tickets.add(cell["Ticket Number"])
        opening = threads.opening(cell["Ticket Number"], cell["Date Created"], wish.zone)
        _add(table, line, *_of_osticket(cell, opening))
    _checked(table, path, _("osTicket's tickets"))
    threads.end_of_reading(_("belongs to no ticket of the export"))
    return export


def _of_osticket(cell: Mapping[str, str], opening: str) -> tuple[list[str], str]:
    state = cell["Current Status"].lower()
    paragraphs = [cell["Subject"], opening or html_to_text(cell.get("Message", ""))]
    cells = [
        cell["Ticket Number"],
        cell["Date Created"],
        cell.get("Closed Date", "") if state != "open" else "",
        OSTICKET_SOURCES.get(cell.get("Source", "").lower(), ""),
        _OSTICKET_STATES.get(state, state),
        cell.get("From", ""),
        cell["From Email"],
        cell.get("Phone Number", ""),
        _joined(paragraphs),
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


def _checked(table: Table, path: Path, what: str) -> None:
    if not table.read:
        raise UnableToReadFile(
            _("%(file)s does not hold %(what)s.") % {"file": path.name, "what": what},
            next_step=_("See docs/operator/migrate.md."),
        )


def _tickets(path: Path) -> Iterator[tuple[int, Any, Callable[[], Any]]]:
    """Tickets with their line, and what reads each again: one document a line, or one list of all.

    Whoever exports files with their tickets puts each on a line of its own: a list stays in memory.
    """
    try:
        opened = path.open("rb")
    except OSError as error:
        raise not_readable(path, error) from error
    with opened as file:
        start = file.read(4096).lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
        file.seek(0)
        if start == b"[":
            for number, ticket in enumerate(_json(file.read(), path, 1), start=1):
                yield number, ticket, partial(_itself, ticket)
            return
        offset = 0
        for number, line in enumerate(file, start=1):
            if line.strip():
                yield number, _document(line, path, number), partial(_again, path, offset, number)
            offset += len(line)


def _itself(ticket: Any) -> Any:
    return ticket


def _again(path: Path, offset: int, number: int) -> Any:
    with path.open("rb") as file:
        file.seek(offset)
        return _document(file.readline(), path, number)


def _document(line: bytes, path: Path, number: int) -> Any:
    return _json(line.removeprefix(b"\xef\xbb\xbf"), path, number)


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
        full_name = (
            f"{text_of(customer.get('firstname'))} {text_of(customer.get('lastname'))}".strip()
        )
        return full_name or name, text_of(customer.get("email")) or email
    login = text_of(customer)
    return name, login if "@" in login else email


def _joined(paragraphs: list[str]) -> str:
    """Title and words, without saying the same twice."""
    unique_paragraphs: list[str] = []
    for paragraph in (word.strip() for word in paragraphs):
        if paragraph and paragraph not in unique_paragraphs:
            unique_paragraphs.append(paragraph)
    return "\n\n".join(unique_paragraphs)


_DESKS: dict[str, Callable[[_Read], TicketExport]] = {"zammad": _zammad, "osticket": _osticket}
DESKS = tuple(_DESKS)
