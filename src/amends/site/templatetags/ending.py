"""What somebody loses with a service, said before it is stopped."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils import timezone

from amends.causes.confirmations.queries import mine
from amends.causes.notices.queries.accounts import accounts_of
from amends.platform.kit.terms import shifted
from amends.record.catalogue.queries import offer

register = template.Library()

_WITH_NUMBER = frozenset({"mobile_plan", "mobile", "landline"})


@register.inclusion_tag("amends/losses.html")
def losses(subscriber: str, service: str) -> dict[str, Any]:
    """The number, the exit fee and what is outstanding on a line; each only where it is known."""
    now = timezone.now()
    view = next(
        (service_view for service_view in mine(subscriber) if service_view.service == service), None
    )
    if view is None:
        return {}
    begun = (offer(view.offer, view.since) or offer(view.offer, now)) if view.offer else None
    until = shifted(timezone.localdate(view.since), begun.contract_months) if begun else None
    left = next(
        (account for account in accounts_of(subscriber, now=now) if account.service == service),
        None,
    )
    bound = until is not None and until > timezone.localdate(now)
    return {
        "number": (view.kind or (begun.kind if begun else "")) in _WITH_NUMBER,
        "fee_minor": begun.exit_fee_minor if begun and bound else 0,
        "fee_currency": begun.currency if begun else "",
        "until": until,
        "left_minor": left.left_minor if left else None,
        "owed_minor": -left.left_minor if left and left.left_minor else None,
        "currency": left.currency if left else "",
    }
