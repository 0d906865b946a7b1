"""Make no new master keys where the old ones are gone: what lies under them would be lost twice."""

from __future__ import annotations

from django.db import connection

from amends.platform.kit.errors import gettext_noop as _
from amends.platform.vault.actions.rotate import sealed_columns
from amends.platform.vault.keys import UnableToReadKeys, key_file


def refuse_new_keys() -> None:
    """Refuse to go on where the database holds sealed values and there is no file of keys.

    New keys would be made at the next use: nobody on record would be recognised, each would be
    registered again, and once the old file is back whatever was sealed meanwhile could not be read.
    """
    file = key_file()
    if file.exists():
        return
    existing_tables = set(connection.introspection.table_names())
    for column in sealed_columns():
        if column.table in existing_tables and _holds_values(column.table, column.field.column):
            raise UnableToReadKeys(
                _("%(file)s is gone, and the database holds values sealed under its keys."),
                meaning=_("Nothing was read or changed, and no new keys were made."),
                next_step=_(
                    "Restore the file from the backup that belongs to this database; see that "
                    "AMENDS_DATA_DIR names the right folder."
                ),
                values={"file": file},
            )


def _holds_values(table: str, column: str) -> bool:
    quoted = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT 1 FROM {quoted(table)} WHERE length({quoted(column)}) > 0 LIMIT 1"  # noqa: S608 (own names)
        )
        return cursor.fetchone() is not None
