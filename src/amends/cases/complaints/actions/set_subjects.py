"""Set what a complaint is about: confirm, add or remove subjects."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop as _

from amends.cases.complaints.actions.investigate_again import (
    investigate_again,
    may_be_investigated_again,
)
from amends.cases.complaints.models import Complaint, Event, RecordedSubject, SubjectState
from amends.engines.classification.subjects import PickedSubject
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import Refused
from amends.work.casework.queries.kinds import case_kind


class UnableToSetSubjects(Refused):
    """The complaint is closed, or the actor does not work on it."""

    code = "unable_to_set_subjects"


def set_subjects(
    ref: str,
    *,
    confirmed: Collection[str],
    added: Collection[PickedSubject],
    actor: Actor,
    now: datetime,
) -> bool:
    """Confirm the subjects with these keys, add some, remove all other ones.

    Where the complaint is under investigation its records are read again. Returns whether anything
    was changed.
    """
    with transaction.atomic():
        complaint = Complaint.objects.select_for_update().filter(id=ref).first()
        if complaint is None or not case_kind("complaint").workable([ref], actor):
            raise UnableToSetSubjects(
                _("There is no such complaint, or your role does not handle it."),
                meaning=_("Nothing was changed."),
                next_step=_("Check its number, or ask whoever handles it."),
            )
        if not complaint.is_open or complaint.history:
            raise UnableToSetSubjects(
                _("The complaint is closed."),
                meaning=_("Nothing was changed."),
                next_step=_("Reopen it first, or take down a new complaint."),
            )
        changed = _changed(complaint, confirmed, {each.subject.key: each for each in added})
        for row in changed:
            row.source, row.at = actor.ref, now
            row.save()
        if not changed:
            return False
        details = {"subjects": [f"{row.kind}:{row.ref}: {row.state}" for row in changed]}
        Event.objects.create(
            complaint=complaint, at=now, verb="subjects_set", actor=actor.ref, details=details
        )
        if may_be_investigated_again(complaint):
            investigate_again(ref, actor=actor, now=now)
    return True


def _changed(
    complaint: Complaint, confirmed: Collection[str], added: dict[str, PickedSubject]
) -> list[RecordedSubject]:
    rows = {str(row): row for row in RecordedSubject.objects.filter(complaint=complaint)}
    changed = []
    for key, row in rows.items():
        is_meant = key in confirmed or key in added
        state = SubjectState.CONFIRMED if is_meant else SubjectState.REMOVED
        if row.state != state and not (row.state == SubjectState.REMOVED and not is_meant):
            row.state = state
            changed.append(row)
    changed += [
        RecordedSubject(
            complaint=complaint,
            kind=picked.subject.kind,
            ref=picked.subject.ref,
            name_zh=picked.name_zh,
            name_en=picked.name_en,
            state=SubjectState.CONFIRMED,
        )
        for key, picked in added.items()
        if key not in rows
    ]
    return changed
