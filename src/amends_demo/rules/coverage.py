"""What each source states about its own completeness, its gap and the area it never reports.

A source speaks for what it has delivered and for nothing else: a silence after its last delivery is
not covered by anybody.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from amends_demo.rules.places import AREAS
from amends_demo.rules.scenario import Scenario
from amends_demo.rules.tables import DAY_MS

SOURCES: dict[str, tuple[str, ...]] = {
    "crm": ("ServiceOrdered", "ServiceActivated", "ServiceChanged", "ServiceStopped"),
    "confirmations": ("ConfirmationAsked", "ConfirmationGiven", "ConfirmationRefused"),
    "billing": ("ChargeMade", "RefundMade"),
    "auditor": ("NoticeDue",),
    "notices": ("NoticeSent", "NoticeDelivered", "NoticeFailed"),
    "usage": ("UsageCrossed",),
    "publicity": ("OfferPublished", "ClaimPublished"),
    "access": ("DataAccessed",),
}
QUALITY: tuple[str, ...] = ("SpeedMeasured", "QualityDegraded", "IncidentOpened", "IncidentClosed")
CONFIRMATIONS_KEPT_DAYS = 800
_HISTORY_MS = 2_000 * DAY_MS
_QUALITY_KEPT_MS = 60 * DAY_MS
_CONFIRMATIONS_KEPT_MS = CONFIRMATIONS_KEPT_DAYS * DAY_MS


@dataclass(frozen=True, slots=True)
class Stated:
    """One source's word on its kinds: all reported, or not, in `[from_ms, to_ms)` for a scope."""

    source: str
    kinds: tuple[str, ...]
    scope: str
    from_ms: int
    to_ms: int
    complete: bool = True


def stated_with(scenario: Scenario, *, since_ms: int | None, until_ms: int) -> list[Stated]:
    """What the sources state with a delivery of what happened in `[since_ms, until_ms)`.

    since_ms  None with the first delivery: records of what was sold reach back years, confirmations
              800 days, measurements two months; nothing is said about what is older

    The confirmations of the gap are lost, and said to be lost; nobody speaks for the measurements
    of the area that never reports any.
    """
    statements = [
        Stated(
            source=source, kinds=kinds, scope="all", from_ms=from_ms, to_ms=to_ms, complete=complete
        )
        for source, kinds in SOURCES.items()
        for from_ms, to_ms, complete in _spans(scenario, source, since_ms, until_ms)
    ]
    kept_ms = scenario.start_ms - _QUALITY_KEPT_MS
    return statements + [
        Stated(
            source="quality",
            kinds=QUALITY,
            scope=f"area:{area.ref}",
            from_ms=since_ms or kept_ms,
            to_ms=until_ms,
        )
        for area in AREAS
        if area.ref != scenario.uncovered_area
    ]


def _spans(
    scenario: Scenario, source: str, since_ms: int | None, until_ms: int
) -> Iterator[tuple[int, int, bool]]:
    """The delivery in parts: before, in and after the gap, where the source has one."""
    if source != "confirmations":
        yield since_ms or scenario.start_ms - _HISTORY_MS, until_ms, True
        return
    since_ms = since_ms or scenario.start_ms - _CONFIRMATIONS_KEPT_MS
    gap_from, gap_to = scenario.gap_from_ms, scenario.gap_to_ms
    parts = (
        (since_ms, min(until_ms, gap_from), True),
        (max(since_ms, gap_from), min(until_ms, gap_to), False),
        (max(since_ms, gap_to), until_ms, True),
    )
    yield from (part for part in parts if part[0] < part[1])
