"""A complaint in four plain steps: received, looked at, our answer, done; each with its day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

RECEIVED, LOOKED_AT, ANSWERED, DONE = "received", "looked_at", "answered", "done"
_ORDER = (RECEIVED, LOOKED_AT, ANSWERED, DONE)

# State → the step that is under way; a final state has all steps behind it.
_UNDER_WAY = {
    "received": RECEIVED,
    "acknowledged": LOOKED_AT,
    "investigating": LOOKED_AT,
    "reopened": LOOKED_AT,
    "refused_by_user": LOOKED_AT,
    "proposed": ANSWERED,
    "lapsed": ANSWERED,
    "deadlocked": ANSWERED,
    "with_regulator": ANSWERED,
    "accepted": DONE,
    "implementing": DONE,
}
# Entering a state → the step that is reached by it.
_REACHES = {
    "investigating": LOOKED_AT,
    "proposed": ANSWERED,
    "accepted": ANSWERED,
    "implementing": ANSWERED,
    "not_upheld": ANSWERED,
    "inadmissible": ANSWERED,
    "deadlocked": ANSWERED,
}


@dataclass(frozen=True, slots=True)
class StatusStep:
    """One step: `done`, `now` or `ahead`; `at` is when it was reached, None where it was not."""

    id: str
    how: Literal["done", "now", "ahead"]
    at: datetime | None = None


def steps(
    received_at: datetime,
    state: str,
    state_since: datetime,
    entered: Sequence[tuple[datetime, str]],
) -> list[StatusStep]:
    """The steps of a complaint in `state`, from the states it entered and when.

    What was reached before it was reopened no longer counts: it is looked at once more.

    >>> from datetime import UTC
    >>> day = lambda number: datetime(2026, 11, number, tzinfo=UTC)
    >>> [step.how for step in steps(day(1), "proposed", day(5), [(day(2), "investigating"),
    ...                                                          (day(5), "proposed")])]
    ['done', 'done', 'now', 'ahead']
    """
    reached_at = {RECEIVED: received_at}
    for at, after in sorted(entered, key=lambda pair: pair[0]):
        if after == "reopened":
            reached_at = {RECEIVED: received_at}
        elif after in _REACHES:
            reached_at.setdefault(_REACHES[after], at)
    under_way = _UNDER_WAY.get(state)
    if under_way is None:
        reached_at[DONE] = state_since
        # Taken back or closed: steps that never came are left out instead of shown as done.
        return [StatusStep(each, "done", reached_at[each]) for each in _ORDER if each in reached_at]
    position = _ORDER.index(under_way)
    return [
        StatusStep(
            each,
            "done" if at < position else "now" if at == position else "ahead",
            reached_at.get(each),
        )
        for at, each in enumerate(_ORDER)
    ]
