"""osTicket's thread entries, exported beside its tickets, as the messages of those.

The file is what the statement in docs/operator/migrate.md writes: a JSON object a line; a CSV with
the same columns does as well.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
from django.utils.translation import gettext as _

from amends.entrances.feeds.helpdesks.files import files_of
from amends.entrances.feeds.helpdesks.threads import ThreadMessage, Threads, without_bytes
from amends.platform.kit.html_text import html_to_text
from amends.platform.tabular.tables import Reject, UnableToReadFile, not_readable, read_table

COLUMNS = ("number", "id", "type", "created", "body")
"""What every entry tells; `format`, `source`, `title` and `attachments` may stand beside it."""
OSTICKET_SOURCES = {"web": "web", "email": "email", "phone": "phone", "api": "web", "other": ""}
_Row = tuple[int, dict[str, str]] | Reject
_COMPLAINANT, _DESK, _NOTE = "M", "R", "N"


def read_entries(path: Path, threads: Threads, *, encoding: str = "") -> None:
    """The entries of a file into `threads`; raises UnableToReadFile where it holds none."""
    rows = _table(path, encoding) if encoding or not _is_json(path) else _json_lines(path)
    for row in rows:
        if isinstance(row, Reject):
            threads.read += 1
            threads.rejects.append(Reject(row.line, f"{path.name}: {row.translated(_)}", row.cells))
        else:
            line, cell = row
            _entry(cell, threads, line, path.name)


def _is_json(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(4096).lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{"
    except OSError as error:
        raise not_readable(path, error) from error


def _json_lines(path: Path) -> Iterator[_Row]:
    """Objects a line at a time: there are many entries to a ticket, and bodies are long.

    Only a line feed ends a line: words may hold any other sign of one.
    """
    with path.open("rb") as file:
        for line, raw in enumerate(file, start=1):
            if not raw.strip():
                continue
            try:
                document = orjson.loads(raw.removeprefix(b"\xef\xbb\xbf"))
            except orjson.JSONDecodeError as error:
                cells = (str(raw[:1000], "utf-8", "replace"),)
                yield Reject(
                    line=line, reason=_("is not JSON: %(why)s"), cells=cells, values={"why": error}
                )
                continue
            if line == 1:
                _check(path, document)
            if isinstance(document, dict) and document.keys() >= set(COLUMNS):
                yield line, {str(name): _cell(value) for name, value in document.items()}
            else:
                yield Reject(line, _("is no thread entry of osTicket"), (str(document)[:1000],))


def _table(path: Path, encoding: str) -> Iterator[_Row]:
    export_table = read_table(path, encoding=encoding)
    _check(path, export_table.header)
    yield from export_table.rejects
    for line, row in zip(export_table.lines, export_table.rows, strict=True):
        yield line, dict(zip(export_table.header, row, strict=True))


def _check(path: Path, header: Container[str]) -> None:
    if missing := [name for name in COLUMNS if name not in header]:
        raise UnableToReadFile(
            _("%(file)s does not hold osTicket's thread entries: it lacks %(columns)s.")
            % {"file": path.name, "columns": ", ".join(missing)},
            meaning=_("Nothing was imported."),
            next_step=_("Export them with the statement in docs/operator/migrate.md."),
        )


def _cell(value: object) -> str:
    if value is None:
        return ""
    return orjson.dumps(value).decode() if isinstance(value, dict | list) else str(value)


def _entry(cell: Mapping[str, str], threads: Threads, line: int, location: str) -> None:
    kind, number = cell["type"].strip().upper(), cell["number"].strip()
    if kind == _NOTE:
        threads.leave_out()
        return
    message = ThreadMessage(
        ref=cell["id"].strip() or f"#{line}",
        at=cell["created"].strip(),
        words=_words(cell),
        ours=kind == _DESK,
        channel=OSTICKET_SOURCES.get(cell.get("source", "").strip().lower(), ""),
        subject=cell.get("title", "").strip(),
        files=without_bytes(files_of(_attachments(cell.get("attachments", "")), None)),
        line=line,
        place=location,
    )
    if kind not in (_COMPLAINANT, _DESK):
        threads.refuse(number, message, _("is neither a message (M) nor a response (R)"))
    else:
        threads.add(number, message)


def _words(cell: Mapping[str, str]) -> str:
    """The words of an entry, plain; what osTicket does not call text is HTML."""
    body = cell["body"].strip()
    return body if cell.get("format", "").strip().lower() == "text" else html_to_text(body)


def _attachments(text: str) -> Any:
    """The list of files of an entry; names alone, a line each, do as well."""
    parsed = _json_or_text(text.strip() or "[]")
    if isinstance(parsed, str):  # some databases tell JSON within JSON as text
        parsed = _json_or_text(parsed)
    if isinstance(parsed, str):
        return [{"filename": name} for name in parsed.splitlines() if name.strip()]
    return parsed


def _json_or_text(text: str) -> Any:
    """What a text says in JSON, or the text where it is none."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
