"""Every minute: overdue requests lapse; an urgent act that was in force is undone."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db import transaction

from amends.platform.kit.actors import system
from amends.platform.kit.errors import AmendsError
from amends.work.approvals.actions.decide import end_unapproved
from amends.work.approvals.choices import WaitingState
from amends.work.approvals.models import WaitingItem

BY = system("approvals")
log = logging.getLogger("amends.work.approvals")


def lapse_overdue(*, now: datetime) -> int:
    """End every request whose time is over, each in a transaction of its own; how many.

    One whose act cannot be undone is logged and tried again the next time.
    """
    overdue = WaitingItem.objects.filter(state=WaitingState.WAITING, due_at__lte=now)
    ended = 0
    for ref in list(overdue.order_by("due_at", "ref").values_list("ref", flat=True)):
        try:
            with transaction.atomic():
                item = WaitingItem.objects.select_for_update().get(ref=ref)
                if item.state != WaitingState.WAITING:
                    continue
                end_unapproved(item, WaitingState.LAPSED, actor=BY, reason="", now=now)
            ended += 1
        except AmendsError:
            log.exception("An urgent act could not be undone: %s", ref)
    return ended
