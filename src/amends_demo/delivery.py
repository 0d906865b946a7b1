"""Delivery in the demonstration: messages to invented customers are shown on a page.

It exists only where `amends demo` wrote its file into the data directory, the simulation is over,
and the installation answers on this machine alone.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Self

from django.conf import settings

from amends.channels.rules.outcomes import DeliveryOutcome
from amends.channels.senders import Switch, replace_when_off

if TYPE_CHECKING:
    from amends.channels.actions.claim import Claimed

CHANNELS = ("mail", "sms")
_EMPTY = len("{}")


def is_open() -> bool:
    """Whether this is a demonstration whose simulation is over, on this machine alone."""
    if not settings.LOOPBACK_ONLY:
        return False
    try:
        return bool(settings.DEMONSTRATION_FILE.stat().st_size > _EMPTY)
    except OSError:
        return False


def deliver_here() -> None:
    """Let mail and text messages arrive on that page where no provider is set."""
    if settings.LOOPBACK_ONLY and settings.DEMONSTRATION_FILE.exists():
        for channel in CHANNELS:
            replace_when_off(channel, Switch(is_open, DemoSender))


class DemoSender:
    """A provider that takes every message: the outbox itself is what the page shows."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Nothing is open."""

    def send(self, message: Claimed, *, begin: Callable[[], bool]) -> DeliveryOutcome | None:
        """Take one message."""
        return DeliveryOutcome("sent", provider_message_id=message.id) if begin() else None
