"""Watch the looks at personal data."""

from __future__ import annotations

from datetime import datetime

from amends.causes.privacy.actions.honeytokens import watch_fed_looks
from amends.causes.privacy.actions.rights_requests import forget_documents
from amends.causes.privacy.actions.watch_looks import watch_looks


def watch(now: datetime) -> int:
    """Store what is new; how many alerts. Copies whose time has ended are forgotten."""
    forget_documents(now)
    return watch_looks(now=now)


def watch_honeytokens(now: datetime) -> int:
    """Alert looks at honeytokens that other systems state; how many."""
    return watch_fed_looks(now)
