"""Chapter of the demonstration: two weeks of speed tests, slow in the evening, some invalid."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from amends.quality.actions.locate import shared_secret
from amends.quality.actions.record import NewTest, record
from amends.quality.measurement.signing import sign

_TESTS, _DAYS = 40, 14
_CONTRACTS_MBPS = (50, 100, 300)
_ODD = ({"wired": False}, {"vpn": True}, {"other_traffic": True}, {})
_BUSY_HOURS = range(11, 15)  # UTC: evening in China


def play(*, seed: int, now: datetime, staff: Mapping[str, Any]) -> None:
    """Record the tests, as if a measurement server had signed each."""
    chance = random.Random(seed)  # noqa: S311 (invented figures)
    moments = sorted(
        now - timedelta(minutes=chance.randrange(60, _DAYS * 24 * 60)) for _ in range(_TESTS)
    )
    for number, at in enumerate(moments):
        promised = chance.choice(_CONTRACTS_MBPS)
        share = chance.uniform(0.3, 0.7) if at.hour in _BUSY_HOURS else chance.uniform(0.8, 1)
        odd = chance.choice(_ODD) if chance.random() < 0.2 else {}
        conditions: dict[str, Any] = {"promised": promised, "wired": True, **odd}
        loaded = [chance.gauss(120 if share < 0.75 else 40, 5) for _ in range(40)]
        results = [
            _signed(number, at, "download", promised * share),
            _signed(number, at, "upload", promised * share / 5),
        ]
        curve = {
            "download": [promised * share * chance.uniform(0.9, 1.05) for _ in range(40)],
            "upload": [promised * share / 5 * chance.uniform(0.9, 1.05) for _ in range(40)],
        }
        record(NewTest(results, loaded, conditions, curve), now=at + timedelta(minutes=1))


def _signed(number: int, at: datetime, direction: str, mbps: float) -> str:
    figures = {
        "test": f"demonstration-{number}", "direction": direction, "server": "pop1",
        "at": at.isoformat(), "bytes": round(mbps * 1e7 / 8), "elapsed_us": 10_000_000,
        "min_rtt_us": 9_000, "rtt_us": 20_000, "retransmitted": 0, "others": 0, "zeros": False,
    }  # fmt: skip
    return sign("result", figures, secret=shared_secret())
