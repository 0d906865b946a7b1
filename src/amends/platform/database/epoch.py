"""Columns in milliseconds since 1970, for queries that need a date and time."""

from __future__ import annotations

from typing import Any

from django.db.models import DateTimeField, Func


class DateTimeOfMs(Func):
    """Milliseconds since 1970 as a date and time."""

    output_field = DateTimeField()
    template = "TO_TIMESTAMP(%(expressions)s / 1000.0)"

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """SQLite stores dates and times as text in UTC."""
        template = (
            "STRFTIME('%%%%Y-%%%%m-%%%%d %%%%H:%%%%M:%%%%f', %(expressions)s / 1000.0, 'unixepoch')"
        )
        return self.as_sql(compiler, connection, template=template, **context)
