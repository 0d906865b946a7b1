"""Every minute: users of a withdrawn offer are asked to move, a few hundred at a time."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction

from amends.causes.confirmations.actions.request_change import request_change
from amends.causes.launches.models import Withdrawal
from amends.people.subscribers.queries import services_on
from amends.platform.kit.errors import AmendsError

AT_ONCE = 200
log = logging.getLogger("amends.causes.launches")


def ask(*, now: datetime) -> int:
    """Ask the next users of each withdrawal; how many were asked."""
    return sum(_ask(row.pk, now) for row in Withdrawal.objects.filter(asked_all_at=None))


@transaction.atomic
def _ask(pk: int, now: datetime) -> int:
    row = Withdrawal.objects.select_for_update().select_related("launch").get(pk=pk)
    services = services_on(row.launch.offer, at=now, after=row.last_service, limit=AT_ONCE)
    asked_count = sum(_ask_one(row, *service, now=now) for service in services)
    row.asked += asked_count
    row.last_service = services[-1][0] if services else row.last_service
    if len(services) < AT_ONCE:
        row.asked_all_at = now
    row.save(update_fields=["asked", "last_service", "asked_all_at"])
    return asked_count


def _ask_one(row: Withdrawal, service: str, subscriber: str, *, now: datetime) -> bool:
    try:
        request_change(
            key=f"withdrawal:{row.launch_id}:{service}",
            subscriber=subscriber,
            service=service,
            offer=row.replacement,
            now=now,
        )
    except AmendsError as refused:
        log.warning("Service %s of a withdrawn offer was not asked about: %s", service, refused)
        return False
    return True
