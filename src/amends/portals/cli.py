"""`amends client`: systems that may use the JSON interface."""

from __future__ import annotations

import sys
from typing import Annotated

import orjson
import typer

from amends.cli.language import gettext as _
from amends.cli.start import start


def client(
    name: Annotated[str, typer.Argument(help="Name of the system, for example crm-north.")],
    scope: Annotated[
        list[str] | None,
        typer.Option(
            "--scope",
            help="complaints:write, complaints:read, remedies:billing, metrics:read, "
            "usage:write, orders:write, posts:write, events:write, choices:write, holds:read, "
            "holds:consent, standings:read, freezes:read or publicity:write; any number of times.",
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
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON document on standard output.")
    ] = False,
) -> None:
    """Create an API client and print its token once, or revoke a client."""
    start()
    from django.utils import timezone

    from amends.portals.actions.clients import make_client, revoke_client

    if revoke:
        revoke_client(name, now=timezone.now())
        _say(
            {"name": name, "revoked": True},
            _("%(name)s is revoked.") % {"name": name},
            as_json=as_json,
        )
        return
    token = make_client(
        name,
        scopes=scope or [],
        now=timezone.now(),
        channel=channel,
        brand=brand,
        trusted_identity=trusted_identity,
    )
    if not as_json:
        typer.echo(_("The token, shown this once and not stored:"), err=True)
    _say({"name": name, "token": token, "scopes": sorted(set(scope or []))}, token, as_json=as_json)


def _say(document: dict[str, object], words: str, *, as_json: bool) -> None:
    if as_json:
        sys.stdout.buffer.write(orjson.dumps(document) + b"\n")
    else:
        typer.echo(words)
