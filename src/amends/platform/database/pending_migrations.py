"""Migrations that this version brings and the database has not applied yet."""

from __future__ import annotations

from functools import cache

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder


def pending_migrations(connection: BaseDatabaseWrapper) -> list[str]:
    """Names such as "complaints.0002_second_opinion_due", sorted.

    Migrations that only a newer version brings do not count: processes of this version work on its
    schema.
    """
    pending = _own() - MigrationRecorder(connection).applied_migrations().keys()
    return sorted(f"{app}.{name}" for app, name in pending)


def has_newer_migrations(connection: BaseDatabaseWrapper) -> bool:
    """Whether a newer version has migrated the database: an app has migrations after its last."""
    last: dict[str, str] = {}
    for app, name in _own():
        last[app] = max(last.get(app, ""), name)
    applied = MigrationRecorder(connection).applied_migrations()
    return any(app in last and name > last[app] for app, name in applied)


@cache
def _own() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)
