"""Compare articles with each other and with the facts of today; findings for their owners."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import gettext_noop as _
from amends.work.knowledge.actions.write import UnableToSaveArticle, require
from amends.work.knowledge.models import ArticleVersion, HelpArticle, KnowledgeFinding
from amends.work.knowledge.queries.compare import found_in_articles
from amends.work.knowledge.queries.fact_values import fact_values


def check_articles(*, now: datetime) -> int:
    """Store what is found now, remove what is found no more; how many are open."""
    findings_by_key = {
        (finding.article, finding.language, finding.code, finding.other, finding.said): finding
        for finding in found_in_articles(now=now)
    }
    with transaction.atomic():
        for row in KnowledgeFinding.objects.select_for_update().order_by("pk"):
            key = (row.article_id, row.language, row.code, row.other, row.said)
            if findings_by_key.pop(key, None) is None:
                row.delete()
        KnowledgeFinding.objects.bulk_create(
            KnowledgeFinding(
                article_id=finding.article,
                language=finding.language,
                code=finding.code,
                other=finding.other,
                said=finding.said,
                recorded=finding.recorded,
                found_at=now,
            )
            for finding in findings_by_key.values()
        )
    return KnowledgeFinding.objects.filter(dismissed_at=None).count()


def dismiss_finding(number: int, *, actor: Actor, now: datetime) -> None:
    """Dismiss a finding: the same one is not shown again."""
    row = KnowledgeFinding.objects.filter(pk=number).select_related("article").first()
    if row is None or (actor.brand and row.article.brand not in ("", actor.brand)):
        raise UnableToSaveArticle(
            _("This finding is not there any more."),
            meaning=_("Nothing was changed."),
            next_step=_("Choose one from the list."),
        )
    require(actor, "knowledge.write", row.article.brand)
    row.dismissed_by, row.dismissed_at = actor.ref, now
    row.save(update_fields=["dismissed_by", "dismissed_at"])


def mark_changed_facts(*, now: datetime) -> list[str]:
    """Mark articles whose facts are no longer those of their publication; their addresses."""
    marked = []
    published = ArticleVersion.objects.filter(state="published", article__retired_at=None)
    for row in published.exclude(facts={}).select_related("article").order_by("pk"):
        if changed := _changed(row.facts, row.language, now):
            marked += _mark(row.article, changed, now)
    return marked


def _changed(facts: dict[str, str], language: str, now: datetime) -> list[str]:
    values = fact_values(facts, language, now=now)
    return sorted(name for name, before in facts.items() if values.get(name, "") != before)


def _mark(article: HelpArticle, changed: Iterable[str], now: datetime) -> list[str]:
    names = sorted({*article.reread_facts, *changed})
    if article.reread_since and names == article.reread_facts:
        return []
    article.reread_since, article.reread_facts = article.reread_since or now, names
    article.save(update_fields=["reread_since", "reread_facts"])
    return [article.slug]
