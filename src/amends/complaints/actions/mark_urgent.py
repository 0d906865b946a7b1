"""Mark urgent: a handler says that a complaint cannot wait, or that it can; its clocks follow."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop as _

from amends.access.actors import Actor
from amends.complaints.actions.start_clocks import as_clock, from_receipt
from amends.complaints.models import Clock, Complaint, Event, Kind
from amends.kit.errors import Refused
from amends.vault.unsaying import without_person

MIN_REASON = 8


class UnableToMarkUrgent(Refused):
    """There is no reason, or nothing to mark."""

    code = "unable_to_mark_urgent"


def mark_urgent(ref: str, *, urgent: bool, reason: str, actor: Actor, now: datetime) -> bool:
    """Set or take the mark, with its reason; whether a deadline moved by it.

    What the rules of the day of receipt give an urgent complaint holds from now on, counted from
    the receipt as they say. A clock that no longer holds stays to be seen, as one that binds
    nobody; what was met or missed under it stays as it was.
    """
    said = without_person(reason.strip()[:2000])
    if len(said) < MIN_REASON:
        raise UnableToMarkUrgent(
            _("Say why, in a sentence."),
            meaning=_("Nothing was changed."),
            next_step=_("The reason stays on record."),
        )
    with transaction.atomic():
        complaint = Complaint.objects.select_for_update().get(id=ref)
        if not complaint.is_open or complaint.history or complaint.kind != Kind.COMPLAINT:
            raise UnableToMarkUrgent(
                _("Only an open complaint can be urgent."),
                meaning=_("Nothing was changed."),
                next_step=_("Open it again, or take it up as a complaint."),
            )
        if complaint.urgent == urgent:
            raise UnableToMarkUrgent(
                _("It is so already."),
                meaning=_("Nothing was changed."),
                next_step=_("Load the complaint again."),
            )
        before = _holding(complaint)
        complaint.urgent = urgent
        _recount(complaint)
        complaint.save(update_fields=["urgent", "next_step", "next_due_at"])
        Event.objects.create(
            complaint=complaint, at=now, verb="urgent" if urgent else "not_urgent",
            actor=actor.ref, reason=said,
        )  # fmt: skip
        return _holding(complaint) != before


def _holding(complaint: Complaint) -> set[tuple[str, datetime]]:
    """The deadlines that bind and are not met yet."""
    running = Clock.objects.filter(complaint=complaint, met_at__isnull=True, binding=True)
    return set(running.values_list("step", "due_at"))


def _recount(complaint: Complaint) -> None:
    """Let the clocks that run from the receipt be those of the rules; the next deadline with it."""
    dues = {
        (due.step, due.rule, due.counting): due
        for due in from_receipt(complaint, received_at=_counted_from(complaint))
    }
    running = Clock.objects.filter(complaint=complaint, met_at__isnull=True)
    steps = {step for step, _rule, _counting in dues}
    for clock in running.filter(step__in=steps):
        due = dues.pop((clock.step, clock.rule, clock.counting), None)
        clock.binding = due is not None and due.binding
        clock.due_at = due.due_at if due else clock.due_at
        clock.save(update_fields=["binding", "due_at"])
    for due in dues.values():
        as_clock(complaint.id, due).save()
    first = running.filter(binding=True).order_by("due_at", "id").first()
    complaint.next_step = first.step if first else ""
    complaint.next_due_at = first.due_at if first else None


def _counted_from(complaint: Complaint) -> datetime:
    """The day the clocks count from: of the receipt, or of the last reopening."""
    reopened = Event.objects.filter(complaint=complaint, to_state="reopened").order_by("-at")
    return reopened.values_list("at", flat=True).first() or complaint.received_at
