"""Chapter of the demonstration: users measure their lines; some tests do not count."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from amends.network.measurement.signing import sign
from amends.network.quality.actions.locate import shared_secret
from amends.network.quality.actions.record import NewTest, record
from amends.network.quality.actions.start_campaign import start_campaign
from amends.network.quality.jobs.publish_peaks import publish_peaks
from amends.network.quality.models import SpeedTest
from amends.network.quality.queries.verdicts import campaign_progress, rule_in_force

_TESTS, _DAYS = 40, 14
_CONTRACTS_MBPS = (50, 100, 300)
_ODD: tuple[dict[str, Any], ...] = (
    {"wired": False, "network": "wifi"},
    {"vpn": True},
    {"other_traffic": True},
    {"clock_skew_s": 90},
    {"cpu_share": 0.97},
)
_BUSY_HOURS = range(11, 15)  # UTC: evening in China
_RADIO = {"cell": "460-00-21-4711", "technology": "5G", "rsrp_dbm": -96.0, "sinr_db": 11.5}


def play(*, seed: int, now: datetime, staff: Mapping[str, Any]) -> None:
    """Two weeks of tests, slow in the evening, some invalid; and a series that goes on."""
    chance = random.Random(seed)  # noqa: S311 (invented figures)
    moments = sorted(
        now - timedelta(minutes=chance.randrange(60, _DAYS * 24 * 60)) for _ in range(_TESTS)
    )
    for number, at in enumerate(moments):
        promised = chance.choice(_CONTRACTS_MBPS)
        share = chance.uniform(0.3, 0.7) if at.hour in _BUSY_HOURS else chance.uniform(0.8, 1)
        odd = chance.choice(_ODD) if chance.random() < 0.2 else {}
        radio = _RADIO if odd.get("wired") is False else {}
        conditions = {"promised": promised, **odd}
        measure(f"visitor-{number}", at, promised * share, chance, conditions, radio=radio)
    _series(now, chance)
    publish_peaks(now=now)


def measure(
    name: str,
    at: datetime,
    down_mbps: float,
    chance: random.Random,
    conditions: Mapping[str, Any],
    *,
    campaign: str = "",
    radio: Mapping[str, Any] | None = None,
) -> SpeedTest:
    """One test by cable, as if a measurement server had signed it."""
    loaded = [chance.gauss(120 if at.hour in _BUSY_HOURS else 40, 5) for _ in range(40)]
    speeds = {"download": down_mbps, "upload": down_mbps / 5}
    curve = {
        direction: [mbps * chance.uniform(0.9, 1.05) for _ in range(40)]
        for direction, mbps in speeds.items()
    }
    results = [_signed(name, at, direction, mbps) for direction, mbps in speeds.items()]
    new = NewTest(
        results=results,
        loaded_ms=loaded,
        conditions={"wired": True, **conditions},
        curve=curve,
        campaign=campaign,
        radio=radio or {},
    )
    return record(new, now=at + timedelta(minutes=1))


def _series(now: datetime, chance: random.Random) -> None:
    """A series of somebody who goes on: what the page of a campaign shows."""
    if (rules := rule_in_force(now)) is None:
        return
    began = now - timedelta(days=2)
    plan = {"down_max_mbps": 100.0, "down_min_mbps": 80.0}
    row = start_campaign(rules.version, plan, language="zh-hans", recipient="", now=began)
    for number in range(6):
        campaign_status = campaign_progress(row, began)
        at = max(campaign_status.next_at or now, began) + timedelta(minutes=7 * number)
        if at < now:
            measure(f"series-{number}", at, chance.uniform(35, 70), chance, {}, campaign=row.code)
            began = at + timedelta(hours=5)


def _signed(name: str, at: datetime, direction: str, mbps: float) -> str:
    figures = {
        "test": f"demonstration-{name}",
        "direction": direction,
        "server": "pop1",
        "stream": 0,
        "streams": 1,
        "at": at.isoformat(),
        "bytes": round(mbps * 1e7 / 8),
        "elapsed_us": 10_000_000,
        "min_rtt_us": 9_000,
        "rtt_us": 20_000,
        "retransmitted": 0,
        "others": 0,
        "zeros": False,
    }
    return sign("result", figures, secret=shared_secret())
