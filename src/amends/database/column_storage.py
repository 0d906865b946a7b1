"""Bytes that are small already rest as they are."""

from __future__ import annotations

from typing import Any

from django.db.migrations.operations.base import Operation


class KeepAsTheyAre(Operation):
    """Have PostgreSQL not try to make the bytes of some columns smaller.

    It tries with every value over two kilobytes. What is packed already gets no smaller by it, and
    trying took half the server's time of a batch. Rows written before stay as they are. With
    `atomic = False` in the migration nobody waits longer than the change of one catalogue row.
    SQLite never tries.

    columns  (model, field) of each
    """

    reduces_to_sql = True
    reversible = True

    def __init__(self, columns: list[tuple[str, str]]) -> None:
        self.columns = columns

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """As it is written in a migration."""
        return self.__class__.__qualname__, [], {"columns": self.columns}

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Models stay the same."""

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        """External: out of the row where large, never compressed."""
        self._store(app_label, schema_editor, to_state, "EXTERNAL")

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        """What PostgreSQL does by itself."""
        self._store(app_label, schema_editor, from_state, "EXTENDED")

    def describe(self) -> str:
        """What `migrate --plan` shows."""
        return f"Keep the bytes of {len(self.columns)} columns as they are"

    def _store(self, app_label: str, schema_editor: Any, state: Any, how: str) -> None:
        if schema_editor.connection.vendor != "postgresql":
            return
        for name, field in self.columns:
            model = state.apps.get_model(app_label, name)
            if self.allow_migrate_model(schema_editor.connection.alias, model):
                quote = schema_editor.quote_name
                schema_editor.execute(
                    f"ALTER TABLE {quote(model._meta.db_table)} ALTER COLUMN "
                    f"{quote(model._meta.get_field(field).column)} SET STORAGE {how}"
                )
