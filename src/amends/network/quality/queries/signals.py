"""Signals by which pages of the network ask other apps."""

from __future__ import annotations

from django.dispatch import Signal

area_measures_requested = Signal()
"""Sent with `brand`: a receiver returns area → the newest measure that treats it."""
