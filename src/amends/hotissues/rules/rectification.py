"""A measure, how it will be judged, and its judgement: fixed beforehand, then only computed.

Weeks are counted from the day the measure starts. Left out are the weeks of the alarm for which the
place was chosen and the wash-out after the start: a place picked at its peak falls by itself, and
that fall is no effect. How much untreated places fell after running as hot is shown beside it
(regression to the mean: Barnett, van der Pols and Dobson 2005, doi:10.1093/ije/dyh299). A look
before the day of judgement uses the verdict that looking often does not spoil (`watching`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from hashlib import sha256
from itertools import product
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from amends.facts.canonical import canonical_json
from amends.hotissues.rules.cube import DIMENSIONS, Trees, overlap, values_of
from amends.hotissues.rules.effect import (
    LEAST_AFTER,
    LEAST_BEFORE,
    LEAST_COUNT,
    Effect,
    Verdict,
    effect,
)
from amends.hotissues.rules.permuted import Permuted, permuted
from amends.hotissues.rules.watching import Watch, watch

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

WEEK = timedelta(days=7)
BEFORE_WEEKS = 104
YEAR_WEEKS = 365.25 / 7
LEAST_DROP_PERMILLE, MOST_DROP_PERMILLE = 20, 950
LEAST_HOT = 1.25
LEAST_PERSONS = 20.0


@dataclass(frozen=True, slots=True)
class Terms:
    """What is fixed before a measure starts.

    starts_on, judge_on  first day of the measure; day of judgement
    wash_out_days        days after the start that do not count yet
    expected_drop_permille  the drop it is meant to bring, in thousandths
    treated, control     places, e.g. `code=consent.cancel_stop|area=area-4101`
    left_from, left_to   first and last day of the alarm that led to it, None where none did
    """

    title: str
    cause: str
    action: str
    owner: str
    starts_on: date
    judge_on: date
    wash_out_days: int
    expected_drop_permille: int
    treated: tuple[str, ...]
    control: tuple[str, ...]
    left_from: date | None = None
    left_to: date | None = None

    def digest(self) -> str:
        """SHA-256 of the terms in canonical JSON: whoever holds it knows what was fixed."""
        stated: dict[str, Any] = {
            name: "\n".join(value) if isinstance(value, tuple) else str(value or "")
            for name, value in asdict(self).items()
        }
        return sha256(canonical_json(stated)).hexdigest()


PROBLEMS: Mapping[str, tuple[str, str]] = {
    "words": ("标题、原因、措施或负责人没有写", "Title, cause, action or owner is missing."),
    "treated": ("没有写明整改涉及哪里", "Nothing says what the measure treats."),
    "place": (
        "有一处范围看不懂：写成 code=…、area=…、product=… 或 channel=…",
        "A place cannot be read: write code=…, area=…, product=… or channel=….",
    ),
    "unknown": (
        "有一处分类、地区、产品或渠道不存在",
        "A class, area, product or channel does not exist.",
    ),
    "overlap": (
        "整改范围与对照范围重叠：同一件投诉可能两边都算，一处也可能是另一处的上级或下级",
        "What is treated and what is compared with overlap: one complaint could count in both, or "
        "one place is part of the other.",
    ),
    "too_soon": (
        f"评判日太早：开始并扣除见效期之后至少要有{LEAST_AFTER}个整周",
        f"The day of judgement is too soon: {LEAST_AFTER} whole weeks after start and wash-out.",
    ),
    "drop": ("预期降幅应在2%到95%之间", "The expected drop lies between 2 % and 95 %."),
    "left_out": ("不计入的日期前后颠倒", "The days left out end before they begin."),
    "past": (
        "开始日期已过：先登记，后开始",
        "It would start in the past: a measure is fixed before it starts.",
    ),
}
"""What may be wrong with terms: id → in Chinese and in English."""


NO_TREES = Trees({}, {}, {})


def problems(
    terms: Terms,
    *,
    today: date,
    trees: Trees = NO_TREES,
    known: Mapping[str, Collection[str]] | None = None,
) -> tuple[str, ...]:
    """What is wrong with the terms of a measure fixed on `today`: keys of `PROBLEMS`.

    trees  what areas and products are part of
    known  dimension → the values there are; None where any may be meant

    >>> from dataclasses import replace
    >>> good = Terms("t", "c", "a", "usr", date(2026, 3, 2), date(2026, 4, 27), 14, 200,
    ...              ("code=consent.cancel_stop",), ("code=network",))
    >>> problems(good, today=date(2026, 3, 1))
    ()
    >>> problems(replace(good, judge_on=date(2026, 3, 30)), today=date(2026, 3, 10))
    ('too_soon', 'past')
    >>> problems(replace(good, control=("code=consent",)), today=date(2026, 3, 1))
    ('overlap',)
    """
    found = []
    if not all((terms.title, terms.cause, terms.action, terms.owner)):
        found.append("words")
    if not terms.treated:
        found.append("treated")
    if not all(map(_is_place, (*terms.treated, *terms.control))):
        found.append("place")
    else:
        if known is not None and strangers(terms, known):
            found.append("unknown")
        if any(overlap(*pair, trees) for pair in product(terms.treated, terms.control)):
            found.append("overlap")
    ready = terms.starts_on + timedelta(days=terms.wash_out_days) + LEAST_AFTER * WEEK
    if terms.judge_on < ready:
        found.append("too_soon")
    if not LEAST_DROP_PERMILLE <= terms.expected_drop_permille <= MOST_DROP_PERMILLE:
        found.append("drop")
    if terms.left_from and terms.left_to and terms.left_to < terms.left_from:
        found.append("left_out")
    if terms.starts_on < today:
        found.append("past")
    return tuple(found)


def strangers(terms: Terms, known: Mapping[str, Collection[str]]) -> list[str]:
    """The values of the terms' places that do not exist, written as in a place.

    >>> terms = Terms("t", "c", "a", "u", date(2026, 3, 4), date(2026, 5, 4), 0, 200,
    ...               ("code=network|area=a",), ("code=invented",))
    >>> strangers(terms, {"code": {"network"}, "area": {"a"}})
    ['code=invented']
    """
    named = {
        (name, value)
        for place in (*terms.treated, *terms.control)
        for name, value in values_of(place).items()
    }
    return sorted(f"{name}={value}" for name, value in named if value not in known.get(name, ()))


def _is_place(place: str) -> bool:
    parts = [part.partition("=") for part in place.split("|")] if place else []
    names = [name for name, _equals, _value in parts]
    once = len(set(names)) == len(names)
    return once and all(name in DIMENSIONS and equals and value for name, equals, value in parts)


def weeks_of(terms: Terms, *, first: date, on: date) -> list[date]:
    """The first days of the whole weeks from `first` to `on`, laid so that one begins at the start.

    >>> terms = Terms("t", "c", "a", "u", date(2026, 3, 4), date(2026, 5, 4), 0, 200, ("",), ())
    >>> [str(day) for day in weeks_of(terms, first=date(2026, 2, 20), on=date(2026, 3, 12))]
    ['2026-02-25', '2026-03-04']
    """
    earliest = max(first, terms.starts_on - BEFORE_WEEKS * WEEK)
    back = max((terms.starts_on - earliest) // WEEK, 0)
    start = terms.starts_on - back * WEEK
    whole = max((on - start) // WEEK, 0)
    return [start + week * WEEK for week in range(whole)]


def after_and_left_out(terms: Terms, weeks: Sequence[date]) -> tuple[Flags, Flags]:
    """Which weeks the measure was at work in, and which do not count."""
    after = np.array([week >= terms.starts_on for week in weeks], dtype=bool)
    counts_from = terms.starts_on + timedelta(days=terms.wash_out_days)
    left = np.array([terms.starts_on <= week < counts_from for week in weeks], dtype=bool)
    if terms.left_from is not None:
        last = terms.left_to or terms.left_from
        left |= np.array(
            [week <= last and week + WEEK > terms.left_from for week in weeks], dtype=bool
        )
    return after, left


@dataclass(frozen=True, slots=True)
class Counted:
    """Distinct persons by week in what is treated and in the control, and the users exposed.

    untreated  the same by week (rows) for other places (columns), to see what falls by itself
    """

    weeks: list[date]
    treated: Floats
    control: Floats | None
    users: Floats
    control_users: Floats
    untreated: Floats


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
    watched              what may be said on the way; None without a control
    checked              the series against its own noise; None where it is too short
    expected, low, high  persons a week in what is treated had nothing been done, 95 of 100
    fall                 None where no untreated place ran as hot
    """

    found: Effect
    watched: Watch | None
    checked: Permuted | None
    after: Flags
    left_out: Flags
    expected: Floats
    low: Floats
    high: Floats
    fall: Fall | None

    @property
    def on_the_way(self) -> Verdict:
        """The verdict of a look before the day of judgement."""
        seen = self.watched.verdicts if self.watched else ()
        return seen[-1] if seen else "not_yet_judgeable"


def judge(counted: Counted, terms: Terms) -> Judged:
    """The verdict as it stands at the end of the weeks counted."""
    after, left = after_and_left_out(terms, counted.weeks)
    drop = terms.expected_drop_permille / 1000
    found = effect(
        counted.treated,
        after,
        control=counted.control,
        users=counted.users,
        control_users=counted.control_users,
        left_out=left,
        expected_drop=drop,
        alarmed=_alarmed(counted, after, left),
    )
    watched = None
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
    checked = permuted(counted.treated, after, users=counted.users, left_out=left, cycle=YEAR_WEEKS)
    fall = _fall(counted, terms, after, left)
    expected, low, high = _had_nothing_been_done(counted, after, left, found.dispersion)
    return Judged(found, watched, checked, after, left, expected, low, high, fall)


def _alarmed(counted: Counted, after: Flags, left: Flags) -> Floats | None:
    """Persons of untreated places that ran hot in the same weeks and were left alone."""
    alarm, base = left & ~after, ~after & ~left
    if not alarm.any() or not base.any() or not counted.untreated.size:
        return None
    usual = counted.untreated[base].mean(axis=0)
    hot = counted.untreated[alarm].mean(axis=0) >= LEAST_HOT * np.maximum(usual, 1.0)
    together = np.asarray(counted.untreated[:, hot].sum(axis=1), np.float64)
    return together if float(together[base].sum()) >= LEAST_COUNT else None


def _had_nothing_been_done(
    counted: Counted, after: Flags, left: Flags, dispersion: float
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


def _fall(counted: Counted, terms: Terms, after: Flags, left: Flags) -> Fall | None:
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
    return Fall(len(ratios), middle, low, high)


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


def document_of(judged: Judged, counted: Counted) -> dict[str, Any]:
    """The judgement as it is kept: figures and the series they rest on; nothing else is needed."""
    found = judged.found
    return {
        "rate_ratio": _finite(found.rate_ratio),
        "low": _finite(found.low),
        "high": _finite(found.high),
        "smallest_detectable_drop": _finite(found.smallest_detectable_drop),
        "method": found.method,
        "dispersion": _finite(found.dispersion),
        "autocorrelation": _finite(found.autocorrelation),
        "placebo_share": None if found.placebo_share is None else _finite(found.placebo_share),
        "reasons": list(found.reasons),
        "against_alarmed": [_finite(one) for one in found.against_alarmed or ()],
        "on_the_way": _watched(judged.watched),
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


def _watched(seen: Watch | None) -> dict[str, Any] | None:
    """The last of what could be said on the way; None where nothing could."""
    if seen is None or not seen.verdicts:
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
