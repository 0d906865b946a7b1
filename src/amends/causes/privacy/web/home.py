"""What the first page after sign-in shows of privacy."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from amends.causes.privacy.models import RightsRequest
from amends.causes.privacy.queries import rights_queue
from amends.platform.kit.actors import Actor
from amends.platform.registry import HomeRow

BACK = timedelta(days=28)


def answered(actor: Actor, now: datetime) -> Sequence[HomeRow]:
    """Requests answered in the last four weeks, and whether in time."""
    answered_rows = [
        rights_row
        for rights_row in rights_queue(now=now, brand=actor.brand, only_answered=True)
        if rights_row.it.answered_at and rights_row.it.answered_at > now - BACK
    ]
    return [
        HomeRow(
            rights_row.it.title,
            reverse("privacy_request", args=[rights_row.it.ref]),
            _("answered in time") if _in_time(rights_row.it) else _("answered late"),
        )
        for rights_row in answered_rows
    ]


def _in_time(request: RightsRequest) -> bool:
    return bool(request.answered_at and request.answered_at <= request.due_at)
