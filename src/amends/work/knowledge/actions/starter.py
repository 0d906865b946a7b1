"""The articles that a new installation begins with, where its pack has some."""

from __future__ import annotations

import tomllib
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any

from django.conf import settings
from django.utils import timezone

from amends.platform.kit.actors import system
from amends.work.knowledge.actions.write import ArticleDraft, publish_shipped, save_article
from amends.work.knowledge.choices import ArticleLanguage
from amends.work.knowledge.models import HelpArticle

REVIEW_AFTER = timedelta(days=365)


def publish_at_creation(*, now: datetime, **_signal: Any) -> None:
    """Publish the articles of the pack in a new database."""
    publish_starter(now=now)


def publish_starter(*, now: datetime) -> int:
    """Publish the articles of the pack that are not there yet; how many."""
    published = 0
    actor = system("starter")
    for row in starter_articles(settings.JURISDICTION):
        if HelpArticle.objects.filter(slug=row["slug"]).exists():
            continue
        for language in ArticleLanguage.values:
            draft = ArticleDraft(
                slug=row["slug"],
                language=language,
                title=row[f"title_{language}"],
                text=row[f"text_{language}"],
                category=row["category"],
                review_date=timezone.localdate(now) + REVIEW_AFTER,
            )
            save_article(draft, actor=actor, now=now)
        publish_shipped(row["slug"], now=now)
        published += 1
    return published


def starter_articles(jurisdiction: str) -> list[dict[str, str]]:
    """The articles of a pack as its file has them; none where it has no file."""
    name = f"articles-{jurisdiction.partition('-')[0]}.toml"
    file = files("amends.work.knowledge") / "starter" / name
    if not file.is_file():
        return []
    starter_rows: list[dict[str, str]] = tomllib.loads(file.read_text(encoding="utf-8"))["articles"]
    return starter_rows
