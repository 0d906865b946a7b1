"""Proceedings against partners."""

from __future__ import annotations

from amends.causes.vetting.models import (
    PartnerProceeding,
    PartnerStep,
    ProceedingState,
)


def proceedings_of(ref: str) -> list[tuple[PartnerProceeding, ProceedingState, PartnerStep]]:
    """The proceedings of a partner, the newest first."""
    rows = PartnerProceeding.objects.filter(partner=ref)
    return [(row, ProceedingState(row.state), PartnerStep(row.step)) for row in rows]
