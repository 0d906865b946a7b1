"""What the first page after sign-in shows of launches."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from amends.causes.launches.models import Launch
from amends.causes.launches.queries import launches_in_state, launches_stopped
from amends.platform.kit.actors import Actor
from amends.platform.kit.formats import format_date
from amends.platform.registry import HomeRow

BACK = timedelta(days=91)


def stopped(actor: Actor, now: datetime) -> Sequence[HomeRow]:
    """Launches stopped in the last quarter, the newest first."""
    stopped_launches = launches_stopped(now - BACK, brand=actor.brand)
    language = get_language() or "en"
    return [
        _row(
            launch_row,
            _("stopped on %(day)s")
            % {"day": format_date(timezone.localdate(launch_row.stopped_at), language)},
        )
        for launch_row in stopped_launches
    ]


def on_sale(actor: Actor, now: datetime) -> Sequence[HomeRow]:
    """Launches on sale, the newest first."""
    live_launches = launches_in_state(Launch.State.LIVE, brand=actor.brand)
    live_launches.sort(key=lambda launch_row: launch_row.live_at or now, reverse=True)
    return [_row(launch_row, _("on sale, not stopped")) for launch_row in live_launches]


def _row(launch: Launch, note: str) -> HomeRow:
    return HomeRow(launch.name, reverse("launch", args=[launch.id]), note)
