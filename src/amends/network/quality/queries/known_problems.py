"""Network incidents for the public page of known problems."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from amends.network.quality.incident_choices import IncidentKind, IncidentState
from amends.network.quality.models import NetworkIncident

SHOWN_AFTER_END = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class KnownProblem:
    """An incident as anybody may read it; `ended_at` None while it lasts."""

    number: int
    kind: IncidentKind
    areas: tuple[str, ...]
    started_at: datetime
    ended_at: datetime | None


def known_problems(
    *, now: datetime, within: Collection[str] | None = None, limit: int = 100
) -> list[KnownProblem]:
    """Confirmed incidents that last or ended in the last three days, the newest first.

    within  areas of which at least one is affected; None for all
    Suspected incidents are not public.
    """
    rows = NetworkIncident.objects.filter(
        Q(state=IncidentState.OPEN)
        | Q(state=IncidentState.ENDED, ended_at__gt=now - SHOWN_AFTER_END),
        started_at__lte=now,
    ).order_by("-started_at", "-number")
    problems = (
        KnownProblem(
            number=row.number,
            kind=IncidentKind(row.kind),
            areas=tuple(row.areas),
            started_at=row.started_at,
            ended_at=row.ended_at,
        )
        for row in rows
        if within is None or not set(within).isdisjoint(row.areas)
    )
    return [problem for problem, _number in zip(problems, range(limit), strict=False)]
