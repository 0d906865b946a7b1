"""Stop at once: withdrawing takes no more steps than giving."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from amends.causes.confirmations.actions.answer import Answered
from amends.causes.confirmations.actions.place import NewOrder, place
from amends.causes.confirmations.actions.prove_presence import confirm_in_person
from amends.platform.kit.actors import Actor


def stop_at_once(
    service: str, *, subscriber: str, presence: str, now: datetime, channel: str = "web"
) -> Answered:
    """A subscriber who has shown who he is stops a service: ordered, confirmed, carried out."""
    actor = Actor("subscriber", subscriber)
    new = NewOrder(
        key=f"stop:{service}:{presence}",
        order="stop",
        subscriber=subscriber,
        service=service,
        channel=channel,
    )
    with transaction.atomic():
        order = place(new, actor=actor, now=now, ask_now=False)
        return confirm_in_person(order.id, presence, actor=actor, now=now)
