"""The database itself refuses to change or delete what is on record, on both engines.

Django rebuilds tables on SQLite by copying and dropping them, and a dropped table takes its
triggers along; PostgreSQL alters no column that a trigger names. So the guards are lifted before a
migration of the ledger and put back after every migration, and a system check names any that are
missing. They stop accidents and code; whoever owns the database can drop them, and is then found by
`verify`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from amends.platform.database.triggers import installed
from amends.record.ledger.models import (
    Checkpoint,
    Segment,
    SegmentPart,
    SingleFact,
    Tile,
)
from amends.record.ledger.rules.tile_sizes import FULL_TILE_BYTES


@dataclass(frozen=True, slots=True)
class Guard:
    """One refusal: on `table`, before `event`, if `condition` (SQL on OLD and NEW, or always)."""

    table: str
    event: str
    message: str
    condition: str = ""

    @property
    def name(self) -> str:
        """The trigger's name, for example ledger_fact_keeps_delete."""
        event_words = self.event.lower().split()
        return f"{self.table}_keeps_{event_words[0]}" + ("_of" if "of" in event_words else "")


def guards(vendor: str) -> list[Guard]:
    """Every refusal, in the SQL of `vendor` ("sqlite" or "postgresql")."""
    table_guards: list[Guard] = []
    for model in (SingleFact, Segment, SegmentPart, Tile, Checkpoint):
        table = model._meta.db_table
        table_guards.append(Guard(table, "DELETE", f"{table} keeps every row"))
        if vendor == "postgresql":
            table_guards.append(Guard(table, "TRUNCATE", f"{table} keeps every row"))
    for model in (SingleFact, Segment):
        table = model._meta.db_table
        fixed = ", ".join(f.column for f in model._meta.local_fields if f.column != "seq")
        table_guards += [
            Guard(table, f"UPDATE OF {fixed}", f"{table} is append-only"),
            Guard(
                table=table,
                event="UPDATE",
                message=f"{table} is numbered once",
                condition="OLD.seq IS NOT NULL OR NEW.seq IS NULL",
            ),
            # Without it SQLite's INSERT OR REPLACE would delete a row and fire no trigger.
            Guard(
                table=table,
                event="INSERT",
                message=f"{table} takes new, unnumbered rows",
                # Names of our own tables only.
                condition="NEW.seq IS NOT NULL"  # noqa: S608
                f" OR EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id)",
            ),
        ]
    for model in (SegmentPart, Checkpoint):
        table = model._meta.db_table
        table_guards.append(Guard(table, "UPDATE", f"{table} is append-only"))
    return [*table_guards, *_tile_guards(vendor)]


def _tile_guards(vendor: str) -> list[Guard]:
    table = Tile._meta.db_table
    beginning = (
        "substr(NEW.hashes, 1, length(OLD.hashes))"
        if vendor == "sqlite"
        else "substring(NEW.hashes from 1 for length(OLD.hashes))"
    )
    changed = (
        f"NEW.address <> OLD.address OR length(NEW.hashes) > {FULL_TILE_BYTES} "
        f"OR {beginning} <> OLD.hashes"
    )
    return [
        Guard(
            table=table, event="UPDATE", message=f"{table} only grows at its end", condition=changed
        )
    ]


def statements(vendor: str) -> list[str]:
    """The SQL that puts every guard in place, whether or not it stands already."""
    sql_statements: list[str] = []
    for guard in guards(vendor):
        sql_statements.append(_dropped(guard, vendor))
        if vendor == "sqlite":
            sql_statements.append(_in_sqlite(guard))
            continue
        sql_statements.append(
            f"CREATE OR REPLACE FUNCTION {guard.name}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$${_body_in_postgres(guard)}$$"
        )
        level = "STATEMENT" if guard.event == "TRUNCATE" else "ROW"
        # A subquery is not allowed in WHEN; PostgreSQL has no INSERT OR REPLACE to guard against.
        condition = guard.condition.split(" OR EXISTS")[0]
        when = f"WHEN ({condition}) " if condition else ""
        sql_statements.append(
            f"CREATE TRIGGER {guard.name} BEFORE {guard.event} ON {guard.table} "
            f"FOR EACH {level} {when}EXECUTE FUNCTION {guard.name}()"
        )
    return sql_statements


def _in_sqlite(guard: Guard) -> str:
    when = f"WHEN {guard.condition} " if guard.condition else ""
    return (
        f"CREATE TRIGGER {guard.name} BEFORE {guard.event} ON {guard.table} {when}"
        f"BEGIN SELECT RAISE(ABORT, '{guard.message}'); END"
    )


def _body_in_postgres(guard: Guard) -> str:
    return f" BEGIN RAISE EXCEPTION '{guard.message}' USING ERRCODE = '23001'; END "


def _dropped(guard: Guard, vendor: str) -> str:
    on_table = f" ON {guard.table}" if vendor == "postgresql" else ""
    return f"DROP TRIGGER IF EXISTS {guard.name}{on_table}"


def install(connection: BaseDatabaseWrapper) -> None:
    """Put every guard in place; tables that do not exist yet are passed over."""
    existing = set(connection.introspection.table_names())
    if not {guard.table for guard in guards(connection.vendor)} <= existing:
        return
    with connection.cursor() as cursor:
        for statement in statements(connection.vendor):
            cursor.execute(statement)


def lift(connection: BaseDatabaseWrapper) -> None:
    """Take the guards away: for emptying a test's database, and for tests of `verify`."""
    existing = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for guard in guards(connection.vendor):
            if guard.table in existing:
                cursor.execute(_dropped(guard, connection.vendor))


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """The names of guards that should stand and do not, or that do something else."""
    expected_body = _in_sqlite if connection.vendor == "sqlite" else _body_in_postgres
    laid = installed(connection)
    return sorted(
        guard.name
        for guard in guards(connection.vendor)
        if laid.get(guard.name) != expected_body(guard)
    )


def lift_before_migrating(using: str, plan: Sequence[tuple[Any, bool]] = (), **_: Any) -> None:
    """Receiver of `pre_migrate`: PostgreSQL alters no column that a trigger names.

    Only a plan that touches the ledger lifts its guards.
    """
    if any(migration.app_label == "ledger" for migration, _ in plan):
        lift(connections[using])


def install_after_migrating(using: str, **_: Any) -> None:
    """Receiver of `post_migrate`."""
    install(connections[using])
