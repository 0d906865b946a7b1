"""Apps on the first page after sign-in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse

from amends.causes.vetting.choices import AppVerdict, CheckState
from amends.causes.vetting.queries.checks import checks_for
from amends.platform.kit.actors import Actor
from amends.platform.registry import HomeRow

_MOST = 20


def apps_of_partner(actor: Actor, now: datetime) -> Sequence[HomeRow]:
    """Apps of the actor's partner that are not decided yet, newest first."""
    rows = checks_for(actor, now=now).filter(is_open=True)
    return [
        HomeRow(
            str(row),
            reverse("app_check", args=[row.ref]),
            AppVerdict(row.verdict).label if row.verdict else CheckState(row.state).label,
        )
        for row in rows.order_by("-received_at")[:_MOST]
    ]
