"""Send the codes that were asked for on the page of a tracking code."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from amends.cases.complaints.actions.identify import VALID_FOR, UnableToIdentify, ask_nobody
from amends.cases.complaints.actions.prove_identity import ask_for_proof
from amends.cases.complaints.models import IdentityRequest


def send_codes(*, now: datetime, limit: int = 200) -> int:
    """How many requests were dealt with; those with nobody to send a code to among them."""
    sent_count = 0
    for ref in IdentityRequest.objects.values_list("id", flat=True)[:limit]:
        with transaction.atomic():
            rows = IdentityRequest.objects.select_for_update(skip_locked=True).filter(id=ref)
            row = rows.select_related("complaint").first()
            if row is None:
                continue
            if row.asked_at > now - VALID_FOR:
                _send(row, now)
            row.delete()
        sent_count += 1
    return sent_count


def _send(row: IdentityRequest, now: datetime) -> None:
    try:
        with transaction.atomic():
            ask_for_proof(row.complaint_id, source=row.source, now=now)
    except UnableToIdentify:
        ask_nobody(row.complaint, now=now)


def oldest_request_at() -> datetime | None:
    """Since when the oldest request for a code waits."""
    rows = IdentityRequest.objects.order_by("asked_at")
    return rows.values_list("asked_at", flat=True).first()
