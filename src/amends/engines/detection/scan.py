"""Scan counts (periods x cells) for cells that have begun to run hot."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from amends.engines.detection.baseline.changed_level import begins, contradicted
from amends.engines.detection.baseline.expect import Expectation, expect_each, for_each_part
from amends.engines.detection.baseline.holidays import Lesson, Lifts, known_at, lessons, without
from amends.engines.detection.baseline.references import (
    DAY_HOURS,
    PERIODS_A_YEAR,
    Period,
    References,
    references,
)
from amends.engines.detection.calibration import (
    FALSE_PER_SERIES_YEAR,
    AlarmCalibration,
    calibrate,
    draw,
)
from amends.engines.detection.evidence import ALTERNATIVES, NOTHING, Alternatives, log_evidence

Floats = NDArray[np.float64]
Counts = NDArray[np.int32]

NULL_PERIODS, LEAST_NULL_PERIODS = 104, 26
NULL_PLACES = 75_000
LEAST_SERIES = 400
SEED = 20261124


@dataclass(frozen=True, slots=True)
class Scan:
    """What the last periods showed, periods x cells.

    alarms    whether the cell ran hot
    evidence  log of the mixture likelihood ratio
    mean      expected counts
    null      evidence in series drawn without any issue
    newest    what the newest period was expected to bring; None where nothing could be judged
    """

    alarms: NDArray[np.bool_]
    evidence: Floats
    mean: Floats
    calibration: AlarmCalibration
    null: Floats
    newest: Expectation | None = None


def scan(
    counts: Counts,
    *,
    last: int,
    period: Period = "week",
    start: date | None = None,
    special: NDArray[np.int64] | None = None,
    false_per_series_year: float = FALSE_PER_SERIES_YEAR,
    seed: int = SEED,
    workers: int = 1,
    alternatives: Alternatives | None = None,
    calibration: AlarmCalibration | None = None,
    judge: Judge | None = None,
    lifted: Lifts | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Scan:
    """Scan the `last` periods of `counts` (negative = missing).

    start                  date of the first period, if known
    special                places in holidays: by the week their weeks (`golden_weeks.places`), by
                           the day and the hour their days (`days_of`)
    false_per_series_year  episodes in alarm, without an issue, that the operator accepts
    workers                threads
    alternatives           what an issue may look like, if not as usual for the period
    calibration            a threshold found before on the same cells, to save drawing anew
    judge                  who judges the periods, if not this process
    lifted                 what a holiday does to days or hours, where the counts do not tell it
    """
    taught: tuple[Lesson, ...] = ((0, lifted),) if lifted else ()
    if special is not None and period != "week" and special.any() and lifted is None:
        taught = lessons(counts, special, period=period)
    alternatives = alternatives or ALTERNATIVES[period]
    scanner = Scanner(
        counts=counts,
        period=period,
        start=start,
        special=special,
        workers=workers,
        alternatives=alternatives,
        taught=taught,
    )
    rows = range(counts.shape[0] - last, counts.shape[0])
    values = np.full((last, counts.shape[1]), NOTHING)
    means = np.full((last, counts.shape[1]), np.nan)
    newest: Expectation | None = None
    for column, judged in enumerate(
        judge(scanner, rows) if judge else scanner.judge_each(counts, rows)
    ):
        if judged:
            values[column], newest = judged
            means[column] = newest.mean
        if progress:
            progress(column + 1, last)
    if newest is None or not np.isfinite(newest.mean).any():
        return Scan(
            alarms=values > 0,
            evidence=values,
            mean=means,
            calibration=AlarmCalibration(np.inf, 0.0),
            null=values[:0],
        )
    if calibration is not None:
        return Scan(
            alarms=values > calibration.threshold,
            evidence=values,
            mean=means,
            calibration=calibration,
            null=values[:0],
            newest=newest,
        )
    drawn = min(max(last, LEAST_NULL_PERIODS), NULL_PERIODS)
    null = scanner.null(newest, drawn, np.random.default_rng(seed))
    calibration = calibrate(
        null, per_year=false_per_series_year, periods_a_year=PERIODS_A_YEAR[period]
    )
    return Scan(
        alarms=values > calibration.threshold,
        evidence=values,
        mean=means,
        calibration=calibration,
        null=null,
        newest=newest,
    )


Judged = tuple[Floats, Expectation] | None
Judge = Callable[["Scanner", Sequence[int]], Iterator[Judged]]
"""Evidence and expectation of every cell in consecutive periods; None without history."""


@dataclass(frozen=True, slots=True)
class Scanner:
    """What a scan needs to know to judge any of its periods; each is judged on its own.

    taught  what holidays did to days or hours, by the row from which on it is known
    """

    counts: Counts
    period: Period
    start: date | None
    special: NDArray[np.int64] | None
    workers: int
    alternatives: Alternatives
    taught: tuple[Lesson, ...] = ()

    def judge_each(
        self, counts: Counts, rows: Sequence[int]
    ) -> Iterator[tuple[Floats, Expectation] | None]:
        """Evidence and expectation of every cell in consecutive `rows`; None without history.

        Weeks of a window share a level, so one fit gives their means. Days and hours do not, nor do
        weeks around a movable holiday: there each brings the mean of its own fit.
        """
        alternatives = self.alternatives
        past = self._past(counts)
        is_uniform = self.period == "week" and (self.special is None or not self.special.any())
        lead = 0 if is_uniform else alternatives.window - 1
        means: deque[Floats] = deque(maxlen=alternatives.window)
        for row, expected in self._expected(past, max(rows[0] - lead, 0), rows[-1]):
            if expected is None:
                means.clear()
            elif is_uniform:
                back = np.arange(min(alternatives.window, row + 1) - 1, -1, -1)[:, None]
                means = deque(expected.mean * np.exp(-expected.slope * back))
            else:
                means.append(expected.mean)
            if row >= rows[0]:
                yield (self._evidence(counts, row, means, expected), expected) if expected else None

    def _expected(
        self, past: Counts, first: int, last: int
    ) -> Iterator[tuple[int, Expectation | None]]:
        """What each row from `first` to `last` is expected to bring; None without history."""
        row = first
        while row <= last:
            ends = (
                row if self.period != "hour" else min(row - row % DAY_HOURS + DAY_HOURS - 1, last)
            )
            at = self._references(ends)
            if at is None:
                yield from ((row_number, None) for row_number in range(row, ends + 1))
            else:
                # Fewer of the hours of a day may be asked for than one fit gives.
                at = replace(at, judged=ends - row + 1)
                expectations = expect_each(past, at, workers=self.workers)
                self._judge_young(past, at, expectations)
                self._judge_contradicted(past, at, expectations)
                for row_number, expected in enumerate(expectations, start=row):
                    yield row_number, self._lifted(expected, row_number)
            row = ends + 1

    def _references(self, row: int) -> References | None:
        """References of `row`; of days and hours a holiday is no level, but a lift."""
        special = self.special if self.period == "week" else None
        return references(row, period=self.period, start=self.start, special=special)

    def _past(self, counts: Counts) -> Counts:
        """What days and hours are held against: not those of a holiday."""
        if self.period == "week" or self.special is None or not self.special.any():
            return counts
        return without(counts, self.special)

    def _lifted(self, expected: Expectation, row: int) -> Expectation:
        """The expectation of a period of a holiday: its own, times what it brought before."""
        day = int(self.special[row]) if self.special is not None else 0
        lifted = known_at(row, self.taught) if day else None
        if lifted is None or lifted.factor.shape[1] != expected.mean.size:
            return expected
        factor, doubt = lifted.of(day), lifted.doubt_of(day)
        return replace(expected, mean=expected.mean * factor, doubt=expected.doubt + doubt)

    def _judge_young(self, counts: Counts, at: References, expected: list[Expectation]) -> None:
        """Cells known too lately for these references, as if all counts began with theirs."""
        first, row = at.first, at.row
        young = np.flatnonzero(~np.isfinite(expected[-1].mean))
        is_known = counts[first : row + 1, young] >= 0
        begun = first + is_known.argmax(axis=0)
        for start in np.unique(begun[is_known.any(axis=0) & (begun > first)]).tolist():
            own = references(row - start, period=self.period)
            if own is None:
                continue
            self._judge_from(start, counts, own, young[begun == start], expected)

    def _judge_contradicted(
        self, counts: Counts, at: References, expected: list[Expectation]
    ) -> None:
        """Weekly cells whose fit their newest years contradict, by those years alone."""
        start = begins(at.row)
        cells = contradicted(counts, at, expected[-1]) if self.period == "week" else ()
        if not len(cells):
            return
        special = None if self.special is None else self.special[start:]
        begun = None if self.start is None else self.start + timedelta(weeks=start)
        own = references(at.row - start, start=begun, special=special)
        if own is not None:
            self._judge_from(start, counts, own, np.asarray(cells), expected)

    def _judge_from(
        self,
        start: int,
        counts: Counts,
        at: References,
        cells: NDArray[np.int64],
        expected: list[Expectation],
    ) -> None:
        """Put into `expected` what these cells lead to expect with a history from `start` on."""
        own = replace(at, judged=len(expected))
        own_expectations = expect_each(counts[start:, cells], own, workers=self.workers)
        for expectation, theirs in zip(expected, own_expectations, strict=True):
            for name in ("mean", "dispersion", "doubt", "slope", "flat", "kinship"):
                getattr(expectation, name)[cells] = getattr(theirs, name)

    def _evidence(
        self, counts: Counts, row: int, means: Sequence[Floats], expected: Expectation
    ) -> Floats:
        alternatives = self.alternatives
        size = len(means)
        window, matrix = counts[row - size + 1 : row + 1], np.stack(tuple(means))
        tail_values = np.empty(counts.shape[1])
        predictive = expected.predictive
        weights = np.ascontiguousarray(alternatives.weights[:, :size])
        for_each_part(
            lambda low, high: log_evidence(
                window,
                low,
                high,
                matrix,
                predictive,
                alternatives.shapes,
                weights,
                alternatives.sizes,
                tail_values,
            ),
            counts.shape[1],
            self.workers,
        )
        if self.period != "hour":
            # A rise of hours goes on through an empty one; a week or a day of none is none.
            tail_values[counts[row] <= 0] = NOTHING
        return tail_values

    def null(self, newest: Expectation, periods: int, generator: np.random.Generator) -> Floats:
        """Evidence in series drawn from what is expected, without any issue.

        periods  how many of the newest; some even where one is judged, for episodes are told in a
                 row of periods, and a few long series cost less than many for one
        """
        size = self.counts.shape[0]
        rows = [row for row in range(max(size - periods, 0), size) if self._references(row)]
        series = max(NULL_PLACES // len(rows), LEAST_SERIES)
        known_cells = np.flatnonzero(np.isfinite(newest.mean))
        chosen = generator.choice(known_cells, series)
        drawn = draw(self._curve(newest, rows[-1], chosen), newest.dispersion[chosen], generator)
        judged_rows = self._of(chosen).judge_each(drawn, rows)
        return np.array([each[0] for each in judged_rows if each is not None])

    def _of(self, chosen: NDArray[np.int64]) -> Scanner:
        """The scanner of the chosen cells, which has known all along what is known in the end."""
        lifted = known_at(self.counts.shape[0], self.taught)
        if lifted is None:
            return self
        own = Lifts(lifted.factor[:, chosen], lifted.doubt[:, chosen])
        return replace(self, taught=((0, own),))

    def _curve(self, newest: Expectation, row: int, chosen: NDArray[np.int64]) -> Floats:
        """Expected counts of the chosen cells from row 0 to `row`: trend, times weekday or hour.

        The levels of weeks are left flat: drawn from estimates their noise would count twice (the
        scenarios of Noufaily et al. then had 0.30 false episodes where 0.44 were stated).
        """
        at = self._references(row)
        assert at is not None
        seen = np.maximum(self.counts[at.first : at.first + at.fitted, chosen], 0).astype(float)
        kinship = newest.kinship[chosen]
        usual = seen.mean(axis=0)
        shape = np.ones((int(at.levels.max()) + 1, chosen.size))
        for level in range(shape.shape[0] if self.period != "week" else 0):
            same_level = at.levels[: at.fitted] == level
            common = newest.profile[level]
            own = kinship + seen[same_level].sum(axis=0)
            shape[level] = common * own / (kinship + same_level.sum() * usual * common)
        back = np.arange(at.first - row, 1)[:, None]
        grown = np.exp(np.clip(newest.slope[chosen] * back, -30.0, 30.0))
        curve = newest.mean[chosen] * grown * shape[at.levels] / shape[at.levels[-1]]
        full_curve = np.concatenate([np.repeat(curve[:1], at.first, axis=0), curve])
        lifted = known_at(self.counts.shape[0], self.taught)
        if lifted is None or self.special is None:
            return full_curve
        now = lifted.of(int(self.special[row]))[chosen]
        for day in np.unique(self.special[: row + 1]).tolist():
            full_curve[self.special[: row + 1] == day] *= lifted.of(day)[chosen] / now
        return full_curve
