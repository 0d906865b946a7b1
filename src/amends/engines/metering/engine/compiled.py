"""The contract compiled by numba: one pass over the records, one cache line of state each.

The loops work on views of the state; the oracle of the tests says in words what they do. Most
records are made at home, charge nothing and pass no mark: they take the short way.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from amends.engines.metering.engine.compile import Rules
from amends.engines.metering.engine.layout import (
    BALANCE,
    CHARGE,
    COUNTED,
    COUNTED_HELD,
    DATA,
    DATA_TOLD,
    HELD,
    HOME,
    LARGEST,
    LARGEST_PAST,
    LATE,
    LEFT,
    MONEY,
    NO_PERIOD,
    OF_PERIOD,
    PAST,
    REARMED,
    ROAMING,
    UNKNOWN,
    Array,
    Lines,
    UsageColumns,
)
from amends.engines.metering.engine.layout import NOTICE as NOTICE_ROW
from amends.engines.metering.engine.marks import (
    ENTRY,
    FIRST_DATA,
    NOTICE,
    RECURRING,
    THRESHOLD,
    TIMES_MEAN,
)
from amends.engines.metering.engine.prefetch import AHEAD, prefetch

# Where in a row of 64 bytes each part begins, counted in words of its own size.
_WORDS, _INTS, _SMALL, _BYTES = 8, 16, 32, 64
_PAST, _TOLD, _MULTIPLE, _COUNTRY, _PERIOD, _DAY, _FLAGS = 10, 13, 28, 29, 60, 61, 62
_COUNTERS = 5
# A row of terms has 16 bytes: plan in word 0 of 4, cycle in word 2 of 8, carried in word 1 of 2.


def count(lines: Lines, batch: UsageColumns, rules: Rules, treatment: Array) -> Array:
    """Count the records whose treatment is `COUNTED`; return the notices in order.

    Changes `lines`, and sets `LATE` in `treatment` where the period is closed.
    """
    state = lines.state
    notice_rows = np.empty(max(len(batch) // 4, 1024), NOTICE_ROW)
    first, pieces = 0, []
    while first < len(batch):
        first, filled = _count(
            state.view(np.int64),
            state.view(np.int32),
            state.view(np.uint16),
            state.view(np.uint8),
            lines.terms.view(np.uint32),
            lines.terms.view(np.uint16),
            lines.terms.view(np.int64),
            batch.line,
            batch.at_ms,
            batch.kind,
            batch.amount,
            batch.charge,
            batch.country,
            treatment,
            first,
            notice_rows,
            rules.thresholds,
            rules.lowest,
            rules.open_marks,
            rules.masks,
            _alone(rules),
            rules.forms,
            rules.actions,
            rules.values,
            rules.base_of,
            rules.prepaid,
            np.int64(rules.lasting),
            rules.like_home,
            rules.roaming_by_volume,
            rules.roaming_of_all,
            rules.calendar.starts,
            rules.calendar.midnights,
            rules.calendar.zone_of,
        )
        pieces.append(notice_rows[:filled].copy())
    if len(pieces) == 1:
        return pieces[0]
    return np.concatenate(pieces) if pieces else notice_rows[:0]


def _alone(rules: Rules) -> Array:
    """Mark → the one counter whose value it is compared with, -1 where one counter does not decide
    it."""
    of_one = (rules.forms == THRESHOLD) & (rules.masks & (rules.masks - 1) == 0) & (rules.masks > 0)
    counter = np.array([int(mask).bit_length() - 1 for mask in rules.masks], np.int64)
    return np.where(of_one & (counter < _COUNTERS), counter, -1)


@njit(cache=True, nogil=True, inline="always")
def _sum(a: Any, b: Any) -> Any:  # pragma: no cover - compiled
    """a + b, held within the integers of 64 bits."""
    if b > 0 and a > LARGEST - b:
        return LARGEST
    if b < 0 and a < -LARGEST - b:
        return -LARGEST
    return a + b


@njit(cache=True, nogil=True)
def _roll(
    state_words: Any,
    ints: Any,
    small: Any,
    bytes_: Any,
    plans: Any,
    carried: Any,
    line: int,
    period: Any,
    base_of: Any,
    prepaid: Any,
    lasting: Any,
) -> None:  # pragma: no cover - compiled
    before = np.int64(bytes_[line * _BYTES + _PERIOD])
    past = line * _INTS + _PAST
    if before != NO_PERIOD:
        closed = min(max(state_words[line * _WORDS + MONEY], 0), LARGEST_PAST)
        skipped: Any = min(period - before - 1, PAST)
        for past_index in range(PAST - 1, -1, -1):
            source = past_index - skipped - 1
            if source >= 0:
                ints[past + past_index] = ints[past + source]
            elif source == -1:
                ints[past + past_index] = closed
            else:
                ints[past + past_index] = 0
        plan = base_of[plans[line * 4]]
        plans[line * 4] = plan
        if prepaid[plan]:
            money = state_words[line * _WORDS + MONEY]
            carried[line * 2 + 1] = _sum(carried[line * 2 + 1], money)
    bytes_[line * _BYTES + _PERIOD] = period
    for counter in range(_COUNTERS):
        state_words[line * _WORDS + counter] = 0
    ints[line * _INTS + _TOLD] &= np.int32(np.uint32(lasting))
    small[line * _SMALL + _MULTIPLE] = 0
    bytes_[line * _BYTES + _FLAGS] &= ~OF_PERIOD & 255


@njit(cache=True, nogil=True)
def _late(ints: Any, line: int, back: Any, charge: int) -> None:  # pragma: no cover - compiled
    past_index = line * _INTS + _PAST + back
    if back < PAST and ints[past_index] != UNKNOWN:
        ints[past_index] = min(max(ints[past_index] + charge, 0), LARGEST_PAST)


@njit(cache=True, nogil=True)
def _visit(
    small: Any,
    bytes_: Any,
    line: int,
    country: Any,
    day: Any,
    data: bool,
    limits: Any,
    forms: Any,
    notice_rows: Any,
    filled: int,
) -> int:  # pragma: no cover - compiled
    """A record made abroad: entries, and the first data there; the rows filled."""
    flags = np.int64(bytes_[line * _BYTES + _FLAGS])
    arrived = country != small[line * _SMALL + _COUNTRY] or (
        flags & LEFT != 0 and day % 256 != bytes_[line * _BYTES + _DAY]
    )
    if arrived:
        small[line * _SMALL + _COUNTRY] = country
        bytes_[line * _BYTES + _DAY] = day % 256
        flags &= ~DATA_TOLD & 255
    flags &= ~LEFT & 255
    first_data = data and flags & DATA_TOLD == 0
    if first_data:
        flags |= DATA_TOLD
    bytes_[line * _BYTES + _FLAGS] = flags
    if arrived or first_data:
        for mark in range(len(forms)):
            wanted = (forms[mark] == ENTRY and arrived) or (
                forms[mark] == FIRST_DATA and first_data
            )
            if wanted and limits[mark] != LARGEST:
                notice = notice_rows[filled]
                notice.used = notice.limit = notice.multiple = 0
                notice.step, notice.country, notice.day = mark, country, day
                filled += 1
    return filled


@njit(cache=True, nogil=True)
def _mean(ints: Any, line: int) -> int:  # pragma: no cover - compiled
    """The charges of the closed periods together; 0 where one is not known."""
    total = 0
    for back in range(PAST):
        past_charge = ints[line * _INTS + _PAST + back]
        if past_charge == UNKNOWN:
            return 0
        total += past_charge
    return total


@njit(cache=True, nogil=True)
def _pass_marks(
    state_words: Any,
    ints: Any,
    small: Any,
    carried: Any,
    line: int,
    limits: Any,
    open_: int,
    masks: Any,
    alone: Any,
    forms: Any,
    values: Any,
    notice_rows: Any,
    filled: int,
) -> int:  # pragma: no cover - compiled
    """Those of the marks `open_` that are passed; the rows filled."""
    for mark in range(len(masks)):
        if open_ >> mark == 0:
            break
        if open_ >> mark & 1 == 0:
            continue
        limit, counter = limits[mark], alone[mark]
        if counter >= 0 and state_words[line * _WORDS + counter] < limit:
            continue
        mask, value = masks[mark], 0
        for each in range(_COUNTERS):
            if mask >> each & 1:
                value = _sum(value, state_words[line * _WORDS + each])
        if mask >> BALANCE & 1:
            value = _sum(value, _sum(state_words[line * _WORDS + MONEY], carried[line * 2 + 1]))
        multiple = 0
        if forms[mark] == RECURRING:
            multiple = min(value // values[mark], 65_535)
            if multiple <= small[line * _SMALL + _MULTIPLE]:
                continue
            small[line * _SMALL + _MULTIPLE] = multiple
            limit = multiple * values[mark]
        else:
            if forms[mark] == TIMES_MEAN:
                total = _mean(ints, line)
                if total == 0:
                    continue
                limit = total * values[mark] // PAST + 1
            if value < limit:
                continue
            ints[line * _INTS + _TOLD] |= np.int32(np.uint32(1 << mark))
        notice = notice_rows[filled]
        notice.used, notice.limit, notice.multiple = value, limit, multiple
        notice.step, notice.country, notice.day = mark, 0, 0
        filled += 1
    return filled


@njit(cache=True, nogil=True)
def _finish(
    bytes_: Any,
    line: int,
    row: int,
    at_ms: int,
    actions: Any,
    notice_rows: Any,
    start: int,
    filled: int,
) -> None:  # pragma: no cover - compiled
    """Put the notices of one record in the order of their marks, as the contract says."""
    for notice_index in range(start + 1, filled):
        here = notice_index
        while here > start and notice_rows[here - 1].step > notice_rows[here].step:
            first_notice, second_notice = notice_rows[here - 1], notice_rows[here]
            first_notice.used, second_notice.used = second_notice.used, first_notice.used
            first_notice.limit, second_notice.limit = second_notice.limit, first_notice.limit
            first_notice.multiple, second_notice.multiple = (
                second_notice.multiple,
                first_notice.multiple,
            )
            first_notice.step, second_notice.step = second_notice.step, first_notice.step
            first_notice.country, second_notice.country = (
                second_notice.country,
                first_notice.country,
            )
            first_notice.day, second_notice.day = second_notice.day, first_notice.day
            here -= 1
    for notice_index in range(start, filled):
        first_notice = notice_rows[notice_index]
        if actions[first_notice.step] != NOTICE:
            bytes_[line * _BYTES + _FLAGS] |= HELD
        first_notice.row, first_notice.line, first_notice.at_ms = row, line, at_ms
        first_notice.period = bytes_[line * _BYTES + _PERIOD]
        first_notice.flags = bytes_[line * _BYTES + _FLAGS] & REARMED


@njit(cache=True, nogil=True)
def _count(
    state_words: Any,
    ints: Any,
    small: Any,
    bytes_: Any,
    plans: Any,
    terms: Any,
    carried: Any,
    lines: Any,
    ats: Any,
    kinds: Any,
    amounts: Any,
    charges: Any,
    countries: Any,
    treatment: Any,
    first: int,
    notice_rows: Any,
    thresholds: Any,
    lowest: Any,
    open_marks: Any,
    masks: Any,
    alone: Any,
    forms: Any,
    actions: Any,
    values: Any,
    base_of: Any,
    prepaid: Any,
    lasting: Any,
    like_home: Any,
    by_volume: bool,
    of_all: bool,
    period_starts: Any,
    midnights: Any,
    zone_of: Any,
) -> Any:  # pragma: no cover - compiled
    """From record `first` on until `found` is full; the next record, and the rows filled.

    words, ints, small, bytes_  the state by words of 8, 4, 2 and 1 byte
    plans, terms, carried       the terms by words of 4, 2 and 8
    """
    n, marks, filled = len(lines), len(masks), 0
    for row in range(first, n):
        if row + AHEAD < n and treatment[row + AHEAD] == COUNTED:
            prefetch(state_words, lines[row + AHEAD] * _WORDS)
            prefetch(plans, lines[row + AHEAD] * 4)
        if filled + marks > len(notice_rows):
            return row, filled
        if treatment[row] != COUNTED:
            continue
        line, at_ms, charge, kind = lines[row], ats[row], charges[row], np.int64(kinds[row])
        country = np.int64(countries[row])
        now = np.int64(bytes_[line * _BYTES + _PERIOD])
        of = np.int64(terms[line * 8 + 2])
        if (
            now == NO_PERIOD
            or at_ms < period_starts[of, now]
            or at_ms >= period_starts[of, now + 1]
        ):
            period = np.searchsorted(period_starts[of], at_ms, side="right") - 1
            if now != NO_PERIOD and period < now:
                _late(ints, line, now - period - 1, charge)
                if prepaid[plans[line * 4]]:
                    carried[line * 2 + 1] = _sum(carried[line * 2 + 1], charge)
                treatment[row] = LATE
                continue
            _roll(
                state_words,
                ints,
                small,
                bytes_,
                plans,
                carried,
                line,
                period,
                base_of,
                prepaid,
                lasting,
            )
        plan = np.int64(plans[line * 4])
        start, roamed = filled, 0
        open_: Any = 0
        if kind < CHARGE:
            if country == HOME:
                if small[line * _SMALL + _COUNTRY] != HOME:
                    bytes_[line * _BYTES + _FLAGS] |= LEFT
            else:
                if kind == DATA or of_all:
                    roamed = amounts[row] if by_volume else charge
                    if bytes_[line * _BYTES + _FLAGS] & HELD:
                        treatment[row] = COUNTED_HELD
                day = np.searchsorted(midnights[zone_of[of]], at_ms, side="right") - 1
                filled = _visit(
                    small,
                    bytes_,
                    line,
                    country,
                    day,
                    kind == DATA,
                    thresholds[plan],
                    forms,
                    notice_rows,
                    filled,
                )
            if (country == HOME or like_home[country]) and amounts[row] != 0:
                moved = _sum(state_words[line * _WORDS + kind], amounts[row])
                state_words[line * _WORDS + kind] = moved
                if moved >= lowest[plan, kind]:
                    open_ |= open_marks[plan, kind]
        elif of_all and country != HOME:
            roamed = amounts[row] if by_volume else charge
        if roamed != 0:
            moved = _sum(state_words[line * _WORDS + ROAMING], roamed)
            state_words[line * _WORDS + ROAMING] = moved
            if moved >= lowest[plan, ROAMING]:
                open_ |= open_marks[plan, ROAMING]
        if charge != 0:
            moved = _sum(state_words[line * _WORDS + MONEY], charge)
            state_words[line * _WORDS + MONEY] = moved
            if moved >= lowest[plan, MONEY]:
                open_ |= open_marks[plan, MONEY]
            # Looked up first: most lines have no balance, and then nothing is added.
            of_balance = open_marks[plan, BALANCE]
            if of_balance and _sum(moved, carried[line * 2 + 1]) >= lowest[plan, BALANCE]:
                open_ |= of_balance
        if open_:
            open_ &= ~np.int64(ints[line * _INTS + _TOLD])
            if open_:
                filled = _pass_marks(
                    state_words,
                    ints,
                    small,
                    carried,
                    line,
                    thresholds[plan],
                    open_,
                    masks,
                    alone,
                    forms,
                    values,
                    notice_rows,
                    filled,
                )
        if filled > start:
            _finish(bytes_, line, row, at_ms, actions, notice_rows, start, filled)
    return n, filled
