"""What each source states about its own completeness, its gap and the area it never reports."""

from __future__ import annotations

import numpy as np

from amends.demo.rules.places import AREAS
from amends.demo.rules.stage import Stage
from amends.demo.rules.tables import DAY_MS

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
_AHEAD_MS = 365 * DAY_MS


def state_coverage(stage: Stage) -> None:
    """Each source says once, at the start, that it reports everything.

    The gap is a planned one (the system of confirmations is replaced), so it is said as it begins.

    Records of what was sold reach back years, confirmations 800 days, measurements two months;
    nothing is said about what is older.
    """
    scenario = stage.scenario
    from_ms, to_ms = scenario.start_ms, scenario.end_ms + _AHEAD_MS
    for source, kinds in SOURCES.items():
        since = _CONFIRMATIONS_KEPT_MS if source == "confirmations" else _HISTORY_MS
        _state(stage, source, kinds, "all", from_ms - since, to_ms, said_ms=from_ms - 1)
    _state(
        stage, "confirmations", SOURCES["confirmations"], "all", scenario.gap_from_ms,
        scenario.gap_to_ms, said_ms=scenario.gap_from_ms - 1, complete=0,
    )  # fmt: skip
    for area in AREAS:
        if area.ref != scenario.uncovered_area:
            scope = f"area:{area.ref}"
            since_ms = from_ms - _QUALITY_KEPT_MS
            _state(stage, "quality", QUALITY, scope, since_ms, to_ms, said_ms=from_ms - 1)


def _state(
    stage: Stage, source: str, kinds: tuple[str, ...], scope: str, from_ms: int, to_ms: int, *,
    said_ms: int, complete: int = 1,
) -> None:  # fmt: skip
    stage.book.add(
        "SourceCovered", subscriber=-1, subject=source, at_ms=np.array([said_ms]), source=source,
        kinds=",".join(kinds), scope=scope, from_ms=from_ms, to_ms=to_ms, complete=complete,
    )  # fmt: skip
