"""Reject what cannot be taken up as a complaint; its sender is informed why and what to do.

Why, and the way on, are written by a person, in the language of the complainant.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop as _

from amends.cases.complaints.actions.answer import ReplyDraft, answer_many
from amends.cases.complaints.actions.letters import regulator_fields
from amends.cases.complaints.actions.move import move
from amends.cases.complaints.models import Complaint, Reply
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput
from amends.platform.kit.texts import says_why


class UnableToReject(BadInput):
    """The reason or the way on is missing."""

    code = "unable_to_turn_down"


def reject_message(
    ref: str, *, reason: str = "", customer_text: str, next_step: str, actor: Actor, now: datetime
) -> Reply:
    """Find a complaint not admissible and write so; raises `UnableToMove` where it is too late.

    reason         for colleagues
    customer_text  why it cannot be taken up: it is part of the letter, as is `next_step`
    """
    if not says_why(customer_text) or not says_why(next_step):
        raise UnableToReject(
            _("A refusal needs its reason and a way on."),
            meaning=_("Nothing was sent and nothing was changed."),
            next_step=_("Say why it cannot be taken up, and what the user can do instead."),
        )
    with transaction.atomic():
        complaint = Complaint.objects.select_for_update().get(id=ref)
        move(complaint, "declare_inadmissible", actor=actor, now=now, reason=reason.strip())
        fields = regulator_fields(complaint, None, now=now)
        fields |= {"reason": customer_text.strip(), "next_step": next_step.strip()}
        (letter,) = answer_many(
            [ReplyDraft(complaint, "inadmissible", fields)], actor=actor, now=now
        )
    return letter
