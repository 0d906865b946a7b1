"""Close a case: from then on it opens nobody's data."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from amends.people.access.models import Case
from amends.people.access.queries.authority import authorise_case
from amends.people.access.queries.cases import find
from amends.platform.kit.actors import Actor


def close_case(actor: Actor, case: str, *, now: datetime) -> None:
    """Close an open case; raises UnableToAccess if it is closed or not the actor's."""
    with transaction.atomic():
        case_row = find(case)
        authorise_case(actor, "close_case", case_row, now=now)
        Case.objects.filter(ref=case, closed_at__isnull=True).update(
            closed_at=now, closed_by=actor.ref
        )
