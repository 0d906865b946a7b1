"""Wait for the customer: the complaint comes back by itself on a day, or when they write.

A statutory deadline pauses only where its rule says that waiting for the user pauses it; the others
run on. Whoever waits, from when and why is in the history of the complaint.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_noop as _

from amends.cases.complaints.actions.pause_clock import pause_clock
from amends.cases.complaints.models import Clock, Complaint
from amends.engines.decisions.allowances import allowance
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import Refused
from amends.work.casework.actions.follow_up import set_follow_up

AWAITING_USER = "awaiting_user"


class UnableToWait(Refused):
    """The complaint is closed: nobody waits for its customer."""

    code = "unable_to_wait"


@dataclass(frozen=True, slots=True)
class CustomerWait:
    """What a wait does to the deadlines, by the names of their steps."""

    until: date
    paused: tuple[str, ...]
    running: tuple[str, ...]


def pausable(ref: str, *, now: datetime) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The steps whose deadline a wait would pause, and those that would run on."""
    return pausable_among(Clock.objects.filter(complaint=ref).order_by("due_at", "id"), now=now)


def pausable_among(
    clocks: Iterable[Clock], *, now: datetime
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The steps that a wait would pause, and those that would continue."""
    pauses: list[Any] = []
    runs: list[Any] = []
    for clock in clocks:
        if not clock.binding or clock.met_at is not None or clock.paused_at is not None:
            continue
        allowed = allowance(clock.rule, clock.step, clock.counting)
        may_pause = AWAITING_USER in allowed.pauses and now <= clock.due_at
        (pauses if may_pause else runs).append(clock.step)
    return tuple(pauses), tuple(runs)


def wait_for_customer(
    ref: str,
    *,
    until: date,
    reason: str,
    customer_text: str = "",
    actor: Actor,
    now: datetime,
) -> CustomerWait:
    """Let the complaint wait for its customer until a day.

    reason         for colleagues
    customer_text  why a deadline is paused: part of the letter about it, needed where one pauses;
                   `reason` stands in where it is empty
    """
    with transaction.atomic():
        complaint = Complaint.objects.select_for_update().get(id=ref)
        if not complaint.is_open:
            raise UnableToWait(
                _("It is closed: nobody waits for the customer."),
                meaning=_("Nothing was changed."),
                next_step=_("Reopen it first."),
            )
        set_follow_up(
            "complaint",
            ref,
            due_on=until,
            reason=reason,
            waits_for_customer=True,
            actor=actor,
            now=now,
        )
        pauses, runs = pausable(ref, now=now)
        for step in pauses:
            pause_clock(
                ref,
                step,
                why=AWAITING_USER,
                reason=reason,
                customer_text=customer_text or reason,
                actor=actor,
                now=now,
            )
    return CustomerWait(until, pauses, runs)
