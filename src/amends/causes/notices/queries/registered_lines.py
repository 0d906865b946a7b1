"""What the operator's systems and users said of lines, as it was said: the engine reads it too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

from amends.causes.notices.models import LineChange, LineTerms, Preference

PAID_OR_AGREED = ("top_up", "balance", "plan")
"""Kinds of change that somebody bought, paid or agreed; marks and consents have their own pages."""


def registered_terms() -> list[pa.Table]:
    """What the register said of lines when they were enrolled, in order; see `LineTerms`."""
    return [
        pa.ipc.open_file(pa.BufferReader(bytes(body))).read_all()
        for body in LineTerms.objects.order_by("id").values_list("columns", flat=True)
    ]


def stated_changes(fields: Sequence[str], *, before_ms: int) -> list[tuple[Any, ...]]:
    """`fields` of top-ups, balances and changed plans before a moment, oldest first."""
    rows = LineChange.objects.filter(kind__in=PAID_OR_AGREED, at_ms__lt=before_ms)
    return list(rows.order_by("at_ms", "id").values_list(*fields))


def chosen_marks() -> list[tuple[str, str, int | None, int]]:
    """Service, duty, amount and moment (ms) of every mark a user chose for a line, oldest first."""
    rows = Preference.objects.exclude(service="").order_by("id")
    return list(rows.values_list("service", "duty", "own_step", "chosen_at_ms"))
