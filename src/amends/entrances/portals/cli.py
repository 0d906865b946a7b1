"""`amends client`: systems that may use the JSON interface."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from amends.platform.cli.command import command
from amends.platform.cli.language import gettext as _
from amends.platform.cli.render import View


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


@dataclass(frozen=True, slots=True)
class BoundClient:
    """A client with the sign-in names of the colleagues it may act for."""

    name: str
    colleagues: list[str]


def _view(outcome: NewClient | RevokedClient | BoundClient) -> View:
    if isinstance(outcome, BoundClient):
        names = ", ".join(outcome.colleagues) or "—"
        note = _("%(name)s may act for: %(colleagues)s")
        return View(notes=[note % {"name": outcome.name, "colleagues": names}])
    if isinstance(outcome, RevokedClient):
        return View(notes=[_("%(name)s is revoked.") % {"name": outcome.name}])
    # On standard error, so that a script reads the token alone.
    typer.echo(_("The token, shown this once and not stored:"), err=True)
    return View(notes=[outcome.token])


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
            "protection:report, selfservice:use, ivr:use, kiosk:use, tickets:read, "
            "tickets:content or tickets:write; "
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
    bind: Annotated[
        list[str] | None,
        typer.Option(help="It may act for this colleague, by sign-in name; with --by."),
    ] = None,
    release: Annotated[
        list[str] | None,
        typer.Option(help="It may act for this colleague no longer; with --by."),
    ] = None,
    by: Annotated[
        str, typer.Option(help="With --bind and --release: sign-in name of an administrator.")
    ] = "",
) -> NewClient | RevokedClient | BoundClient:
    """Create an API client and print its token once, bind it to colleagues, or revoke it."""
    from django.utils import timezone

    from amends.entrances.portals.actions.clients import make_client, revoke_client

    if revoke:
        revoke_client(name, now=timezone.now())
        return RevokedClient(name)
    if bind or release:
        return _bound(name, bind or [], release or [], by)
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


def _bound(name: str, bind: list[str], release: list[str], by: str) -> BoundClient:
    from django.utils import timezone

    from amends.entrances.portals.actions.colleagues import bind_colleague, release_colleague
    from amends.entrances.portals.queries import bound_colleagues
    from amends.people.access.queries import actor_called

    actor, now = actor_called(by), timezone.now()
    for username in bind:
        bind_colleague(name, username, actor=actor, now=now)
    for bound in bound_colleagues(name):
        if bound.username in release:
            release_colleague(name, bound.ref, actor=actor, now=now)
    return BoundClient(name, [bound.username for bound in bound_colleagues(name)])
