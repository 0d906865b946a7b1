"""What pages and other apps may ask of launches."""

from __future__ import annotations

from typing import Any

from amends.kit.translatable import Translatable
from amends.launches.models import Launch


def launches() -> list[Launch]:
    """Every launch with its approvals and limits, newest assessment first."""
    return list(Launch.objects.prefetch_related("approvals", "limits"))


def launch(ref: str) -> Launch | None:
    """One launch with its approvals and limits."""
    return Launch.objects.prefetch_related("approvals", "limits").filter(id=ref).first()


def sentences(stored: list[dict[str, Any]]) -> list[Translatable]:
    """Sentences of a stored assessment, to be told in the reader's language."""
    return [_said(one) for one in stored]


def _said(stored: dict[str, Any]) -> Translatable:
    values = {
        name: _said(one) if isinstance(one, dict) else one for name, one in stored["values"].items()
    }
    return Translatable(stored["words"], **values)
