"""Forget what clients sent about a person's complaints."""

from __future__ import annotations

from amends.entrances.tmforum.models import SentResource
from amends.platform.registry import Erasure


def erase(erasure: Erasure) -> int:
    """Empty the bodies of tickets about a person's complaints; how many."""
    rows = SentResource.objects.filter(subject__in=list(erasure.complaints)).exclude(body=b"")
    return rows.update(body=b"", external="")
