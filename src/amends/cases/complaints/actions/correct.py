"""Correct: a person corrects the class; the complaint is investigated again."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop as _

from amends.cases.complaints.actions.investigate import READY
from amends.cases.complaints.actions.recount import by_rule, recount
from amends.cases.complaints.models import Complaint, Correction, Event, Kind
from amends.engines.classification.taxonomy import taxonomy
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput


def correct(ref: str, *, code: str, actor: Actor, now: datetime) -> Complaint:
    """Give the complaint another class; a decision proposed under the old one is dropped, one that
    was sent to the user stays.

    The clocks follow the class: a line that is cut has days of its own to be repaired in.
    """
    if code not in taxonomy().codes:
        raise BadInput(
            _("There is no such class."),
            next_step=_("Choose one from the list."),
            code="unable_to_correct",
        )
    with transaction.atomic():
        complaint = Complaint.objects.select_for_update().get(id=ref)
        if complaint.code == code:
            raise BadInput(
                _("The complaint has this class already."),
                next_step=_("Choose another, or leave it."),
                code="unable_to_correct",
            )
        Correction.objects.create(
            complaint=complaint,
            at=now,
            by=actor.ref,
            from_code=complaint.code,
            to_code=code,
            classified_by=complaint.classified_by,
        )
        Event.objects.create(
            complaint=complaint,
            at=now,
            verb="corrected",
            actor=actor.ref,
            details={"from": complaint.code, "to": code},
        )
        if complaint.code2 == code:
            complaint.code2 = complaint.code
        ticking = complaint.is_open and not complaint.history and complaint.kind == Kind.COMPLAINT
        before = by_rule(complaint) if ticking else []
        complaint.code, complaint.classified_by = code, actor.ref
        complaint.confidence_permille, complaint.ask_for_words = 1000, False
        complaint.approval_role = ""
        if complaint.state in READY:
            complaint.verdict, complaint.amount_minor, complaint.may_act_alone = "", 0, False
        if ticking:
            recount(complaint, before=before)
        complaint.save()
    return complaint
