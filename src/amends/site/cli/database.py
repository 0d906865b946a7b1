"""`amends migrate` and `amends user`: the database's shape, and the first people."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Annotated

import typer

from amends.site.cli.start import start


def migrate(
    to: Annotated[
        str,
        typer.Option(
            help="Step back to the shape of this release, e.g. 0.1.0, to install it again."
        ),
    ] = "",
) -> None:
    """Bring the database to this version's shape, lay its guards, put its rules on record."""
    from amends.site.environment import act_as_owner

    role = act_as_owner()
    start(tables=False)
    from django.db import connection

    from amends.database.roles import grant_use, refuse_who_owns_nothing

    refuse_who_owns_nothing(connection)
    if to:
        _step_back(to)
        return
    from django.core.management import call_command
    from django.utils import timezone

    from amends.database.sqlite.schema import giving_way
    from amends.site.releases import is_in_use
    from amends.site.rule_sets import record_rule_sets

    with giving_way() if is_in_use() else nullcontext():
        call_command("migrate", interactive=False, verbosity=1)
    for version in record_rule_sets(now=timezone.now()):
        typer.echo(f"Rules on record: {version}")
    if role:
        grant_use(connection, role)
        typer.echo(f"The role {role} may read and write rows, and nothing more.")


def _step_back(version: str) -> None:
    from amends.site.releases import step_back

    count = step_back(version, tell=typer.echo)
    typer.echo(
        f"{count} migrations undone. Install release {version} now and run its `amends migrate`: "
        "this version's guards are lifted."
    )


def user(
    name: Annotated[str, typer.Argument(help="Name to sign in with.")],
    role: Annotated[list[str], typer.Option(help="A role; may be given more than once.")],
    password: Annotated[
        str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)
    ] = "",
) -> None:
    """Make a person who may sign in, with one or more roles."""
    start()
    from amends.access.actions.add_user import add_user

    person = add_user(name, password=password, roles=role)
    typer.echo(f"{person.username} can sign in as {', '.join(role)}.")
