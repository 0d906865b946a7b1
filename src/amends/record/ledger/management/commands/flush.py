"""`flush` empties every table; a ledger is not emptied, except that of a test."""

from __future__ import annotations

from typing import Any

from django.core import mail
from django.core.management.base import CommandError
from django.core.management.commands import flush
from django.db import connections

from amends.platform.database import triggers as database_triggers
from amends.record.ledger import triggers


class Command(flush.Command):
    def handle(self, **options: Any) -> str | None:
        # Django gives the mail module an outbox while a test runs, and only then.
        if not hasattr(mail, "outbox"):
            raise CommandError(
                "The ledger cannot be emptied; start with another data directory (AMENDS_DATA_DIR)."
            )
        connection = connections[options["database"]]
        triggers.lift(connection)
        database_triggers.drop(connection)
        try:
            return super().handle(**options)
        finally:
            triggers.install(connection)
            database_triggers.install(connection)
