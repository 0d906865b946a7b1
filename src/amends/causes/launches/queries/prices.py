"""The price plan of a case as the catalogue has it."""

from __future__ import annotations

from django.utils import timezone

from amends.causes.launches.rules.case import Row
from amends.platform.kit.money import digits_of
from amends.record.catalogue.queries import offer


def price_of(ref: str, currency: str) -> Row | None:
    """The row of the sheet `price` of an offer in force; None without one in that currency."""
    offer_view = offer(ref, timezone.now()) if ref else None
    if offer_view is None or offer_view.currency != currency:
        return None
    unit = 10 ** digits_of(currency)
    return {
        "month": offer_view.price_minor / unit,
        "included_min": offer_view.allowance_minutes or 0,
        "included_sms": offer_view.allowance_messages or 0,
        "included_mb": offer_view.allowance_mb or 0,
        "extra_mb": (offer_view.out_of_plan_minor_per_mb or 0) / unit,
    }
