"""Signals that carry out the rights of a person."""

from __future__ import annotations

from django.dispatch import Signal

export_requested = Signal()
"""Sent with `subscriber`, `actor`, `now`, `reason` and `request` when a copy is granted:
the receiver returns the document."""
erasure_requested = Signal()
"""Sent with `subscriber`, `actor`, `now` and `request` when an erasure is granted: the receiver
erases the person, or raises the refusal."""
