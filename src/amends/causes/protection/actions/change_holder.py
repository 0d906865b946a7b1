"""A number that changes its holder starts again."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from amends.causes.protection.actions.block_number import end_step, record_change
from amends.causes.protection.actions.count_reports import count_reports
from amends.causes.protection.models import ReportedNumber
from amends.causes.protection.numbers import entry_of


def change_holder(number: str, *, now: datetime) -> bool:
    """Forget what was reported of a number before its new holder; whether anything was known."""
    with transaction.atomic():
        row = ReportedNumber.objects.select_for_update().filter(entry=entry_of(number)).first()
        if row is None:
            return False
        before = row.step
        end_step(row)
        row.holder_since = now
        row.save()
        if before:
            record_change(row, before, "holder changed", by="holder", now=now)
        count_reports(row, now=now)
    return True
