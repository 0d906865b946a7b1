"""`amends migrate` and `amends user`: the database's shape, and the first people."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Annotated

import typer

from amends.kit.errors import BadInput
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
    role: Annotated[
        list[str] | None, typer.Option(help="A role; may be given more than once.")
    ] = None,
    password: Annotated[str, typer.Option(help="Asked for, unseen, if left out.")] = "",
    out: Annotated[
        bool, typer.Option("--out", help="Put the person out of service, at once.")
    ] = False,
    back: Annotated[bool, typer.Option("--back", help="Let the person work again.")] = False,
    by: Annotated[
        str, typer.Option(help="With --out and --back: name under which an administrator signs in.")
    ] = "",
) -> None:
    """Make a person who may sign in, with roles; or put one out of service, and back."""
    start()
    if out or back:
        _set_service(name, out=out, back=back, by=by)
        return
    from amends.access.actions.add_user import add_user

    given = password or typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    person = add_user(name, password=given, roles=role or [])
    typer.echo(f"{person.username} can sign in as {', '.join(role or [])}.")


def _set_service(name: str, *, out: bool, back: bool, by: str) -> None:
    from django.utils import timezone, translation

    from amends.access.actions.put_out_of_service import put_back, put_out_of_service
    from amends.access.queries import actor_called

    if (out and back) or not by:
        raise BadInput(
            "Say either --out or --back, and by whom.",
            meaning="Nothing was changed.",
            next_step=f"For example: amends user {name} --out --by admin.",
        )
    translation.activate("en")  # commands speak English throughout
    act = put_out_of_service if out else put_back
    changed = act(name, actor=actor_called(by), now=timezone.now())
    now = "is out of service: no page opens, in sessions that are open too" if out else "may work"
    typer.echo(f"{name} {now}." if changed else "Nothing changed: it is so already.")
