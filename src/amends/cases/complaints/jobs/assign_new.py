"""Assign new complaints that a person must look at by the operator's assignment rules."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q

from amends.cases.complaints.models import Complaint
from amends.work.casework.actions.assign_by_rules import assign_by_rules, has_rules
from amends.work.casework.queries.work import ever_assigned

AT_ONCE = 200
SETTLED_BY_THEN = timedelta(minutes=1)
"""What the rules settle alone is settled by then, and needs nobody."""
RECENT = timedelta(days=2)


def assign_new(*, now: datetime) -> int:
    """Assign what waits for a person and was never assigned; how many."""
    if not has_rules():
        return 0
    waiting = Complaint.objects.filter(
        Q(state="investigating", may_act_alone=False) & ~Q(verdict="")
        | Q(state_since__lt=now - SETTLED_BY_THEN),
        is_open=True,
        history=False,
        state__in=("acknowledged", "investigating", "reopened"),
        state_since__gt=now - RECENT,
        handler="",
        team="",
    )
    rows = waiting.exclude(ever_assigned("complaint")).order_by("state_since", "id")
    return assign_by_rules("complaint", list(rows.values_list("id", flat=True)[:AT_ONCE]), now=now)
