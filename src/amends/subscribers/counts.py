"""How many subscribers there are, for rates: counts alone."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, Q

from amends.subscribers.models import Subscriber

_DIMENSIONS = ("area", "brand")


def users_by(dimension: str, *, at: datetime, brand: str = "") -> dict[str, int]:
    """Value of `dimension` ("area", "brand", or "" for everybody) → subscribers served at `at`.

    Who has left or was erased counts until then only where the register still knows the moment.
    """
    rows = Subscriber.objects.filter(registered_at__lte=at).exclude(status="left")
    rows = rows.filter(Q(erased_at__isnull=True) | Q(erased_at__gt=at))
    if brand:
        rows = rows.filter(brand=brand)
    if dimension not in _DIMENSIONS:
        return {"": rows.count()}
    counted = rows.order_by().values_list(dimension).annotate(users=Count("pseudonym"))
    return dict(counted)
