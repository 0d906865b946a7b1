"""Forget the sentences of remedies: a person may have typed a name into them."""

from __future__ import annotations

from collections.abc import Iterable

from amends.platform.registry import Erasure
from amends.work.remedies.models import Remedy


def erase(erasure: Erasure) -> int:
    """Empty the reasons of the remedies of a person's complaints; how many."""
    return forget_reasons(erasure.causes)


def forget_reasons(causes: Iterable[str]) -> int:
    """Empty the reasons of every remedy of these causes; how many. Kind, amount and rule stay."""
    rows = Remedy.objects.filter(cause__in=list(causes))
    return rows.update(reason_zh="", reason_en="", rejected_reason="")
