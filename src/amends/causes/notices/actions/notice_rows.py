"""Crossings of the engine as rows of `Notice` and `Hold`, and as columns of facts."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from amends.causes.notices.actions.engine_memory import UsageEngine
from amends.causes.notices.engine_models import LineChange
from amends.engines.metering.engine.layout import REARMED, Array
from amends.engines.metering.engine.naming import LineOwner, Rows, named
from amends.platform.kit.batches import slices

__all__ = ["Rows", "needs_references", "rows_of"]


def rows_of(engine: UsageEngine, notices: Array, *, pack: str, detected_ms: int) -> Rows:
    """The rows of some notices, each key once, in their order."""
    lines = notices["line"].astype(np.int64)
    wanted = pa.array(lines)
    owner = LineOwner(
        engine.services.take(wanted),
        engine.subscribers.take(wanted),
        engine.memory.lines.terms["cycle"][lines],
    )
    return named(
        notices,
        engine.rules,
        engine.duties,
        owner,
        pack=pack,
        detected_ms=detected_ms,
        references=_references(notices),
    )


def needs_references(notices: Array) -> bool:
    """Whether `rows_of` asks the database what armed steps again."""
    return bool((notices["flags"] & REARMED).any())


def _references(notices: Array) -> dict[int, str]:
    """Row → reference of the change that last armed a step of the line again in this period."""
    rows = np.flatnonzero(notices["flags"] & REARMED)
    if not len(rows):
        return {}
    lines = {int(line) for line in notices["line"][rows]}
    latest: dict[tuple[int, int], str] = {}
    for part in slices(sorted(lines)):
        changes = LineChange.objects.filter(line__in=part, taken=True).order_by("id")
        for line, period, reference in changes.values_list("line", "period", "reference"):
            latest[line, period] = reference
    references_by_row = {}
    for row in rows.tolist():
        reference = latest.get((int(notices["line"][row]), int(notices["period"][row])))
        if reference:
            references_by_row[row] = reference
    return references_by_row
