"""Put issues of one cause together: the older goes on, the newer points to it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from amends.platform.kit.actors import Actor
from amends.problems.hotissues.actions.join import join
from amends.problems.hotissues.actions.note import note
from amends.problems.hotissues.actions.open_issue import close_issue
from amends.problems.hotissues.models import Cell, HotIssue
from amends.problems.hotissues.queries.membership import complaints_in
from amends.problems.hotissues.queries.reasons import ONE_CAUSE

SURE = 0.5
"""Two issues are one where the best candidate cause of both is the same and fits so well."""


def merge_into(ref: str, older: str, *, because: str, actor: Actor, now: datetime) -> None:
    """Move the complaints and places of an issue to an older one, and close it."""
    with transaction.atomic():
        issue = HotIssue.objects.select_for_update().get(id=ref)
        current_memberships = issue.memberships.filter(left_at__isnull=True)
        complaints = complaints_in(issue)
        current_memberships.update(left_at=now, left_by=actor.ref, left_because=because[:400])
        join(older, complaints, because=because, actor=actor, now=now, allow_closed=True)
        older_issue = HotIssue.objects.get(id=older)
        for cell_key in issue.cells.values_list("place", flat=True):
            Cell.objects.get_or_create(
                issue=older_issue, place=cell_key, defaults={"added_at": now}
            )
        HotIssue.objects.filter(id=older).update(
            last_alarm_at=max(older_issue.last_alarm_at, issue.last_alarm_at),
            started_at=min(older_issue.started_at, issue.started_at),
        )
        note(older_issue, "merged", actor=actor, now=now, details={"number": issue.number})
        close_issue(ref, because=because, actor=actor, now=now)
        HotIssue.objects.filter(id=ref).update(
            merged_into=older, persons=0, complaints=0, expected=0.0
        )


def merge_by_cause(ref: str, *, actor: Actor, now: datetime) -> str:
    """Merge an issue nobody took up into the older open one with the same best cause, if there is
    one; the reference of the issue that stands."""
    issue = HotIssue.objects.get(id=ref)
    best = issue.causes.order_by("rank", "id").first()
    if best is None or best.fit < SURE or issue.owner or issue.level or issue.state != "open":
        return ref
    other_issues = HotIssue.objects.filter(
        state="open", brand=issue.brand, drill=False, number__lt=issue.number
    ).order_by("number")
    for other_issue in other_issues:
        theirs = other_issue.causes.order_by("rank", "id").first()
        if (
            theirs
            and theirs.fit >= SURE
            and (theirs.kind, theirs.reference)
            == (
                best.kind,
                best.reference,
            )
        ):
            merge_into(ref, other_issue.id, because=ONE_CAUSE, actor=actor, now=now)
            return other_issue.id
    return ref
