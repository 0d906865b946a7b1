"""Name the one owner of an issue."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from amends.people.access.queries import actor_with_ref
from amends.people.access.queries.colleagues import people
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput, Refused
from amends.problems.hotissues.actions.authority import demand, locked_to_lead
from amends.problems.hotissues.actions.open_issue import give_owner
from amends.problems.hotissues.actions.signals import assigned
from amends.problems.hotissues.models import HotIssue


class UnableToAssign(BadInput):
    """Nobody of that reference works here."""

    code = "owner_unknown_here"


class UnableToTakeIssue(Refused):
    """Somebody else has become its owner since the page was read."""

    code = "owner_changed"


def assign(
    ref: str, owner: str, *, actor: Actor, now: datetime, seen: str | None = None
) -> HotIssue:
    """Give an issue its owner, by the reference of a user; the step of the plan is done by it.

    Refused for a user of another brand.

    seen  whose it was on the page that was read; refused where it is somebody else's now
    """
    demand(actor, "hotissues.lead", now)
    with transaction.atomic():
        issue = locked_to_lead(ref, actor)
        if owner not in people([owner]) or not _sees(owner, issue.brand or actor.brand):
            raise UnableToAssign(
                _("There is no staff member with that name."),
                next_step=_("Choose someone from the list."),
            )
        if seen is not None and issue.owner not in (seen, owner):
            name = people([issue.owner]).get(issue.owner, _("A colleague"))
            raise UnableToTakeIssue(
                _("%(name)s has taken this issue meanwhile.") % {"name": name},
                meaning=_("Nothing was changed; it stays theirs."),
                next_step=_("Speak with them, or load the page again and then name the owner."),
            )
        issue = give_owner(ref, owner=owner, actor=actor, now=now)
        assigned.send(HotIssue, issue=issue, actor=actor, now=now)
    return issue


def _sees(owner: str, brand: str) -> bool:
    """Whether a user works for a brand, "" for every brand."""
    return actor_with_ref(owner).brand in ("", brand)
