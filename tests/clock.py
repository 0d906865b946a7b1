"""A clock for tests that begins at a moment of their own and goes on, whatever the day of the run."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

MORNING = datetime.fromisoformat(
    os.environ.get("AMENDS_TEST_CLOCK", "2026-11-27T10:00:00+08:00")
).astimezone(UTC)
"""Ten in China on a Friday, three days after what most tests tell: offices are open, nobody sleeps.

`AMENDS_TEST_CLOCK` names another moment, to see what goes wrong then.
"""


def begin_at(monkeypatch: pytest.MonkeyPatch, moment: datetime = MORNING) -> None:
    """From here on `timezone.now` says `moment`, and later what has passed since."""
    begun = time.monotonic()

    def now() -> datetime:
        return moment + timedelta(seconds=time.monotonic() - begun)

    monkeypatch.setattr(timezone, "now", now)
