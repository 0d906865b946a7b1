"""What the first page after sign-in shows of launches."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from amends.causes.launches.models import Launch
from amends.causes.launches.queries import launches
from amends.platform.kit.actors import Actor
from amends.platform.kit.formats import format_date
from amends.platform.registry import HomeRow

BACK = timedelta(days=91)


def to_approve(actor: Actor, now: datetime) -> Sequence[HomeRow]:
    """Launches that were assessed and are not approved, the oldest first."""
    waiting = [
        launch for launch in launches(brand=actor.brand) if launch.state == Launch.State.ASSESSED
    ]
    return [_row(one, _("not approved yet")) for one in reversed(waiting)]


def stopped(actor: Actor, now: datetime) -> Sequence[HomeRow]:
    """Launches stopped in the last quarter, the newest first."""
    found = [
        launch
        for launch in launches(brand=actor.brand)
        if launch.stopped_at and launch.stopped_at > now - BACK
    ]
    found.sort(key=lambda one: one.stopped_at or now, reverse=True)
    language = get_language() or "en"
    return [
        _row(
            one,
            _("stopped on %(day)s")
            % {"day": format_date(timezone.localdate(one.stopped_at), language)},
        )
        for one in found
    ]


def on_sale(actor: Actor, now: datetime) -> Sequence[HomeRow]:
    """Launches on sale, the newest first."""
    found = [launch for launch in launches(brand=actor.brand) if launch.state == Launch.State.LIVE]
    found.sort(key=lambda one: one.live_at or now, reverse=True)
    return [_row(one, _("on sale, not stopped")) for one in found]


def _row(launch: Launch, note: str) -> HomeRow:
    return HomeRow(launch.name, reverse("launch", args=[launch.id]), note)
