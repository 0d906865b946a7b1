"""The contract of the engine in plain Python, one record after the other.

Slow (some 100,000 records a second) and meant to be read: the compiled engine must equal it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from amends.engines.metering.engine.advance import Advanced, Memory, where_they_hold
from amends.engines.metering.engine.compile import Rules
from amends.engines.metering.engine.layout import (
    ALTERED,
    BALANCE,
    CHARGE,
    COUNTED,
    COUNTED_HELD,
    DATA,
    DATA_TOLD,
    FUTURE,
    HELD,
    HOME,
    IMPLAUSIBLE,
    KINDS,
    LARGEST,
    LATE,
    LEFT,
    MONEY,
    NO_PERIOD,
    PAST,
    REARMED,
    REPEATED,
    ROAMING,
    TOO_OLD,
    UNKNOWN,
    UNKNOWN_KIND,
    UNKNOWN_LINE,
    Array,
    Lines,
    UsageColumns,
)
from amends.engines.metering.engine.layout import NOTICE as NOTICE_ROW
from amends.engines.metering.engine.marks import ENTRY as COUNTRY_ENTRY
from amends.engines.metering.engine.marks import FIRST_DATA, NOTICE, RECURRING, TIMES_MEAN
from amends.engines.metering.engine.one_line import bounded, level, roll, within
from amends.engines.metering.engine.seen import (
    DAY_MS,
    ENTRY,
    SeenIds,
    content_of,
    empty,
    record_ids,
    restored,
)

NEVER = LARGEST


def advance(memory: Memory, batch: UsageColumns, rules: Rules, *, received_ms: int) -> Advanced:
    """The `advance` of the engine."""
    treatment = screen(batch, rules, lines=len(memory.lines), received_ms=received_ms)
    ids, contents, days = record_ids(batch), content_of(batch), batch.at_ms // DAY_MS
    fresh = {}
    for day in sorted(set(days[treatment == COUNTED].tolist())):
        seen = memory.seen.get(day) or empty()
        new = mark(seen, ids, contents, treatment, days=days, day=day)
        fresh[day] = np.empty(len(new), ENTRY)
        fresh[day]["record"], fresh[day]["content"] = ids[new], contents[new]
        known = np.concatenate([seen.listed(), fresh[day]])
        memory.seen[day] = restored(known["record"].copy(), known["content"].copy())
    notices = where_they_hold(count(memory.lines, batch, rules, treatment), rules)
    holds = notices[rules.actions[notices["step"]] != NOTICE]
    return Advanced(memory, notices, holds, treatment, fresh)


def screen(batch: UsageColumns, rules: Rules, *, lines: int, received_ms: int) -> Array:
    """What is known of each record by itself."""
    limits, treatment = rules.limits, np.full(len(batch), COUNTED, np.uint8)
    keep = received_ms - limits.keep_days * DAY_MS
    earliest = max(keep, int(rules.calendar.starts[:, 0].max()))
    for row in range(len(batch)):
        kind, at_ms = int(batch.kind[row]), int(batch.at_ms[row])
        if kind >= len(KINDS):
            treatment[row] = UNKNOWN_KIND
        elif not 0 <= batch.line[row] < lines:
            treatment[row] = UNKNOWN_LINE
        elif at_ms < earliest:
            treatment[row] = TOO_OLD
        elif at_ms > received_ms + limits.future_ms:
            treatment[row] = FUTURE
        elif (
            abs(int(batch.amount[row])) > limits.largest[kind]
            or abs(int(batch.charge[row])) > limits.charge_minor
        ):
            treatment[row] = IMPLAUSIBLE
    return treatment


def mark(
    seen: SeenIds, ids: Array, contents: Array, treatment: Array, *, days: Array, day: int
) -> Array:
    """`seen.mark` with a dictionary for the table; `seen` stays as it is."""
    held = {int(one["record"]): int(one["content"]) for one in seen.listed()}
    new = []
    for row in range(len(ids)):
        if treatment[row] != COUNTED or days[row] != day:
            continue
        record = int(ids[row])
        if record not in held:
            held[record] = int(contents[row])
            new.append(row)
        else:
            treatment[row] = REPEATED if held[record] == int(contents[row]) else ALTERED
    return np.array(new, np.int64)


def count(lines: Lines, batch: UsageColumns, rules: Rules, treatment: Array) -> Array:
    """`compiled.count`."""
    found: list[tuple[Any, ...]] = []
    for row in range(len(batch)):
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
        entry = rules.forms[mark] in (COUNTRY_ENTRY, FIRST_DATA)
        if rules.actions[mark] != NOTICE:
            state["flags"] |= HELD
        found.append(
            (
                row,
                line,
                at_ms,
                used,
                limit,
                multiple,
                mark,
                country if entry else 0,
                day if entry else 0,
                period,
                state["flags"] & REARMED,
            )
        )
    return COUNTED_HELD if held else COUNTED


def _capped(rules: Rules, kind: int) -> bool:
    """Whether use of this kind abroad stops with the cap: all of it, or data alone."""
    return kind == DATA or (rules.roaming_of_all and kind < CHARGE)


def _late(state: Any, terms: Any, back: int, charge: int, rules: Rules) -> None:
    """Add a charge to the closed period it belongs to, if that is remembered and known.

    A prepaid balance has paid it all the same.
    """
    if rules.prepaid[terms["plan"]]:
        terms["carried"] = bounded(int(terms["carried"]) + charge)
    if back < PAST and state["past"][back] != UNKNOWN:
        state["past"][back] = within(int(state["past"][back]) + charge)


DueNotice = tuple[int, int, int, int]
"""A mark that is due, with what is used, the limit passed, and which multiple."""


def _visit(
    state: Any, terms: Any, rules: Rules, country: int, kind: int, day: int
) -> list[DueNotice]:
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
        forms.append(COUNTRY_ENTRY)
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
            state["used"][counter] = bounded(sum_)
            touched |= 1 << counter
    return touched | (1 << BALANCE if charge else 0)


def _crossed(state: Any, terms: Any, rules: Rules, touched: int) -> list[DueNotice]:
    """The marks of moved counters that are passed and were not told."""
    due: list[DueNotice] = []
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
        if not int(state["notified"]) >> mark & 1 and used >= limit and limit != NEVER:
            state["notified"] |= 1 << mark
            due.append((mark, used, limit, 0))
    return due


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
