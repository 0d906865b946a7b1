"""What we owe a complainant by when: the running clocks of the complaint in their words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from amends.cases.complaints.queries import complaint
from amends.cases.complaints.queries.casefile import ComplaintView
from amends.cases.complaints.queries.joined import as_sent_under
from amends.engines.decisions.clocks import is_provincial
from amends.engines.decisions.deadlines import due_for_many
from amends.entrances.portals.actions import drafts
from amends.entrances.portals.models import Draft
from amends.entrances.portals.public.words import PROMISES, Words


@dataclass(frozen=True, slots=True)
class Promise:
    """Something we do by a moment at the latest; `rule` is the rule it comes from."""

    words: Words
    at: datetime
    rule: str


def promises_of_sent(draft: Draft) -> list[Promise]:
    """What we owe whoever sent a draft, before anybody knows what it is about.

    Like the public page of the complaint it becomes, it names only the rules of the whole country,
    and it is the same whether the complaint is new or joins an open one.
    """
    complaint_view = complaint(draft.complaint, whole=False) if draft.complaint else None
    if complaint_view is not None:
        return promises(as_sent_under(draft.tracking_code, complaint_view), is_identified=False)
    received_at = draft.sent_at or draft.made_at
    urgent = drafts.words_of(draft).urgent
    dues = due_for_many(
        jurisdiction=settings.JURISDICTION, received=[received_at], urgents=[urgent]
    )[0]
    return [
        Promise(PROMISES[deadline.step], deadline.due_at, deadline.rule)
        for deadline in dues
        if deadline.binding and deadline.step in PROMISES
    ]


def promises(view: ComplaintView, *, is_identified: bool) -> list[Promise]:
    """The promises that stand, the next one first; clocks of others are not ours to promise.

    A clock that stands still has no day yet: the letter that said so stands on the page.

    shown  whether the reader has shown who they are; for others only the rules of the whole country
           count, because those of a province would say where the subscriber lives
    """
    counted = [
        clock
        for clock in view.clocks
        if clock.met_at is None and not clock.paused_at and clock.step in PROMISES
    ]
    if is_identified:
        counted = [clock for clock in counted if clock.binding]
    else:
        counted = [clock for clock in counted if not is_provincial(clock.rule, view.jurisdiction)]
        soonest = {
            clock.step: clock for clock in sorted(counted, key=lambda clock: clock.due_at)[::-1]
        }
        counted = sorted(soonest.values(), key=lambda clock: clock.due_at)
    return [Promise(PROMISES[clock.step], clock.due_at, clock.rule) for clock in counted]
