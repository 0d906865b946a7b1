"""The timers of emergencies: notify whoever is due, state and escalate what is late."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction

from amends.platform.kit.actors import system
from amends.platform.kit.errors import Refused
from amends.problems.emergencies.actions.notify_roles import escalate, notify_due_steps
from amends.problems.emergencies.actions.steps import missed
from amends.problems.emergencies.models import EmergencyStep
from amends.problems.emergencies.queries.steps import plan_of
from amends.problems.hotissues.queries.records import HotIssue

TIMER = system("hotissues")
log = logging.getLogger("amends.problems.hotissues")


def check_timers(*, now: datetime) -> int:
    """One pass over the steps of open issues; how many became late. A second pass finds nothing."""
    waiting = EmergencyStep.objects.filter(
        done_at__isnull=True, dropped_at__isnull=True, emergency__issue__state="open"
    )
    late = 0
    issues = waiting.order_by().values_list("emergency__issue_id", flat=True).distinct()
    for ref in list(issues):
        try:
            late += _check_emergency(ref, now)
        except Refused:
            log.exception("The timers of an issue could not be turned.")
    return late


def _check_emergency(ref: str, now: datetime) -> int:
    with transaction.atomic():
        issue = HotIssue.objects.select_for_update().get(id=ref)
        notify_due_steps(issue, actor=TIMER, now=now)
        plan = plan_of(issue.emergency)
        rows = list(
            issue.emergency.steps.filter(
                done_at__isnull=True,
                dropped_at__isnull=True,
                missed_at__isnull=True,
                due_at__lt=now,
            )
        )
        for row in rows:
            rule = plan.step(row.step)
            missed(issue, row, actor=TIMER, now=now)
            step_labels = {"zh": rule.zh, "en": rule.en}
            escalate(issue, row.step, rule.escalate_to, step_labels=step_labels, now=now)
        return len(rows)
