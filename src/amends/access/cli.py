"""`amends cases`: who is let into a case, and taking a share back."""

from __future__ import annotations

from typing import Annotated

import orjson
import typer

from amends.cli.language import CHINESE, language, pgettext
from amends.cli.language import gettext as _
from amends.cli.start import start

app = typer.Typer(no_args_is_help=True, help="Show who may open a case, or end a sharing.")

CASE = Annotated[str, typer.Argument(help="Reference of the case.")]
BY = Annotated[str, typer.Option(help="Name under which you sign in.")]
JSON = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]


@app.callback()
def _cases() -> None:
    """Show who may open a case, or end a sharing."""


@app.command()
def shares(case: CASE, by: BY, json: JSON = False) -> None:
    """Tell who is let into a case besides whoever opened it."""
    start()
    _tell(case, by, json=json)


@app.command()
def lift(
    case: CASE,
    by: BY,
    user: Annotated[str, typer.Option(help="A colleague, by sign-in name.")] = "",
    role: Annotated[str, typer.Option(help="A role.")] = "",
    partner: Annotated[str, typer.Option(help="A partner, by reference.")] = "",
    json: JSON = False,
) -> None:
    """Take a share back, and tell who is still let in."""
    start()
    from django.utils import timezone

    from amends.access.actions.share_case import UnableToShare, unshare_case
    from amends.access.queries import actor_called

    if sum(map(bool, (user, role, partner))) != 1:
        raise UnableToShare(
            _("Name one user, one role or one partner."),
            meaning=_("No share was lifted."),
            next_step=_("Use --user, --role or --partner; `amends cases shares` lists them."),
        )
    unshare_case(
        actor_called(by),
        case,
        now=timezone.now(),
        user=actor_called(user).ref if user else "",
        role=role,
        partner=partner,
    )
    _tell(case, by, json=json)


def _tell(case: str, by: str, *, json: bool) -> None:
    from django.conf import settings
    from django.utils import timezone

    from amends.access.queries import access_to, actor_called
    from amends.kit.formats import format_moment

    found = access_to(case, actor_called(by), now=timezone.now())
    names = _names([(grant.kind, grant.grantee) for grant in found.grants])
    rows = [
        {
            "kind": grant.kind,
            "grantee": names[grant.grantee] if grant.kind == "user" else grant.grantee,
            "name": names[grant.grantee],
            "since": grant.granted_at.isoformat(),
            "until": grant.until.isoformat() if grant.until else "",
        }
        for grant in found.grants
    ]
    if json:
        document = {"case": case, "closed": bool(found.case.closed_at), "shares": rows}
        typer.echo(orjson.dumps(document).decode())
        return
    for row, grant in zip(rows, found.grants, strict=True):
        since = format_moment(grant.granted_at, language(), settings.TIME_ZONE)
        told = {"kind": _kind(row), "grantee": _named(row), "since": since}
        typer.echo(_("%(kind)s: %(grantee)s, since %(since)s") % told)
    if not rows:
        typer.echo(_("Nobody is let in besides whoever opened it."))


def _names(shared_with: list[tuple[str, str]]) -> dict[str, str]:
    """What those a case is shared with are called, as the pages call them."""
    from django.utils import timezone

    from amends.access.queries.colleagues import people
    from amends.access.rights import rules_on
    from amends.partners.queries import partner_names

    of = {kind: [ref for one, ref in shared_with if one == kind] for kind in ("user", "partner")}
    zh_and_en = rules_on(timezone.localdate()).roles
    roles = {role: both[language() != CHINESE] for role, both in zh_and_en.items()}
    named = roles | people(of["user"]) | partner_names(of["partner"], language())
    return {ref: named.get(ref, ref) for _, ref in shared_with}


def _named(row: dict[str, str]) -> str:
    """The name, and behind it what `lift` asks for where that is something else."""
    name, ref = row["name"], row["grantee"]
    return name if name == ref else f"{name} ({ref})"


def _kind(row: dict[str, str]) -> str:
    """Whom a case is shared with, in words."""
    return {
        "user": pgettext("grant", "person"),
        "role": pgettext("grant", "role"),
        "partner": pgettext("grant", "partner"),
    }.get(row["kind"], row["kind"])
