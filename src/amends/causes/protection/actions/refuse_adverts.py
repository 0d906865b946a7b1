"""Want no advertising at all, and take that back: by the person concerned, in force at once."""

from __future__ import annotations

from datetime import datetime

from amends.causes.protection.models import AdvertRefusal


def refuse_adverts(subscriber: str, *, now: datetime) -> bool:
    """Refuse all advertising; False where the person had refused already."""
    _row, created_refusal = AdvertRefusal.objects.get_or_create(
        subscriber=subscriber, defaults={"since": now}
    )
    return created_refusal


def allow_adverts(subscriber: str) -> bool:
    """Take the refusal back: consents given elsewhere hold again. False where there was none."""
    deleted, _by_model = AdvertRefusal.objects.filter(subscriber=subscriber).delete()
    return bool(deleted)
