"""Legal holds on a complaint or a hot issue: what they keep, whoever wrote it.

A hold on a hot issue keeps every complaint that belongs to it, or did, also one that joins later.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from amends.cases.complaints.actions.retention_due import lock
from amends.cases.complaints.queries import reference_of
from amends.people.access.actions.hold_record import KINDS, hold_record, release_record
from amends.people.access.queries import held_records
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput
from amends.problems.hotissues.queries import every_issue_of, issue, members


class UnableToFindRecord(BadInput):
    """There is no such complaint, or no such hot issue."""

    code = "record_unknown"


def place(kind: str, named: str, actor: Actor, *, reason: str, now: datetime) -> str:
    """Hold a complaint (by tracking code or reference) or a hot issue (by number); its reference.

    What is being forgotten at this moment is waited for: afterwards the hold stands for the rest.
    """
    record = _found(kind, named)
    with transaction.atomic():
        lock([record] if kind == "complaint" else _all(record))
        hold_record(actor, kind, record, reason=reason, now=now)
    return record


def release(kind: str, named: str, actor: Actor, *, now: datetime) -> int:
    """Release the holds of a record; how many."""
    return release_record(actor, kind, _found(kind, named), now=now)


def held_complaints(complaints: Iterable[str]) -> dict[str, str]:
    """Complaint → why it must stay: a hold of its own, or of a hot issue it is or was in."""
    wanted = list(complaints)
    holds_by_complaint = held_records("complaint", wanted)
    issues = every_issue_of(wanted)
    held_issues = held_records(
        "hotissue", {issue_ref for ones in issues.values() for issue_ref in ones}
    )
    for complaint, ones in issues.items():
        for issue_ref in ones:
            if issue_ref in held_issues:
                holds_by_complaint.setdefault(complaint, held_issues[issue_ref])
    return holds_by_complaint


def _all(record: str) -> list[str]:
    return [member.complaint for member in members(record, left_too=True)]


def _found(kind: str, named: str) -> str:
    if kind not in KINDS:
        raise UnableToFindRecord(
            _("A hold is on a complaint or on a hotissue, not on %(kind)s.") % {"kind": kind},
            next_step=_("For a person there is `amends subscribers hold`."),
        )
    if kind == "complaint":
        record = reference_of(named)
    else:
        known_issue = issue(named)
        record = known_issue.id if known_issue else ""
    if not record:
        raise UnableToFindRecord(
            _("There is no such complaint.")
            if kind == "complaint"
            else _("There is no such hot issue."),
            meaning=_("Nothing was changed."),
            next_step=_("Check the tracking code or the number."),
        )
    return record
