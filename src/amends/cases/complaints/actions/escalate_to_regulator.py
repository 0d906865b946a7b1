"""Pass on: the deadlock letter, and the way to the regulator."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop as _

from amends.cases.complaints.actions.answer import ReplyDraft, answer_many
from amends.cases.complaints.actions.internal_reason import customer_reason
from amends.cases.complaints.actions.letters import day, regulator_fields
from amends.cases.complaints.actions.move import move
from amends.cases.complaints.actions.regulator_file import (
    UnableToHandToRegulator,
    ask_handover,
    facts_of,
)
from amends.cases.complaints.models import Complaint, Reply
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import Refused
from amends.platform.kit.formats import is_chinese


def declare_deadlock(
    ref: str, *, reason: str = "", customer_text: str, actor: Actor, now: datetime
) -> Reply:
    """We cannot agree: the complainant gets a letter that says so and where to go.

    reason         for colleagues
    customer_text  our position: it is part of the letter
    """
    reason_text = customer_reason(customer_text, UnableToHandToRegulator)
    with transaction.atomic():
        complaint = Complaint.objects.select_for_update().get(id=ref)
        move(complaint, "deadlock", actor=actor, now=now, reason=reason)
        (letter,) = answer_many(
            [ReplyDraft(complaint, "deadlock", _deadlock_fields(complaint, reason_text, now))],
            actor=actor,
            now=now,
        )
    return letter


def escalate_to_regulator(ref: str, *, actor: Actor, now: datetime) -> Complaint:
    """The complaint goes to the regulator, with its file; see `hand_over`.

    The complainant is notified when the file is made and stored, which may be seconds later.
    """
    with transaction.atomic():
        complaint = Complaint.objects.select_for_update().get(id=ref)
        facts_of(complaint)
        move(complaint, "pass_on", actor=actor, now=now)
        ask_handover(complaint, actor=actor, now=now)
    return complaint


def with_regulator(ref: str, refusal: type[Refused]) -> Complaint:
    """A complaint the regulator has, locked; `refusal` for any other. Inside a transaction."""
    complaint = Complaint.objects.select_for_update().get(id=ref)
    if complaint.history:
        raise refusal(
            _("This complaint came in as history: it stays as the former desk left it."),
            meaning=_("Nothing was changed."),
            next_step=_("If it is not settled, take it down as a new complaint."),
        )
    if complaint.state != "with_regulator":
        raise refusal(
            _("The regulator does not have this complaint."),
            meaning=_("Nothing was changed."),
            next_step=_("Load the complaint again."),
        )
    return complaint


def answer_regulator(ref: str, *, actor: Actor, now: datetime) -> Complaint:
    """Hand the file to the regulator that has taken the complaint up and asks for it.

    Its deadline is met, and the complainant notified, when the file is made and stored.
    """
    with transaction.atomic():
        complaint = with_regulator(ref, UnableToHandToRegulator)
        ask_handover(complaint, actor=actor, now=now)
        complaint.refresh_from_db()
    return complaint


def close(ref: str, *, reason: str, actor: Actor, now: datetime) -> Complaint:
    """The regulator has answered, or nobody went on after the deadlock: the case is closed."""
    with transaction.atomic():
        complaint = Complaint.objects.select_for_update().get(id=ref)
        move(complaint, "close", actor=actor, now=now, reason=reason.strip()[:2000])
    return complaint


def _deadlock_fields(complaint: Complaint, position: str, now: datetime) -> dict[str, str]:
    decision = complaint.decisions.order_by("-at", "-id").first()
    fields = regulator_fields(complaint, decision, now=now, letter_at=now)
    chinese = is_chinese(complaint.language)
    reasons = decision.decision.get("reasons", []) if decision else []
    reason_lines = dict.fromkeys(reason["zh" if chinese else "en"] for reason in reasons)
    if reason_lines:
        fields["found"] = "\n".join(f"· {line}" for line in reason_lines)
    return fields | {
        "asked": complaint.wanted or complaint.first_words,
        "position": position,
        "issued_on": day(now, complaint),
    }
