"""Alarms of the installation on the first page after sign-in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.core.cache import caches
from django.urls import reverse
from django.utils.translation import get_language

from amends.operations.health.alarms import sounding
from amends.operations.health.readings import readings
from amends.platform.kit.actors import Actor
from amends.platform.kit.formats import is_chinese
from amends.platform.registry import HomeRow

_CACHED_S = 60


def alarms_now(actor: Actor, now: datetime) -> Sequence[HomeRow]:
    """The alarms that are raised; read once a minute in each process."""
    cache = caches["process"]
    titles: list[tuple[str, str]] | None = cache.get("amends.operations.alarms")
    if titles is None:
        raised = sounding(readings(now=now))
        titles = [(item.alarm.zh, item.alarm.en) for item in raised]
        cache.set("amends.operations.alarms", titles, _CACHED_S)
    chinese = is_chinese(get_language() or "")
    return [HomeRow(zh if chinese else en, reverse("operation")) for zh, en in titles]
