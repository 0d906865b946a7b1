"""Consequences that have run out end; reports that led to nothing are answered so."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from amends.protection.actions.count_reports import count_reports
from amends.protection.actions.evidence import remove_evidence, tidy_evidence
from amends.protection.choices import ReportState
from amends.protection.models import (
    Guardianship,
    NuisanceReport,
    ReportedNumber,
    ReportEvidence,
    StoppedDelivery,
)

UNCONFIRMED_AFTER = timedelta(days=30)
STOPS_KEPT = timedelta(days=62)
"""How long it is stored what was stopped for whom: this month and the one before."""
EVIDENCE_KEPT = timedelta(days=180)
AT_A_TIME = 500


def expire(*, now: datetime) -> int:
    """Count anew the numbers whose consequence has run out; how many ended."""
    ended = 0
    due = ReportedNumber.objects.filter(step_until__lte=now).exclude(step="")
    for ref in list(due.values_list("ref", flat=True)[:AT_A_TIME]):
        with transaction.atomic():
            row = ReportedNumber.objects.select_for_update().get(ref=ref)
            ended += not count_reports(row, now=now).step
    NuisanceReport.objects.filter(
        state=ReportState.RECEIVED, reported_at__lte=now - UNCONFIRMED_AFTER
    ).update(state=ReportState.NOT_CONFIRMED, answered_at=now)
    StoppedDelivery.objects.filter(at__lt=now - STOPS_KEPT).delete()
    old = ReportEvidence.objects.filter(added_at__lt=now - EVIDENCE_KEPT)
    remove_evidence(old)
    tidy_evidence(now=now)
    Guardianship.objects.filter(until__lt=timezone.localdate(now)).delete()
    return ended
