"""Proceedings against partners."""

from __future__ import annotations

from amends.causes.vetting.models import PartnerProceeding, ProceedingState


def proceedings_of(ref: str) -> list[tuple[PartnerProceeding, ProceedingState]]:
    """The proceedings of a partner, the newest first."""
    rows = PartnerProceeding.objects.filter(partner=ref)
    return [(row, ProceedingState(row.state)) for row in rows]
