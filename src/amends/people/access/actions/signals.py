"""Signals of looks at personal data."""

from __future__ import annotations

from django.dispatch import Signal

data_accessed = Signal()
"""Sent with each look, in its transaction, with its `facts` and `now`; an error of a receiver lets
the look fail."""
