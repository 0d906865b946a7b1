"""A trigger by name, with its statements for SQLite and for PostgreSQL.

Django rebuilds a SQLite table when it alters it and silently drops the table's triggers, so a
trigger belongs to code, not to one migration: apps declare `GUARDS` in their `guards.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Trigger:
    """One trigger.

    name      name of the trigger, the same on both engines
    table     the table it stands on; it is created only once its table exists
    events    when it fires, in the words both engines share: "BEFORE UPDATE", "AFTER INSERT"
    when      condition over NEW and OLD, or "" for always
    sqlite    statements of the trigger's body on SQLite
    postgres  statements of the trigger function's body on PostgreSQL, without RETURN

    >>> Trigger("keep", "t", "BEFORE DELETE", refuse="Rows stay.").sqlite_statements()[1]
    "CREATE TRIGGER keep BEFORE DELETE ON t BEGIN SELECT RAISE(ABORT, 'Rows stay.'); END"
    """

    name: str
    table: str
    events: str
    when: str = ""
    sqlite: str = ""
    postgres: str = ""
    refuse: str = ""

    def sqlite_statements(self) -> list[str]:
        """Drop and create, for SQLite."""
        body = f"SELECT RAISE(ABORT, '{self.refuse}');" if self.refuse else self.sqlite
        condition = f" WHEN {self.when}" if self.when else ""
        return [
            self.dropped("sqlite"),
            f"CREATE TRIGGER {self.name} {self.events} ON {self.table}{condition} BEGIN {body} END",
        ]

    def postgres_statements(self) -> list[str]:
        """Function, drop and create, for PostgreSQL.

        The condition stands in the function: PostgreSQL alters no column that a trigger's own WHEN
        names, and a trigger is not dropped while others write.
        """
        return [
            f"CREATE OR REPLACE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$guard${self.postgres_body()}$guard$",
            self.dropped("postgresql"),
            f"CREATE TRIGGER {self.name} {self.events} ON {self.table} FOR EACH ROW "
            f"EXECUTE FUNCTION {self.name}()",
        ]

    def postgres_body(self) -> str:
        """What the trigger's function does, as PostgreSQL keeps it.

        >>> Trigger("keep", "t", "BEFORE DELETE", "OLD.kept", refuse="Stays.").postgres_body()[:23]
        ' BEGIN IF OLD.kept THEN'
        """
        body = (
            f"RAISE EXCEPTION '{self.refuse}' USING ERRCODE = 'integrity_constraint_violation';"
            if self.refuse
            else self.postgres or self.sqlite
        )
        answer = "OLD" if "DELETE" in self.events else "NEW"
        if self.when:
            body = f"IF {self.when} THEN {body} END IF;"
        return f" BEGIN {body} RETURN {answer}; END "

    def dropped(self, vendor: str) -> str:
        """The statement that takes the trigger away."""
        on_table = f" ON {self.table}" if vendor == "postgresql" else ""
        return f"DROP TRIGGER IF EXISTS {self.name}{on_table}"


def changed(columns: Iterable[str]) -> str:
    """The condition that one of these columns of a row is another than before.

    >>> changed(["a", "b"])
    'NEW."a" IS DISTINCT FROM OLD."a" OR NEW."b" IS DISTINCT FROM OLD."b"'
    """
    return " OR ".join(f'NEW."{name}" IS DISTINCT FROM OLD."{name}"' for name in columns)
