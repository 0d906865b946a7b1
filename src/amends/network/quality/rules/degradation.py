"""Which cells are worse than they should be, from their counters alone."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, timedelta, tzinfo
from typing import Any, Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from amends.network.quality.rules.expected import Expected, remove_load
from amends.network.quality.rules.panel import Floats, SamplePanel, median_of_rows, panel_of
from amends.network.quality.rules.stretches import (
    FILTER,
    best_mirrored,
    sample_evidence,
    scan_block,
    whiten,
)
from amends.network.quality.rules.thresholds import (
    BetterByChance,
    Steadiness,
    Thresholds,
    days_enough,
)

Direction = Literal["high", "low"]
HISTORY = timedelta(days=14)
NEW_LEVEL = timedelta(days=7)
WARM_UP_DAYS = 7
WINDOWS_H = (1, 1.5, 2, 3, 4, 5, 6, 8, 10, 12, 15, 18, 24, 30, 36, 48, 60, 72)
MOST_TOGETHER = 8
FALSE = 0.3
_MOST_SPARSE, _WORTH_SPARSE = 4.0, 0.4
# In their tails indicators have more in common than their correlation says.
_MORE_IN_COMMON = 0.15
_MAD = 1.4826
SCHEMA: dict[str, Any] = {
    "cell": pl.String,
    "area": pl.String,
    "kpi": pl.String,
    "from": pl.Datetime("us", "UTC"),
    "to": pl.Datetime("us", "UTC"),
    "found_at": pl.Datetime("us", "UTC"),
    "score": pl.Float64,
    "open": pl.Boolean,
}


@dataclass(frozen=True, slots=True)
class Degradation:
    """What was found.

    stretches    a row a stretch and indicator: `cell, area, kpi, from, to, found_at, score, open`;
                 `to` is exclusive, of an open stretch the end of the last sample
    cell_weeks   weeks of cells in which a stretch could have been found
    expected_false_per_1000_cells_week  stretches that chance alone brings, as often as cells of
                 these counters were as much better than expected by chance
    """

    stretches: pl.DataFrame
    cell_weeks: float
    expected_false_per_1000_cells_week: float


def degraded(
    counters: pl.DataFrame,
    *,
    bad_when: Mapping[str, Direction],
    zone: tzinfo = UTC,
    is_working: Callable[[date], bool] | None = None,
    loads: Collection[str] = (),
    false_per_1000_cells_week: float = FALSE,
) -> Degradation:
    """The stretches in which cells are worse than expected; each is found from samples up to its
    `found_at` alone.

    counters    `at` (start of the sample, UTC), `area`, `cell`, `kpi`, `value`; one row a sample
    bad_when    indicator → whether it is bad when high or when low; others are not judged
    zone        of the hours of the week
    is_working  whether a day is a working day; None where no calendar is known
    loads       indicators of load: what a cell's load usually does to the others is expected
    false_per_1000_cells_week  stretches that chance may bring, by the noise seen so far
    """
    kpis = counters["kpi"].unique().sort().to_list()
    judged = [kpi for kpi in kpis if kpi in bad_when]
    load = [kpi for kpi in kpis if kpi in loads and kpi not in bad_when]
    counters = counters.filter(pl.col("kpi").is_in([*judged, *load]))
    if not judged:
        return Degradation(pl.DataFrame(schema=SCHEMA), 0.0, 0.0)
    panel = panel_of(counters, zone=zone, is_working=is_working)
    return _Search(
        panel=panel,
        bad_when={kpi: bad_when[kpi] for kpi in judged},
        thresholds=Thresholds(false_per_1000_cells_week),
        loads=load,
    ).run()


@dataclass
class _Search:
    panel: SamplePanel
    bad_when: Mapping[str, Direction]
    thresholds: Thresholds
    loads: list[str] = field(default_factory=list)
    steadiness: Steadiness = field(default_factory=Steadiness)
    better: BetterByChance = field(default_factory=BetterByChance)
    tried: list[NDArray[np.float64]] = field(default_factory=list)

    def run(self) -> Degradation:
        panel = self.panel
        per_hour, series = panel.per_hour, panel.series.height
        day = 24 * per_hour
        length = next(iter(panel.values.values())).shape[1]
        kpis = list(self.bad_when)
        areas = panel.series["area"].cast(pl.Categorical).to_physical().to_numpy().astype(np.int64)
        models = [self._model(kpi, areas) for kpi in kpis]
        loads = [self._model(kpi, areas) for kpi in self.loads]
        signs = [1.0 if self.bad_when[kpi] == "high" else -1.0 for kpi in kpis]
        number = len(kpis)
        deviations = np.full((number, series, length), np.nan, dtype=np.float32)
        shocks = np.full_like(deviations, np.nan)
        predicted = np.zeros((number, series))
        windows = np.array(sorted({max(2, round(hours * per_hour)) for hours in WINDOWS_H}))
        scales = np.ones((2, number, windows.size))
        state = np.zeros((series, 5), dtype=np.int64)
        levels = np.zeros((series, 2))
        claimed = np.full((series, number), -1, dtype=np.int64)
        born = panel.series["first"].to_numpy() + WARM_UP_DAYS * day
        ready = born + WARM_UP_DAYS * day
        ordinary = np.concatenate([[0], np.cumsum(~panel.festive)])
        groups = _groups(number)
        joint_spreads = np.ones((groups.shape[0], windows.size))
        left_out = np.zeros((series, length), dtype=bool)
        stretch_rows = np.zeros((0, 5), dtype=np.int64)
        scores = np.zeros(0)
        count = 0
        for first in range(WARM_UP_DAYS * day, length, day):
            last = min(first + day, length)
            hist = []
            load = [model.deviations(first, last, left_out) for model in loads]
            for kpi_index, model in enumerate(models):
                own_deviations = model.deviations(first, last, left_out)
                for load_deviations in load:
                    remove_load(own_deviations, load_deviations)
                deviations[kpi_index, :, first:last] = signs[kpi_index] * own_deviations.block
                hist.append(signs[kpi_index] * own_deviations.hist)
            dynamics = np.array([_dynamics(kpi_hist, per_hour) for kpi_hist in hist])
            steps = np.array([_answer(*dynamic[:2]) for dynamic in dynamics])
            variances = np.array([_variances(dynamic, windows[-1]) for dynamic in dynamics])
            spreads = np.maximum(_spreads(hist, groups)[:, None], joint_spreads)
            room = count + series * number * 4
            stretch_rows = np.vstack(
                [stretch_rows, np.zeros((room - stretch_rows.shape[0], 5), dtype=np.int64)]
            )
            scores = np.append(scores, np.zeros(room - scores.size))
            terms = (
                steps,
                variances,
                windows,
                scales[0],
                scales[1],
                groups,
                spreads,
                *_caution(models, groups),
            )
            whiten(
                deviations, shocks, predicted, np.ascontiguousarray(dynamics[:, :3]), first, last
            )
            needed = self.thresholds.needed(windows.size)
            strongest = np.zeros((series, windows.size))
            mirrored = np.zeros((series, last - first))
            best_mirrored(deviations, shocks, terms, born, first, last, needed, strongest, mirrored)
            worst = np.zeros(series)
            unsteady = self.steadiness.needed(
                (ordinary[first] - ordinary[panel.series["first"].to_numpy()]) / day
            )
            times = self.thresholds.times(mirrored, panel.festive[first:last])
            count = scan_block(
                deviations,
                shocks,
                terms,
                first,
                last,
                ready,
                round(NEW_LEVEL / panel.step),
                day,
                state,
                levels,
                claimed,
                stretch_rows,
                scores,
                count,
                needed,
                times,
                unsteady,
                worst,
            )
            shares = np.where(ready[:, None] <= first, mirrored, 0.0)
            self.better.learn(shares / (times * unsteady[:, None]), day)
            if not panel.festive[first:last].any():
                self.steadiness.learn(worst, mirrored.max(axis=1))
            # The second weekend is compared with the first alone: no measure of later days.
            early = first < 2 * WARM_UP_DAYS * day and panel.slots[first] // 24 >= 5
            if not early and not panel.festive[first:last].any():
                self.thresholds.learn(strongest[born <= first])
            self._leave_out(left_out, stretch_rows[:count], last)
            if early:
                continue
            tried = np.full((number, windows.size, series, 2), np.nan)
            sample_evidence(deviations, shocks, terms, last - 1, tried)
            scales = self._calibrated(tried, state)
            joint_spreads = self._together(scales, groups)
        return self._result(stretch_rows[:count], scores[:count], length, kpis, ready)

    def _model(self, kpi: str, areas: NDArray[np.int64]) -> Expected:
        panel = self.panel
        return Expected(
            values=stabilised(panel.values[kpi], panel.slots[: 14 * 24 * panel.per_hour]),
            per_hour=panel.per_hour,
            areas=areas,
            slots=panel.slots,
            festive=panel.festive,
            sign=-1.0 if self.bad_when.get(kpi) == "low" else 1.0,
        )

    def _leave_out(
        self, left_out: NDArray[np.bool_], stretch_rows: NDArray[np.int64], last: int
    ) -> None:
        for series, _kpi, start, upto, _at in stretch_rows:
            if upto < 0 or upto > last - 2 * 24 * self.panel.per_hour:
                left_out[series, start : last if upto < 0 else upto] = True

    def _calibrated(
        self, tried: NDArray[np.float64], state: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Spread that the ratios had lately, by indicator and window."""
        quiet = np.flatnonzero(state[:, 0] == 0)[:2000]
        self.tried = [*self.tried, tried[:, :, quiet]][-days_enough(quiet.size) :]
        every = np.concatenate(self.tried, axis=2)
        scales = np.ones((2, *tried.shape[:2]))
        for kind in (0, 1):
            ratios = every[..., kind].reshape(-1, every.shape[2]).astype(np.float32)
            ratios -= median_of_rows(ratios)[:, None]
            spread = _MAD * median_of_rows(np.abs(ratios)).reshape(tried.shape[:2])
            scales[kind] = np.maximum(0.9, spread)
        return scales

    def _together(
        self, scales: NDArray[np.float64], groups: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Spread of the sums that the indicators of a group had lately (groups × windows).

        A common cause, such as a load that is high for a day, lasts longer than the noise of each
        indicator, so over long windows they correlate more than from one sample to the next.
        """
        ratios = np.concatenate(self.tried, axis=2)[..., 0] / scales[0][:, :, None]
        rows = np.stack([ratios[group == 1].sum(axis=0) for group in groups])
        flat = rows.reshape(-1, rows.shape[2]).astype(np.float32)
        flat -= median_of_rows(flat)[:, None]
        spread = _MAD * median_of_rows(np.abs(flat)).reshape(rows.shape[:2])
        return spread.astype(np.float64)

    def _result(
        self,
        stretch_rows: NDArray[np.int64],
        scores: NDArray[np.float64],
        length: int,
        kpis: list[str],
        ready: NDArray[np.int64],
    ) -> Degradation:
        panel = self.panel
        begin = np.datetime64(panel.start.replace(tzinfo=None), "us")
        step = np.timedelta64(panel.step)
        is_open = stretch_rows[:, 3] < 0
        upto = np.where(is_open, length, stretch_rows[:, 3])
        rows = panel.series[stretch_rows[:, 0]].select("cell", "area")
        table = rows.with_columns(
            pl.Series(
                "kpi", [kpis[kpi_index] for kpi_index in stretch_rows[:, 1]], dtype=pl.String
            ),
            *(
                pl.Series(name, begin + positions * step).dt.replace_time_zone("UTC")
                for name, positions in (
                    ("from", stretch_rows[:, 2]),
                    ("to", upto),
                    ("found_at", stretch_rows[:, 4]),
                )
            ),
            pl.Series("score", scores.round(3)),
            pl.Series("open", is_open),
        )
        judged = np.maximum(0, length - ready).sum() * panel.step.total_seconds() / 604_800
        cell_weeks = float(judged)
        expected = max(self.thresholds.expected(), self.better.expected(cell_weeks))
        return Degradation(table.sort("found_at", "cell", "kpi"), cell_weeks, expected)


def stabilised(values: Floats, slots: NDArray[np.int64]) -> Floats:
    """Values as they are, their roots or logarithms: whichever has the most even noise.

    slots  hour of the week of the samples that may be looked at: the first ones
    """
    part = values[:, : slots.size]
    if not np.isfinite(part).any() or np.nanmin(part) < 0:
        return values
    offset = 0.1 * float(np.nanmedian(part)) if np.nanmin(part) <= 0 else 0.0
    candidates: list[Callable[[Floats], Floats]] = [
        lambda x: np.log(np.maximum(x, 0.0) + offset + 1e-12),
        lambda x: np.sqrt(np.maximum(x, 0.0)),
        lambda x: x,
    ]
    best = int(np.argmin([_unevenness(make(part), slots) for make in candidates]))
    return candidates[best](values).astype(np.float32)


def _unevenness(part: Floats, slots: NDArray[np.int64]) -> float:
    """Skew of the noise on workdays, and how far its spread depends on the level; 0 where even."""
    levels, spreads, lefts = [], [], []
    for hour in range(0, 24, 2):
        hour_part = part[:, (slots % 24 == hour) & (slots // 24 < 5)]
        if hour_part.shape[1] < 4:
            continue
        levels.append(median_of_rows(hour_part))
        left = hour_part - levels[-1][:, None]
        spreads.append(median_of_rows(np.abs(left)))
        lefts.append(left / (spreads[-1][:, None] + 1e-12))
    if not levels:
        return 0.0
    level, spread, left = np.stack(levels), np.stack(spreads), np.concatenate(lefts).ravel()
    low, middle, high = np.quantile(left[np.isfinite(left)], (0.05, 0.5, 0.95))
    skew = (high + low - 2 * middle) / max(high - low, 1e-12)
    has_spread = spread > 0
    if has_spread.sum() < 20:
        return abs(float(skew))
    # Within a cell: that busy cells are noisier is a matter of their scale.
    level = level - level.mean(axis=0)
    spread = np.log(np.where(has_spread, spread, 1.0))
    spread = np.where(has_spread, spread - spread.mean(axis=0), 0.0)
    slope = float(np.corrcoef(level[has_spread], spread[has_spread])[0, 1])
    return abs(float(skew)) + abs(slope)


def _groups(number: int) -> NDArray[np.int64]:
    """Each indicator alone, in pairs, and all together."""
    sets: list[tuple[int, ...]] = [(member,) for member in range(number)]
    if number <= MOST_TOGETHER:
        sets += list(itertools.combinations(range(number), 2))
    if number > 2:
        sets.append(tuple(range(number)))
    table = np.zeros((len(sets), number), dtype=np.int64)
    for index, members in enumerate(sets):
        table[index, list(members)] = 1
    return table


def _caution(
    models: list[Expected], groups: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """What the evidence of each group is worth, and the most each indicator adds to a group.

    Ratios of small counts are far off now and then, which their usual noise does not show: alone
    they say little, and beside others only so much.
    """
    sparse = np.array([model.sparse_share > 0.3 for model in models])
    alone = (groups * ~sparse[None, :]).sum(axis=1) == 0
    upper_limits = np.full(groups.shape, np.inf)
    upper_limits[:, sparse] = _MOST_SPARSE
    upper_limits[alone] = np.inf
    return np.where(alone, _WORTH_SPARSE, 1.0), upper_limits


def _spreads(hist: list[Floats], groups: NDArray[np.int64]) -> NDArray[np.float64]:
    """Standard deviation of the sum of each group, from the correlations of the history."""
    clipped = [np.clip(np.nan_to_num(kpi_hist[:, -14 * 24 :]), -3, 3).ravel() for kpi_hist in hist]
    return _of_sums(np.array(clipped), groups)


def _of_sums(rows: NDArray[np.float64], groups: NDArray[np.int64]) -> NDArray[np.float64]:
    """Standard deviation of the sums of groups of rows whose own is one."""
    varied = rows.std(axis=1) > 0
    correlation = np.eye(rows.shape[0])
    if varied.sum() > 1:
        correlation[np.ix_(varied, varied)] = np.corrcoef(rows[varied])
    correlation = np.maximum(np.nan_to_num(correlation), 0.0)
    correlation += _MORE_IN_COMMON * (1.0 - correlation)
    np.fill_diagonal(correlation, 1.0)
    variances: NDArray[np.float64] = np.einsum("gi,ij,gj->g", groups, correlation, groups)
    return np.sqrt(variances)


def _dynamics(hist: Floats, per_hour: int) -> tuple[float, float, float, float]:
    """Persistence of the lasting part of the noise, gain of its filter, spread of the innovations,
    and the share of the variance that lasts."""
    clipped = np.clip(hist, -3.0, 3.0)
    is_present = ~np.isnan(clipped)
    clipped = np.where(is_present, clipped, 0.0)

    def covariance(lag: int) -> float:
        both = is_present[:, lag:] & is_present[:, : is_present.shape[1] - lag]
        products = clipped[:, lag:] * clipped[:, : clipped.shape[1] - lag]
        return float(products.sum() / max(1, both.sum()))

    variance, near, far = covariance(0), covariance(1), covariance(1 + per_hour)
    if near <= 0.03 * variance:
        return 0.0, 0.0, max(variance, 1.0) ** 0.5, 0.0
    persistence = min(0.97, max(0.05, max(far, 0.0) / near) ** (1 / per_hour))
    lasting = min(near / persistence, variance)
    white = max(variance - lasting, 0.02 * variance)
    ahead = lasting
    for _turn in range(200):
        ahead = persistence**2 * (ahead - ahead**2 / (ahead + white)) + lasting * (
            1 - persistence**2
        )
    # A scale that was drawn wide for its tail stays wide.
    spread = ((ahead + white) / min(1.0, variance)) ** 0.5
    return persistence, ahead / (ahead + white), spread, lasting / variance


def _answer(persistence: float, gain: float) -> NDArray[np.float64]:
    """Innovations of the filter after a step of one; the limit last."""
    predicted, answer = 0.0, []
    for _sample in range(400):
        answer.append(1.0 - predicted)
        predicted = persistence * (predicted + gain * (1.0 - predicted))
    return np.array([*answer[:FILTER], answer[-1]])


def _variances(dynamics: NDArray[np.float64], longest: int) -> NDArray[np.float64]:
    """Variance of the sum of 0, 1, … samples whose own is one."""
    persistence, _gain, _spread, lasting = dynamics
    lags = np.arange(longest + 1)
    correlation = np.where(lags == 0, 1.0, lasting * persistence**lags)
    sums = np.cumsum(np.concatenate([[0.0], 2 * np.cumsum(correlation)[:-1] - 1.0]))
    variances: NDArray[np.float64] = np.maximum(sums, lags * 0.5 + 1e-9)
    return variances
