"""Contacts of numbers with subscribers, as the network recorded them."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Min
from django.utils import timezone

from amends.causes.protection.models import NumberContact, StoppedDelivery
from amends.causes.protection.numbers import pair_of
from amends.causes.protection.rules.consequences import block_safeguards


def was_contacted(entry: str, subscriber: str, *, now: datetime) -> bool:
    """Whether the network recorded that a number contacted a subscriber, delivered or stopped."""
    within = timedelta(days=block_safeguards(timezone.localdate(now)).receipt_days)
    recent = NumberContact.objects.filter(
        pair=pair_of(entry, subscriber), first_at__lte=now, last_at__gt=now - within
    )
    stopped = StoppedDelivery.objects.filter(
        entry=entry, subscriber=subscriber, at__gt=now - within, at__lte=now
    )
    return recent.exists() or stopped.exists()


def ordinary_hours(entry: str, *, reported_at: datetime | None) -> float:
    """For how many hours a number had contacted people before it was first reported."""
    if reported_at is None:
        return 0.0
    starts = [
        NumberContact.objects.filter(entry=entry).aggregate(at=Min("first_at"))["at"],
        StoppedDelivery.objects.filter(entry=entry).aggregate(at=Min("at"))["at"],
    ]
    first = min((at for at in starts if at is not None), default=reported_at)
    return max((reported_at - first).total_seconds() / 3_600, 0.0)
