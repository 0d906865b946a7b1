"""Signals by which articles are compared with records of other apps.

They are outside of `queries`, whose package imports the search index and so NumPy: receivers
connect when Django starts.
"""

from __future__ import annotations

from django.dispatch import Signal

contradictions_requested = Signal()
"""Sent with `texts`, key → (language, text): a receiver returns the statements
(`ContradictedStatement`) that its records contradict."""
