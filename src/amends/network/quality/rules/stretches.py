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
    for one in range(deviations.shape[0]):
        persistence, gain, spread = dynamics[one]
        for series in range(deviations.shape[1]):
            for now in range(first, last):
                value = deviations[one, series, now]
                if np.isnan(value):
                    shocks[one, series, now] = np.nan
                    predicted[one, series] *= persistence
                else:
                    off = value - predicted[one, series]
                    shocks[one, series, now] = min(max(off / spread, -_CLIP), _CLIP)
                    predicted[one, series] = persistence * (predicted[one, series] + gain * off)


@njit(cache=True, nogil=True)
def best_mirrored(deviations, shocks, terms, born, first, last, needed, strongest, best):
    """The strongest evidence that a cell is *better*: as no such stretch is sought, it shows what
    chance and the expectation's errors bring.

    strongest  of the whole block by window (series × windows), written here
    best       share of what is `needed`, of each sample (series × samples), written here
    """
    indicators = deviations.shape[0]
    ratio, kept = np.zeros(indicators), np.zeros(indicators)
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
                kept,
                by_window,
            )
            best[series, now - first] = strength
            for place in range(needed.size):
                if by_window[place] > strongest[series, place]:
                    strongest[series, place] = by_window[place]


@njit(cache=True, nogil=True)
def sample_evidence(deviations, shocks, terms, now, tried):
    """The evidence of every window that ends now (indicators × windows × series × 2)."""
    steps, variances, windows = terms[0], terms[1], terms[2]
    for series in range(deviations.shape[1]):
        for place in range(windows.size):
            if windows[place] > now + 1:
                break
            for one in range(deviations.shape[0]):
                found = _evidence(
                    deviations,
                    shocks,
                    steps,
                    variances,
                    one,
                    series,
                    now - windows[place] + 1,
                    now,
                    1.0,
                )
                tried[one, place, series, 0], tried[one, place, series, 1] = found


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
    found,  # rows: series, indicator, from, to, found at
    scores,
    count,
    needed,  # evidence that each window needs
    times,  # and how many times as much at each sample,
    unsteady,  # and for each series
    worst,  # series: strongest evidence of the block, -1 where it has a stretch; written here
):
    indicators, number, _samples = deviations.shape
    steps = terms[0]
    ratio, kept, by_window = np.zeros(indicators), np.zeros(indicators), np.zeros(needed.size)
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
                    found,
                    scores,
                    count,
                )
                continue
            earliest = max(ready[series], state[series, 3])
            least = times[now - first] * unsteady[series]
            share, start = _strongest(
                deviations,
                shocks,
                terms,
                series,
                earliest,
                now,
                1.0,
                needed,
                least,
                ratio,
                kept,
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
            strongest = np.argmax(kept)
            for one in range(indicators):
                claimed[series, one] = -1
                if one == strongest or kept[one] >= NAMED:
                    count = _claim(
                        found, scores, count, claimed, series, one, start, now, kept[one]
                    )
            levels[series, 0] = _size(deviations, claimed, series, start, now)
    return count


@njit(cache=True, nogil=True)
def _strongest(
    deviations, shocks, terms, series, earliest, now, sign, needed, least, ratio, kept, by_window
):
    """The strongest evidence of a stretch that ends now, as a share of what its window needs, and
    its start (-1 where it is less than `least`).

    sign       1 where worse is sought, -1 where better
    kept       evidence of the indicators of the strongest group, -1 of the others; written here
    by_window  the strongest of each window, written here
    """
    steps, variances, windows, scales, loose_scales, groups, spreads, caution, most = terms
    indicators = deviations.shape[0]
    best, start = 0.0, -1
    worse = False
    for one in range(indicators):
        worse = worse or sign * deviations[one, series, now] > _WORSE
    if not worse:
        return best, start
    loose = np.zeros(indicators)
    for place in range(windows.size):
        begin = now - windows[place] + 1
        if begin < earliest:
            break
        for one in range(indicators):
            plain, rest = _evidence(
                deviations, shocks, steps, variances, one, series, begin, now, sign
            )
            ratio[one] = plain / scales[one, place]
            loose[one] = rest / loose_scales[one, place]
        for group in range(groups.shape[0]):
            total, rest, whole = 0.0, 0.0, True
            for one in range(indicators):
                if groups[group, one]:
                    total += min(ratio[one], most[group, one])
                    rest += loose[one]
                    whole = whole and not np.isnan(ratio[one])
            if not whole:
                continue
            strength = min(total, WITHOUT_LARGEST * rest) * caution[group] / spreads[group, place]
            by_window[place] = max(by_window[place], strength)
            share = strength / needed[place]
            if share > best:
                best, start = share, begin if share >= least else -1
                for one in range(indicators):
                    kept[one] = ratio[one] if groups[group, one] else -1.0
    return best, start


@njit(cache=True, nogil=True)
def _evidence(deviations, shocks, steps, variances, one, series, start, now, sign):
    """The likelihood ratio of a stretch from `start` to `now` in standard deviations, and what is
    left of the plain sum without its largest sample; NaN where fewer than two or half are known."""
    total, norm, plain, largest, known = 0.0, 0.0, 0.0, -1e9, 0
    limit = steps[one, FILTER]
    for sample in range(start, now + 1):
        shock = shocks[one, series, sample]
        if np.isnan(shock):
            continue
        value = sign * deviations[one, series, sample]
        after = sample - start
        answer = steps[one, after] if after < FILTER else limit
        total += sign * answer * shock
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
