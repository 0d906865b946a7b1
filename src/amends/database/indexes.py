"""Indexes built while others go on writing."""

from __future__ import annotations

from typing import Any

from django.db.migrations import AddIndex


class AddIndexBesideWriters(AddIndex):
    """`AddIndex` that on PostgreSQL holds nobody up; its migration says `atomic = False`.

    SQLite has one writer, and builds an index over a million rows in about a second.
    """

    atomic = False

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        """Build the index, out of any transaction on PostgreSQL."""
        model = to_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            schema_editor.add_index(model, self.index, **_how(schema_editor))

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        """Take the index away again, the same way."""
        model = from_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            schema_editor.remove_index(model, self.index, **_how(schema_editor))


def _how(schema_editor: Any) -> dict[str, bool]:
    return {"concurrently": True} if schema_editor.connection.vendor == "postgresql" else {}
