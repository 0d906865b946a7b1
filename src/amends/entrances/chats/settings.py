"""Settings of the chat, read strictly.

| variable | meaning |
|---|---|
| AMENDS_CHAT_HOURS | hours people answer, such as `08:00-22:00`; empty: always; `none`: no chat |
| AMENDS_CHAT_WAIT_MINUTES | minutes without an answer until a chat becomes a complaint, default 5 |
| AMENDS_CHAT_IDLE_MINUTES | minutes without a message until a chat ends, default 20 |
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.utils import timezone

from amends.entrances.chats import refusals
from amends.platform.environment.variables import number, text

_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")


@dataclass(frozen=True, slots=True)
class ChatSettings:
    """When people answer, and how long a chat waits; `hours` None: at any time."""

    is_on: bool
    hours: tuple[time, time] | None
    wait: timedelta
    idle: timedelta

    def is_open(self, now: datetime) -> bool:
        """Whether people answer at `now`; hours that end before they begin run past midnight."""
        if self.hours is None:
            return True
        clock, (start, end) = timezone.localtime(now).time(), self.hours
        return start <= clock < end if start < end else clock >= start or clock < end

    @property
    def hours_text(self) -> str:
        """The hours as people read them, "" for any time."""
        return "–".join(f"{hour:%H:%M}" for hour in self.hours) if self.hours else ""


def chat_settings() -> ChatSettings:
    """The settings in force; raises `ImproperlyConfigured` for a value that cannot be used."""
    hours_text = text("AMENDS_CHAT_HOURS")
    match = _HOURS.fullmatch(hours_text)
    if hours_text and hours_text != "none" and match is None:
        raise refusals.unusable_hours(value=repr(hours_text))
    hours = None
    if match is not None:
        first, second, third, fourth = (int(part) for part in match.groups())
        hours = time(first, second), time(third, fourth)
    return ChatSettings(
        is_on=hours_text != "none",
        hours=hours,
        wait=timedelta(minutes=number("AMENDS_CHAT_WAIT_MINUTES", default=5, low=1, high=120)),
        idle=timedelta(minutes=number("AMENDS_CHAT_IDLE_MINUTES", default=20, low=5, high=240)),
    )
