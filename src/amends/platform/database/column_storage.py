"""Columns whose bytes are compressed already."""

from __future__ import annotations

from typing import Any

from django.db import migrations


def store_uncompressed(app_label: str, columns: list[tuple[str, str]]) -> migrations.RunPython:
    """A migration's operation: PostgreSQL does not try to compress these (model, field).

    It tries with every value over two kilobytes, which took half the server's time of a batch.
    SQLite never tries.
    """

    def set_storage(apps: Any, schema_editor: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            quote = schema_editor.quote_name
            for name, field in columns:
                meta = apps.get_model(app_label, name)._meta
                table, column = quote(meta.db_table), quote(meta.get_field(field).column)
                schema_editor.execute(
                    f"ALTER TABLE {table} ALTER COLUMN {column} SET STORAGE EXTERNAL"
                )

    return migrations.RunPython(set_storage, migrations.RunPython.noop)
