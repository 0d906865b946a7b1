"""`amends cases`: who has access to a case, and withdrawing a share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import typer

from amends.platform.cli.command import command
from amends.platform.cli.language import CHINESE, language, pgettext
from amends.platform.cli.language import gettext as _
from amends.platform.cli.render import View
from amends.platform.kit.actors import Actor

app = typer.Typer(no_args_is_help=True, help="Show who may open a case, or end a sharing.")

CASE = Annotated[str, typer.Argument(help="Reference of the case.")]


@dataclass(frozen=True, slots=True)
class CaseShare:
    """A person, role or partner that a case is shared with.

    grantee  what `lift` takes: sign-in name, role or reference of a partner
    """

    kind: str
    grantee: str
    name: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class CaseShares:
    """Who has access to a case in addition to the person who opened it."""

    case: str
    closed: bool
    shares: list[CaseShare]


def _view(case_shares: CaseShares) -> View:
    return View(
        notes=[_sentence(share) for share in case_shares.shares]
        or [_("Nobody is let in besides whoever opened it.")]
    )


def _sentence(share: CaseShare) -> str:
    from django.conf import settings

    from amends.platform.kit.formats import format_moment

    kinds = {
        "user": pgettext("grant", "person"),
        "role": pgettext("grant", "role"),
        "partner": pgettext("grant", "partner"),
    }
    known_as_name = share.name == share.grantee
    return _("%(kind)s: %(grantee)s, since %(since)s") % {
        "kind": kinds.get(share.kind, share.kind),
        "grantee": share.name if known_as_name else f"{share.name} ({share.grantee})",
        "since": format_moment(share.since, language(), settings.TIME_ZONE),
    }


@app.callback()
def _cases() -> None:
    """Show who may open a case, or end a sharing."""


@app.command()
@command(view=_view)
def shares(case: CASE, actor: Actor) -> CaseShares:
    """Tell who is let into a case besides whoever opened it."""
    return _shares(case, actor)


@app.command()
@command(view=_view)
def lift(
    case: CASE,
    actor: Actor,
    user: Annotated[str, typer.Option(help="A colleague, by sign-in name.")] = "",
    role: Annotated[str, typer.Option(help="A role.")] = "",
    partner: Annotated[str, typer.Option(help="A partner, by reference.")] = "",
) -> CaseShares:
    """Take a share back, and tell who is still let in."""
    from django.utils import timezone

    from amends.people.access.actions.share_case import UnableToShare, unshare_case
    from amends.people.access.queries import actor_called

    if sum(map(bool, (user, role, partner))) != 1:
        raise UnableToShare(
            _("Name one user, one role or one partner."),
            meaning=_("No share was lifted."),
            next_step=_("Use --user, --role or --partner; `amends cases shares` lists them."),
        )
    unshare_case(
        actor,
        case,
        now=timezone.now(),
        user=actor_called(user).ref if user else "",
        role=role,
        partner=partner,
    )
    return _shares(case, actor)


def _shares(case: str, actor: Actor) -> CaseShares:
    from django.utils import timezone

    from amends.people.access.queries import access_to

    access = access_to(case, actor, now=timezone.now())
    names = _names([(grant.kind, grant.grantee) for grant in access.grants])
    return CaseShares(
        case=case,
        closed=bool(access.case.closed_at),
        shares=[
            CaseShare(
                kind=grant.kind,
                grantee=names[grant.grantee] if grant.kind == "user" else grant.grantee,
                name=names[grant.grantee],
                since=grant.granted_at,
                until=grant.until,
            )
            for grant in access.grants
        ],
    )


def _names(shared_with: list[tuple[str, str]]) -> dict[str, str]:
    """Names of the people, roles and partners that a case is shared with, as pages show them."""
    from django.utils import timezone

    from amends.people.access.queries.colleagues import people
    from amends.people.access.queries.rights import rules_on
    from amends.people.partners.queries import partner_names

    of = {
        kind: [ref for grantee_kind, ref in shared_with if grantee_kind == kind]
        for kind in ("user", "partner")
    }
    zh_and_en = rules_on(timezone.localdate()).roles
    roles = {role: both[language() != CHINESE] for role, both in zh_and_en.items()}
    named = roles | people(of["user"]) | partner_names(of["partner"], language())
    return {ref: named.get(ref, ref) for _, ref in shared_with}
