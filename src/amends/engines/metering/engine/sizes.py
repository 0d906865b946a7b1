"""Has the unit of a feed changed? The usual size of a record, in powers of two, by kind."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from amends.engines.metering.engine.layout import CHARGE, COUNTED, KINDS, Array, UsageColumns
from amends.engines.metering.engine.limits import PlausibilityLimits

Sizes = dict[str, tuple[float, int]]
"""Kind → mean of log2 of the amounts above zero, and of how many."""


def sizes_of(batch: UsageColumns, treatment: Array | None = None) -> Sizes:
    """The sizes of a batch's records."""
    looked = batch.amount > 0
    if treatment is not None:
        looked &= treatment == COUNTED
    # The others are added as nothing: picking the records of a kind out takes twice as long.
    kinds = np.where(looked, batch.kind, np.uint8(CHARGE))
    logs = np.log2(np.maximum(batch.amount, 1))
    sizes: Sizes = {}
    for kind in range(CHARGE):
        of = kinds == kind
        if records := int(np.count_nonzero(of)):
            sizes[KINDS[kind]] = (float((logs * of).sum()) / records, records)
    return sizes


def joined(usual: Mapping[str, tuple[float, int]], more: Sizes) -> Sizes:
    """Both together.

    >>> joined({"data": (10.0, 100)}, {"data": (20.0, 100)})
    {'data': (15.0, 200)}
    """
    result: Sizes = dict(usual)
    for kind, (mean, records) in more.items():
        before, known_records = result.get(kind, (0.0, 0))
        result[kind] = (
            (before * known_records + mean * records) / (known_records + records),
            known_records + records,
        )
    return result


def jumped(usual: Mapping[str, tuple[float, int]], sizes: Sizes, limits: PlausibilityLimits) -> str:
    """The kind whose records are implausibly larger or smaller than usual; "" if none.

    >>> from amends.engines.metering.engine.limits import limits_in_force
    >>> from datetime import date
    >>> bounds = limits_in_force(date(2026, 12, 1))
    >>> jumped({"data": (10.0, 5000)}, {"data": (30.0, 5000)}, bounds)
    'data'
    >>> jumped({"data": (10.0, 5000)}, {"data": (12.0, 5000)}, bounds)
    ''
    """
    for kind, (mean, records) in sizes.items():
        before, known_records = usual.get(kind, (0.0, 0))
        if min(records, known_records) < limits.jump_records:
            continue
        if abs(mean - before) >= limits.jump_bits:
            return kind
    return ""
