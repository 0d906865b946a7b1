"""Rows into PostgreSQL by COPY, in its own binary form.

A statement a row is parsed and planned a row, and bytes in it are written as digits, twice as long.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from typing import Any

from django.db import connection, models

FEW = 16
"""So many rows at most are inserted one by one, unless they hold many bytes."""
MUCH = 32_768
"""So many bytes in them are many: a COPY is one way more to the server and back."""
_TYPES = {
    "bigint": "int8",
    "integer": "int4",
    "smallint": "int2",
    "boolean": "bool",
    "bytea": "bytea",
    "date": "date",
    "text": "text",
    "timestamp with time zone": "timestamptz",
}


def are_many(rows: Sequence[Sequence[Any]]) -> bool:
    """Whether they are more than a few rows, or hold many bytes."""
    if len(rows) > FEW:
        return True
    return sum(len(v) for row in rows for v in row if isinstance(v, bytes)) > MUCH


def is_worth_it(
    model: type[models.Model], names: Collection[str], rows: Sequence[Sequence[Any]]
) -> bool:
    """Whether rows of these columns go in faster by COPY; never on SQLite.

    names  attributes of the model that are given
    """
    if connection.vendor != "postgresql" or not are_many(rows):
        return False
    return _types(model, tuple(names)) is not None  # type: ignore[arg-type]


def copy_in(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows, each a value for each of the named attributes, in their order.

    What the database refuses is raised as for any statement, and none of the rows is there.
    """
    quote = connection.ops.quote_name
    columns = ", ".join(quote(model._meta.get_field(name).column) for name in names)
    table, types = quote(model._meta.db_table), _types(model, tuple(names))  # type: ignore[arg-type]
    with (
        connection.cursor() as cursor,
        connection.wrap_database_errors,
        cursor.copy(f"COPY {table} ({columns}) FROM STDIN (FORMAT BINARY)") as copy,
    ):
        copy.set_types(types)
        for row in rows:
            copy.write_row(row)


@lru_cache(maxsize=256)
def _types(model: type[models.Model], names: tuple[str, ...]) -> list[str] | None:
    """PostgreSQL's types of some columns; None where one is of a kind nobody has tried."""
    column_types = []
    for name in names:
        kind = str(model._meta.get_field(name).db_type(connection)).partition("(")[0]
        column_type = "varchar" if kind in ("varchar", "character varying") else _TYPES.get(kind)
        if column_type is None:
            return None
        column_types.append(column_type)
    return column_types
