"""A person closes an issue, or opens it again."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from amends.network.quality.actions.change_incident import end_incident
from amends.platform.kit.actors import Actor
from amends.problems.hotissues.actions.authority import demand, locked_to_lead
from amends.problems.hotissues.actions.open_issue import close_issue, give_owner, reopen_issue
from amends.problems.hotissues.actions.signals import closing
from amends.problems.hotissues.models import HotIssue
from amends.problems.hotissues.queries.linked_events import linked_events


def close_by_hand(
    ref: str, *, because: str, actor: Actor, now: datetime, end_incidents: bool = False
) -> HotIssue:
    """Close an issue; the apps that respond to it may refuse (signal `closing`).

    end_incidents  request the end of the incidents of the same event that last, too
    """
    demand(actor, "hotissues.lead", now)
    with transaction.atomic():
        issue = locked_to_lead(ref, actor)
        if end_incidents:
            for number in linked_events(issue, now=now).lasting_incidents:
                end_incident(number, at=now, reason=because, actor=actor, now=now)
        closing.send(HotIssue, issue=issue, actor=actor, now=now)
        return close_issue(issue.id, because=because, actor=actor, now=now)


def reopen_by_hand(ref: str, *, because: str, actor: Actor, now: datetime) -> HotIssue:
    """Open a closed issue again; where nobody has it, it is theirs: what is quiet and in nobody's
    hand a scan closes."""
    demand(actor, "hotissues.lead", now)
    with transaction.atomic():
        issue = reopen_issue(locked_to_lead(ref, actor).id, because=because, actor=actor, now=now)
        return issue if issue.owner else give_owner(ref, owner=actor.ref, actor=actor, now=now)
