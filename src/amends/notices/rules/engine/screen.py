"""Set aside the records that cannot be counted, before their ids are remembered.

So a record that was refused because its line was not enrolled counts when it is sent again later.
"""

from __future__ import annotations

import numpy as np

from amends.notices.rules.engine.compile import Rules
from amends.notices.rules.engine.layout import (
    CHARGE,
    COUNTED,
    FUTURE,
    IMPLAUSIBLE,
    KINDS,
    TOO_OLD,
    UNKNOWN_KIND,
    UNKNOWN_LINE,
    Array,
    Batch,
)
from amends.notices.rules.engine.seen import DAY_MS


def screen(batch: Batch, rules: Rules, *, lines: int, received_ms: int) -> Array:
    """The treatment of each record so far: `COUNTED`, or why it is rejected.

    lines        how many are enrolled
    received_ms  when the records arrived: the one clock that counts, so that a run repeated after
                 a crash decides as the first did
    """
    limits = rules.limits
    earliest = max(received_ms - limits.keep_days * DAY_MS, int(rules.calendar.starts[:, 0].max()))
    kind = np.minimum(batch.kind, CHARGE)
    amount = batch.amount
    largest = np.array(limits.largest, np.int64)[kind]
    treatment = np.full(len(batch), COUNTED, np.uint8)
    implausible = (amount > largest) | (amount < -largest)
    implausible |= (batch.charge > limits.charge_minor) | (batch.charge < -limits.charge_minor)
    treatment[implausible] = IMPLAUSIBLE
    treatment[batch.at_ms > received_ms + limits.future_ms] = FUTURE
    treatment[batch.at_ms < earliest] = TOO_OLD
    treatment[(batch.line < 0) | (batch.line >= lines)] = UNKNOWN_LINE
    treatment[batch.kind >= len(KINDS)] = UNKNOWN_KIND
    return treatment
