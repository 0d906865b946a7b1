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

ALARM, WITHOUT_LARGEST, JOINS, NAMED = 5.4, 3.6, 4.5, 3.0
END = 8.0
FILTER = 12
_CLIP = 10.0


@njit(cache=True, nogil=True)
def scan_block(
    deviations,  # indicators × series × samples, positive where worse, NaN where missing
    shocks,  # of the same shape: innovations, written here
    predicted,  # indicators × series: state of the filter
    dynamics,  # indicators × 3: persistence, gain, spread of the innovations
    steps,  # indicators × FILTER + 1: answer of the filter to a step, its limit last
    variances,  # indicators × longest + 1: variance of a sum of so many samples
    windows,  # lengths that are tried, samples, rising
    scales,  # indicators × windows: spread that the ratio really has
    loose_scales,  # the same without the largest
    groups,  # groups of indicators × indicators, 0/1
    spreads,  # of the sum of a group
    first,
    last,
    ready,  # series: first sample that may be part of a stretch
    longest,  # samples after which a stretch is a new level
    silence,  # samples without a value after which it has ended
    state,  # series × 5 integers: active, from, start of a return, earliest next start, last sample
    levels,  # series × 2: size of the stretch, evidence of a return
    claimed,  # series × indicators: row in `found`, -1 where not claimed
    found,  # rows: series, indicator, from, to, found at
    scores,
    count,
    tried,  # indicators × windows × series × 2, samples to calibrate by, written here
    alarm,
):
    indicators, number, _samples = deviations.shape
    ratio = np.zeros(indicators)
    loose = np.zeros(indicators)
    best_ratio = np.zeros(indicators)
    for series in range(number):
        for now in range(first, last):
            for one in range(indicators):
                value = deviations[one, series, now]
                persistence, gain, spread = dynamics[one]
                if np.isnan(value):
                    shocks[one, series, now] = np.nan
                    predicted[one, series] *= persistence
                else:
                    shock = (value - predicted[one, series]) / spread
                    shocks[one, series, now] = min(max(shock, -_CLIP), _CLIP)
                    predicted[one, series] = persistence * (
                        predicted[one, series] + gain * (value - predicted[one, series])
                    )
            if state[series, 0]:
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
                    found,
                    scores,
                    count,
                )
                continue
            earliest = max(ready[series], state[series, 3])
            calibrating = now == last - 1
            if now - 1 < earliest and not calibrating:
                continue
            if not calibrating:
                worse = False
                for one in range(indicators):
                    if deviations[one, series, now] > 0.5:
                        worse = True
                if not worse:
                    continue
            reach = now + 1 if calibrating else now - earliest + 1
            best, start = 0.0, -1
            for place in range(windows.size):
                length = windows[place]
                if length > reach:
                    break
                for one in range(indicators):
                    ratio[one], loose[one] = _evidence(
                        deviations, shocks, steps, variances, one, series, now - length + 1, now
                    )
                    if calibrating:
                        tried[one, place, series, 0] = ratio[one]
                        tried[one, place, series, 1] = loose[one]
                    ratio[one] /= scales[one, place]
                    loose[one] /= loose_scales[one, place]
                if now - length + 1 < earliest:
                    continue
                for group in range(groups.shape[0]):
                    total, rest, whole = 0.0, 0.0, True
                    for one in range(indicators):
                        if groups[group, one]:
                            total += ratio[one]
                            rest += loose[one]
                            whole = whole and not np.isnan(ratio[one])
                    if not whole:
                        continue
                    total /= spreads[group]
                    rest /= spreads[group]
                    if total > best and total >= alarm and rest >= WITHOUT_LARGEST:
                        best, start = total, now - length + 1
                        for one in range(indicators):
                            best_ratio[one] = ratio[one] if groups[group, one] else -1.0
            if start < 0:
                continue
            state[series, 0], state[series, 1], state[series, 2] = 1, start, now + 1
            state[series, 4] = now
            levels[series, 1] = 0.0
            strongest = np.argmax(best_ratio)
            for one in range(indicators):
                claimed[series, one] = -1
                if one == strongest or best_ratio[one] >= NAMED:
                    count = _claim(
                        found, scores, count, claimed, series, one, start, now, best_ratio[one]
                    )
            levels[series, 0] = _size(deviations, claimed, series, start, now)
    return count


@njit(cache=True, nogil=True)
def _evidence(deviations, shocks, steps, variances, one, series, start, now):
    """The likelihood ratio of a stretch from `start` to `now` in standard deviations, and what is
    left of the plain sum without its largest sample; NaN where fewer than two or half are known."""
    total, norm, plain, largest, known = 0.0, 0.0, 0.0, -1e9, 0
    limit = steps[one, FILTER]
    for sample in range(start, now + 1):
        shock = shocks[one, series, sample]
        if np.isnan(shock):
            continue
        value = deviations[one, series, sample]
        after = sample - start
        answer = steps[one, after] if after < FILTER else limit
        total += answer * shock
        norm += answer * answer
        value = min(max(value, -_CLIP), _CLIP)
        plain += value
        largest = max(largest, value)
        known += 1
    if known < 2 or 2 * known < now - start + 1:
        return np.nan, np.nan
    return total / np.sqrt(norm), (plain - largest) / np.sqrt(variances[one, known - 1])


@njit(cache=True, nogil=True)
def _claim(found, scores, count, claimed, series, one, start, now, score):
    found[count, 0], found[count, 1], found[count, 2] = series, one, start
    found[count, 3], found[count, 4] = -1, now
    scores[count] = score
    claimed[series, one] = count
    return count + 1


@njit(cache=True, nogil=True)
def _size(deviations, claimed, series, start, now):
    """Mean deviation of the claimed indicators."""
    total, known = 0.0, 0
    for sample in range(start, now + 1):
        for one in range(deviations.shape[0]):
            value = deviations[one, series, sample]
            if claimed[series, one] >= 0 and not np.isnan(value):
                total += min(value, _CLIP)
                known += 1
    return total / max(known, 1)


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
    found,
    scores,
    count,
):
    """A stretch that was found: whether it has ended, and which indicators join it."""
    start = state[series, 1]
    total, known = 0.0, 0
    for one in range(deviations.shape[0]):
        value = deviations[one, series, now]
        if claimed[series, one] >= 0 and not np.isnan(value):
            total += min(value, _CLIP)
            known += 1
    size = levels[series, 0]
    if known:
        state[series, 4] = now
        levels[series, 1] += (size / 2 - total / known) * min(size, 4.0)
        if levels[series, 1] <= 0.0:
            levels[series, 1] = 0.0
            state[series, 2] = now + 1
            levels[series, 0] += (total / known - size) / (now - start + 1)
    ended = levels[series, 1] > END
    silent = now - state[series, 4] >= silence
    if ended or silent or now - start >= longest:
        upto = now + 1
        if ended:
            upto = state[series, 2]
        elif silent:
            upto = state[series, 4] + 1
        for one in range(deviations.shape[0]):
            if claimed[series, one] >= 0:
                found[claimed[series, one], 3] = upto
                claimed[series, one] = -1
        state[series, 0], state[series, 3] = 0, upto
        return count
    if levels[series, 1] > 0.0:
        return count
    for one in range(deviations.shape[0]):
        if claimed[series, one] < 0:
            ratio, loose = _joined(deviations, shocks, steps, one, series, start, now)
            if ratio >= JOINS and loose >= NAMED:
                count = _claim(found, scores, count, claimed, series, one, start, now, ratio)
    return count


@njit(cache=True, nogil=True)
def _joined(deviations, shocks, steps, one, series, start, now):
    total, norm, plain, largest, known = 0.0, 0.0, 0.0, -1e9, 0
    for sample in range(start, now + 1):
        shock = shocks[one, series, sample]
        if np.isnan(shock):
            continue
        after = sample - start
        answer = steps[one, min(after, FILTER)]
        total += answer * shock
        norm += answer * answer
        value = min(deviations[one, series, sample], _CLIP)
        plain += value
        largest = max(largest, value)
        known += 1
    if known < 2:
        return 0.0, 0.0
    return total / np.sqrt(norm), (plain - largest) / np.sqrt(known - 1.0)
