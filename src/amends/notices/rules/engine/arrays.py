"""The contract in NumPy: records sorted by line, each counter one running sum over all lines.

Lines with something out of the ordinary in the batch (a correction, a period that ends within it, a
recurring step, a counter near its end, dozens of records abroad) go through the oracle, record by
record.
"""

from __future__ import annotations

from typing import Any

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
from amends.notices.rules.engine.journeys import MANY, Visits, count_abroad, travel
from amends.notices.rules.engine.layout import (
    BALANCE,
    CHARGE,
    COUNTED,
    COUNTED_HELD,
    COUNTERS,
    DATA,
    HELD,
    HOME,
    LARGEST_PAST,
    LEVELS,
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
from amends.notices.rules.engine.ordered import Ordered, ordered

_NEAR_THE_END = 2**61
_STEP_BITS = 6


def count(lines: Lines, batch: Batch, rules: Rules, treatment: Array) -> Array:
    """See `oracle.count`."""
    order = ordered(batch, np.flatnonzero(treatment == COUNTED))
    if not len(order.rows):
        return np.empty(0, NOTICE_ROW)
    state = _picked(lines.state, order.lines, np.uint64)
    odd, period = _odd_lines(lines, state, rules, order)
    found = []
    if odd.any():
        of_odd = odd[order.group]
        odd_rows = np.sort(order.rows[of_odd])
        found.append(oracle.count(lines, batch, rules, treatment, odd_rows))
        order = ordered(batch, np.sort(order.rows[~of_odd]))
        state, period = state[~odd], period[~odd]
    if len(order.rows):
        found.append(_plain(lines, state, rules, treatment, order, period))
    notices = np.concatenate(found)
    keys = notices["row"] << _STEP_BITS | notices["step"]
    return _picked(notices, np.argsort(keys), np.uint32)


def _picked(rows: Array, places: Array, word: Any) -> Array:
    """Some of many records; by words, which NumPy copies faster than fields."""
    words = rows.view(word).reshape(len(rows), rows.itemsize // np.dtype(word).itemsize)
    found: Array = words[places].view(rows.dtype).reshape(-1)
    return found


def _odd_lines(lines: Lines, state: Array, rules: Rules, order: Ordered) -> tuple[Array, Array]:
    """Which lines the oracle must take, and the one period of the records of the others."""
    cycle = lines.terms["cycle"][order.lines]
    earliest = np.minimum.reduceat(order.at_ms, order.first)
    latest = np.maximum.reduceat(order.at_ms, order.first)
    period = np.empty(len(order.lines), np.int64)
    for one in np.unique(cycle):
        of = cycle == one
        period[of] = np.searchsorted(rules.calendar.starts[one], earliest[of], side="right") - 1
    odd = latest >= rules.calendar.starts[cycle, period + 1]
    odd |= (state["period"] != NO_PERIOD) & (period < state["period"])
    odd |= (np.abs(state["used"]) > _NEAR_THE_END).any(axis=1)
    odd |= np.abs(lines.terms["carried"][order.lines]) > _NEAR_THE_END
    odd[order.group[(order.amount < 0) | (order.charge < 0)]] = True
    odd |= count_abroad(order) > MANY
    for mark in np.flatnonzero(rules.forms == RECURRING):
        reach = rules.thresholds[lines.terms["plan"][order.lines], mark] != NEVER
        touched = np.zeros(len(order.lines), np.bool_)
        counters = [c for c in range(LEVELS) if int(rules.masks[mark]) >> c & 1]
        for counter in counters:
            moved = _moved(order, counter, rules)
            touched[order.group[moved != 0]] = True
        odd |= reach & touched
    return odd, period


def _moved(order: Ordered, counter: int, rules: Rules) -> Array:
    """What each record adds to a counter."""
    if counter in (MONEY, BALANCE):
        return order.charge
    if counter == ROAMING and rules.roaming_of_all:
        amount = order.amount if rules.roaming_by_volume else order.charge
        return np.where(order.country != HOME, amount, 0)
    if counter == ROAMING:
        amount = order.amount if rules.roaming_by_volume else order.charge
        moved = np.zeros(len(order.rows), np.int64)
        abroad = order.abroad
        moved[abroad] = np.where(order.kind[abroad] == DATA, amount[abroad], 0)
        return moved
    counts = order.kind == counter
    abroad = order.abroad
    counts[abroad] &= rules.like_home[order.country[abroad]]
    return np.where(counts, order.amount, 0)


def _plain(
    lines: Lines, state: Array, rules: Rules, treatment: Array, order: Ordered, period: Array
) -> Array:
    """Lines with nothing odd about them, given their state; that of `lines` is changed."""
    plan = lines.terms["plan"][order.lines]
    carried = lines.terms["carried"][order.lines]
    _roll(state, plan, carried, period, rules)
    lines.terms["plan"][order.lines] = plan
    lines.terms["carried"][order.lines] = carried
    visits = travel(order, state, lines.terms["cycle"][order.lines], rules)
    levels: dict[int, Array] = {}
    moves: dict[int, Array] = {}
    for counter in range(LEVELS if rules.lasting else len(COUNTERS)):
        moved = _moved(order, counter, rules)
        if not moved.any():
            continue
        running = np.cumsum(moved)
        before = running[order.first] - moved[order.first]
        stood = state["used"][:, MONEY] + carried if counter == BALANCE else (
            state["used"][:, counter]
        )  # fmt: skip
        levels[counter] = running + (stood - before)[order.group]
        moves[counter] = moved
    found = [
        part
        for mark in range(len(rules.marks))
        if (part := _crossings(rules, mark, state, plan, order, levels, moves)) is not None
    ]
    entries = visits.notices(rules, plan, order.group)
    passed = [one[:2] for one in found] + [one[:2] for one in entries]
    _hold(rules, passed, state, visits, order, treatment)
    last = order.last
    levels.pop(BALANCE, None)
    for counter, level in levels.items():
        state["used"][:, counter] = level[last]
    words = lines.state.view(np.uint64).reshape(len(lines), -1)
    words[order.lines] = state.view(np.uint64).reshape(len(state), -1)
    return _notices(found, entries, order, state, period)


def _hold(
    rules: Rules, found: list[tuple[int, Array]], state: Array, visits: Visits,
    order: Ordered, treatment: Array,
) -> None:  # fmt: skip
    """Hold the lines of marks that hold or stop; data abroad after that is counted as held."""
    since = np.where(state["flags"] & HELD != 0, -1, len(order.rows))
    for mark, places in found:
        if rules.actions[mark] != NOTICE:
            np.minimum.at(since, order.group[places], places)
    state["flags"][since < len(order.rows)] |= HELD
    kinds = order.kind[visits.places]
    data = visits.places[kinds < CHARGE if rules.roaming_of_all else kinds == DATA]
    held = data[data > since[order.group[data]]]
    treatment[order.rows[held]] = COUNTED_HELD


def _roll(state: Array, plan: Array, carried: Array, period: Array, rules: Rules) -> None:
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
    paid = np.flatnonzero(rolled & ~fresh & rules.prepaid[plan])
    carried[paid] += state["used"][paid, MONEY]
    state["period"][rolled] = period[rolled]
    state["used"][rolled] = 0
    state["told"][rolled] &= np.uint32(rules.lasting)
    state["multiple"][rolled] = 0
    state["flags"][rolled] &= ~OF_PERIOD & 255


def _crossings(
    rules: Rules, mark: int, state: Array, plan: Array, order: Ordered,
    levels: dict[int, Array], moves: dict[int, Array],
) -> tuple[int, Array, Array, Array] | None:  # fmt: skip
    """The records that cross one mark: mark, places in `order`, levels, limits."""
    counters = [c for c in range(LEVELS) if int(rules.masks[mark]) >> c & 1]
    moving = [c for c in counters if c in levels]
    if rules.forms[mark] not in (THRESHOLD, TIMES_MEAN) or not moving:
        return None
    limit = rules.thresholds[:, mark][plan]
    if rules.forms[mark] == TIMES_MEAN:
        total = state["past"].sum(axis=1, dtype=np.int64)
        known = (state["past"] != UNKNOWN).all(axis=1) & (total > 0) & (limit != NEVER)
        limit = np.where(known, total * rules.values[mark] // PAST + 1, NEVER)
    open_ = (state["told"] >> np.uint32(mark) & 1 == 0) & (limit != NEVER)
    resting = sum((state["used"][:, c] for c in counters if c not in levels), np.int64(0))
    last = order.last
    # Nothing is taken away on these lines: what is not passed at the end was not passed before.
    ended = sum((levels[c][last] for c in moving), resting)
    lines = np.flatnonzero(open_ & (ended >= limit))
    places = order.of(lines)
    group = order.group[places]
    level = sum((levels[c][places] for c in moving), np.broadcast_to(resting, len(plan))[group])
    moved = np.logical_or.reduce([moves[c][places] != 0 for c in moving])
    passed = np.flatnonzero(moved & (level >= limit[group]))
    groups, first = np.unique(group[passed], return_index=True)
    places, level = places[passed[first]], level[passed[first]]
    state["told"][groups] |= np.uint32(1 << mark)
    return mark, places, level, limit[groups]


def _notices(
    found: list[tuple[int, Array, Array, Array]], entries: list[tuple[int, Array, Array]],
    order: Ordered, state: Array, period: Array,
) -> Array:  # fmt: skip
    count = sum(len(one[1]) for one in found) + sum(len(one[1]) for one in entries)
    notices = np.zeros(count, NOTICE_ROW)
    at = 0
    for mark, places, level, limit in found:
        part = notices[at : at + len(places)]
        at += len(places)
        part["step"], part["used"], part["limit"] = mark, level, limit
        _place(part, places, order, state, period)
    for mark, places, day in entries:
        part = notices[at : at + len(places)]
        at += len(places)
        part["step"], part["day"], part["country"] = mark, day, order.country[places]
        _place(part, places, order, state, period)
    return notices


def _place(part: Array, places: Array, order: Ordered, state: Array, period: Array) -> None:
    """Fill in what notices say of their records and lines."""
    group = order.group[places]
    part["row"], part["at_ms"] = order.rows[places], order.at_ms[places]
    part["line"], part["period"] = order.lines[group], period[group]
    part["flags"] = state["flags"][group] & REARMED
