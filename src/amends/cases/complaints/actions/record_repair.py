"""Repaired: the fault is gone, and the limit for its repair is met or was missed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop as _

from amends.cases.complaints.actions.answer import ReplyDraft, answer_many
from amends.cases.complaints.actions.internal_reason import customer_reason, noted
from amends.cases.complaints.actions.letters import day
from amends.cases.complaints.actions.recount import point_to_next
from amends.cases.complaints.models import Clock, Complaint, Event
from amends.engines.decisions.clocks import REPAIR
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import Refused
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append


class UnableToNoteRepair(Refused):
    """No limit for a repair runs, or the moment cannot be right."""

    code = "unable_to_note_repair"


def note_repair(
    ref: str, *, at: datetime, reason: str = "", customer_text: str, actor: Actor, now: datetime
) -> bool:
    """State that the fault was repaired at a moment; whether that was within the limit.

    at             between the report and now
    reason         for colleagues
    customer_text  what was done, in the user's language: it is part of the letter

    A limit found broken stays broken, whatever moment is named afterwards: who notes a repair late
    cannot show by their own word that it was in time.
    """
    reason_text = customer_reason(customer_text, UnableToNoteRepair)
    with transaction.atomic():
        complaint = Complaint.objects.select_for_update().get(id=ref)
        clocks = repair_clocks(complaint)
        if not clocks:
            raise UnableToNoteRepair(
                _("No limit for a repair runs here."),
                meaning=_("Nothing was changed."),
                next_step=_("Correct the class first if the user reports a fault."),
            )
        # Forms give no seconds.
        if not complaint.received_at.replace(second=0, microsecond=0) <= at <= now:
            raise UnableToNoteRepair(
                _("A repair lies between the report and now."),
                meaning=_("Nothing was changed."),
                next_step=_("Check the day and the time."),
            )
        for clock in clocks:
            clock.met_at = at
            if at > clock.due_at and clock.breached_at is None:
                clock.breached_at = now
            clock.save(update_fields=["met_at", "breached_at"])
        point_to_next(complaint)
        complaint.save(update_fields=["next_step", "next_due_at"])
        in_time = not any(clock.binding and clock.breached_at for clock in clocks)
        Event.objects.create(
            complaint=complaint,
            at=now,
            verb="repaired",
            actor=actor.ref,
            reason=noted(reason),
            details={"at": at.isoformat(), "in_time": in_time},
        )
        stated = Fact(
            kind="FaultRepaired",
            subscriber=complaint.subscriber,
            subject=complaint.id,
            happened_at=at,
            source="desk",
            payload={"complaint": complaint.id},
        )
        append([stated], now=now)
        repair_letter = ReplyDraft(
            complaint, "repaired", {"repaired": day(at, complaint), "reason": reason_text}
        )
        answer_many([repair_letter], actor=actor, now=now)
    return in_time


def repair_clocks(complaint: Complaint) -> list[Clock]:
    """The limits for a repair of an open complaint that no repair has met yet."""
    if not complaint.is_open or complaint.history:
        return []
    return list(complaint.clocks.filter(step=REPAIR, met_at__isnull=True).order_by("due_at", "id"))


def may_be_repaired(complaint: Complaint, clocks: Iterable[Clock]) -> bool:
    """Whether there are `repair_clocks`, asked of its clocks where they were read."""
    if not complaint.is_open or complaint.history:
        return False
    return any(clock.step == REPAIR and clock.met_at is None for clock in clocks)
