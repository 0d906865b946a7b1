"""What a line's user or operator changes between two records: pure, one line at a time.

A change re-arms steps by a new key (`REARMED` and the change's reference), never by forgetting that
one was notified: a step stays notified where the counter has passed it under the new limit too.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from amends.engines.metering.engine.compile import Rules
from amends.engines.metering.engine.layout import (
    CONSENTED,
    HELD,
    MONEY,
    NO_PERIOD,
    REARMED,
    Lines,
)
from amends.engines.metering.engine.marks import NEVER, RECURRING, MeteringPlan
from amends.engines.metering.engine.one_line import level, roll

KINDS = ("top_up", "balance", "plan", "own_mark", "roaming_cap", "consent", "withdrawn")
_FIELD = {"data": "data_bytes", "voice": "voice_s", "sms": "messages", "roaming": "roaming"}


def topped_up(plan: MeteringPlan, number: int, counter: str, amount: int) -> MeteringPlan:
    """The plan of a line that has bought more of something for this period.

    number   the row of `plan`, which holds again in the next period
    counter  data, voice, sms or roaming; amount in its unit. A balance is topped up by `paid_in`

    >>> more = topped_up(MeteringPlan("p", data_bytes=100), 4, "data", 50)
    >>> more.data_bytes, more.base
    (150, 4)
    """
    name = _FIELD[counter]
    base = plan.base if plan.base >= 0 else number
    return replace(plan, base=base, **{name: getattr(plan, name) + amount})


def altered(plans: list[MeteringPlan], number: int, **limits: Any) -> MeteringPlan:
    """A plan with other limits, in this period and in those after it.

    plans  the table; what holds again after a top-up is added to it where it is new

    >>> plans = [MeteringPlan("p", data_bytes=100), MeteringPlan("p", data_bytes=150, base=0)]
    >>> own = MeteringPlan("p", data_bytes=100, own_minor=7)
    >>> altered(plans, 1, own_minor=7).base, plans[2] == own
    (2, True)
    """
    plan = plans[number]
    if plan.base < 0:
        return replace(plan, **limits)
    return replace(plan, base=_row(plans, altered(plans, plan.base, **limits)), **limits)


def switched(plans: list[MeteringPlan], number: int, name: str) -> MeteringPlan:
    """The plan of a line that changes to another: with its balance, its marks, what it has bought.

    name  of the new plan; one that is not in the table changes nothing

    >>> plans = [MeteringPlan("small", data_bytes=100), MeteringPlan("large", data_bytes=900),
    ...          MeteringPlan("small", data_bytes=100, own_minor=5)]
    >>> switched(plans, 2, "large") == MeteringPlan("large", data_bytes=900, own_minor=5)
    True
    """
    plan = plans[number]
    named_plan = next((plan_limits for plan_limits in plans if plan_limits.name == name), None)
    if named_plan is None:
        return plan
    lasting = plans[plan.base] if plan.base >= 0 else plan
    usual = next(plan_limits for plan_limits in plans if plan_limits.name == plan.name)
    chosen = {
        mark: getattr(lasting, mark)
        for mark in ("own_minor", "roaming")
        if getattr(lasting, mark) != getattr(usual, mark)
    }
    new = replace(
        named_plan,
        balance_minor=lasting.balance_minor,
        base=-1,
        place=plan.place,
        user=plan.user,
        **chosen,
    )
    bought = {
        name: getattr(plan, name) - getattr(lasting, name)
        for name in _FIELD.values()
        if getattr(plan, name) > getattr(lasting, name)
    }
    if not bought:
        return new
    more = {name: getattr(new, name) + amount for name, amount in bought.items()}
    return replace(new, base=_row(plans, new), **more)


def _row(plans: list[MeteringPlan], plan: MeteringPlan) -> int:
    if plan not in plans:
        plans.append(plan)
    return plans.index(plan)


def paid_in(lines: Lines, line: int, amount: int, rules: Rules) -> int:
    """Add to the balance of a prepaid line; how many of its steps are armed again."""
    lines.terms["carried"][line] -= amount
    return arm(lines, line, rules)


def set_balance(lines: Lines, line: int, amount: int, rules: Rules) -> int:
    """The balance is so much now, as its system states it; how many steps are armed again."""
    opening_balance = rules.plans[int(lines.terms["plan"][line])].balance_minor
    used = int(lines.state["used"][line, MONEY])
    lines.terms["carried"][line] = opening_balance - used - amount
    return arm(lines, line, rules)


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
    lines.terms["plan"][line] = plan
    return arm(lines, line, rules)


def arm(lines: Lines, line: int, rules: Rules) -> int:
    """Arm the steps again that were notified and are not passed any more; how many."""
    state, terms = lines.state[line], lines.terms[line]
    plan, armed = int(terms["plan"]), 0
    for mark in range(len(rules.marks)):
        mask = int(rules.masks[mark])
        limit = int(rules.thresholds[plan, mark])
        if not mask or rules.forms[mark] == RECURRING or not int(state["notified"]) >> mark & 1:
            continue
        if limit == NEVER or level(state, terms, mask) < limit:
            state["notified"] &= ~(1 << mark) & 0xFFFFFFFF
            armed += 1
    if armed:
        state["flags"] |= REARMED
    return armed


def withdrawn(lines: Lines, line: int) -> bool:
    """The user takes back the consent to go on; whether there was one. Use abroad is held again."""
    state = lines.state[line]
    is_given = bool(state["flags"] & CONSENTED)
    if is_given:
        state["flags"] &= ~CONSENTED & 255
        state["flags"] |= HELD
    return is_given


def consent(lines: Lines, line: int) -> bool:
    """The user goes on beyond the limit; whether the line was held."""
    state = lines.state[line]
    is_held = bool(state["flags"] & HELD)
    state["flags"] &= ~HELD & 255
    state["flags"] |= CONSENTED
    return is_held


def with_marks(lines: Lines, before: list[tuple[str, str, str]], rules: Rules) -> None:
    """Follow a change of the rules: a step that keeps its name stays notified.

    before  names of the marks whose bits the lines hold
    """
    now = [mark.name for mark in rules.marks]
    if before == now or not len(lines):
        return
    notified = lines.state["notified"].copy()
    moved = notified * 0
    for new, name in enumerate(now):
        if name in before:
            moved |= (notified >> before.index(name) & 1) << new
    lines.state["notified"] = moved
