"""Traces of readers: articles read, whether they helped, searches that found nothing."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from amends.platform.kit.actors import Actor
from amends.platform.vault.recognisers import mask_text
from amends.work.knowledge.actions.write import require
from amends.work.knowledge.choices import SearchGapState
from amends.work.knowledge.models import ArticleRating, ArticleReading, HelpArticle, SearchGap

READINGS_LAST = timedelta(hours=24)
"""A reading that no complaint followed is forgotten after so long."""


def record_reading(article: str, language: str, *, visit: str, now: datetime) -> None:
    """Remember that a visitor read an article, once."""
    ArticleReading.objects.get_or_create(
        visit=visit, article_id=article, defaults={"language": language, "read_at": now}
    )


def bind_readings(visit: str, *, complaint: str, now: datetime) -> int:
    """Say that the visitor filed a complaint after what was read in the last day; how many."""
    if not visit:
        return 0
    recent = ArticleReading.objects.filter(
        visit=visit, complaint="", read_at__gt=now - READINGS_LAST
    )
    return recent.update(complaint=complaint)


def forget_readings(*, now: datetime) -> int:
    """Forget readings of the day before that no complaint followed; how many."""
    old = ArticleReading.objects.filter(complaint="", read_at__lte=now - READINGS_LAST)
    return old.delete()[0]


def rate(article: str, language: str, *, helped: bool, now: datetime) -> None:
    """Count whether an article helped."""
    if HelpArticle.objects.filter(slug=article, retired_at=None).exists():
        ArticleRating.objects.create(article_id=article, language=language, helped=helped, at=now)


def record_gap(query: str, language: str, *, now: datetime) -> None:
    """Count a search that found nothing, masked; equal queries count together."""
    masked = mask_text(" ".join(query.split())[:200]).text[:200]
    key = re.sub(r"[\W_]+", "", masked).lower()[:120]
    if not key:
        return
    with transaction.atomic():
        row, is_new = SearchGap.objects.get_or_create(
            key=key,
            language=language,
            defaults={"words": masked, "first_at": now, "last_at": now},
        )
        if not is_new:
            SearchGap.objects.filter(pk=row.pk).update(times=F("times") + 1, last_at=now)
            SearchGap.objects.filter(pk=row.pk, state=SearchGapState.WRITTEN).update(
                state=SearchGapState.OPEN
            )


def close_gap(number: int, *, state: str, actor: Actor) -> None:
    """Close a search without results."""
    require(actor, "knowledge.write", actor.brand)
    SearchGap.objects.filter(pk=number).update(state=state, closed_by=actor.ref)
