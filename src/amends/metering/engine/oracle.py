"""The contract in plain Python, one record after the other: what both kernels must equal.

Slow (some 100,000 records a second) and meant to be read.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from amends.metering.engine.compile import Rules
from amends.metering.engine.layout import (
    BALANCE,
    CHARGE,
    COUNTED,
    COUNTED_HELD,
    COUNTERS,
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
)  # fmt: skip
from amends.metering.engine.layout import (
    NOTICE as NOTICE_ROW,
)
from amends.metering.engine.marks import ENTRY, FIRST_DATA, NOTICE, RECURRING, TIMES_MEAN

NEVER = LARGEST


def count(
    lines: Lines, batch: UsageColumns, rules: Rules, treatment: Array, rows: Array | None = None
) -> Array:
    """Count the records whose treatment is `COUNTED`; return the notices in order.

    Changes `lines`, and sets `LATE` in `treatment` where the period is closed.

    rows  only these records, in order; all if left out
    """
    found: list[tuple[Any, ...]] = []
    for row in range(len(batch)) if rows is None else rows.tolist():
        if treatment[row] == COUNTED:
            treatment[row] = _record(lines, batch, rules, row, found)
    return np.array(found, NOTICE_ROW)


def _record(lines: Lines, batch: UsageColumns, rules: Rules, row: int, found: list[Any]) -> int:
    line, at_ms = int(batch.line[row]), int(batch.at_ms[row])
    state, terms = lines.state[line], lines.terms[line]
    period = rules.calendar.period_of(int(terms["cycle"]), at_ms)
    charge = int(batch.charge[row])
    if state["period"] != NO_PERIOD and period < state["period"]:
        _late(state, terms, int(state["period"]) - period - 1, charge, rules)
        return LATE
    if period != state["period"]:
        roll(state, terms, period, rules)
    country, kind = int(batch.country[row]), int(batch.kind[row])
    held = state["flags"] & HELD and country != HOME and _capped(rules, kind)
    day = rules.calendar.day_of(int(terms["cycle"]), at_ms)
    due = _visit(state, terms, rules, country, kind, day)
    touched = _add(state, rules, kind, int(batch.amount[row]), charge, country)
    due += _crossed(state, terms, rules, touched)
    for mark, used, limit, multiple in sorted(due):
        entry = rules.forms[mark] in (ENTRY, FIRST_DATA)
        if rules.actions[mark] != NOTICE:
            state["flags"] |= HELD
        found.append((
            row, line, at_ms, used, limit, multiple, mark, country if entry else 0,
            day if entry else 0, period, state["flags"] & REARMED,
        ))  # fmt: skip
    return COUNTED_HELD if held else COUNTED


def _capped(rules: Rules, kind: int) -> bool:
    """Whether use of this kind abroad stops with the cap: all of it, or data alone."""
    return kind == DATA or (rules.roaming_of_all and kind < CHARGE)


def _late(state: Any, terms: Any, back: int, charge: int, rules: Rules) -> None:
    """Add a charge to the closed period it belongs to, if that is remembered and known.

    A prepaid balance has paid it all the same.
    """
    if rules.prepaid[terms["plan"]]:
        terms["carried"] = _bounded(int(terms["carried"]) + charge)
    if back < PAST and state["past"][back] != UNKNOWN:
        state["past"][back] = _within(int(state["past"][back]) + charge)


def _within(charges: int) -> int:
    return min(max(charges, 0), LARGEST_PAST)


def _bounded(amount: int) -> int:
    return min(max(amount, -LARGEST), LARGEST)


def roll(state: Any, terms: Any, period: int, rules: Rules) -> None:
    """Close the billing period and open another: counters and marks begin again.

    A period in between had no records, hence no charges. What was spent of a prepaid balance is
    carried on, and so is what was told of it: a new month brings no money.
    """
    if state["period"] != NO_PERIOD:
        skipped = min(period - int(state["period"]) - 1, PAST)
        closed = _within(int(state["used"][MONEY]))
        state["past"] = [*[0] * skipped, closed, *state["past"].tolist()][:PAST]
        terms["plan"] = rules.base_of[terms["plan"]]
        if rules.prepaid[terms["plan"]]:
            terms["carried"] = _bounded(int(terms["carried"]) + int(state["used"][MONEY]))
    state["period"] = period
    state["used"] = 0
    state["told"] &= rules.lasting
    state["multiple"] = 0
    state["flags"] &= ~OF_PERIOD & 255


Due = tuple[int, int, int, int]
"""A mark that is due, with what is used, the limit passed, and which multiple."""


def _visit(state: Any, terms: Any, rules: Rules, country: int, kind: int, day: int) -> list[Due]:
    """Entries: a country other than the last, or the same on another day after use at home."""
    if kind >= CHARGE:
        return []
    if country == HOME:
        if state["country"] != HOME:
            state["flags"] |= LEFT
        return []
    forms = []
    if country != state["country"] or (state["flags"] & LEFT and day % 256 != state["day"]):
        state["country"] = country
        state["day"] = day % 256
        state["flags"] &= ~DATA_TOLD & 255
        forms.append(ENTRY)
    state["flags"] &= ~LEFT & 255
    if kind == DATA and not state["flags"] & DATA_TOLD:
        state["flags"] |= DATA_TOLD
        forms.append(FIRST_DATA)
    return [
        (mark, 0, 0, 0)
        for mark, form in enumerate(rules.forms.tolist())
        if form in forms and rules.thresholds[terms["plan"], mark] != NEVER
    ]


def _add(state: Any, rules: Rules, kind: int, amount: int, charge: int, country: int) -> int:
    """Move the counters; the mask of those moved."""
    added = {}
    if kind < CHARGE and (country == HOME or rules.like_home[country]):
        added[kind] = amount
    if country != HOME and (kind == DATA or rules.roaming_of_all):
        added[ROAMING] = amount if rules.roaming_by_volume else charge
    added[MONEY] = charge
    touched = 0
    for counter, value in added.items():
        if value:
            sum_ = int(state["used"][counter]) + value
            state["used"][counter] = _bounded(sum_)
            touched |= 1 << counter
    return touched | (1 << BALANCE if charge else 0)


def _crossed(state: Any, terms: Any, rules: Rules, touched: int) -> list[Due]:
    """The marks of moved counters that are passed and were not told."""
    due: list[Due] = []
    for mark in range(len(rules.marks)):
        mask, amount = int(rules.masks[mark]), int(rules.values[mark])
        limit = int(rules.thresholds[terms["plan"], mark])
        if not mask & touched or limit == NEVER:
            continue
        used = level(state, terms, mask)
        form = rules.forms[mark]
        if form == RECURRING:
            multiple = min(used // amount, 65_535)
            if multiple > state["multiple"]:
                state["multiple"] = multiple
                due.append((mark, used, multiple * amount, multiple))
            continue
        if form == TIMES_MEAN:
            limit = times_mean(state["past"].tolist(), amount)
        if not int(state["told"]) >> mark & 1 and used >= limit and limit != NEVER:
            state["told"] |= 1 << mark
            due.append((mark, used, limit, 0))
    return due


def level(state: Any, terms: Any, mask: int) -> int:
    """What the counters of a mark have come to, added up."""
    used = 0
    for counter in range(len(COUNTERS)):
        if mask >> counter & 1:
            used = _bounded(used + int(state["used"][counter]))
    if mask >> BALANCE & 1:
        used = _bounded(used + _bounded(int(state["used"][MONEY]) + int(terms["carried"])))
    return used


def times_mean(past: list[int], factor: int) -> int:
    """The least charges above `factor` times the mean of the closed periods; `NEVER` if unknown.

    >>> times_mean([100, 200, 300], 5)
    1001
    >>> times_mean([0, 0, 0], 5) == times_mean([-1, 100, 100], 5) == NEVER
    True
    """
    if min(past) == UNKNOWN or not sum(past):
        return NEVER
    return sum(past) * factor // PAST + 1
