"""The contract in NumPy: records sorted by line, each counter one running sum over all lines.

Of a counter only the records that move it are looked at. On lines without corrections the running
sum never falls, so the first record past a mark is found by bisection.

Lines with something out of the ordinary in the batch (a correction, a period that ends within it, a
recurring step, a counter near its end, dozens of records abroad) go through the oracle, record by
record.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from amends.metering.engine import oracle
from amends.metering.engine.compile import Rules
from amends.metering.engine.journeys import MANY, Visits, count_abroad, travel
from amends.metering.engine.layout import (
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
    Lines,
    UsageColumns,
)
from amends.metering.engine.layout import NOTICE as NOTICE_ROW
from amends.metering.engine.marks import NEVER, NOTICE, RECURRING, THRESHOLD, TIMES_MEAN
from amends.metering.engine.ordered import Ordered, ordered

_NEAR_THE_END = 2**61
_STEP_BITS = 6
_ROW = np.dtype("V64")


def count(lines: Lines, batch: UsageColumns, rules: Rules, treatment: Array) -> Array:
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
    found: Array = words.take(places, axis=0).view(rows.dtype).reshape(-1)
    return found


@dataclass
class _Moves:
    """The records that move one counter, on plain lines.

    places  theirs in the order of the lines
    lines   the numbers of the lines, once each; `first` and `last`: of their records, in `places`
    running the sum of what they add, over all lines
    offset  what a line's sum lacks: `running + offset` is the counter after a record
    """

    places: Array
    lines: Array
    first: Array
    last: Array
    running: Array
    offset: Array

    @cached_property
    def ended(self) -> Array:
        """The counter of each of the lines after the batch."""
        found: Array = self.running.take(self.last) + self.offset
        return found


def _odd_lines(lines: Lines, state: Array, rules: Rules, order: Ordered) -> tuple[Array, Array]:
    """Which lines the oracle must take, and the one period of the records of the others."""
    cycle = lines.terms["cycle"][order.lines]
    period, odd = _periods(cycle, order, rules)
    odd |= (state["period"] != NO_PERIOD) & (period < state["period"])
    used = state["used"]
    if max(int(used.max()), -int(used.min())) > _NEAR_THE_END:
        odd |= (np.abs(used) > _NEAR_THE_END).any(axis=1)
    carried = lines.terms["carried"][order.lines]
    if carried.any():
        odd |= np.abs(carried) > _NEAR_THE_END
    if min(int(order.amount.min()), int(order.charge.min())) < 0:
        odd[order.group[(order.amount < 0) | (order.charge < 0)]] = True
    if len(order.abroad):
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


def _periods(cycle: Array, order: Ordered, rules: Rules) -> tuple[Array, Array]:
    """The period of each line's first record, and whether a later record lies beyond its end."""
    starts = rules.calendar.starts
    span = int(order.at_ms.min()), int(order.at_ms.max())
    cycles = np.flatnonzero(np.bincount(cycle))
    known = np.zeros((len(starts), 2), np.int64)
    for number in cycles.tolist():
        known[number] = np.searchsorted(starts[number], span, side="right") - 1
    if (known[:, 0] == known[:, 1]).all():  # no period ends within the batch
        return known[:, 0][cycle], np.zeros(len(order.lines), np.bool_)
    earliest = np.minimum.reduceat(order.at_ms, order.first)
    latest = np.maximum.reduceat(order.at_ms, order.first)
    period = np.empty(len(order.lines), np.int64)
    for one in cycles:
        of = cycle == one
        period[of] = np.searchsorted(starts[one], earliest[of], side="right") - 1
    return period, latest >= starts[cycle, period + 1]


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
    if _roll(state, plan, carried, period, rules):
        lines.terms["plan"][order.lines] = plan
        lines.terms["carried"][order.lines] = carried
    visits = travel(order, state, lines.terms["cycle"][order.lines], rules)
    moves = {}
    for counter in range(LEVELS if rules.lasting else len(COUNTERS)):
        one = _moves(order, _moved(order, counter, rules), _stood(state, carried, counter))
        if one is not None:
            moves[counter] = one
    found = [
        part
        for mark in range(len(rules.marks))
        if (part := _crossings(rules, mark, state, carried, plan, order, moves)) is not None
    ]
    entries = visits.notices(rules, plan, order.group)
    passed = [one[:2] for one in found] + [one[:2] for one in entries]
    _hold(rules, passed, state, visits, order, treatment)
    moves.pop(BALANCE, None)
    for counter, one in moves.items():
        state["used"][one.lines, counter] = one.ended
    lines.state.view(_ROW)[order.lines] = state.view(_ROW)
    return _notices(found, entries, order, state, period)


def _moves(order: Ordered, moved: Array, stood: Array) -> _Moves | None:
    """The records that move a counter, given what each adds and where the lines stood."""
    places = np.flatnonzero(moved)
    if not len(places):
        return None
    group = order.group.take(places)
    begins = np.empty(len(group), np.bool_)
    begins[0] = True
    np.not_equal(group[1:], group[:-1], out=begins[1:])
    first = np.flatnonzero(begins)
    lines, added = group.take(first), moved.take(places)
    running = np.cumsum(added)
    before = running.take(first) - added.take(first)
    last = np.append(first[1:], len(places)) - 1
    return _Moves(places, lines, first, last, running, stood[lines] - before)


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


def _roll(state: Array, plan: Array, carried: Array, period: Array, rules: Rules) -> bool:
    """`oracle.roll` for many lines at once; whether plans or balances may have changed."""
    stood = state["period"]
    rolled = np.flatnonzero(period != stood)
    if not len(rolled):
        return False
    if (stood.take(rolled) == NO_PERIOD).all():  # nothing is behind them
        _begin(state, rolled, period, rules)
        return False
    fresh = stood == NO_PERIOD
    skipped = np.minimum(period - state["period"] - 1, PAST)
    closed = np.clip(state["used"][:, MONEY], 0, LARGEST_PAST)
    back = np.zeros(len(period), np.bool_)
    back[rolled] = True
    back &= ~fresh
    for gap in range(PAST + 1):
        of = np.flatnonzero(back & (skipped == gap))
        if len(of):
            old = state["past"][of]
            new = np.zeros((len(of), gap), np.int32)
            state["past"][of] = np.column_stack([new, closed[of], old])[:, :PAST]
            plan[of] = rules.base_of[plan[of]]
    paid = np.flatnonzero(back & rules.prepaid[plan])
    carried[paid] += state["used"][paid, MONEY]
    _begin(state, rolled, period, rules)
    return True


def _begin(state: Array, rolled: Array, period: Array, rules: Rules) -> None:
    """Let some lines, by their numbers, begin their period."""
    state["period"][rolled] = period[rolled]
    state["used"][rolled] = 0
    state["told"][rolled] &= np.uint32(rules.lasting)
    state["multiple"][rolled] = 0
    state["flags"][rolled] &= ~OF_PERIOD & 255


def _crossings(
    rules: Rules, mark: int, state: Array, carried: Array, plan: Array, order: Ordered,
    moves: dict[int, _Moves],
) -> tuple[int, Array, Array, Array] | None:  # fmt: skip
    """The records that cross one mark: mark, places in `order`, levels, limits."""
    counters = [c for c in range(LEVELS) if int(rules.masks[mark]) >> c & 1]
    moving = [c for c in counters if c in moves]
    if rules.forms[mark] not in (THRESHOLD, TIMES_MEAN) or not moving:
        return None
    one = moves[moving[0]]
    if len(counters) > 1:
        stood = np.sum([_stood(state, carried, c) for c in counters], axis=0)
        one = _together(order, [moves[c] for c in moving], stood)
    limit = np.ascontiguousarray(rules.thresholds[:, mark]).take(plan.take(one.lines))
    if rules.forms[mark] == TIMES_MEAN:
        past = state["past"][one.lines]
        total = past.sum(axis=1, dtype=np.int64)
        known = (past != UNKNOWN).all(axis=1) & (total > 0) & (limit != NEVER)
        limit = np.where(known, total * rules.values[mark] // PAST + 1, NEVER)
    # Nothing is taken away on these lines: what is not passed at the end was not passed before.
    some = np.flatnonzero((one.ended >= limit) & (limit != NEVER))
    told = state["told"][one.lines.take(some)]
    some = some[told >> np.uint32(mark) & 1 == 0]
    limit, offset = limit.take(some), one.offset.take(some)
    at = np.maximum(np.searchsorted(one.running, limit - offset), one.first.take(some))
    state["told"][one.lines.take(some)] |= np.uint32(1 << mark)
    return mark, one.places.take(at), one.running.take(at) + offset, limit


def _stood(state: Array, carried: Array, counter: int) -> Array:
    """Where a counter of each line stood before the batch."""
    found: Array = state["used"][:, MONEY] + carried if counter == BALANCE else (
        state["used"][:, counter]
    )  # fmt: skip
    return found


def _together(order: Ordered, moves: list[_Moves], stood: Array) -> _Moves:
    """Several counters as one, given where their sum stood."""
    added = np.zeros(len(order.rows), np.int64)
    for one in moves:
        added[one.places] += np.diff(one.running, prepend=0)
    found = _moves(order, added, stood)
    assert found is not None
    return found


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
