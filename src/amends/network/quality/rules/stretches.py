"""Find the stretches in which a cell is worse than expected: compiled, one sample after the other.

At every sample each earlier sample is tried as the start of a stretch that is still going on, each
indicator alone, in pairs and all together (a generalised likelihood ratio with an unknown start).
Noise that persists is whitened first: what matters is how often chance alone brings such a run. A
run counts only if it does without its largest sample, so that one bad sample is never a stretch.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]

WITHOUT_LARGEST, JOINS, NAMED = 1.5, 4.5, 3.0
END = 8.0
FILTER = 12
_CLIP = 10.0
_WORSE = 0.5


@njit(cache=True, nogil=True)
def whiten(
    deviations,  # indicators × series × samples, positive where worse, NaN where missing
    shocks,  # of the same shape: innovations, written here
    predicted,  # indicators × series: state of the filter
    dynamics,  # indicators × 3: persistence, gain, spread of the innovations
    first,
    last,
):
    for indicator in range(deviations.shape[0]):
        persistence, gain, spread = dynamics[indicator]
        for series in range(deviations.shape[1]):
            for now in range(first, last):
                value = deviations[indicator, series, now]
                if np.isnan(value):
                    shocks[indicator, series, now] = np.nan
                    predicted[indicator, series] *= persistence
                else:
                    off = value - predicted[indicator, series]
                    shocks[indicator, series, now] = min(max(off / spread, -_CLIP), _CLIP)
                    predicted[indicator, series] = persistence * (
                        predicted[indicator, series] + gain * off
                    )


@njit(cache=True, nogil=True)
def best_mirrored(deviations, shocks, terms, born, first, last, needed, strongest, best):
    """The strongest evidence that a cell is *better*: as no such stretch is sought, it shows what
    chance and the expectation's errors bring.

    strongest  of the whole block by window (series × windows), written here
    best       share of what is `needed`, of each sample (series × samples), written here
    """
    indicators = deviations.shape[0]
    ratio, kept_ratio = np.zeros(indicators), np.zeros(indicators)
    by_window = np.zeros(needed.size)
    for series in range(deviations.shape[1]):
        for now in range(first, last):
            by_window[:] = 0.0
            strength, _start = _strongest(
                deviations,
                shocks,
                terms,
                series,
                born[series],
                now,
                -1.0,
                needed,
                0.0,
                ratio,
                kept_ratio,
                by_window,
            )
            best[series, now - first] = strength
            for window_index in range(needed.size):
                if by_window[window_index] > strongest[series, window_index]:
                    strongest[series, window_index] = by_window[window_index]


@njit(cache=True, nogil=True)
def sample_evidence(deviations, shocks, terms, now, tried):
    """The evidence of every window that ends now (indicators × windows × series × 2)."""
    steps, variances, windows = terms[0], terms[1], terms[2]
    for series in range(deviations.shape[1]):
        for window_index in range(windows.size):
            if windows[window_index] > now + 1:
                break
            for indicator in range(deviations.shape[0]):
                evidence = _evidence(
                    deviations,
                    shocks,
                    steps,
                    variances,
                    indicator,
                    series,
                    now - windows[window_index] + 1,
                    now,
                    1.0,
                )
                (
                    tried[indicator, window_index, series, 0],
                    tried[indicator, window_index, series, 1],
                ) = evidence


@njit(cache=True, nogil=True)
def scan_block(
    deviations,
    shocks,
    terms,  # answer of the filter to a step, variance of a sum of so many samples, windows, and of
    # indicators × windows the spreads that both kinds of evidence have; groups, their spreads, what
    # the evidence of each is worth, and the most that an indicator adds to it
    first,
    last,
    ready,  # series: first sample that may be part of a stretch
    longest,  # samples after which a stretch is a new level
    silence,  # samples without a value after which it has ended
    state,  # series × 5 integers: active, from, start of a return, earliest next start, last sample
    levels,  # series × 2: size of the stretch, evidence of a return
    claimed,  # series × indicators: row in `found`, -1 where not claimed
    stretch_rows,  # rows: series, indicator, from, to, found at
    scores,
    count,
    needed,  # evidence that each window needs
    times,  # and how many times as much at each sample,
    unsteady,  # and for each series
    worst,  # series: strongest evidence of the block, -1 where it has a stretch; written here
):
    indicators, number, _samples = deviations.shape
    steps = terms[0]
    ratio, kept_ratio, by_window = np.zeros(indicators), np.zeros(indicators), np.zeros(needed.size)
    for series in range(number):
        for now in range(first, last):
            if state[series, 0]:
                worst[series] = -1.0
                count = _go_on(
                    deviations,
                    shocks,
                    steps,
                    series,
                    now,
                    longest,
                    silence,
                    state,
                    levels,
                    claimed,
                    stretch_rows,
                    scores,
                    count,
                )
                continue
            earliest = max(ready[series], state[series, 3])
            minimum = times[now - first] * unsteady[series]
            share, start = _strongest(
                deviations,
                shocks,
                terms,
                series,
                earliest,
                now,
                1.0,
                needed,
                minimum,
                ratio,
                kept_ratio,
                by_window,
            )
            if start >= 0:
                worst[series] = -1.0
            elif worst[series] >= 0.0:
                worst[series] = max(worst[series], share)
            if start < 0:
                continue
            state[series, 0], state[series, 1], state[series, 2] = 1, start, now + 1
            state[series, 4] = now
            levels[series, 1] = 0.0
            strongest = np.argmax(kept_ratio)
            for indicator in range(indicators):
                claimed[series, indicator] = -1
                if indicator == strongest or kept_ratio[indicator] >= NAMED:
                    count = _claim(
                        stretch_rows,
                        scores,
                        count,
                        claimed,
                        series,
                        indicator,
                        start,
                        now,
                        kept_ratio[indicator],
                    )
            levels[series, 0] = _size(deviations, claimed, series, start, now)
    return count


@njit(cache=True, nogil=True)
def _strongest(
    deviations,
    shocks,
    terms,
    series,
    earliest,
    now,
    sign,
    needed,
    minimum,
    ratio,
    kept_ratio,
    by_window,
):
    """The strongest evidence of a stretch that ends now, as a share of what its window needs, and
    its start (-1 where it is less than `least`).

    sign       1 where worse is sought, -1 where better
    kept       evidence of the indicators of the strongest group, -1 of the others; written here
    by_window  the strongest of each window, written here
    """
    steps, variances, windows, scales, loose_scales, groups, spreads, caution, upper_limits = terms
    indicators = deviations.shape[0]
    best, start = 0.0, -1
    worse = False
    for indicator in range(indicators):
        worse = worse or sign * deviations[indicator, series, now] > _WORSE
    if not worse:
        return best, start
    loose = np.zeros(indicators)
    for window_index in range(windows.size):
        begin = now - windows[window_index] + 1
        if begin < earliest:
            break
        for indicator in range(indicators):
            plain, reduced = _evidence(
                deviations, shocks, steps, variances, indicator, series, begin, now, sign
            )
            ratio[indicator] = plain / scales[indicator, window_index]
            loose[indicator] = reduced / loose_scales[indicator, window_index]
        for group in range(groups.shape[0]):
            total, reduced, is_complete = 0.0, 0.0, True
            for indicator in range(indicators):
                if groups[group, indicator]:
                    total += min(ratio[indicator], upper_limits[group, indicator])
                    reduced += loose[indicator]
                    is_complete = is_complete and not np.isnan(ratio[indicator])
            if not is_complete:
                continue
            strength = (
                min(total, WITHOUT_LARGEST * reduced)
                * caution[group]
                / spreads[group, window_index]
            )
            by_window[window_index] = max(by_window[window_index], strength)
            share = strength / needed[window_index]
            if share > best:
                best, start = share, begin if share >= minimum else -1
                for indicator in range(indicators):
                    kept_ratio[indicator] = ratio[indicator] if groups[group, indicator] else -1.0
    return best, start


@njit(cache=True, nogil=True)
def _evidence(deviations, shocks, steps, variances, indicator, series, start, now, sign):
    """The likelihood ratio of a stretch from `start` to `now` in standard deviations, and what is
    left of the plain sum without its largest sample; NaN where fewer than two or half are known."""
    total, norm, plain, largest, value_count = 0.0, 0.0, 0.0, -1e9, 0
    limit = steps[indicator, FILTER]
    for sample in range(start, now + 1):
        shock = shocks[indicator, series, sample]
        if np.isnan(shock):
            continue
        value = sign * deviations[indicator, series, sample]
        after = sample - start
        answer = steps[indicator, after] if after < FILTER else limit
        total += sign * answer * shock
        norm += answer * answer
        value = min(max(value, -_CLIP), _CLIP)
        plain += value
        largest = max(largest, value)
        value_count += 1
    if value_count < 2 or 2 * value_count < now - start + 1:
        return np.nan, np.nan
    return total / np.sqrt(norm), (plain - largest) / np.sqrt(variances[indicator, value_count - 1])


@njit(cache=True, nogil=True)
def _claim(stretch_rows, scores, count, claimed, series, indicator, start, now, score):
    stretch_rows[count, 0], stretch_rows[count, 1], stretch_rows[count, 2] = (
        series,
        indicator,
        start,
    )
    stretch_rows[count, 3], stretch_rows[count, 4] = -1, now
    scores[count] = score
    claimed[series, indicator] = count
    return count + 1


@njit(cache=True, nogil=True)
def _size(deviations, claimed, series, start, now):
    """Mean deviation of the claimed indicators."""
    total, value_count = 0.0, 0
    for sample in range(start, now + 1):
        for indicator in range(deviations.shape[0]):
            value = deviations[indicator, series, sample]
            if claimed[series, indicator] >= 0 and not np.isnan(value):
                total += min(value, _CLIP)
                value_count += 1
    return total / max(value_count, 1)


@njit(cache=True, nogil=True)
def _go_on(
    deviations,
    shocks,
    steps,
    series,
    now,
    longest,
    silence,
    state,
    levels,
    claimed,
    stretch_rows,
    scores,
    count,
):
    """A stretch that was found: whether it has ended, and which indicators join it."""
    start = state[series, 1]
    total, value_count = 0.0, 0
    for indicator in range(deviations.shape[0]):
        value = deviations[indicator, series, now]
        if claimed[series, indicator] >= 0 and not np.isnan(value):
            total += min(value, _CLIP)
            value_count += 1
    size = levels[series, 0]
    if value_count:
        state[series, 4] = now
        levels[series, 1] += (size / 2 - total / value_count) * min(size, 4.0)
        if levels[series, 1] <= 0.0:
            levels[series, 1] = 0.0
            state[series, 2] = now + 1
            levels[series, 0] += (total / value_count - size) / (now - start + 1)
    ended = levels[series, 1] > END
    silent = now - state[series, 4] >= silence
    if ended or silent or now - start >= longest:
        upto = now + 1
        if ended:
            upto = state[series, 2]
        elif silent:
            upto = state[series, 4] + 1
        for indicator in range(deviations.shape[0]):
            if claimed[series, indicator] >= 0:
                stretch_rows[claimed[series, indicator], 3] = upto
                claimed[series, indicator] = -1
        state[series, 0], state[series, 3] = 0, upto
        return count
    if levels[series, 1] > 0.0:
        return count
    for indicator in range(deviations.shape[0]):
        if claimed[series, indicator] < 0:
            ratio, loose = _joined(deviations, shocks, steps, indicator, series, start, now)
            if ratio >= JOINS and loose >= NAMED:
                count = _claim(
                    stretch_rows, scores, count, claimed, series, indicator, start, now, ratio
                )
    return count


@njit(cache=True, nogil=True)
def _joined(deviations, shocks, steps, indicator, series, start, now):
    total, norm, plain, largest, value_count = 0.0, 0.0, 0.0, -1e9, 0
    for sample in range(start, now + 1):
        shock = shocks[indicator, series, sample]
        if np.isnan(shock):
            continue
        after = sample - start
        answer = steps[indicator, min(after, FILTER)]
        total += answer * shock
        norm += answer * answer
        value = min(deviations[indicator, series, sample], _CLIP)
        plain += value
        largest = max(largest, value)
        value_count += 1
    if value_count < 2:
        return 0.0, 0.0
    return total / np.sqrt(norm), (plain - largest) / np.sqrt(value_count - 1.0)
