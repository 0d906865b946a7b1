"""Many rows at once: one prepared statement or one COPY, no expression for every value.

Django's `bulk_create` and `bulk_update` build an expression for each value of each row; for 20,000
complaints that alone took 25 of 42 s.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

from amends.platform.database.copying import are_many, copy_in, is_worth_it
from amends.platform.database.prepared_cursor import prepared_cursor


def insert(
    model: type[models.Model], columns: Mapping[str, Sequence[Any]], *, or_leave: bool = False
) -> None:
    """Insert rows given as columns (attribute name → values, all of one length).

    Fields that are not given take their constant default; a generated key is left to the database.

    or_leave  leave a row whose unique value is there already as it is, instead of refusing it
    """
    lengths = {len(values) for values in columns.values()}
    if lengths <= {0}:
        return
    (length,) = lengths
    here = connections[DEFAULT_DB_ALIAS]
    statement, fields = _insertion(model, frozenset(columns), here.vendor)  # type: ignore[arg-type]
    values: list[Sequence[Any]] = []
    for name, adapt, default in fields:
        column_values = columns.get(name)
        if column_values is None:
            values.append([default() if callable(default) else default] * length)
        else:
            values.append([adapt(value) for value in column_values] if adapt else column_values)
    names = [name for name, _, _ in fields]
    rows = list(zip(*values, strict=True))
    if here.vendor != "sqlite" and not or_leave and is_worth_it(model, names, rows):
        copy_in(model, names, rows)
        return
    if or_leave:
        statement = f"{statement} ON CONFLICT DO NOTHING"
    for_each(statement, rows, here=here)


@lru_cache(maxsize=256)
def _insertion(
    model: type[models.Model], given_columns: frozenset[str], vendor: str
) -> tuple[str, list[tuple[str, Callable[[Any], Any] | None, Any]]]:
    """The statement for rows with the given attributes, and what it takes, in order.

    Each attribute with what adapts its values and what stands for one that is not given.
    """
    fields = [
        field
        for field in model._meta.concrete_fields
        if field.attname in given_columns or not isinstance(field, models.AutoField)
    ]
    quote = connection.ops.quote_name
    names = ", ".join(quote(field.column) for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    table = quote(model._meta.db_table)
    return f"INSERT INTO {table} ({names}) VALUES ({marks})", [  # noqa: S608 (own names)
        (field.attname, _adapter(field, vendor), _default(field, vendor)) for field in fields
    ]


def _default(field: models.Field[Any, Any], vendor: str) -> Any:
    """What stands for a value that is not given; a callable where it is new each time."""
    adapt = _adapter(field, vendor)
    if field.has_default() and callable(field.default) and not isinstance(field, models.JSONField):
        return field.get_default
    constant = field.get_default()
    return adapt(constant) if adapt else constant


def keys(model: type[models.Model], where: Mapping[str, Collection[str] | bool]) -> list[Any]:
    """Primary keys of the rows whose columns hold one of the given texts, or are true or false.

    For the question asked before nearly every write and nearly always answered with nothing: is
    there one already? Building a queryset for it takes ten times as long.
    """
    value_lists = [values for values in where.values() if not isinstance(values, bool)]
    if not all(value_lists):
        return []
    shape = tuple((name, v if isinstance(v, bool) else len(v)) for name, v in where.items())
    with prepared_cursor() as cursor:
        values = [value for values in value_lists for value in values]
        cursor.execute(_question(model, shape), values)  # type: ignore[arg-type]
        return [row[0] for row in cursor.fetchall()]


@lru_cache(maxsize=512)
def _question(model: type[models.Model], shape: tuple[tuple[str, bool | int], ...]) -> str:
    quote = connection.ops.quote_name
    conditions: list[str] = []
    for name, size in shape:
        column = quote(model._meta.get_field(name).column)
        if isinstance(size, bool):
            conditions.append(column if size else f"NOT {column}")
        else:
            conditions.append(f"{column} IN ({', '.join(['%s'] * size)})")
    table, key = quote(model._meta.db_table), quote(model._meta.pk.column)
    return f"SELECT {key} FROM {table} WHERE {' AND '.join(conditions)}"  # noqa: S608 (own names)


def create(rows: Iterable[models.Model], *, or_leave: bool = False) -> None:
    """Insert instances that have their primary key, or need none back; see `insert`."""
    row_list = list(rows)
    if row_list:
        model = type(row_list[0])
        names = [
            field.attname
            for field in model._meta.concrete_fields
            if not isinstance(field, models.AutoField)
        ]
        columns = {name: [getattr(row, name) for row in row_list] for name in names}
        insert(model, columns, or_leave=or_leave)


def insert_new(row: models.Model) -> bool:
    """Insert one row unless a unique column holds its value already; whether it was inserted.

    Where another transaction is about to insert the same value, the database waits for its end.
    A key the database makes is not read back.
    """
    statement, fields = _insertion(type(row), frozenset(), connection.vendor)  # type: ignore[arg-type]
    values = [(getattr(row, name), adapt) for name, adapt, _ in fields]
    with prepared_cursor() as cursor:
        cursor.execute(
            f"{statement} ON CONFLICT DO NOTHING",
            [adapt(value) if adapt else value for value, adapt in values],
        )
        return bool(cursor.rowcount)


def update(rows: Iterable[models.Model], attributes: Iterable[str]) -> None:
    """Write the named attributes of rows that exist already, found by their primary key."""
    row_list = list(rows)
    if not row_list:
        return
    model = type(row_list[0])
    fields = [model._meta.get_field(name) for name in attributes]
    key = model._meta.pk
    columns = [(field.attname, _adapter(field, connection.vendor)) for field in fields]
    values = [
        (
            *(
                adapt(getattr(row, name)) if adapt else getattr(row, name)
                for name, adapt in columns
            ),
            row.pk,
        )
        for row in row_list
    ]
    quote = connection.ops.quote_name
    changes = ", ".join(f"{quote(field.column)} = %s" for field in fields)
    statement = (
        f"UPDATE {quote(model._meta.db_table)} SET {changes} "  # noqa: S608 (own names)
        f"WHERE {quote(key.column)} = %s"
    )
    for_each(statement, values)


def add(model: type[models.Model], attribute: str, numbers: Mapping[str, int]) -> None:
    """Add to a number of some rows: primary key → how much more."""
    quote = connection.ops.quote_name
    column, key = quote(model._meta.get_field(attribute).column), quote(model._meta.pk.column)
    table = quote(model._meta.db_table)
    for_each(
        f"UPDATE {table} SET {column} = {column} + %s WHERE {key} = %s",  # noqa: S608 (own names)
        [(number, ref) for ref, number in numbers.items()],
    )


def for_each(
    statement: str, rows: Sequence[Sequence[Any]], *, here: BaseDatabaseWrapper | None = None
) -> None:
    """Run a statement for each row; for one, many, or many bytes PostgreSQL plans it once."""
    if not rows:
        return
    here = here or connections[DEFAULT_DB_ALIAS]
    if len(rows) == 1:
        with prepared_cursor(here) as cursor:
            cursor.execute(statement, rows[0])
        return
    with (
        prepared_cursor(here)
        if here.vendor == "sqlite" or are_many(rows)
        else here.cursor() as cursor
    ):
        cursor.executemany(statement, rows)


def _adapter(field: models.Field[Any, Any], vendor: str) -> Callable[[Any], Any] | None:
    """What the driver does not do by itself, or None."""
    if isinstance(field, models.JSONField):
        return lambda value: json.dumps(value, ensure_ascii=False)
    if isinstance(field, models.DateTimeField) and vendor == "sqlite":
        return _as_sqlite_moment
    return None


def _as_sqlite_moment(value: datetime | None) -> str | None:
    """An aware moment as Django writes it on SQLite (UTC), without looking settings up each time.

    >>> _as_sqlite_moment(datetime(2026, 5, 1, 8, tzinfo=UTC))
    '2026-05-01 08:00:00'
    """
    return None if value is None else str(value.astimezone(UTC).replace(tzinfo=None))
