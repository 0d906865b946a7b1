"""Join complaints to an issue, and take them out again: each with who, when and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext_noop as _

from amends.cases.complaints.actions.mark_issue import mark_issue
from amends.cases.complaints.queries.analytics import brands_of, persons_of
from amends.platform.database.rows import create
from amends.platform.kit.actors import Actor
from amends.platform.kit.batches import slices
from amends.platform.kit.errors import Refused
from amends.platform.vault.redaction import redact_person
from amends.problems.hotissues.actions.note import note
from amends.problems.hotissues.models import HotIssue, Membership
from amends.problems.hotissues.queries.membership import complaints_in


class UnableToJoin(Refused):
    """The issue is closed and nobody said that the complaint belongs to it all the same."""

    code = "unable_to_join"


def join(
    ref: str,
    complaints: Iterable[str],
    *,
    because: str,
    actor: Actor,
    now: datetime,
    allow_closed: bool = False,
) -> list[str]:
    """Join these to an issue, whose mark they carry; returns those that joined now (not those in
    it, nor, for a scan, those a person took out of it).

    asked  a person was asked whether they belong to an issue that is closed, and said yes
    """
    wanted = list(dict.fromkeys(complaints))
    reason = redact_person(because)[:400]
    with transaction.atomic():
        issue = HotIssue.objects.select_for_update().get(id=ref)
        if issue.state == "closed" and not allow_closed:
            raise UnableToJoin(
                _("The issue is closed."),
                meaning=_("Complaints that come after its end may have another cause."),
                next_step=_("Look at them, then join them by hand, or open the issue again."),
            )
        prior_complaints = set(complaints_in(issue))
        if actor.kind == "system":
            # A scan may bring back what it let go of itself, never what a person took out.
            out = issue.memberships.filter(left_at__isnull=False).exclude(left_by=actor.ref)
            prior_complaints |= set(out.values_list("complaint", flat=True))
        fresh = persons_of(
            [complaint_ref for complaint_ref in wanted if complaint_ref not in prior_complaints]
        )
        if not fresh:
            return []
        create(
            Membership(
                issue=issue,
                complaint=complaint_ref,
                person=who,
                joined_at=now,
                joined_by=actor.ref,
                joined_because=reason,
            )
            for complaint_ref, who in fresh.items()
        )
        if not issue.drill:
            mark_issue(dict.fromkeys(fresh, issue.number))
        _count(issue)
        if actor.kind != "system":
            note(
                issue,
                "joined",
                actor=actor,
                now=now,
                reason=because,
                details={"complaints": len(fresh)},
            )
    return list(fresh)


def join_if_open(
    ref: str, complaints: Iterable[str], *, because: str, actor: Actor, now: datetime
) -> list[str]:
    """`join` for a scan, which goes on where somebody closes an issue while it looks at it: what
    came since is asked about the next time."""
    try:
        return join(ref, complaints, because=because, actor=actor, now=now)
    except UnableToJoin:
        return []


def leave(
    ref: str, complaints: Sequence[str], *, because: str, actor: Actor, now: datetime
) -> list[str]:
    """Take these out of an issue; a scan does not bring back what a person took out. Returns those
    taken out; somebody confined to a brand takes out only complaints of that brand.
    """
    with transaction.atomic():
        issue = HotIssue.objects.select_for_update().get(id=ref)
        wanted, reason = set(complaints), redact_person(because)[:400]
        out = [complaint_ref for complaint_ref in complaints_in(issue) if complaint_ref in wanted]
        if actor.brand:
            brands = brands_of(out)
            out = [
                complaint_ref for complaint_ref in out if brands.get(complaint_ref) == actor.brand
            ]
        for part in slices(out):
            leaving = issue.memberships.filter(complaint__in=part, left_at__isnull=True)
            leaving.update(left_at=now, left_by=actor.ref, left_because=reason)
        mark_issue(_held(out))
        _count(issue)
        if out:
            note(
                issue,
                "left",
                actor=actor,
                now=now,
                reason=because,
                details={"complaints": len(out)},
            )
    return out


def _held(complaints: Sequence[str]) -> dict[str, int | None]:
    """Complaint → the issue that holds it still, the newest; None where none does."""
    issue_numbers: dict[str, int | None] = dict.fromkeys(complaints)
    for part in slices(list(complaints)):
        current_memberships = Membership.objects.filter(complaint__in=part, left_at__isnull=True)
        issue_numbers |= dict(
            current_memberships.order_by("issue__number").values_list("complaint", "issue__number")
        )
    return issue_numbers


def _count(issue: HotIssue) -> None:
    """Persons and complaints in the issue, as its memberships say."""
    current_memberships = issue.memberships.filter(left_at__isnull=True)
    counted = current_memberships.aggregate(
        persons=Count("person", distinct=True), complaints=Count("id")
    )
    issue.persons, issue.complaints = counted["persons"], counted["complaints"]
    issue.save(update_fields=["persons", "complaints"])
