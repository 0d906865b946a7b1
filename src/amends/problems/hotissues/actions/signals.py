"""What happens to an issue that other apps act on, inside the same transaction.

closing   a person asks to close it (`issue`, `actor`, `now`); a receiver that raises refuses
reopened  it is open again (`issue`, `now`)
assigned  a person named its owner (`issue`, `actor`, `now`)
"""

from __future__ import annotations

from django.dispatch import Signal

closing = Signal()
reopened = Signal()
assigned = Signal()
