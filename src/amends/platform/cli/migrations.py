"""Migrating the database with its progress on standard error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.management import call_command
from django.core.management.commands.migrate import Command as DjangoMigrate
from django.db import connection

from amends.platform.cli.language import gettext as _
from amends.platform.cli.progress import bar
from amends.platform.database.pending_migrations import pending_migrations


class _CountedMigrate(DjangoMigrate):
    """Django's command, which reports how many migrations it has applied."""

    def __init__(self, report: Callable[[int, int], None], total: int) -> None:
        super().__init__()
        self._report, self._total, self._applied = report, total, 0

    def migration_progress_callback(
        self, action: str, migration: Any = None, fake: bool = False
    ) -> None:
        """Count what Django would print."""
        if action == "apply_success":
            self._applied += 1
            self._report(self._applied, self._total)


def migrate_with_progress() -> None:
    """Apply the migrations that are waiting, and show how many of them are done."""
    total = len(pending_migrations(connection))
    if not total:
        call_command("migrate", interactive=False, verbosity=0)
        return
    with bar(_("Applying migrations")) as progress:
        progress(0, total)
        call_command(_CountedMigrate(progress, total), interactive=False, verbosity=0)
