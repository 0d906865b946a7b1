"""Close a billing period and read a counter of one line, for what changes between two records."""

from __future__ import annotations

from typing import Any

from amends.engines.metering.engine.compile import Rules
from amends.engines.metering.engine.layout import (
    BALANCE,
    COUNTERS,
    LARGEST,
    LARGEST_PAST,
    MONEY,
    NO_PERIOD,
    OF_PERIOD,
    PAST,
)


def within(charges: int) -> int:
    return min(max(charges, 0), LARGEST_PAST)


def bounded(amount: int) -> int:
    return min(max(amount, -LARGEST), LARGEST)


def roll(state: Any, terms: Any, period: int, rules: Rules) -> None:
    """Close the billing period and open another: counters and marks begin again.

    A period in between had no records, hence no charges. What was spent of a prepaid balance is
    carried on, and so are its notified steps: a new month brings no money.
    """
    if state["period"] != NO_PERIOD:
        skipped = min(period - int(state["period"]) - 1, PAST)
        closed = within(int(state["used"][MONEY]))
        state["past"] = [*[0] * skipped, closed, *state["past"].tolist()][:PAST]
        terms["plan"] = rules.base_of[terms["plan"]]
        if rules.prepaid[terms["plan"]]:
            terms["carried"] = bounded(int(terms["carried"]) + int(state["used"][MONEY]))
    state["period"] = period
    state["used"] = 0
    state["notified"] &= rules.lasting
    state["multiple"] = 0
    state["flags"] &= ~OF_PERIOD & 255


def level(state: Any, terms: Any, mask: int) -> int:
    """What the counters of a mark have come to, added up."""
    used = 0
    for counter in range(len(COUNTERS)):
        if mask >> counter & 1:
            used = bounded(used + int(state["used"][counter]))
    if mask >> BALANCE & 1:
        used = bounded(used + bounded(int(state["used"][MONEY]) + int(terms["carried"])))
    return used
