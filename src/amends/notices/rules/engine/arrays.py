"""The contract in NumPy: records sorted by line, each counter one running sum over all lines.

Lines with something out of the ordinary in the batch (a visit abroad, a correction, a period that
ends within it, a recurring step, a counter near its end) go through the oracle, record by record.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from amends.notices.rules.engine import oracle
from amends.notices.rules.engine.compile import (
    NEVER,
    NOTICE,
    RECURRING,
    THRESHOLD,
    TIMES_MEAN,
    Rules,
)
from amends.notices.rules.engine.layout import (
    CHARGE,
    COUNTED,
    COUNTERS,
    HELD,
    HOME,
    LARGEST_PAST,
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

_ROW_BITS = 24
_NEAR_THE_END = 2**61


@dataclass(slots=True)
class _Sorted:
    """The records to count, sorted by line and then by arrival; lines once each.

    rows   their rows in the batch
    line   their lines; `first` where each line's records begin; `lines` the lines themselves
    group  for each record, the number of its line in `lines`
    """

    rows: Array
    line: Array
    first: Array
    lines: Array
    group: Array


def count(lines: Lines, batch: Batch, rules: Rules, treatment: Array) -> Array:
    """See `oracle.count`."""
    order = _sorted(batch, np.flatnonzero(treatment == COUNTED))
    if not len(order.rows):
        return np.empty(0, NOTICE_ROW)
    odd, period = _odd_lines(lines, batch, rules, order)
    odd_rows = np.sort(order.rows[odd[order.group]])
    found = [oracle.count(lines, batch, rules, treatment, odd_rows)]
    if not odd.all():
        plain = ~odd[order.group]
        found.append(_plain(lines, batch, rules, _sorted(batch, order.rows[plain]), period[~odd]))
    notices = np.concatenate(found)
    return notices[np.lexsort((notices["step"], notices["row"]))]


def _sorted(batch: Batch, rows: Array) -> _Sorted:
    keys = batch.line[rows].astype(np.uint64) << np.uint64(_ROW_BITS) | rows.astype(np.uint64)
    keys.sort()
    rows = (keys & np.uint64((1 << _ROW_BITS) - 1)).astype(np.int64)
    line = (keys >> np.uint64(_ROW_BITS)).astype(np.int64)
    begins = np.empty(len(line), np.bool_)
    begins[:1] = True
    np.not_equal(line[1:], line[:-1], out=begins[1:])
    first = np.flatnonzero(begins)
    return _Sorted(rows, line, first, line[first], np.cumsum(begins) - 1)


def _odd_lines(lines: Lines, batch: Batch, rules: Rules, order: _Sorted) -> tuple[Array, Array]:
    """Which lines the oracle must take, and the one period of the records of the others."""
    state = lines.state[order.lines]
    rows = order.rows
    cycle = lines.terms["cycle"][order.lines]
    at_ms = batch.at_ms[rows]
    earliest = np.minimum.reduceat(at_ms, order.first)
    latest = np.maximum.reduceat(at_ms, order.first)
    period = np.empty(len(order.lines), np.int64)
    for one in np.unique(cycle):
        of = cycle == one
        period[of] = np.searchsorted(rules.calendar.starts[one], earliest[of], side="right") - 1
    odd = latest >= rules.calendar.starts[cycle, period + 1]
    odd |= (state["period"] != NO_PERIOD) & (period < state["period"])
    odd |= (np.abs(state["used"]) > _NEAR_THE_END).any(axis=1)
    country, kind = batch.country[rows], batch.kind[rows]
    at_home = (country == HOME) & (kind < CHARGE)
    leaving = (state["country"] != HOME) & (state["flags"] & LEFT == 0)
    strange = (country != HOME) | (batch.amount[rows] < 0) | (batch.charge[rows] < 0)
    strange |= at_home & leaving[order.group]
    odd[order.group[strange]] = True
    for mark in np.flatnonzero(rules.forms == RECURRING):
        reach = rules.thresholds[lines.terms["plan"][order.lines], mark] != NEVER
        touched = np.zeros(len(order.lines), np.bool_)
        counters = [c for c in range(len(COUNTERS)) if int(rules.masks[mark]) >> c & 1]
        for counter in counters:
            moved = _moved(batch, rows, counter)
            touched[order.group[moved != 0]] = True
        odd |= reach & touched
    return odd, period


def _moved(batch: Batch, rows: Array, counter: int) -> Array:
    """What each record at home adds to a counter."""
    if counter == MONEY:
        return batch.charge[rows]
    if counter == ROAMING:
        return np.zeros(len(rows), np.int64)
    return np.where(batch.kind[rows] == counter, batch.amount[rows], 0)


def _plain(lines: Lines, batch: Batch, rules: Rules, order: _Sorted, period: Array) -> Array:
    state = lines.state[order.lines]
    plan = lines.terms["plan"][order.lines]
    _roll(state, plan, period, rules)
    lines.terms["plan"][order.lines] = plan
    levels: dict[int, Array] = {}
    moves: dict[int, Array] = {}
    for counter in range(len(COUNTERS)):
        moved = _moved(batch, order.rows, counter)
        if not moved.any():
            continue
        running = np.cumsum(moved)
        before = running[order.first] - moved[order.first]
        levels[counter] = running + (state["used"][:, counter] - before)[order.group]
        moves[counter] = moved
    found = [
        part
        for mark in range(len(rules.marks))
        if (part := _crossings(rules, mark, state, plan, order, levels, moves)) is not None
    ]
    for mark, places, _, _ in found:
        if rules.actions[mark] != NOTICE:
            state["flags"][order.group[places]] |= HELD
    last = np.append(order.first[1:], len(order.rows)) - 1
    for counter, level in levels.items():
        state["used"][:, counter] = level[last]
    lines.state[order.lines] = state
    return _notices(found, batch, order, state, period)


def _roll(state: Array, plan: Array, period: Array, rules: Rules) -> None:
    """`oracle.roll` for many lines at once."""
    fresh = state["period"] == NO_PERIOD
    skipped = np.minimum(period - state["period"] - 1, PAST)
    closed = np.clip(state["used"][:, MONEY], 0, LARGEST_PAST)
    rolled = period != state["period"]
    for gap in range(PAST + 1):
        of = np.flatnonzero(rolled & ~fresh & (skipped == gap))
        if len(of):
            old = state["past"][of]
            new = np.zeros((len(of), gap), np.int32)
            state["past"][of] = np.column_stack([new, closed[of], old])[:, :PAST]
            plan[of] = rules.base_of[plan[of]]
    state["period"][rolled] = period[rolled]
    state["used"][rolled] = 0
    state["told"][rolled] = 0
    state["multiple"][rolled] = 0
    state["flags"][rolled] &= ~OF_PERIOD & 255


def _crossings(
    rules: Rules, mark: int, state: Array, plan: Array, order: _Sorted,
    levels: dict[int, Array], moves: dict[int, Array],
) -> tuple[int, Array, Array, Array] | None:  # fmt: skip
    """The records that cross one mark: mark, places in `order`, levels, limits."""
    counters = [c for c in range(len(COUNTERS)) if int(rules.masks[mark]) >> c & 1]
    moving = [c for c in counters if c in levels]
    if rules.forms[mark] not in (THRESHOLD, TIMES_MEAN) or not moving:
        return None
    limit = rules.thresholds[plan, mark]
    if rules.forms[mark] == TIMES_MEAN:
        total = state["past"].sum(axis=1, dtype=np.int64)
        known = (state["past"] != UNKNOWN).all(axis=1) & (total > 0) & (limit != NEVER)
        limit = np.where(known, total * rules.values[mark] // PAST + 1, NEVER)
    open_ = (state["told"] >> np.uint32(mark) & 1 == 0) & (limit != NEVER)
    moved = np.zeros(len(order.rows), np.bool_)
    level = np.zeros(len(order.rows), np.int64)
    for counter in counters:
        if counter in levels:
            moved |= moves[counter] != 0
            level += levels[counter]
        else:
            level += state["used"][:, counter][order.group]
    places = np.flatnonzero(moved & (level >= limit[order.group]) & open_[order.group])
    # Nothing is taken away on these lines: the first record past the mark is the one that crosses.
    groups, first = np.unique(order.group[places], return_index=True)
    state["told"][groups] |= np.uint32(1 << mark)
    return mark, places[first], level[places[first]], limit[groups]


def _notices(
    found: list[tuple[int, Array, Array, Array]], batch: Batch, order: _Sorted, state: Array,
    period: Array,
) -> Array:  # fmt: skip
    notices = np.zeros(sum(len(places) for _, places, _, _ in found), NOTICE_ROW)
    at = 0
    for mark, places, level, limit in found:
        part = notices[at : at + len(places)]
        at += len(places)
        group = order.group[places]
        part["row"] = order.rows[places]
        part["line"] = order.line[places]
        part["at_ms"] = batch.at_ms[part["row"]]
        part["used"] = level
        part["limit"] = limit
        part["step"] = mark
        part["period"] = period[group]
        part["flags"] = state["flags"][group] & REARMED
    return notices
