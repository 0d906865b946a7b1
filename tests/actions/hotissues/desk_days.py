"""Days of complaints as the desk receives them, written at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from amends.cases.complaints.models import Complaint
from amends.platform.database.rows import insert
from amends.platform.kit.ids import time_ordered_id, tracking_code

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAYS = 120


def write(days: Sequence[int], code: str, *, person: str = "", **more: object) -> list[str]:
    """One complaint on each of these days before `NOW`, each by somebody else unless named."""
    received = [NOW - timedelta(days=day, minutes=7) for day in days]
    refs = [time_ordered_id() for _ in days]
    constant = {
        "channel": "web",
        "jurisdiction": "cn",
        "area": "north",
        "first_words": "网速慢",
        "code": code,
        "classified_by": "test",
    }
    insert(
        Complaint,
        {
            "id": refs,
            "code_public": [tracking_code() for _ in days],
            "person": [person or f"p-{ref}" for ref in refs],
            "received_at": received,
            "recorded_at": received,
            "state_since": received,
            **{name: [value] * len(days) for name, value in (constant | more).items()},
        },
    )
    return refs


def ordinary(seed: int, *, until: int = 0, days: int = DAYS) -> None:
    """An ordinary quarter: two classes, two areas, each day by chance."""
    chance = np.random.default_rng(seed)
    for code, mean in (("network.speed", 3.0), ("billing.wrong_charge", 2.0)):
        for area in ("north", "south"):
            counted = [day for day in range(until, days) for _ in range(chance.poisson(mean))]
            write(counted, code, area=area)
