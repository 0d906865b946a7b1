"""The price plan of a case as the catalogue has it."""

from __future__ import annotations

from django.utils import timezone

from amends.causes.launches.rules.case import Row
from amends.platform.kit.money import digits_of
from amends.record.catalogue.queries import offer


def price_of(ref: str, currency: str) -> Row | None:
    """The row of the sheet `price` of an offer in force; None without one in that currency."""
    found = offer(ref, timezone.now()) if ref else None
    if found is None or found.currency != currency:
        return None
    unit = 10 ** digits_of(currency)
    return {
        "month": found.price_minor / unit,
        "included_min": found.allowance_minutes or 0,
        "included_sms": found.allowance_messages or 0,
        "included_mb": found.allowance_mb or 0,
        "extra_mb": (found.out_of_plan_minor_per_mb or 0) / unit,
    }
