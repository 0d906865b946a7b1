"""`amends migrate` and `amends user`: the database's shape, and the first people."""

from __future__ import annotations

from typing import Annotated

import typer

from amends.platform.cli.language import gettext as _
from amends.platform.cli.start import start
from amends.platform.kit.errors import BadInput
from amends.platform.kit.printable import printable


def migrate() -> None:
    """Update the database to this version."""
    from amends.platform.environment.settings_values import act_as_owner

    role = act_as_owner()
    start(tables=False)
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone

    from amends.operations.actions.end_what_was_open import end_if_recovered
    from amends.operations.actions.rule_sets import record_rule_sets
    from amends.platform.database.roles import grant_use, refuse_who_owns_nothing

    refuse_who_owns_nothing(connection)
    call_command("migrate", interactive=False, verbosity=1)
    end_if_recovered(now=timezone.now())
    for version in record_rule_sets(now=timezone.now()):
        typer.echo(_("Rules on record: %(version)s") % {"version": version})
    if role:
        grant_use(connection, role)
        typer.echo(
            _("The role %(role)s may read and write rows, and nothing more.") % {"role": role}
        )


def user(
    name: Annotated[str, typer.Argument(help="Name to sign in with.")],
    role: Annotated[
        list[str] | None, typer.Option(help="A role; may be given more than once.")
    ] = None,
    partner: Annotated[
        str,
        typer.Option(
            help="The partner they work for, by reference; an agent needs one. "
            "With --by it changes an existing account."
        ),
    ] = "",
    password: Annotated[str, typer.Option(help="Asked for, unseen, if left out.")] = "",
    out: Annotated[
        bool, typer.Option("--out", help="Put the person out of service, at once.")
    ] = False,
    back: Annotated[bool, typer.Option("--back", help="Let the person work again.")] = False,
    by: Annotated[
        str,
        typer.Option(help="To change an account: name under which an administrator signs in."),
    ] = "",
) -> None:
    """Create a user with roles, or deactivate and reactivate one."""
    start()
    if out or back:
        _set_service(name, out=out, back=back, by=by)
        return
    if by:
        _set_partner(name, partner, by=by)
        return
    from amends.people.access.actions.add_user import add_user
    from amends.people.access.queries.colleagues import has_administrator

    chosen_password = password or typer.prompt(
        _("Password"), hide_input=True, confirmation_prompt=True
    )
    # The first administrator chooses their own password; who comes later gets one to be changed.
    initial = has_administrator() or "administrator" not in (role or [])
    person = add_user(
        name, password=chosen_password, roles=role or [], partner=partner, initial=initial
    )
    named = {"name": person.username, "roles": ", ".join(role or [])}
    typer.echo(_("%(name)s can sign in as %(roles)s.") % named)
    if initial:
        typer.echo(_("Within three days, and with a new password from the first sign-in on."))


def _set_partner(name: str, partner: str, *, by: str) -> None:
    from django.utils import timezone

    from amends.people.access.actions.change_user import set_partner
    from amends.people.access.queries import actor_called

    if not set_partner(name, partner, actor=actor_called(by), now=timezone.now()):
        typer.echo(_("Nothing changed: it is so already."))
        return
    values = {"name": printable(name), "partner": printable(partner)}
    typer.echo(_("%(name)s works for the partner %(partner)s.") % values)


def _set_service(name: str, *, out: bool, back: bool, by: str) -> None:
    from django.utils import timezone

    from amends.people.access.actions.deactivate_user import put_back, put_out_of_service
    from amends.people.access.queries import actor_called

    if (out and back) or not by:
        raise BadInput(
            _("Say either --out or --back, and by whom."),
            meaning=_("Nothing was changed."),
            next_step=_("For example: amends user %(name)s --out --by admin.") % {"name": name},
        )
    act = put_out_of_service if out else put_back
    changed = act(name, actor=actor_called(by), now=timezone.now())
    if not changed:
        typer.echo(_("Nothing changed: it is so already."))
    elif out:
        typer.echo(
            _("%(name)s is out of service: no page opens, in sessions that are open too.")
            % {"name": printable(name)}
        )
    else:
        typer.echo(_("%(name)s may work.") % {"name": printable(name)})
