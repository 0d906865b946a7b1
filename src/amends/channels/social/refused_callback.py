"""The refusal of a callback."""

from __future__ import annotations

from amends.channels.social.models import CallbackRefusal


class RefusedCallback(Exception):
    """A callback that is not accepted, and why."""

    def __init__(self, reason: CallbackRefusal.Reason) -> None:
        super().__init__(str(reason))
        self.reason = reason
