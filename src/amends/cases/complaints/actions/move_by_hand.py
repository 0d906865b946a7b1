"""Move by hand: what a handler moves by the published table, each with what belongs to it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.utils.translation import gettext_noop as _

from amends.cases.complaints.actions.escalate_to_regulator import (
    declare_deadlock,
    escalate_to_regulator,
)
from amends.cases.complaints.actions.investigate import investigate_many
from amends.cases.complaints.actions.move import move
from amends.cases.complaints.actions.reject_message import reject_message
from amends.cases.complaints.actions.respond import accept, refuse, reopen, withdraw
from amends.cases.complaints.models import Complaint
from amends.cases.complaints.queries.status import NOT_BY_HAND
from amends.platform.kit.actors import Actor, system
from amends.platform.kit.errors import Refused

# A person asks for it, the platform reads the records: nobody is shown anything by it.
PLATFORM = system("desk")


def move_by_hand(
    complaint: Complaint,
    verb: str,
    *,
    actor: Actor,
    now: datetime,
    reason: str = "",
    customer_text: str = "",
    next_step: str = "",
) -> None:
    """Make a move by its verb, with its letters and facts.

    reason         why, for colleagues
    customer_text  what is written in the letter of a deadlock, or of a rejected message
    next_step      where to turn, for a rejected message
    """
    ref, why = complaint.id, reason.strip()
    own: dict[str, Callable[[], object]] = {
        "investigate": lambda: investigate_many([ref], actor=PLATFORM, now=now),
        "deadlock": lambda: declare_deadlock(
            ref, reason=why, customer_text=customer_text, actor=actor, now=now
        ),
        "pass_on": lambda: escalate_to_regulator(ref, actor=actor, now=now),
        "withdraw": lambda: withdraw(ref, actor=actor, now=now),
        "reopen": lambda: reopen(ref, text=why, actor=actor, now=now),
        "declare_inadmissible": lambda: reject_message(
            ref, reason=why, customer_text=customer_text, next_step=next_step, actor=actor, now=now
        ),
        "accept": lambda: accept(ref, actor=actor, now=now),
        "refuse": lambda: refuse(ref, text=why, actor=actor, now=now),
    }
    if complaint.history:
        raise Refused(
            _("This complaint came in as history: it stays as the former desk left it."),
            meaning=_("Nothing was changed."),
            next_step=_("If it is not settled, take it down as a new complaint."),
            code="unable_to_move_by_hand",
        )
    if verb in own:
        own[verb]()
    elif verb in NOT_BY_HAND:
        raise Refused(
            _("This follows from a decision or from billing."),
            meaning=_("Nothing was changed."),
            next_step=_("Decide, approve, or let billing acknowledge the remedy."),
            code="unable_to_move_by_hand",
        )
    else:
        move(complaint, verb, actor=actor, now=now, reason=why)
