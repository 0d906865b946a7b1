"""Watch what no counter shows: borders as files arrive, new kinds of charge by the hour."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from amends.causes.notices.actions.watch_borders import BorderWatch, watch_new
from amends.causes.notices.actions.watch_charges import watch_charges


def borders(*, now: datetime) -> BorderWatch:
    """Look through the new files of usage and of registrations."""
    return watch_new((settings.NETWORK_DIR, settings.USAGE_DIR), now=now)


def charges(*, now: datetime) -> int:
    """Tell of new kinds of charge."""
    return watch_charges(now=now)
