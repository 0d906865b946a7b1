"""The judgement of a measure: fixed beforehand in its terms, then only computed.

Left out are the weeks of the alarm for which the place was chosen and the wash-out after the start
(`measure_terms`). How much untreated places with a similar rise fell is shown as well
(regression to the mean: Barnett, van der Pols and Dobson 2005, doi:10.1093/ije/dyh299). A look
before the day of judgement uses the verdict that remains valid however often one looks
(`detection/sequential_test.py`).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from amends.engines.detection.effect import (
    LEAST_AFTER,
    LEAST_BEFORE,
    LEAST_COUNT,
    Effect,
    effect,
)
from amends.engines.detection.permutation_test import Permuted, permuted
from amends.engines.detection.sequential_test import SequentialTest, watch
from amends.engines.detection.sequential_test_uncontrolled import least_before, watch_alone
from amends.engines.detection.verdicts import Verdict
from amends.problems.measures.rules.measure_terms import MeasureTerms, after_and_left_out

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

YEAR_WEEKS = 365.25 / 7
LEAST_HOT = 1.25
LEAST_PERSONS = 20.0


@dataclass(frozen=True, slots=True)
class MeasureCounts:
    """Distinct persons by week in what is treated and in the control, and the users exposed.

    untreated  the same by week (rows) for other places (columns), to see what falls by itself
    untreated_users  the users exposed in each of them; None where they are those of the treated
    """

    weeks: list[date]
    treated: Floats
    control: Floats | None
    users: Floats
    control_users: Floats
    untreated: Floats
    untreated_users: Floats | None = None


@dataclass(frozen=True, slots=True)
class Alarmed:
    """Untreated places that ran hot in the same weeks and were left alone, taken together."""

    places: int
    persons: Floats
    users: Floats


@dataclass(frozen=True, slots=True)
class Fall:
    """What became of untreated places that had run as hot: rates after over rates before."""

    places: int
    median: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Judged:
    """One look at a measure.

    found                the verdict of the day of judgement, had it been today
    watched              what may be said on the way; against the control, or the series alone
    checked              the series against its own noise; None where it is too short
    expected, low, high  persons a week in what is treated had nothing been done, 95 of 100
    fall                 None where no untreated place ran as hot
    alarmed              None where none ran hot in the same weeks, or they had too few persons
    """

    found: Effect
    watched: SequentialTest
    checked: Permuted | None
    after: Flags
    left_out: Flags
    expected: Floats
    low: Floats
    high: Floats
    fall: Fall | None
    alarmed: Alarmed | None

    @property
    def on_the_way(self) -> Verdict:
        """The verdict of a look before the day of judgement."""
        seen = self.watched.verdicts
        return seen[-1] if seen else "not_yet_judgeable"


def judge(counted: MeasureCounts, terms: MeasureTerms) -> Judged:
    """The verdict at the end of the weeks counted."""
    after, left = after_and_left_out(terms, counted.weeks)
    drop = terms.expected_drop_permille / 1000
    alarmed = _alarmed(counted, after, left)
    rate_effect = effect(
        counted.treated,
        after,
        control=counted.control,
        users=counted.users,
        control_users=counted.control_users,
        left_out=left,
        expected_drop=drop,
        alarmed=alarmed.persons if alarmed else None,
        alarmed_users=alarmed.users if alarmed else None,
    )
    if counted.control is not None:
        watched = watch(
            counted.treated,
            after,
            control=counted.control,
            users=counted.users,
            control_users=counted.control_users,
            left_out=left,
            expected_drop=drop,
        )
    else:
        watched = watch_alone(
            counted.treated,
            after,
            users=counted.users,
            left_out=left,
            expected_drop=drop,
            cycle=YEAR_WEEKS,
        )
    checked = permuted(counted.treated, after, users=counted.users, left_out=left, cycle=YEAR_WEEKS)
    fall = _fall(counted, terms, after, left)
    expected, low, high = _had_nothing_been_done(counted, after, left, rate_effect.dispersion)
    return Judged(
        found=rate_effect,
        watched=watched,
        checked=checked,
        after=after,
        left_out=left,
        expected=expected,
        low=low,
        high=high,
        fall=fall,
        alarmed=alarmed,
    )


def _alarmed(counted: MeasureCounts, after: Flags, left: Flags) -> Alarmed | None:
    alarm, base = left & ~after, ~after & ~left
    if not alarm.any() or not base.any() or not counted.untreated.size:
        return None
    usual = counted.untreated[base].mean(axis=0)
    hot = counted.untreated[alarm].mean(axis=0) >= LEAST_HOT * np.maximum(usual, 1.0)
    total = np.asarray(counted.untreated[:, hot].sum(axis=1), np.float64)
    if float(total[base].sum()) < LEAST_COUNT:
        return None
    users = counted.users
    if counted.untreated_users is not None:
        users = np.asarray(counted.untreated_users[:, hot].sum(axis=1), np.float64)
    return Alarmed(int(hot.sum()), total, users)


def _had_nothing_been_done(
    counted: MeasureCounts, after: Flags, left: Flags, dispersion: float
) -> tuple[Floats, Floats, Floats]:
    """Persons expected each week from what the weeks before say, with the control's movement."""
    base = ~after & ~left
    rate = counted.users / np.maximum(counted.control_users, 1e-9)
    if counted.control is None:
        shape = counted.users.copy()
        noise = np.zeros(shape.size)
    else:
        shape = counted.control * rate
        noise = np.square(rate) * counted.control
    level = float(counted.treated[base].sum()) / max(float(shape[base].sum()), 1e-9)
    expected = np.asarray(level * shape, np.float64)
    spread = np.sqrt(max(dispersion, 1.0) * (expected + level**2 * noise))
    low = np.asarray(np.maximum(expected - 1.96 * spread, 0.0), np.float64)
    return expected, low, np.asarray(expected + 1.96 * spread, np.float64)


def _fall(counted: MeasureCounts, terms: MeasureTerms, after: Flags, left: Flags) -> Fall | None:
    """What untreated places did after they had run as hot as the treated one did in its alarm."""
    alarm = left & ~after
    base = ~after & ~left
    length = int(alarm.sum())
    if not length or int(base.sum()) < LEAST_BEFORE or not counted.untreated.size:
        return None
    usual = float(counted.treated[base].mean())
    hot = float(counted.treated[alarm].mean()) / max(usual, 1e-9)
    if hot < LEAST_HOT:
        return None
    later = max(int((after & ~left).sum()), LEAST_AFTER)
    ratios = [
        ratio
        for column in counted.untreated.T
        for ratio in _after_peaks(column[~after], length, later, hot)
    ]
    if not ratios:
        return None
    low, middle, high = np.quantile(ratios, (0.25, 0.5, 0.75)).tolist()
    return Fall(places=len(ratios), median=middle, low=low, high=high)


def _after_peaks(column: Floats, length: int, later: int, hot: float) -> list[float]:
    """Level after over level before, for the hottest stretch of a place that is hot enough."""
    best: tuple[float, float] | None = None
    for start in range(LEAST_BEFORE, column.size - length - LEAST_AFTER + 1):
        before = column[:start]
        usual = float(before.mean())
        if float(before.sum()) < LEAST_PERSONS:
            continue
        heat = float(column[start : start + length].mean()) / usual
        if heat >= 0.8 * hot and (best is None or heat > best[0]):
            follows = column[start + length : start + length + later]
            best = (heat, float(follows.mean()) / usual)
    return [best[1]] if best else []


def document_of(judged: Judged, counted: MeasureCounts) -> dict[str, Any]:
    """The judgement as it is kept: figures and the series they rest on; nothing else is needed."""
    rate_effect, rests_on = judged.found, _basis(judged, counted)
    return {
        "rate_ratio": _finite(rate_effect.rate_ratio),
        "low": _finite(rate_effect.low),
        "high": _finite(rate_effect.high),
        "smallest_detectable_drop": _finite(rate_effect.smallest_detectable_drop),
        "method": rate_effect.method,
        "dispersion": _finite(rate_effect.dispersion),
        "autocorrelation": _finite(rate_effect.autocorrelation),
        "placebo_share": None
        if rate_effect.placebo_share is None
        else _finite(rate_effect.placebo_share),
        "reasons": list(rate_effect.reasons),
        "against_alarmed": [_finite(figure) for figure in rate_effect.against_alarmed or ()],
        "alarmed_tell": rate_effect.alarmed_tell,
        "alarmed_places": judged.alarmed.places if judged.alarmed else 0,
        "alarmed": judged.alarmed.persons.astype(int).tolist() if judged.alarmed else [],
        "alarmed_users": judged.alarmed.users.astype(int).tolist() if judged.alarmed else [],
        "on_the_way": None if rests_on == "too_short" else _watched(judged.watched),
        "on_the_way_rests_on": rests_on,
        "checked": asdict(judged.checked) if judged.checked else None,
        "fall": asdict(judged.fall) if judged.fall else None,
        "weeks": [week.isoformat() for week in counted.weeks],
        "treated": counted.treated.astype(int).tolist(),
        "control": [] if counted.control is None else counted.control.astype(int).tolist(),
        "users": counted.users.astype(int).tolist(),
        "control_users": counted.control_users.astype(int).tolist(),
        "after": judged.after.tolist(),
        "left_out": judged.left_out.tolist(),
        "expected": np.round(judged.expected, 2).tolist(),
        "expected_low": np.round(judged.low, 2).tolist(),
        "expected_high": np.round(judged.high, 2).tolist(),
    }


def _basis(judged: Judged, counted: MeasureCounts) -> str:
    """What a look on the way rests on: `control`, `series` alone, or nothing, being too short."""
    if counted.control is not None:
        return "control"
    before = int((~judged.after & ~judged.left_out).sum())
    return "series" if before >= least_before(YEAR_WEEKS) else "too_short"


def _watched(seen: SequentialTest) -> dict[str, Any] | None:
    """The last of what could be said on the way; None where nothing could."""
    if not seen.verdicts:
        return None
    return {
        "verdict": seen.verdicts[-1],
        "evidence": _finite(seen.evidence[-1]),
        "rate_ratio": _finite(seen.ratios[-1]),
        "low": _finite(seen.low[-1]),
        "high": _finite(seen.high[-1]),
        "shown_after_weeks": seen.shown_after,
    }


def _finite(value: float) -> float | None:
    return round(value, 6) if isfinite(value) else None
