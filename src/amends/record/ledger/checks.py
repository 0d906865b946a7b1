"""System checks: `manage.py check --database default` and `migrate` run them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.core.checks import CheckMessage, Error
from django.db import connections

from amends.record.ledger import triggers
from amends.record.ledger.models import SingleFact


def ledger_is_guarded(*, databases: Collection[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Every guard of the ledger stands in each database that holds one."""
    check_messages: list[CheckMessage] = []
    for alias in databases or ():
        connection = connections[alias]
        if SingleFact._meta.db_table not in connection.introspection.table_names():
            continue
        if missing := triggers.missing(connection):
            check_messages.append(
                Error(
                    f"The database {alias} would let recorded facts be changed: "
                    f"{', '.join(missing)} missing.",
                    hint="Run the migrations again; they put the triggers back.",
                    id="ledger.E001",
                )
            )
    return check_messages
