"""Services without a confirmation by partner: what the score of a partner counts."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, Q

from amends.causes.confirmations.models import Audit, RunningService


def services_by_partner(start: datetime, end: datetime) -> dict[str, tuple[int, int]]:
    """Provider or agent → services that began in `[start, end)`, and those without confirmation.

    A partner without such services is counted by the newest audit of all brands of that time.
    """
    counts_by_partner: dict[str, tuple[int, int]] = {}
    rows = RunningService.objects.filter(since__gte=start, since__lt=end).order_by()
    for role in ("provider", "agent"):
        counted = rows.exclude(**{role: ""}).values_list(role)
        for ref, judged, wrong in counted.annotate(
            judged=Count("id"), wrong=Count("id", filter=Q(covered=False))
        ):
            before = counts_by_partner.get(ref, (0, 0))
            counts_by_partner[ref] = (before[0] + judged, before[1] + wrong)
    audit = Audit.objects.filter(brand="", period_end__gt=start, period_start__lt=end).first()
    for partner in audit.document.get("partners", ()) if audit else ():
        counts_by_partner.setdefault(
            partner["name"], (int(partner["judged"]), int(partner["wrong"]))
        )
    return counts_by_partner
