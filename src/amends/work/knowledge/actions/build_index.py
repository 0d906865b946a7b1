"""Build the search index of published articles, so that no reader waits for it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from amends.work.knowledge.models import BuiltSearchIndex
from amends.work.knowledge.queries.index import (
    BUILT_AT_ONCE,
    built_index,
    indexed_versions,
    newest_change,
    packed,
)


def build_index(*, now: datetime) -> int:
    """Index what is published where that takes long and something changed; how many versions."""
    change, count = newest_change(), indexed_versions().count()
    if count <= BUILT_AT_ONCE or BuiltSearchIndex.objects.filter(change=change).exists():
        return 0
    columns = packed(built_index(change))
    with transaction.atomic():
        stored = BuiltSearchIndex.objects.create(change=change, columns=columns, built_at=now)
        BuiltSearchIndex.objects.filter(pk__lt=stored.pk).delete()
    return count
