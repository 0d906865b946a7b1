"""Extend a deadline as far as its rule allows, and notify the user with the reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop as _

from amends.cases.complaints.actions.internal_reason import customer_reason
from amends.cases.complaints.actions.running_clocks import (
    Running,
    UnableToMoveDeadline,
    keep,
    running,
)
from amends.cases.complaints.queries.movable_deadlines import extension_left
from amends.engines.decisions.deadlines import extend
from amends.platform.kit.actors import Actor


def extend_clock(
    ref: str,
    step: str,
    *,
    days: int,
    reason: str = "",
    customer_text: str,
    actor: Actor,
    now: datetime,
) -> datetime:
    """Give the clock of a step `days` more; when it ends now.

    reason         for colleagues
    customer_text  why: it is part of the letter

    Only before it ran out, and all extensions together no longer than the rule allows. Raises
    UnableToMoveDeadline, or UnableToExtend where the rule allows less.
    """
    reason_text = customer_reason(customer_text, UnableToMoveDeadline)
    with transaction.atomic():
        running_clock = running(ref, step)
        before = running_clock.clock.due_at
        _check(running_clock, days, now)
        left = extension_left(running_clock.clock, running_clock.allowed.extension_days)
        running_clock.clock.due_at = extend(
            replace(running_clock.due, extension_days=left), days=days, reason=reason_text
        ).due_at
        running_clock.clock.warned_at = None
        keep(
            running_clock,
            "extended",
            before=before,
            days=days,
            reason=reason,
            customer_text=reason_text,
            actor=actor,
            now=now,
        )
    return running_clock.clock.due_at


def _check(running: Running, days: int, now: datetime) -> None:
    if days < 1:
        raise UnableToMoveDeadline(
            _("An extension has at least one day."),
            meaning=_("Nothing was changed."),
            next_step=_("Say for how many days."),
        )
    if now > running.clock.due_at:
        raise UnableToMoveDeadline(
            _("This deadline has passed already."),
            meaning=_("A limit can be extended only while it runs."),
            next_step=_("Answer now, and say why it is late."),
        )
