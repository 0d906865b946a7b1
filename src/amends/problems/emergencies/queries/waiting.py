"""The step of each emergency that is to be done first."""

from __future__ import annotations

from django.db.models import OuterRef, QuerySet, Subquery

from amends.problems.emergencies.models import EmergencyStep


def next_steps() -> QuerySet[EmergencyStep]:
    """The first step of each emergency that is neither done nor dropped."""
    open_steps = EmergencyStep.objects.filter(done_at=None, dropped_at=None)
    first = open_steps.filter(emergency=OuterRef("emergency")).order_by("due_at", "id")
    return open_steps.filter(pk=Subquery(first.values("pk")[:1]))
