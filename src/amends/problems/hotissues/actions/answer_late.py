"""Answer what is asked of complaints that fit a closed issue: reopen it, open another, leave it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from amends.engines.detection.cube import values_of
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput
from amends.problems.hotissues.actions.authority import demand, locked_to_lead
from amends.problems.hotissues.actions.join import join
from amends.problems.hotissues.actions.note import note
from amends.problems.hotissues.actions.open_issue import one_at_a_time, open_issue, reopen_issue
from amends.problems.hotissues.models import HotIssue
from amends.problems.hotissues.queries.late_complaints import ANSWERS, waiting


class UnableToAnswerLate(BadInput):
    """Nothing is asked, there is no such answer, or no reason is given."""

    code = "late_not_answered"


def answer_late(ref: str, answer: str, *, because: str, actor: Actor, now: datetime) -> HotIssue:
    """Record the answer and do what it says; the issue that now holds the complaints, the closed
    one where they were left."""
    demand(actor, "hotissues.lead", now)
    if answer not in ANSWERS or not because.strip():
        raise UnableToAnswerLate(
            _("The answer or its reason is missing."),
            meaning=_("Nothing was changed; the question stays."),
            next_step=_("Choose one of the three and say why."),
        )
    with transaction.atomic():
        one_at_a_time()
        issue = locked_to_lead(ref, actor)
        late = waiting(issue, now=now)
        if late is None:
            raise UnableToAnswerLate(
                _("Nothing is asked about this issue."),
                meaning=_("Someone has answered, or the complaints belong to another issue now."),
                next_step=_("Load the page again."),
            )
        details: dict[str, object] = {"complaints": len(late.complaints), "place": late.place}
        answered_issue = issue
        if answer == "reopen":
            answered_issue = reopen_issue(issue.id, because=because, actor=actor, now=now)
        elif answer == "new":
            answered_issue = open_issue(
                [late.place], started_at=late.first_at, now=now, actor=actor, brand=issue.brand
            )
            if "words" in values_of(late.place):
                HotIssue.objects.filter(id=answered_issue.id).update(words=issue.words)
            details["number"] = answered_issue.number
        if answer != "leave":
            join(
                answered_issue.id,
                late.complaints,
                because=because,
                actor=actor,
                now=now,
                allow_closed=True,
            )
            # The scan goes on with it: later alarms of the place are its own, and what comes joins.
            HotIssue.objects.filter(id=answered_issue.id).update(
                last_alarm_at=now, opened_by="scan"
            )
        note(issue, ANSWERS[answer], actor=actor, now=now, reason=because, details=details)
    return HotIssue.objects.get(id=answered_issue.id)
