"""Many rows out as columns: the database joins each column to one text, and no row is an object.

Read as tuples, ten columns of a row cost 2.5 microseconds of the interpreter, and with Django's own
conversions 26 on SQLite; joined within SQLite, or by PostgreSQL's COPY, one.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import polars as pl
from django.core.exceptions import EmptyResultSet
from django.db import connections, models
from django.db.models import QuerySet

_BETWEEN = "\x1f"
_SECONDS_LONG = len("2026-11-24 14:05:00")
_TYPES: tuple[tuple[type[models.Field[Any, Any]], Any], ...] = (
    (models.DateTimeField, pl.Datetime("us", "UTC")),
    (models.DateField, pl.Date),
    (models.BooleanField, pl.Boolean),
    (models.IntegerField, pl.Int64),
    (models.CharField, pl.String),
    (models.TextField, pl.String),
)

Types = dict[str, Any]


class UnableToReadColumns(TypeError):
    """A field may be null, or is of a kind that columns do not hold."""


def types_of(model: type[models.Model], names: tuple[str, ...]) -> Types:
    """The column types of these fields: texts, whole numbers, truths, dates, moments in UTC, and
    what refers to a row by one of these.

    Raises UnableToReadColumns for a field of another kind, or one that may be null.
    """
    types_by_name = {}
    for name in names:
        field = model._meta.get_field(name)
        if isinstance(field, models.ForeignKey):
            field = field.target_field
        matching = [kind for django, kind in _TYPES if isinstance(field, django)]
        if not matching or field.null:
            raise UnableToReadColumns(
                f"{model.__name__}.{name} cannot be read as a column: only texts, whole numbers, "
                "truths, dates and moments that are never null can. Read it with values_list."
            )
        types_by_name[name] = matching[0]
    return types_by_name


def read(rows: QuerySet[Any], names: tuple[str, ...]) -> pl.DataFrame:
    """These fields of the rows, in no order, read in the caller's transaction.

    A few million rows at once: on its way a column of SQLite is one text, of less than 10^9 bytes.
    """
    return fetch(rows, names)()


def fetch(rows: QuerySet[Any], names: tuple[str, ...]) -> Callable[[], pl.DataFrame]:
    """As `read`, but only fetched: what is returned makes the frame, in any thread."""
    types = types_of(rows.model, names)
    chosen = rows.order_by().values_list(*names)
    connection = connections[rows.db]
    try:
        inner, params = chosen.query.get_compiler(using=rows.db).as_sql()
    except EmptyResultSet:
        return partial(pl.DataFrame, schema=types)
    if connection.vendor == "postgresql":
        return partial(_of_copy, _copied(connection, inner, params, types), types)
    texts = _joined(connection, inner, params, types)
    if texts is None:
        return partial(pl.DataFrame, list(chosen.iterator()), schema=types, orient="row")
    return partial(_of_joined, texts, types)


def _joined(connection: Any, inner: str, params: Any, types: Types) -> list[str] | None:
    """Each column as SQLite joined it; None if a text holds what stands between them."""
    joined = ", ".join(f"group_concat(\"{name}\", '{_BETWEEN}')" for name in types)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*), {joined} FROM ({inner})", params)  # noqa: S608 (own names)
        height, *joined_cells = cursor.fetchone()
    if not height:
        return []
    texts = [str(text) for text in joined_cells]
    return texts if all(text.count(_BETWEEN) == height - 1 for text in texts) else None


def _of_joined(texts: list[str], types: Types) -> pl.DataFrame:
    """Column by column: as one lazy frame they cost five times the processor in threads that wait
    for each other."""
    if not texts:
        return pl.DataFrame(schema=types)
    return pl.DataFrame(
        [_parts(name, text, kind) for (name, kind), text in zip(types.items(), texts, strict=True)]
    )


def _parts(name: str, text: str, kind: Any) -> pl.Series:
    """The parts of a column joined by SQLite, in their type."""
    parts = pl.Series(name, [text], dtype=pl.String).str.split(_BETWEEN).explode()
    if kind == pl.Boolean:
        return (parts == "1").alias(name)
    if kind == pl.Date:
        return parts.str.to_date("%Y-%m-%d")
    if kind == pl.Datetime:
        return _moments(parts)
    return parts if kind == pl.String else parts.cast(kind)


def _moments(texts: pl.Series) -> pl.Series:
    """Moments of `2026-11-24 14:05:00` or `2026-11-24 14:05:00.25`: the fraction is read for
    itself, for a format with one takes four times as long."""
    seconds = texts.str.slice(0, _SECONDS_LONG).str.to_datetime(
        "%Y-%m-%d %H:%M:%S", time_unit="us", time_zone="UTC"
    )
    if int(texts.str.len_bytes().max() or 0) == _SECONDS_LONG:  # type: ignore[arg-type]
        return seconds
    micros = texts.str.slice(_SECONDS_LONG + 1).str.pad_end(6, "0").cast(pl.Int64)
    return seconds + micros.cast(pl.Duration("us"))


def _copied(connection: Any, inner: str, params: Any, types: Types) -> bytes:
    """The rows as PostgreSQL copies them out; moments as microseconds, days as they are."""
    select_list = ", ".join(
        f'(extract(epoch FROM "{name}") * 1000000)::bigint'
        if kind == pl.Datetime
        else f'"{name}"::int'
        if kind == pl.Boolean
        else f'"{name}"'
        for name, kind in types.items()
    )
    statement = f"COPY (SELECT {select_list} FROM ({inner}) AS rows) TO STDOUT WITH (FORMAT csv)"  # noqa: S608 (Django wrote it)
    with connection.cursor() as cursor, cursor.copy(statement, params) as copy:
        return b"".join(copy)


def _of_copy(body: bytes, types: Types) -> pl.DataFrame:
    if not body:
        return pl.DataFrame(schema=types)
    plain = {
        name: kind if kind in (pl.String, pl.Date) else pl.Int64 for name, kind in types.items()
    }
    frame = pl.read_csv(body, has_header=False, schema=plain, empty_string_is_null=False)
    moments = [name for name, kind in types.items() if kind == pl.Datetime]
    return frame.with_columns(
        *(pl.from_epoch(name, "us").dt.replace_time_zone("UTC") for name in moments),
        *(pl.col(name) == 1 for name, kind in types.items() if kind == pl.Boolean),
    )
