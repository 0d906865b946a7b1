"""Which channels may send, and how. Each is closed until an operator opts in by its settings."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from amends.channels.rules.outcomes import DeliveryOutcome
from amends.platform.kit.errors import Unavailable

if TYPE_CHECKING:
    from amends.channels.actions.claim import Claimed


class UnableToReachProvider(Unavailable):
    """The provider of a channel does not answer, or does not let us in."""

    code = "provider_unreachable"


class Sender(Protocol):
    """One open connection to a provider."""

    def send(self, message: Claimed, *, begin: Callable[[], bool]) -> DeliveryOutcome | None:
        """Hand `message` over; what became of it, or None if it was not ours any more.

        `begin` is called immediately before the step after which the message may be sent; if it
        answers False, somebody else has the message and nothing may be sent.
        Raises `UnableToReachProvider` if there is no provider to talk to.
        """


@dataclass(frozen=True, slots=True)
class Switch:
    """How a channel is asked whether it sends, and opened to send; the argument is the clock.

    open_sender  None for a channel whose line is held open by a job of its own
    """

    is_configured: Callable[[], bool]
    open_sender: Callable[[Callable[[], datetime]], AbstractContextManager[Sender]] | None


SWITCHES: dict[str, Switch] = {}


_REPLACEMENTS: dict[str, Switch] = {}
"""Channel → delivery in the demonstration; empty in every other installation."""


def replace_when_off(channel: str, switch: Switch) -> None:
    """Deliver messages of `channel` by `switch` where no provider is set; before it registers."""
    _REPLACEMENTS[channel] = switch


def delivers_here() -> bool:
    """Whether messages are shown by the demonstration and go to no provider."""
    return any(
        SWITCHES.get(channel) is switch and switch.is_configured()
        for channel, switch in _REPLACEMENTS.items()
    )


def register_sender(channel: str, switch: Switch) -> None:
    """Name how `channel` is switched on; called once by each channel that can send."""
    replacement = _REPLACEMENTS.get(channel)
    SWITCHES[channel] = replacement if replacement and not switch.is_configured() else switch


def sends(channel: str) -> bool:
    """Whether messages on `channel` are sent out; otherwise they are held."""
    switch = SWITCHES.get(channel)
    return switch is not None and switch.is_configured()
