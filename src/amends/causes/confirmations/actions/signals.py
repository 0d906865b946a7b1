"""Signals of orders."""

from __future__ import annotations

from django.dispatch import Signal

order_refusal_requested = Signal()
"""Sent before an order is stored, with `subscriber`, `order` (`open`, `change`, `stop`), `kind`,
`provider` and `now`: a receiver returns why the order is refused, "" where it is not."""
