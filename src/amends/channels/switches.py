"""Which channels may send. A channel is closed until an operator opts in by its settings."""

from __future__ import annotations

from collections.abc import Callable

_OPENERS: dict[str, Callable[[], bool]] = {}


def register_sender(channel: str, is_configured: Callable[[], bool]) -> None:
    """Name the question that tells whether `channel` is switched on."""
    _OPENERS[channel] = is_configured


def sends(channel: str) -> bool:
    """Whether messages on `channel` leave the house; otherwise they are held."""
    opener = _OPENERS.get(channel)
    return opener is not None and opener()
