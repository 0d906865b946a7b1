"""What the operator lets rules do alone: the money limits are those of `remedies`."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import lru_cache

from amends.engines.decisions.decide import ApprovalLimit, default_limits
from amends.work.remedies.queries import system_limits


@lru_cache(maxsize=64)
def operator_limits(jurisdiction: str, on: date) -> ApprovalLimit:
    """The limits in force on a day; a rule proposes alone only what it may also approve alone."""
    return replace(default_limits(jurisdiction, on), amounts=system_limits(on))
