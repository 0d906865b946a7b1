"""Stop a service at once, as its user."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_noop as _

from amends.causes.confirmations.actions.stop_service import stop_at_once
from amends.entrances.selfservice.actions.order import OrderProgress, progress
from amends.entrances.selfservice.queries import IdentifiedUser, running
from amends.platform.kit.errors import BadInput


def stop_service(user: IdentifiedUser, service: str, *, now: datetime) -> OrderProgress:
    """Order, confirm by presence and carry out; raises `BadInput` for a service of others."""
    if service not in {active_service.service for active_service in running(user, now=now)}:
        raise BadInput(
            _("You have no running service of this number."),
            meaning=_("Nothing was changed."),
            next_step=_("Choose from the list of your services."),
            code="service_unknown",
        )
    stop_order = stop_at_once(
        service,
        subscriber=user.subscriber,
        presence=user.presence,
        now=now,
        channel=user.channel,
    )
    return progress(stop_order.order, stop_order.outcome)
