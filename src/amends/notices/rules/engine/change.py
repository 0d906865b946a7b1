"""What a line's user or operator changes between two records: pure, one line at a time.

A change re-arms steps by a new key (`REARMED` and the change's reference), never by forgetting that
one was told: a step stays told where the counter has passed it under the new limit too.
"""

from __future__ import annotations

from dataclasses import replace

from amends.notices.rules.engine.compile import NEVER, RECURRING, Plan, Rules
from amends.notices.rules.engine.layout import CONSENTED, COUNTERS, HELD, NO_PERIOD, REARMED, Lines
from amends.notices.rules.engine.oracle import roll

KINDS = ("top_up", "plan", "own_mark", "roaming_cap", "consent")
_FIELD = {
    "data": "data_bytes", "voice": "voice_s", "sms": "messages", "roaming": "roaming",
    "money": "balance_minor",
}  # fmt: skip


def topped_up(plan: Plan, number: int, counter: str, amount: int) -> Plan:
    """The plan of a line that has bought more of something for this period.

    number   the row of `plan`, which holds again in the next period; a balance stays
    counter  one of `COUNTERS`; amount in its unit

    >>> more = topped_up(Plan("p", data_bytes=100), 4, "data", 50)
    >>> more.data_bytes, more.base
    (150, 4)
    """
    name = _FIELD[counter]
    base = plan.base if plan.base >= 0 else number
    return replace(plan, base=base, **{name: getattr(plan, name) + amount})


def to_period(lines: Lines, line: int, at_ms: int, rules: Rules) -> int:
    """Move a line on to the period of a moment, as a record of that moment would; its period.

    A moment of a closed period leaves the line where it is.
    """
    state, terms = lines.state[line], lines.terms[line]
    period = rules.calendar.period_of(int(terms["cycle"]), at_ms)
    if state["period"] == NO_PERIOD or period > state["period"]:
        roll(state, terms, period, rules)
    return int(state["period"])


def set_plan(lines: Lines, line: int, plan: int, rules: Rules) -> int:
    """Give a line other limits; how many of its steps are armed again."""
    state, terms = lines.state[line], lines.terms[line]
    terms["plan"] = plan
    armed = 0
    for mark in range(len(rules.marks)):
        mask = int(rules.masks[mark])
        limit = int(rules.thresholds[plan, mark])
        if not mask or rules.forms[mark] == RECURRING or not int(state["told"]) >> mark & 1:
            continue
        used = sum(int(state["used"][c]) for c in range(len(COUNTERS)) if mask >> c & 1)
        if limit == NEVER or used < limit:
            state["told"] &= ~(1 << mark) & 0xFFFFFFFF
            armed += 1
    if armed:
        state["flags"] |= REARMED
    return armed


def consent(lines: Lines, line: int) -> bool:
    """The user goes on beyond the limit; whether the line was held."""
    state = lines.state[line]
    held = bool(state["flags"] & HELD)
    state["flags"] &= ~HELD & 255
    state["flags"] |= CONSENTED
    return held


def with_marks(lines: Lines, before: list[tuple[str, str, str]], rules: Rules) -> None:
    """Follow a change of the rules: a step that stays under its name stays told.

    before  names of the marks whose bits the lines hold
    """
    now = [mark.name for mark in rules.marks]
    if before == now or not len(lines):
        return
    told = lines.state["told"].copy()
    moved = told * 0
    for new, name in enumerate(now):
        if name in before:
            moved |= (told >> before.index(name) & 1) << new
    lines.state["told"] = moved
