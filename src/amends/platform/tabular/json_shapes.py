"""Where the rows are in a JSON document: a list of objects, or another shape of programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeGuard

from amends.platform.tabular.columns import known_columns

_MOST_NESTED = 3
# Names of columns and cells where a document keeps them apart.
_NAMES = ("columns", "header", "headers", "fields")
_CELLS = ("data", "rows", "values", "records")


Entry = dict[str, Any]


def entries(document: object) -> list[object] | None:
    """The rows of a document; None where it is one row itself, or no table.

    >>> entries({"columns": ["id", "text"], "data": [[1, "No signal"]]})
    [{'id': 1, 'text': 'No signal'}]
    >>> entries({"id": {"0": 1}, "text": {"0": "No signal"}})
    [{'id': 1, 'text': 'No signal'}]
    >>> entries({"data": {"tickets": [{"id": 1, "text": "No signal"}]}})
    [{'id': 1, 'text': 'No signal'}]
    >>> entries({"T-1": {"date": "2021-03-05", "text": "No signal"}})
    [{'id': 'T-1', 'date': '2021-03-05', 'text': 'No signal'}]
    """
    if isinstance(document, list):
        return _below_header(document) or document
    if not isinstance(document, dict) or not document:
        return None
    return (
        _split(document)
        or _only_list(document)
        or _by_column(document)
        or _nested(document)
        or _by_id(document)
    )


def _below_header(rows: Sequence[object]) -> list[object] | None:
    """The rows of a list of lists whose first names the columns."""
    if len(rows) < 2 or not all(isinstance(row, list) for row in rows):
        return None
    first, *further_rows = rows
    if not isinstance(first, list) or not all(isinstance(name, str) for name in first):
        return None
    return _named(first, further_rows) if known_columns(first) > 1 else None


def _split(document: Mapping[str, object]) -> list[object] | None:
    """The rows of a document that keeps the names of the columns and the cells apart."""
    for name in _NAMES:
        columns = document.get(name)
        if not isinstance(columns, list) or not columns:
            continue
        names = [column.get("name") if isinstance(column, dict) else column for column in columns]
        cells = next(
            (document[cell] for cell in _CELLS if isinstance(document.get(cell), list)), None
        )
        if (
            isinstance(cells, list)
            and cells
            and all(isinstance(heading, str) for heading in names)
            and all(isinstance(row, list) and len(row) == len(names) for row in cells)
        ):
            return _named([str(heading) for heading in names], cells)
    for name in _CELLS:
        if isinstance(rows := document.get(name), list) and (table_rows := _below_header(rows)):
            return table_rows
    return None


def _named(names: Sequence[str], rows: Sequence[object]) -> list[object]:
    return [dict(zip(names, row, strict=False)) for row in rows if isinstance(row, list)]


def _only_list(document: Mapping[str, object]) -> list[object] | None:
    """The one list of objects in a document, or the one whose objects have known columns."""
    lists = [candidate for candidate in document.values() if _holds_objects(candidate)]
    own = known_columns([name for name, cell in document.items() if not isinstance(cell, list)])
    known_lists = [
        candidate for candidate in lists if known_columns(list(candidate[0])) > max(1, own)
    ]
    if (own > 1 and not known_lists) or (len(lists) != 1 and len(known_lists) != 1):
        return None
    return list((known_lists or lists)[0])


def _holds_objects(value: object) -> TypeGuard[list[Entry]]:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _by_column(document: Mapping[str, object]) -> list[object] | None:
    """The rows of a document of columns: each has its cells under the numbers of the rows."""
    columns: list[Any] = list(document.values())
    first = columns[0]
    if known_columns(list(document)) < 2 or not isinstance(first, dict | list) or not first:
        return None
    if isinstance(first, list):
        if not all(isinstance(column, list) and len(column) == len(first) for column in columns):
            return None
        return _named(list(document), [list(row) for row in zip(*columns, strict=True)])
    if not all(isinstance(column, dict) and column.keys() == first.keys() for column in columns):
        return None
    if any(isinstance(cell, dict) for cell in first.values()):
        return None
    return [dict(zip(document, (column[key] for column in columns), strict=True)) for key in first]


def _nested(document: Mapping[str, object]) -> list[object] | None:
    """The one list deeper in a document whose objects have known columns."""
    if known_columns(list(document)) > 1:
        return None
    known_lists = [
        candidate
        for candidate in _lists(document, 0)
        if known_columns(_names_within(candidate[0])) > 1
    ]
    return list(known_lists[0]) if len(known_lists) == 1 else None


def _lists(value: Mapping[str, object], depth: int) -> Iterator[list[Entry]]:
    for child in value.values():
        if _holds_objects(child):
            yield child
        elif isinstance(child, dict) and depth < _MOST_NESTED:
            yield from _lists(child, depth + 1)


def _names_within(entry: Mapping[str, object]) -> list[str]:
    """The names of an object and of the objects in it."""
    inner = [name for child in entry.values() if isinstance(child, dict) for name in child]
    return [*entry, *inner]


def _by_id(document: Mapping[str, object]) -> list[object] | None:
    """The rows of a document that has each under its id."""
    if known_columns(list(document)) or not all(
        isinstance(child, dict) for child in document.values()
    ):
        return None
    rows = [(key, child) for key, child in document.items() if isinstance(child, dict)]
    if not all(known_columns(list(child)) > 1 for _key, child in rows):
        return None
    return [{"id": key} | child for key, child in rows]
