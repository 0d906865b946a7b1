"""The indicators that every installation knows, out of dated rule data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from amends.platform.kit.packs import load_rules


@dataclass(frozen=True, slots=True)
class NetworkIndicator:
    """What is measured.

    code      its name in counters, such as `rtt_ms`
    standard  its name in ITU-T E.804 or another standard
    group     access, call, data, video, message or service
    kind      `kpi`: what the network counts; `kqi`: what users perceive
    worse     the direction in which users suffer: `high`, `low` or "" (neither)
    least, most    values outside of them are impossible
    computed, felt_by  how it is computed, and which users feel it
    """

    code: str
    zh: str
    en: str
    standard: str
    source: str
    verified: bool
    group: str
    kind: str
    unit: str
    worse: str
    least: float
    most: float
    computed_zh: str
    computed_en: str
    felt_by_zh: str
    felt_by_en: str


@cache
def indicators(on: date) -> Mapping[str, NetworkIndicator]:
    """The indicators by code, as they hold on a day.

    >>> indicators(date(2026, 12, 1))["rtt_ms"].worse
    'high'
    """
    rows = load_rules("amends.network.quality", "indicators", on).rules
    return {
        row["id"]: NetworkIndicator(row["id"], **{k: v for k, v in row.items() if k in _FIELDS})
        for row in rows
    }


_FIELDS = frozenset(NetworkIndicator.__dataclass_fields__) - {"code"}
