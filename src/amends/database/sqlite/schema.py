"""Adding a column without writing the table anew.

Django rebuilds a SQLite table for every added column that may not be null: with a million
complaints that held every writer up for more than a minute. SQLite itself adds such a column at
once, given a constant for the rows that are there. The constant stays in the schema; nothing reads
it, since Django always writes every column, and the next rebuild of that table drops it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any

from django.db import models
from django.db.backends.sqlite3 import schema

_CONSTANT = (str, int, float, bool, bytes)


TURN_S = 0.25
"""Longer than the longest sleep of a writer between two tries for SQLite's lock (100 ms)."""


class _Way:
    """Whether migrations give others their turn."""

    is_given = False


@contextmanager
def giving_way() -> Iterator[None]:
    """Let writers of other processes have a turn after each migration of a database in use.

    Left to itself one migration follows the other at once, and a writer that tries for the lock ten
    times a second waits for them all: nearly two minutes, with a million complaints.
    """
    _Way.is_given = True
    try:
        yield
    finally:
        _Way.is_given = False


class DatabaseSchemaEditor(schema.DatabaseSchemaEditor):
    """Django's, but for columns that can be added in place, and for giving others their turn."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        super().__exit__(kind, value, traceback)
        if _Way.is_given:
            time.sleep(TURN_S)

    def add_field(self, model: type[models.Model], field: models.Field[Any, Any]) -> None:
        default = self._constant_for(field)
        if default is None:
            super().add_field(model, field)
            return
        kind = field.db_parameters(connection=self.connection)["type"]
        self.execute(
            f"ALTER TABLE {self.quote_name(model._meta.db_table)} "
            f"ADD COLUMN {self.quote_name(field.column)} {kind} "
            f"DEFAULT {self.quote_value(default)} NOT NULL{self._check(field)}"
        )
        # As Django's own: an index of the field is made when all else of the table is done.
        self.deferred_sql.extend(self._field_indexes_sql(model, field))

    def _constant_for(self, field: models.Field[Any, Any]) -> Any:
        """What the rows that are there get, where that is a constant SQLite can add; else None."""
        if (
            field.many_to_many
            or field.primary_key
            or field.unique
            or field.null
            or field.is_relation
            or isinstance(field, models.DateField)
            or field.has_db_default()
            or getattr(field, "generated", False)
        ):
            return None
        default = self.effective_default(field)
        if (field.has_default() and callable(field.default)) or not isinstance(default, _CONSTANT):
            return None
        return field.get_db_prep_save(default, self.connection)

    def _check(self, field: models.Field[Any, Any]) -> str:
        check = field.db_parameters(connection=self.connection)["check"]
        return f" CHECK ({check})" if check else ""
