"""`amends client`: systems that may use the JSON interface."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from amends.cli.command import command
from amends.cli.language import gettext as _
from amends.cli.render import View


@dataclass(frozen=True, slots=True)
class NewClient:
    """A new client with its token, which is not stored."""

    name: str
    token: str
    scopes: list[str]


@dataclass(frozen=True, slots=True)
class RevokedClient:
    """A client whose token opens nothing any more."""

    name: str
    revoked: bool = True


def _view(done: NewClient | RevokedClient) -> View:
    if isinstance(done, RevokedClient):
        return View(notes=[_("%(name)s is revoked.") % {"name": done.name}])
    # On standard error, so that a script reads the token alone.
    typer.echo(_("The token, shown this once and not stored:"), err=True)
    return View(notes=[done.token])


@command(view=_view)
def client(
    name: Annotated[str, typer.Argument(help="Name of the system, for example crm-north.")],
    scope: Annotated[
        list[str] | None,
        typer.Option(
            "--scope",
            help="complaints:write, complaints:read, remedies:billing, metrics:read, "
            "usage:write, orders:write, posts:write, events:write, choices:write, holds:read, "
            "holds:consent, standings:read, freezes:read, publicity:write, measures:read, "
            "services:read, casework:read, casework:write, alarms:write, protection:decide, "
            "protection:report, selfservice:use, ivr:use or kiosk:use; "
            "any number of times.",
        ),
    ] = None,
    channel: Annotated[str, typer.Option(help="Channel its complaints count under.")] = "api",
    brand: Annotated[str, typer.Option(help="Brand it is confined to; all if left out.")] = "",
    trusted_identity: Annotated[
        bool,
        typer.Option(
            "--trusted-identity",
            help="It may state that a person is signed in, for example your own app.",
        ),
    ] = False,
    revoke: Annotated[
        bool, typer.Option("--revoke", help="Its token opens nothing any more.")
    ] = False,
) -> NewClient | RevokedClient:
    """Create an API client and print its token once, or revoke a client."""
    from django.utils import timezone

    from amends.portals.actions.clients import make_client, revoke_client

    if revoke:
        revoke_client(name, now=timezone.now())
        return RevokedClient(name)
    scopes = scope or []
    token = make_client(
        name,
        scopes=scopes,
        now=timezone.now(),
        channel=channel,
        brand=brand,
        trusted_identity=trusted_identity,
    )
    return NewClient(name, token, sorted(set(scopes)))
