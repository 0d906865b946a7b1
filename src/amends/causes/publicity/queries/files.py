"""Offers and copies out of files: CSV, Excel, JSON lines, a JSON list, TMF620 JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import orjson

from amends.causes.publicity import refusals
from amends.causes.publicity.rules.copies import Copy
from amends.platform.kit.errors import AmendsError
from amends.platform.tabular.tables import (
    MAX_CELL_CHARACTERS,
    Reject,
    not_readable,
    read_table,
)
from amends.record.facts.offers.key_facts import KeyFacts, key_facts_of


@dataclass(slots=True)
class ReadRows:
    """Rows with their lines, and what was refused."""

    rows: list[tuple[int, Mapping[str, Any]]] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)


def read_rows(path: Path) -> ReadRows:
    """The rows of a file; of a JSON list its objects.

    Raises `UnableToReadFile` where there are none.
    """
    try:
        with path.open("rb") as file:
            start = file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")
        if start[:1] in (b"[", b"{") and (items := _json(path)) is not None:
            return _objects(items, path)
    except OSError as error:
        raise not_readable(path, error) from error
    table = read_table(path)
    rows: list[tuple[int, Mapping[str, Any]]] = [
        (line, {name: _cell(cell) for name, cell in zip(table.header, row, strict=True)})
        for line, row in zip(table.lines, table.rows, strict=True)
    ]
    return ReadRows(rows, list(table.rejects))


def _json(path: Path) -> list[Any] | None:
    """What a file that is one JSON document holds; None for JSON lines."""
    try:
        value = orjson.loads(path.read_bytes().removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        with path.open("rb") as file:
            if file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"[":
                raise refusals.not_json(file=path.name, why=str(error)) from error
        return None
    return value if isinstance(value, list) else [value]


def _objects(items: Sequence[Any], path: Path) -> ReadRows:
    read = ReadRows()
    for position, item in enumerate(items, start=1):
        if isinstance(item, dict):
            read.rows.append((position, item))
        else:
            read.rejects.append(Reject(position, refusals.NOT_A_JSON_OBJECT, (str(item)[:1000],)))
    if not read.rows:
        raise refusals.no_json_object(file=path.name)
    return read


def _cell(cell: str) -> Any:
    """A cell; a JSON list or object within one is opened again."""
    if cell[:1] in "[{" and cell[-1:] in "]}" and len(cell) > 1:
        try:
            return orjson.loads(cell)
        except orjson.JSONDecodeError:
            return cell
    return cell


def read_offers(path: Path) -> tuple[list[KeyFacts], list[Reject]]:
    """The offers of a file; rows of one id that differ are refused, since none is the record."""
    lines, rejects = read_offer_lines(path)
    return [offer for _line, offer in lines], rejects


def read_offer_lines(path: Path) -> tuple[list[tuple[int, KeyFacts]], list[Reject]]:
    """The same, each offer with the line it stands on."""
    read = read_rows(path)
    _need(read, path, ("id",))
    offers_by_id: dict[str, tuple[int, KeyFacts]] = {}
    contradicted: set[str] = set()
    for line, row in read.rows:
        try:
            offer = key_facts_of(row)
        except (AmendsError, AttributeError, TypeError, ValueError, KeyError) as error:
            read.rejects.append(_refusal(line, error, row))
            continue
        earlier = offers_by_id.setdefault(offer.id, (line, offer))
        if earlier[1] != offer:
            contradicted.add(offer.id)
            read.rejects.append(
                Reject(
                    line=line,
                    reason=refusals.CONTRADICTS,
                    cells=(offer.id,),
                    values={"line": earlier[0]},
                )
            )
    for name in contradicted:
        line, offer = offers_by_id.pop(name)
        read.rejects.append(Reject(line, refusals.CONTRADICTED, (offer.id,)))
    return list(offers_by_id.values()), read.rejects


def _refusal(line: int, error: Exception, row: Mapping[str, Any]) -> Reject:
    cells = tuple(str(cell)[:100] for cell in list(row.values())[:5])
    if isinstance(error, AmendsError):
        return Reject(line=line, reason="%(why)s", cells=cells, values={"why": error})
    return Reject(line, refusals.NOT_AN_OFFER, cells)


def read_copies(path: Path) -> tuple[list[Copy], list[Reject]]:
    """The copies of a file; each needs `copy` and `text`."""
    read = read_rows(path)
    _need(read, path, ("copy", "text"))
    copies: list[Copy] = []
    seen: set[str] = set()
    for line, row in read.rows:
        name, text = str(row.get("copy") or "").strip(), _said(row.get("text"))
        reason = ""
        if not name or name in seen:
            reason = refusals.ID_UNUSABLE
        elif not text.strip():
            reason = refusals.NO_TEXT
        elif len(text) > MAX_CELL_CHARACTERS:
            reason = refusals.TEXT_TOO_LONG
        day, fault = _day(_said(row.get("on")))
        if reason or fault:
            read.rejects.append(Reject(line, reason or fault, (name, text[:100])))
            continue
        seen.add(name)
        copies.append(
            Copy(
                id=name,
                text=text,
                offer=_said(row.get("offer")),
                channel=_said(row.get("channel")),
                language=_said(row.get("language")),
                on=day,
                pack=_said(row.get("pack")).strip().lower(),
            )
        )
    return copies, read.rejects


def _said(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _day(text: str) -> tuple[date | None, str]:
    if not text.strip():
        return None, ""
    match = re.match(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", text.strip())
    try:
        return (
            (date(*map(int, match.groups())), "")
            if match
            else (date.fromisoformat(text.strip()[:10]), "")
        )
    except ValueError:
        return None, refusals.NO_SUCH_DAY


def _need(read: ReadRows, path: Path, names: tuple[str, ...]) -> None:
    columns = {name for _line, row in read.rows[:100] for name in row}
    if missing := [name for name in names if name not in columns]:
        raise refusals.column_missing(file=path.name, missing=", ".join(missing))
