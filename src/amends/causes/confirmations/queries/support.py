"""Unconfirmed services in favour of people whose complaint a rule is about to reject."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q

from amends.causes.confirmations.models import AuditFinding, RunningService
from amends.causes.confirmations.rules.causes import refund_cause
from amends.engines.decisions.dossier import Support
from amends.platform.kit.periods import to_ms
from amends.platform.registry import SupportRequest
from amends.work.remedies.queries import causes_under_way


def support(requests: Sequence[SupportRequest], now: datetime) -> dict[str, list[Support]]:
    """Complaint → findings of audits that are not settled, and services that began unconfirmed.

    A finding whose refund was paid or refused is settled.
    """
    people = {support_request.subscriber for support_request in requests}
    findings = _open_findings(people)
    services = list(
        RunningService.objects.filter(subscriber__in=people, covered=False).order_by("since", "id")
    )
    supports_by_complaint: dict[str, list[Support]] = defaultdict(list)
    for request in requests:
        supports_by_complaint[request.complaint] += [
            Support(
                kind="unconfirmed_charges",
                reference=row.id,
                at_ms=to_ms(row.audit.made_at),
                amount_minor=row.amount_minor,
                currency=row.currency,
            )
            for row in findings
            if row.subscriber == request.subscriber and row.audit.period_start < request.until
        ]
        supports_by_complaint[request.complaint] += [
            Support(
                kind="running_unconfirmed",
                reference=row.id,
                at_ms=to_ms(row.since),
                amount_minor=row.price_minor or 0,
                currency=row.currency,
            )
            for row in services
            if row.subscriber == request.subscriber and request.since <= row.since <= request.until
        ]
    return {
        complaint: complaint_supports
        for complaint, complaint_supports in supports_by_complaint.items()
        if complaint_supports
    }


def _open_findings(people: set[str]) -> list[AuditFinding]:
    rows = AuditFinding.objects.filter(~Q(state=AuditFinding.State.NOTHING), subscriber__in=people)
    findings = list(rows.select_related("audit").order_by("audit", "id"))
    opened = [row for row in findings if row.state != AuditFinding.State.FOUND]
    paying = causes_under_way(refund_cause(row.service) for row in opened) if opened else set()
    return [
        row
        for row in findings
        if row.state == AuditFinding.State.FOUND or refund_cause(row.service) in paying
    ]
