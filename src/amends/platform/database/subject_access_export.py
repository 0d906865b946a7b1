"""Whole rows about one person, as an export for that person shows them."""

from __future__ import annotations

from typing import Any

from django.db import models


def rows_about(subscriber: str, *tables: type[models.Model]) -> dict[str, list[dict[str, Any]]]:
    """The readable columns of every row with this `subscriber`, by table name; none sealed."""
    rows_by_table = {}
    for table in tables:
        columns = [
            field.attname
            for field in table._meta.concrete_fields
            if not isinstance(field, models.BinaryField)
            and field.name != "subscriber"
            # The print of a short code would give the code away.
            and not field.name.endswith("_print")
        ]
        rows = table._default_manager.filter(subscriber=subscriber).order_by("pk")
        rows_by_table[table._meta.db_table] = list(rows.values(*columns))
    return rows_by_table
