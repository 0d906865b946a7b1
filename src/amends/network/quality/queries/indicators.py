"""The indicators of quality that this installation knows."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from amends.network.quality.rules.indicators import NetworkIndicator, indicators


@dataclass(frozen=True, slots=True)
class IndicatorList:
    """The indicators in force today."""

    indicators: list[NetworkIndicator]


def known_indicators() -> IndicatorList:
    """The indicators of the rule data of today."""
    return IndicatorList(list(indicators(timezone.localdate()).values()))
