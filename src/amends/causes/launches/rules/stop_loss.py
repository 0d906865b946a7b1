"""Stop-loss: limits fixed before the start, held against what is measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Breach:
    """A limit that what was measured is above."""

    trigger: str
    value: float
    limit: float


def breaches(limits: Mapping[str, float], measured: Mapping[str, float | None]) -> list[Breach]:
    """What is past its limit; what nobody measured breaches nothing.

    >>> breaches({"refund_rate": 0.03}, {"refund_rate": 0.05})
    [Breach(trigger='refund_rate', value=0.05, limit=0.03)]
    """
    return [
        Breach(name, value, limit)
        for name, limit in limits.items()
        if (value := measured.get(name)) is not None and value > limit
    ]
