"""The contract compiled by numba: one pass over the records, one cache line of state each.

The loop works on views of the state's bytes; `oracle.py` says in words what it does.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit

from amends.notices.rules.engine.compile import (
    ENTRY,
    FIRST_DATA,
    NOTICE,
    RECURRING,
    TIMES_MEAN,
    Rules,
)
from amends.notices.rules.engine.layout import (
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
    Batch,
    Lines,
)
from amends.notices.rules.engine.layout import NOTICE as NOTICE_ROW

_COLUMNS = 11
_TOUCHED = 64


def count(lines: Lines, batch: Batch, rules: Rules, treatment: Array) -> Array:
    """See `oracle.count`."""
    bytes_ = lines.state.view(np.uint8).reshape(len(lines), 64)
    capacity = max(len(batch) // 4, 1024)
    found = np.empty((capacity, _COLUMNS), np.int64)
    first, pieces = 0, []
    while first < len(batch):
        first, filled = _count(
            bytes_[:, :40].view(np.int64), bytes_[:, 40:52].view(np.int32),
            bytes_[:, 52:56].view(np.uint32), bytes_[:, 56:60].view(np.uint16), bytes_[:, 60:],
            lines.terms["plan"], lines.terms["cycle"],
            batch.line, batch.at_ms, batch.kind, batch.amount, batch.charge, batch.country,
            treatment, first, found,
            rules.thresholds, rules.masks, rules.forms, rules.actions, rules.values,
            rules.marks_of, rules.starts, rules.base_of, rules.like_home, rules.roaming_by_volume,
            rules.calendar.starts, rules.calendar.midnights, rules.calendar.zone_of,
        )  # fmt: skip
        pieces.append(found[:filled].copy())
    return _as_notices(np.concatenate(pieces) if pieces else found[:0])


def _as_notices(columns: Array) -> Array:
    notices = np.empty(len(columns), NOTICE_ROW)
    for place, name in enumerate(NOTICE_ROW.names or ()):
        notices[name] = columns[:, place]
    return notices


@njit(cache=True, nogil=True, inline="always")
def _sum(a: int, b: int) -> int:  # pragma: no cover - compiled
    """a + b, held within the integers of 64 bits."""
    if b > 0 and a > LARGEST - b:
        return LARGEST
    if b < 0 and a < -LARGEST - b:
        return -LARGEST
    return a + b


@njit(cache=True, nogil=True)
def _roll(used: Any, past: Any, told: Any, small: Any, bytes_: Any, plan: Any, line: int,
          period: int, base_of: Any) -> None:  # pragma: no cover - compiled  # fmt: skip
    before = bytes_[line, 0]
    if before != NO_PERIOD:
        closed = min(max(used[line, MONEY], 0), LARGEST_PAST)
        skipped = min(period - before - 1, PAST)
        for place in range(PAST - 1, -1, -1):
            source = place - skipped - 1
            if source >= 0:
                past[line, place] = past[line, source]
            elif source == -1:
                past[line, place] = closed
            else:
                past[line, place] = 0
        plan[line] = base_of[plan[line]]
    bytes_[line, 0] = period
    for counter in range(used.shape[1]):
        used[line, counter] = 0
    told[line, 0] = 0
    small[line, 0] = 0
    bytes_[line, 2] &= ~OF_PERIOD & 255


@njit(cache=True, nogil=True)
def _count(used: Any, past: Any, told: Any, small: Any, bytes_: Any, plan: Any, cycle: Any,
           lines: Any, ats: Any, kinds: Any, amounts: Any, charges: Any, countries: Any,
           treatment: Any, first: int, found: Any,
           thresholds: Any, masks: Any, forms: Any, actions: Any, values: Any,
           marks_of: Any, starts: Any, base_of: Any, like_home: Any, by_volume: bool,
           period_starts: Any, midnights: Any, zone_of: Any,
           ) -> tuple[int, int]:  # pragma: no cover - compiled  # fmt: skip
    """From record `first` on until `found` is full; the next record, and the rows filled.

    small   columns: multiple, country; bytes_: period, day, flags
    """
    n, marks, filled = len(lines), len(masks), 0
    counters = used.shape[1]
    near = np.zeros(_TOUCHED, np.int64)
    for row in range(first, n):
        if (row - first) % _TOUCHED == 0:
            # Ask memory for the lines of the next records all at once: it answers in parallel, and
            # waits of 100 ns and more, one a record, are most of the work otherwise.
            for other in range(row, min(row + _TOUCHED, n)):
                if treatment[other] == COUNTED:
                    near[other - row] = bytes_[lines[other], 0] + plan[lines[other]]
        if filled + marks > len(found):
            return row, filled
        if treatment[row] != COUNTED:
            continue
        line, at_ms = lines[row], ats[row]
        charge, country, kind = charges[row], countries[row], kinds[row]
        now = bytes_[line, 0]
        of = cycle[line]
        if (now == NO_PERIOD or at_ms < period_starts[of, now]
                or at_ms >= period_starts[of, now + 1]):  # fmt: skip
            period = np.searchsorted(period_starts[of], at_ms, side="right") - 1
            if now != NO_PERIOD and period < now:
                back = now - period - 1
                if back < PAST and past[line, back] != UNKNOWN:
                    past[line, back] = min(max(past[line, back] + charge, 0), LARGEST_PAST)
                treatment[row] = LATE
                continue
            _roll(used, past, told, small, bytes_, plan, line, period, base_of)
            now = bytes_[line, 0]
        start = filled
        day = 0
        if kind < CHARGE:
            if country == HOME:
                if small[line, 1] != HOME:
                    bytes_[line, 2] |= LEFT
            else:
                day = np.searchsorted(midnights[zone_of[of]], at_ms, side="right") - 1
                if kind == DATA and bytes_[line, 2] & HELD:
                    treatment[row] = COUNTED_HELD
                flags = bytes_[line, 2]
                arrived = country != small[line, 1] or (
                    flags & LEFT != 0 and day % 256 != bytes_[line, 1]
                )
                if arrived:
                    small[line, 1] = country
                    bytes_[line, 1] = day % 256
                    flags &= ~DATA_TOLD & 255
                flags &= ~LEFT & 255
                first_data = kind == DATA and flags & DATA_TOLD == 0
                if first_data:
                    flags |= DATA_TOLD
                bytes_[line, 2] = flags
                if arrived or first_data:
                    for mark in range(marks):
                        wanted = (forms[mark] == ENTRY and arrived) or (
                            forms[mark] == FIRST_DATA and first_data
                        )
                        if wanted and thresholds[plan[line], mark] != LARGEST:
                            found[filled, 3] = 0
                            found[filled, 4] = 0
                            found[filled, 5] = 0
                            found[filled, 6] = mark
                            found[filled, 7] = country
                            found[filled, 8] = day
                            filled += 1
        touched = 0
        if kind < CHARGE and (country == HOME or like_home[country]) and amounts[row] != 0:
            used[line, kind] = _sum(used[line, kind], amounts[row])
            touched |= 1 << kind
        if country != HOME and kind == DATA:
            roamed = amounts[row] if by_volume else charge
            if roamed != 0:
                used[line, ROAMING] = _sum(used[line, ROAMING], roamed)
                touched |= 1 << ROAMING
        if charge != 0:
            used[line, MONEY] = _sum(used[line, MONEY], charge)
            touched |= 1 << MONEY
        for counter in range(counters):
            if touched >> counter & 1 == 0:
                continue
            for place in range(starts[counter], starts[counter + 1]):
                mark = marks_of[place]
                mask = masks[mark]
                if mask & touched & ((1 << counter) - 1):
                    continue  # looked at with a counter before
                limit = thresholds[plan[line], mark]
                if limit == LARGEST or told[line, 0] >> mark & 1:
                    continue
                value = used[line, counter]
                if mask != 1 << counter:
                    value = 0
                    for each in range(counters):
                        if mask >> each & 1:
                            value = _sum(value, used[line, each])
                multiple = 0
                if forms[mark] == RECURRING:
                    multiple = min(value // values[mark], 65_535)
                    if multiple <= small[line, 0]:
                        continue
                    small[line, 0] = multiple
                    limit = multiple * values[mark]
                else:
                    if forms[mark] == TIMES_MEAN:
                        total = 0
                        for back in range(PAST):
                            total += past[line, back]
                            if past[line, back] == UNKNOWN:
                                total = 0
                                break
                        if total == 0:
                            continue
                        limit = total * values[mark] // PAST + 1
                    if value < limit:
                        continue
                    told[line, 0] |= np.uint32(1 << mark)
                found[filled, 3] = value
                found[filled, 4] = limit
                found[filled, 5] = multiple
                found[filled, 6] = mark
                found[filled, 7] = 0
                found[filled, 8] = 0
                filled += 1
        for one in range(start + 1, filled):  # marks in order, as the contract says
            here = one
            while here > start and found[here - 1, 6] > found[here, 6]:
                for column in range(3, 9):
                    kept = found[here, column]
                    found[here, column] = found[here - 1, column]
                    found[here - 1, column] = kept
                here -= 1
        for one in range(start, filled):
            if actions[found[one, 6]] != NOTICE:
                bytes_[line, 2] |= HELD
            found[one, 0] = row
            found[one, 1] = line
            found[one, 2] = at_ms
            found[one, 9] = now
            found[one, 10] = bytes_[line, 2] & REARMED
    return n, filled + 0 * near[0]
