"""Join complaints somebody names to an issue, open or closed, and take them out again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from amends.cases.complaints.queries.analytics import brands_of, complaints_called
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput
from amends.problems.hotissues.actions.authority import demand, locked
from amends.problems.hotissues.actions.join import join, leave
from amends.problems.hotissues.models import HotIssue

_MOST_NAMED = 5


class UnableToJoinByHand(BadInput):
    """No complaint has one of the codes, no reason is given, or the issue is a drill's."""

    code = "not_joined_by_hand"


def join_by_hand(
    ref: str, codes: Sequence[str], *, because: str, actor: Actor, now: datetime
) -> list[str]:
    """Join these by tracking code: all of them, or none where one is unknown. Who names them has
    looked, so that they may belong to an issue that is closed; those that joined now.
    """
    demand(actor, "hotissues.lead", now)
    with transaction.atomic():
        issue = locked(ref, actor)
        complaint_refs = _named(issue, codes, because, actor)
        return join(
            issue.id, complaint_refs, because=because, actor=actor, now=now, allow_closed=True
        )


def leave_by_hand(
    ref: str, codes: Sequence[str], *, because: str, actor: Actor, now: datetime
) -> list[str]:
    """Take these out by tracking code; the scan does not bring them back. Those taken out."""
    demand(actor, "hotissues.lead", now)
    with transaction.atomic():
        issue = locked(ref, actor)
        complaint_refs = _named(issue, codes, because, actor)
        return leave(issue.id, complaint_refs, because=because, actor=actor, now=now)


def _named(issue: HotIssue, codes: Sequence[str], because: str, actor: Actor) -> list[str]:
    """The complaints of these codes, of the brand of the issue and of the actor."""
    wanted = list(dict.fromkeys(code.strip() for code in codes if code.strip()))
    if issue.drill or not wanted or not because.strip():
        raise UnableToJoinByHand(
            _("No complaint is named, no reason is given, or the issue is a drill."),
            meaning=_("Nothing was changed."),
            next_step=_("Name the complaints by their codes, and say why in a sentence."),
        )
    complaints_by_code = complaints_called(wanted)
    brands = brands_of(list(complaints_by_code.values()))
    seen = {
        code: complaint
        for code, complaint in complaints_by_code.items()
        if {issue.brand, actor.brand} <= {"", brands[complaint]}
    }
    if unknown := [code for code in wanted if code not in seen]:
        raise UnableToJoinByHand(
            _("No complaint has the code %(codes)s.") % {"codes": ", ".join(unknown[:_MOST_NAMED])},
            meaning=_("Nothing was changed."),
            next_step=_("Check the code; one in a line."),
        )
    return list(dict.fromkeys(seen.values()))
