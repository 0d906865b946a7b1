"""Set aside the records that cannot be counted, before their ids are remembered.

So a record that was refused because its line was not enrolled counts when it is sent again later.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit

from amends.engines.metering.engine.compile import Rules
from amends.engines.metering.engine.layout import (
    COUNTED,
    FUTURE,
    IMPLAUSIBLE,
    KINDS,
    TOO_OLD,
    UNKNOWN_KIND,
    UNKNOWN_LINE,
    Array,
    UsageColumns,
)
from amends.engines.metering.engine.seen import DAY_MS, content

_KINDS = len(KINDS)


@dataclass(frozen=True, slots=True)
class Screened:
    """What is known of the records before any is counted.

    treatment  `COUNTED` so far, or why it is rejected
    contents   16 bits of what each says
    days       day of use (UTC)
    """

    treatment: Array
    contents: Array
    days: Array

    def by_day(self) -> tuple[int, Array]:
        """The first day with records that may count, and how many there are on it and after.

        They all lie within the days ids are kept: a few dozen.
        """
        counted = self.days if not self.treatment.any() else self.days[self.treatment == COUNTED]
        if not len(counted):
            return 0, np.zeros(0, np.int64)
        first = int(counted.min())
        return first, np.bincount(counted - first)


def look(batch: UsageColumns, rules: Rules, *, lines: int, received_ms: int) -> Screened:
    """Look at each record alone.

    lines        how many are enrolled
    received_ms  when the records arrived: the one clock that counts, so that a run repeated after
                 a crash decides as the first did
    """
    limits = rules.limits
    earliest = max(received_ms - limits.keep_days * DAY_MS, int(rules.calendar.starts[:, 0].max()))
    latest = received_ms + limits.future_ms
    return Screened(
        *_screened(
            batch.line,
            batch.at_ms,
            batch.kind,
            batch.amount,
            batch.charge,
            batch.country,
            lines,
            earliest,
            latest,
            np.array(limits.largest, np.int64),
            limits.charge_minor,
        )
    )


@njit(cache=True, nogil=True)
def _screened(
    line: Any,
    at_ms: Any,
    kind: Any,
    amount: Any,
    charge: Any,
    country: Any,
    lines: int,
    earliest: int,
    latest: int,
    largest: Any,
    largest_charge: int,
) -> Any:  # pragma: no cover - compiled
    n = len(line)
    treatment = np.empty(n, np.uint8)
    contents = np.empty(n, np.uint16)
    days = np.empty(n, np.int64)
    for row in range(n):
        days[row] = at_ms[row] // DAY_MS
        contents[row] = content(
            line[row], at_ms[row], kind[row], amount[row], charge[row], country[row]
        )
        treatment_code = COUNTED
        if kind[row] >= _KINDS:
            treatment_code = UNKNOWN_KIND
        elif line[row] < 0 or line[row] >= lines:
            treatment_code = UNKNOWN_LINE
        elif at_ms[row] < earliest:
            treatment_code = TOO_OLD
        elif at_ms[row] > latest:
            treatment_code = FUTURE
        else:
            max_amount = largest[kind[row]]
            if not (
                -max_amount <= amount[row] <= max_amount
                and -largest_charge <= charge[row] <= largest_charge
            ):
                treatment_code = IMPLAUSIBLE
        treatment[row] = treatment_code
    return treatment, contents, days
