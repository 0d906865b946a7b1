"""Queries of every page, compiled once for each connection.

Django writes the SQL of a queryset anew each time it is evaluated, which takes this process longer
than sending the statement and reading its rows: a page of ten such questions spent a third of its
time there. PostgreSQL too keeps what it made of the text, and does not plan it again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, NotSupportedError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet

from amends.platform.database.prepared_cursor import prepared_cursor
from amends.platform.kit.batches import AT_ONCE


@dataclass(frozen=True, slots=True)
class _Compiled:
    sql: str
    values: tuple[Any, ...]
    converters: list[tuple[int, list[Callable[..., Any]], Any]]
    make: Callable[..., Any] | None
    names: list[str]


# A number every column of whole numbers can hold, and none that a question names outright.
_NUMBER = 31_900


class PreparedQuery:
    """A queryset whose only changing parts are texts (ids, codes) and then whole numbers.

    They are given as positional arguments. It is built once with a mark in the place of each, so
    what it does may not depend on them. Rows come as the queryset gives them: tuples of
    `values_list`, or objects of the model.

        CLOCKS = PreparedQuery(lambda ref: Clock.objects.filter(complaint=ref).order_by("due_at"))
        CLOCKS.rows("cmp-1")
    """

    def __init__(
        self, ask: Callable[..., QuerySet[Any, Any]], texts: int = 1, *, numbers: int = 0
    ) -> None:
        self._ask = ask
        self._marks: tuple[str | int, ...] = (
            *(f"\x01{number}\x01" for number in range(texts)),
            *(_NUMBER + number for number in range(numbers)),
        )
        self._known: WeakKeyDictionary[BaseDatabaseWrapper, _Compiled] = WeakKeyDictionary()

    def rows(self, *arguments: str | int) -> list[Any]:
        """What there is under these. Raises ValueError where there are more or fewer of them."""
        here = connections[DEFAULT_DB_ALIAS]
        compiled = self._known.get(here)
        if compiled is None:
            compiled = self._known[here] = self._compiled(here)
        bindings = dict(zip(self._marks, arguments, strict=True))
        if not compiled.sql:
            return []
        values = [bindings.get(value, value) for value in compiled.values]
        try:
            fetched = _asked(here, compiled.sql, values)
        except NotSupportedError:
            # An upgrade changed a column since the server planned this: a new one plans anew.
            here.close_at = 0
            if here.in_atomic_block:
                raise
            here.close()
            fetched = _asked(here, compiled.sql, values)
        if compiled.make is None and not compiled.converters:
            return fetched
        return [self._row(compiled, row, here) for row in fetched]

    def first(self, *arguments: str | int) -> Any | None:
        """The first row under these, or None."""
        fetched = self.rows(*arguments)
        return fetched[0] if fetched else None

    @staticmethod
    def _row(compiled: _Compiled, row: tuple[Any, ...], here: BaseDatabaseWrapper) -> Any:
        values = list(row)
        for at, converters, expression in compiled.converters:
            for converter in converters:
                values[at] = converter(values[at], expression, here)
        if compiled.make is None:
            return tuple(values)
        return compiled.make(here.alias, compiled.names, values)

    def _compiled(self, here: BaseDatabaseWrapper) -> _Compiled:
        queryset = self._ask(*self._marks)
        compiler = queryset.query.get_compiler(connection=here)
        try:
            sql, values = compiler.as_sql()
        except EmptyResultSet:  # such as "one of no kinds": nothing is ever found
            return _Compiled(sql="", values=(), converters=[], make=None, names=[])
        if lost := set(self._marks).difference(value for value in values if value in self._marks):
            raise ValueError(f"What is given is not in the question: {sql} lacks {lost}.")
        columns = [selected[0] for selected in compiler.select[: compiler.col_count]]
        converters = compiler.get_converters(columns)
        is_model = not queryset.query.values_select and not queryset._fields
        return _Compiled(
            sql=sql,
            values=tuple(values),
            converters=[(at, *conversion) for at, conversion in converters.items()],
            make=queryset.model.from_db if is_model else None,
            names=[column.target.attname for column in columns] if is_model else [],
        )


class PreparedQueryForKeys:
    """A question about several texts: kept for a few of them, and for as many as a slice holds.

    A page asks about one person, a job about hundreds; both call the same function. A question
    about many is filled up to a whole slice with one of its own texts, which finds nothing more.

        SERVICES = PreparedQueryForKeys(lambda of: Service.objects.filter(subscriber__in=of))
        SERVICES.rows(["sub-1"])
    """

    def __init__(
        self, ask: Callable[[Collection[str]], QuerySet[Any, Any]], *, max_texts: int = 2
    ) -> None:
        self._ask = ask
        self._kept = [
            PreparedQuery(lambda *few: ask(few), texts=count) for count in range(1, max_texts + 1)
        ]
        self._many = PreparedQuery(lambda *many: ask(many), texts=AT_ONCE)

    def rows(self, texts: Collection[str]) -> list[Any]:
        """What there is under any of these; nothing under none."""
        if not texts:
            return []
        if len(texts) <= len(self._kept):
            return self._kept[len(texts) - 1].rows(*texts)
        if AT_ONCE // 4 <= len(texts) <= AT_ONCE:
            text_list = list(texts)
            return self._many.rows(*text_list, *text_list[-1:] * (AT_ONCE - len(text_list)))
        return list(self._ask(texts))


def _asked(here: BaseDatabaseWrapper, sql: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with prepared_cursor(here) as cursor:
        cursor.execute(sql, values)
        fetched: list[tuple[Any, ...]] = cursor.fetchall()
    return fetched
