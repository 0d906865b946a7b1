"""`amends migrate` and `amends user`: the database's shape, and the first people."""

from __future__ import annotations

from typing import Annotated

import typer

from amends.site.cli.start import start


def migrate() -> None:
    """Bring the database to this version's shape, lay its guards, put its rules on record."""
    start()
    from django.core.management import call_command
    from django.utils import timezone

    from amends.site.rule_sets import record_rule_sets

    call_command("migrate", interactive=False, verbosity=1)
    for version in record_rule_sets(now=timezone.now()):
        typer.echo(f"Rules on record: {version}")


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
