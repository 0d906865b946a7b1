"""Installing the triggers of every app, and finding the ones that are missing."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from amends.platform.database.pending_migrations import has_newer_migrations
from amends.platform.database.trigger import Trigger


def guards() -> list[Trigger]:
    """The triggers that installed apps declare in their `guards.py`."""
    triggers: list[Trigger] = []
    for config in apps.get_app_configs():
        name = f"{config.name}.guards"
        if (
            config.name.startswith("amends.")
            and config.name != "amends.platform.database"
            and find_spec(name)
        ):
            triggers.extend(import_module(name).GUARDS)
    return triggers


def install(connection: BaseDatabaseWrapper) -> None:
    """Create every trigger whose table exists, in one transaction."""
    tables = set(connection.introspection.table_names())
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        for guard in guards():
            if guard.table in tables:
                for statement in _statements(guard, connection):
                    cursor.execute(statement)


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Names of triggers whose table exists and which do not, or do something else.

    A trigger that a newer version replaced counts as right while that version's migrations are
    applied: processes of this version continue during its upgrade.
    """
    tables, installed_guards = set(connection.introspection.table_names()), installed(connection)
    different = [
        guard.name
        for guard in guards()
        if guard.table in tables
        and installed_guards.get(guard.name) != _as_stored(guard, connection)
    ]
    if any(name in installed_guards for name in different) and has_newer_migrations(connection):
        return [name for name in different if name not in installed_guards]
    return different


def installed(connection: BaseDatabaseWrapper) -> dict[str, str]:
    """Every trigger that fires: its name, and the whole of it, or the body of its function."""
    query = (
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
        if connection.vendor == "sqlite"
        else "SELECT t.tgname, p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid"
        " WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return dict(cursor.fetchall())


def _as_stored(guard: Trigger, connection: BaseDatabaseWrapper) -> str:
    """What `installed` gives for a trigger as it is declared."""
    if connection.vendor == "sqlite":
        return guard.sqlite_statements()[1]
    return guard.postgres_body()


def before_migrate(sender: Any, using: str, plan: Sequence[Any] = (), **_: Any) -> None:
    """Before SQLite rebuilds tables, drop all triggers: one that names a table which is away for a
    moment stops the migration. They are created again at its end; a start in between is refused.
    """
    connection = connections[using]
    if sender.label == "database" and plan and connection.vendor == "sqlite":
        drop(connection)


def after_migrate(sender: Any, using: str, **_: Any) -> None:
    """After the migrations of the last installed app, create all triggers again."""
    if sender.label == "database":
        install(connections[using])


def check_guards(databases: list[str] | None = None, **_: Any) -> list[CheckMessage]:
    """System check: a database without its guards does not serve."""
    return [
        Error(
            f"The database lacks the guard {name}.",
            hint="Run `amends migrate`: it lays the guards again.",
            id="amends.E001",
        )
        for alias in databases or []
        for name in missing(connections[alias])
    ]


def _statements(guard: Trigger, connection: BaseDatabaseWrapper) -> list[str]:
    if connection.vendor == "sqlite":
        return guard.sqlite_statements()
    return guard.postgres_statements()


def drop(connection: BaseDatabaseWrapper) -> None:
    """Drop all triggers: before SQLite rebuilds tables, and to empty a test's database."""
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for guard in guards():
            if guard.table in tables:
                cursor.execute(guard.dropped(connection.vendor))
