"""Consequences that have run out end; reports that led to nothing are answered so."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from amends.causes.protection.actions.count_reports import count_reports
from amends.causes.protection.actions.evidence import remove_evidence, tidy_evidence
from amends.causes.protection.choices import ReportState
from amends.causes.protection.models import (
    Guardianship,
    NuisanceReport,
    NumberContact,
    ReportedNumber,
    ReportEvidence,
    StoppedDelivery,
)
from amends.causes.protection.queries.protected import protected_version

UNCONFIRMED_AFTER = timedelta(days=30)
STOPS_KEPT = timedelta(days=62)
"""How long it is stored what was stopped for whom: this month and the one before."""
CONTACTS_STORED = timedelta(days=31)
"""How long a contact that the network asked about proves the receipt of what is reported."""
EVIDENCE_KEPT = timedelta(days=180)
ANONYMOUS_KEPT = timedelta(days=60)
"""How long a report without a known person is stored with its text: an erasure cannot find it."""
FORGOTTEN = "forgotten"
AT_A_TIME = 500


def expire(*, now: datetime) -> int:
    """Count the numbers again whose consequence has run out, or that have not been compared with
    the numbers that are never blocked; how many ended."""
    ended = 0
    other_list = ~Q(checked_with=protected_version(timezone.localdate(now)))
    expired_numbers = ReportedNumber.objects.filter(Q(step_until__lte=now) | other_list).exclude(
        step=""
    )
    for ref in list(expired_numbers.values_list("ref", flat=True)[:AT_A_TIME]):
        with transaction.atomic():
            row = ReportedNumber.objects.select_for_update().get(ref=ref)
            ended += not count_reports(row, now=now).step
    NuisanceReport.objects.filter(
        state=ReportState.RECEIVED, reported_at__lte=now - UNCONFIRMED_AFTER
    ).update(state=ReportState.NOT_CONFIRMED, answered_at=now)
    _forget_anonymous(now)
    StoppedDelivery.objects.filter(at__lt=now - STOPS_KEPT).delete()
    NumberContact.objects.filter(last_at__lt=now - CONTACTS_STORED).delete()
    old = ReportEvidence.objects.filter(added_at__lt=now - EVIDENCE_KEPT)
    remove_evidence(old)
    tidy_evidence(now=now)
    Guardianship.objects.filter(until__lt=timezone.localdate(now)).delete()
    return ended


def recount(*, now: datetime) -> int:
    """Count the numbers whose reports arrived faster than they could be counted; how many."""
    behind = ReportedNumber.objects.filter(
        Q(counted_at__isnull=True) | Q(last_reported_at__gt=F("counted_at"))
    )
    refs = list(behind.order_by("ref").values_list("ref", flat=True)[:AT_A_TIME])
    for ref in refs:
        with transaction.atomic():
            count_reports(ReportedNumber.objects.select_for_update().get(ref=ref), now=now)
    return len(refs)


def _forget_anonymous(now: datetime) -> None:
    """Erase text and reporter of old anonymous reports."""
    old = NuisanceReport.objects.filter(subscriber="", reported_at__lt=now - ANONYMOUS_KEPT)
    old = old.exclude(reporter=FORGOTTEN)
    refs = list(old.order_by("reported_at").values_list("ref", flat=True)[:5_000])
    remove_evidence(ReportEvidence.objects.filter(report__in=refs))
    NuisanceReport.objects.filter(ref__in=refs).update(
        text=b"", words=[], hosts=[], reporter=FORGOTTEN
    )
