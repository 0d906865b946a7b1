"""A person's part of the knowledge base: what was read before their complaints."""

from __future__ import annotations

from amends.platform.registry import Erasure
from amends.work.knowledge.models import ArticleReading


def erase(erasure: Erasure) -> int:
    """Erase what a person read before complaints of theirs; how many rows."""
    return ArticleReading.objects.filter(complaint__in=list(erasure.complaints)).delete()[0]
