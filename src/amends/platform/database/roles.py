"""Two roles on PostgreSQL: one owns the tables, another runs the application and owns nothing.

Whoever owns a table may drop its triggers, so a role that serves the pages and could do that would
make the guards a matter of good will.
"""

from __future__ import annotations

from typing import Any

from django.core.checks import CheckMessage, Warning
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from amends.platform.kit.errors import BadInput, Refused
from amends.platform.kit.errors import gettext_noop as _

_MAINTAIN_SINCE = 170_000


def refuse_who_owns_nothing(connection: BaseDatabaseWrapper) -> None:
    """Refuse before the first table is touched where the role may not change all of them."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_user, has_schema_privilege(n.oid, 'CREATE') AND NOT EXISTS ("
            "SELECT 1 FROM pg_class c WHERE c.relnamespace = n.oid AND c.relkind IN ('r', 'p')"
            " AND NOT pg_has_role(current_user, c.relowner, 'MEMBER'))"
            " FROM pg_namespace n WHERE n.nspname = 'public'"
        )
        role_row = cursor.fetchone()
    if role_row and not role_row[1]:
        raise Refused(
            _("The role %(role)s does not own the tables of this database."),
            meaning=_("Nothing was changed."),
            next_step=_(
                "Give the owner's address for this command alone, in AMENDS_OWNER_DATABASE_URL: "
                "docs/operator/upgrade.md."
            ),
            values={"role": role_row[0]},
            code="role_owns_nothing",
        )


def grant_use(connection: BaseDatabaseWrapper, role: str) -> None:
    """Let `role` read and write rows, and nothing more; the connection is the owner's.

    It may not create, alter, truncate or drop, and owns nothing, so it cannot take a trigger away.
    """
    if connection.vendor != "postgresql":
        raise BadInput(
            _("Only PostgreSQL has roles."),
            next_step=_("Leave the owner's URL empty."),
            code="role_unfit",
        )
    name = connection.ops.quote_name(role)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper OR pg_has_role(rolname, current_user, 'MEMBER')"
            " FROM pg_roles WHERE rolname = %s",
            [role],
        )
        role_row = cursor.fetchone()
        if role_row is None or role_row[0]:
            raise BadInput(
                _("The role %(role)s does not exist, is a superuser, or is a member of the owner."),
                meaning=_("It could drop the guards; nothing was granted."),
                next_step=_("Make a role of its own: CREATE ROLE … LOGIN NOSUPERUSER."),
                values={"role": role},
                code="role_unfit",
            )
        for statement in (
            "REVOKE CREATE ON SCHEMA public FROM PUBLIC",
            f"REVOKE ALL ON SCHEMA public FROM {name}",
            f"GRANT USAGE ON SCHEMA public TO {name}",
            f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {name}",
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}",
            f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {name}",
        ):
            cursor.execute(statement)
        # An erasure asks for a vacuum, which from 17 on is a right of its own.
        if connection.pg_version >= _MAINTAIN_SINCE:
            cursor.execute(f"GRANT MAINTAIN ON ALL TABLES IN SCHEMA public TO {name}")


def owns_tables(connection: BaseDatabaseWrapper) -> bool:
    """Whether the role of this connection could drop the guards of its tables."""
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = 'public' AND c.relkind = 'r'"
            " AND pg_has_role(current_user, c.relowner, 'MEMBER'))"
        )
        return bool(cursor.fetchone()[0])


def check_roles(databases: list[str] | None = None, **_: Any) -> list[CheckMessage]:
    """System check: the role that serves should not own what holds it."""
    return [
        Warning(
            "The role that runs Amends owns its tables and could drop their guards.",
            hint="Serve as another role: docs/operator/README.md, “Two roles”.",
            id="amends.W002",
        )
        for alias in databases or []
        if owns_tables(connections[alias])
    ]
