"""Pause: a deadline is paused for a reason its rule knows, and resumed; the user is notified."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop as _

from amends.cases.complaints.actions.internal_reason import customer_reason
from amends.cases.complaints.actions.running_clocks import UnableToMoveDeadline, keep, running
from amends.cases.complaints.models import Clock, Event
from amends.engines.decisions.deadlines import Pause, paused
from amends.platform.database.prepared_queries import PreparedQueryForKeys
from amends.platform.kit.actors import Actor, system

# Asked of everybody who writes again.
_PAUSED = PreparedQueryForKeys(
    lambda refs: Clock.objects.filter(
        complaint__in=refs, paused_at__isnull=False, met_at__isnull=True
    ).order_by("id")
)


def pause_clock(
    ref: str,
    step: str,
    *,
    why: str,
    reason: str = "",
    customer_text: str,
    actor: Actor,
    now: datetime,
) -> None:
    """Let the clock of a step stand still from now on.

    why            what it waits for, a word of the rule (`rules/allowances.py`)
    reason         for colleagues
    customer_text  why, in words: it is part of the letter
    """
    reason_text = customer_reason(customer_text, UnableToMoveDeadline)
    with transaction.atomic():
        running_clock = running(ref, step)
        if why not in running_clock.allowed.pauses:
            raise UnableToMoveDeadline(
                _("The rule does not allow this deadline to be paused for that reason."),
                meaning=_("The limit stays as the rule sets it."),
                next_step=_(
                    "Answer within the limit, or tell the user how to go to the regulator."
                ),
            )
        if running_clock.clock.paused_at is not None or now > running_clock.clock.due_at:
            raise UnableToMoveDeadline(
                _("This deadline does not run any more."),
                meaning=_("It is paused already, or it has passed."),
                next_step=_("Load the complaint again."),
            )
        running_clock.clock.paused_at = now
        keep(
            running_clock,
            "paused",
            before=running_clock.clock.due_at,
            why=why,
            reason=reason,
            customer_text=reason_text,
            actor=actor,
            now=now,
        )


def resume_clock(ref: str, step: str, *, actor: Actor, now: datetime) -> datetime:
    """Let the clock run on, by as many days later as it was paused; returns its new end."""
    with transaction.atomic():
        running_clock = running(ref, step)
        if running_clock.clock.paused_at is None:
            raise UnableToMoveDeadline(
                _("This deadline runs already."),
                meaning=_("Nothing was changed."),
                next_step=_("Load the complaint again."),
            )
        before, why = running_clock.clock.due_at, waits_for(running_clock.clock)
        stood = Pause(why, running_clock.clock.paused_at, now)
        running_clock.clock.due_at = paused(
            replace(running_clock.due, pauses=(why,)), [stood]
        ).due_at
        running_clock.clock.paused_at = running_clock.clock.warned_at = None
        days = (running_clock.clock.due_at - before).days
        keep(running_clock, "resumed", before=before, days=days, why=why, actor=actor, now=now)
    return running_clock.clock.due_at


def user_answered(refs: Iterable[str], *, actor: Actor, now: datetime) -> int:
    """Let the clocks run on that waited for the users who have now written; how many."""
    waited = [clock for clock in _PAUSED.rows(set(refs)) if waits_for(clock) == "awaiting_user"]
    for clock in waited:
        resume_clock(clock.complaint_id, clock.step, actor=actor, now=now)
    return len(waited)


def customer_wait_ended(refs: Iterable[str], *, now: datetime) -> int:
    """The day came until which we waited for the users: their clocks run on; how many."""
    return user_answered(refs, actor=system("follow ups"), now=now)


def waits_for(clock: Clock) -> str:
    """What a paused clock waits for."""
    rows = Event.objects.filter(complaint=clock.complaint_id, verb="paused").order_by("-at", "-id")
    for details in rows.values_list("details", flat=True):
        if details.get("clock") == clock.pk:
            return str(details["why"])
    return ""
