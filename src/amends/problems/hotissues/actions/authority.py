"""Who may lead an emergency, answer for it, tell the silent, plan a measure."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from amends.cases.complaints.queries.analytics import brands_of
from amends.people.access.queries import may
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import Refused
from amends.problems.hotissues.models import HotIssue
from amends.problems.hotissues.queries.membership import complaints_in
from amends.problems.hotissues.refusals import UnableToFindIssue


class UnableToLead(Refused):
    """The role does not do this."""

    code = "not_yours_to_do"


def demand(actor: Actor, page: str, now: datetime) -> None:
    """Refuse a person whose roles lack the permission; the platform's own jobs have it."""
    if actor.kind == "system" or (actor.kind == "user" and may(actor.roles, page, at=now)):
        return
    raise UnableToLead(
        _("Your role does not do this."),
        meaning=_("Nothing was changed."),
        next_step=_("Ask a service-quality manager."),
    )


def locked(ref: str, actor: Actor) -> HotIssue:
    """The issue, locked, if it is one of the actor's brand; call it inside a transaction."""
    rows = HotIssue.objects.select_for_update().filter(id=ref)
    if actor.brand:
        rows = rows.filter(brand__in=("", actor.brand))
    issue = rows.first()
    if issue is None:
        raise UnableToFindIssue(
            _("There is no such issue."), next_step=_("Choose one from the board.")
        )
    return issue


def locked_to_lead(ref: str, actor: Actor) -> HotIssue:
    """The issue, locked, for what concerns all of it; call it inside a transaction.

    Refused to somebody confined to a brand where complaints of another brand belong to it: they
    join, answer and notify for their own brand only.
    """
    issue = locked(ref, actor)
    if not actor.brand or issue.brand or issue.drill:
        return issue
    if set(brands_of(complaints_in(issue)).values()) - {actor.brand}:
        raise UnableToLead(
            _("Complaints of another brand belong to this issue."),
            meaning=_("Nothing was changed: what you do here would reach their customers."),
            next_step=_("Ask a service-quality manager who works for every brand."),
        )
    return issue
