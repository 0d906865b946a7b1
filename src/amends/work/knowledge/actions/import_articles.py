"""Import articles of another help centre, and export ours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.utils import timezone
from django.utils.translation import gettext_noop as _

from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import AmendsError, BadInput
from amends.platform.kit.json_in import can_be_stored
from amends.platform.kit.printable import printable
from amends.work.approvals.queries import approvals_on
from amends.work.knowledge.actions.write import ArticleDraft, publish_article, save_article
from amends.work.knowledge.choices import Audience
from amends.work.knowledge.models import HelpArticle
from amends.work.knowledge.queries.articles import published_versions
from amends.work.knowledge.queries.editorial import newest_versions
from amends.work.knowledge.rules.foreign_articles import (
    ForeignArticle,
    from_html,
    from_markdown,
    from_zendesk,
    slug_of,
)
from amends.work.knowledge.rules.search_terms import language_of

REVIEW_AFTER = timedelta(days=30)
MOST_BYTES = 50_000_000
_KINDS = {".md", ".markdown", ".html", ".htm", ".json"}


class UnableToImportArticles(BadInput):
    """The path has no articles in a form that is understood."""

    code = "unable_to_import_articles"


@dataclass(frozen=True, slots=True)
class RejectedArticle:
    """An article that was not imported, and why."""

    ref: str
    reason: str


@dataclass(frozen=True, slots=True)
class ArticlesImported:
    """Counts of an import: `read` = `accepted` + `unchanged` + `rejected`."""

    read: int
    accepted: int
    unchanged: int
    rejected: int
    rejects: list[RejectedArticle]


def import_articles(
    path: Path, *, language: str, category: str, publish: bool, actor: Actor, now: datetime
) -> ArticlesImported:
    """Store the articles of a file or folder as drafts, or request that they are published.

    language  of articles that do not name theirs; "" to find it by their letters

    An article that the other system restricts to a user segment is for staff only here.
    Publishing takes a second person, who runs the same import once more or approves each request.
    A figure written by hand is not refused here: it becomes a finding.
    """
    read = accepted = unchanged = 0
    rejects: list[RejectedArticle] = []
    slugs_by_ref: dict[str, str] = {}
    # All files are read first: a broken one must not leave half of a folder imported.
    for article in list(_articles(path, language)):
        read += 1
        slug = slugs_by_ref.setdefault(article.ref, slug_of(article.ref, article.title))
        try:
            if not can_be_stored(article.ref + article.title + article.text):
                raise UnableToImportArticles(
                    _(
                        "It contains a character that cannot be stored, such as half of a "
                        "surrogate pair (\\ud800)."
                    ),
                    next_step=_(
                        "Correct it in the other help centre and export the articles again."
                    ),
                )
            written_in = article.language or language_of(f"{article.title} {article.text}")
            if not article.title or not article.text:
                raise UnableToImportArticles(_("It has no title or no text."))
            if _is_ours(slug):
                raise UnableToImportArticles(
                    _("An article of our own has the address %(slug)s."), values={"slug": slug}
                )
            if _is_there(slug, written_in, article):
                unchanged += 1
                if publish and approvals_on("article", slug):
                    publish_article(slug, actor=actor, now=now)
                continue
            draft = ArticleDraft(
                slug=slug,
                language=written_in,
                title=article.title,
                text=article.text,
                category=category,
                audience=Audience.DESK if article.restricted else Audience.PUBLIC,
                review_date=timezone.localdate(now) + REVIEW_AFTER,
                imported=True,
            )
            save_article(draft, actor=actor, now=now)
            if publish:
                publish_article(slug, actor=actor, now=now)
            accepted += 1
        except AmendsError as error:
            rejects.append(RejectedArticle(printable(article.ref), str(error)))
    if not read:
        raise UnableToImportArticles(
            _("There are no articles in %(path)s."),
            meaning=_("Nothing was stored."),
            next_step=_("Name a Markdown, HTML or Zendesk JSON file, or a folder of them."),
            values={"path": path},
        )
    return ArticlesImported(
        read=read, accepted=accepted, unchanged=unchanged, rejected=len(rejects), rejects=rejects
    )


def _articles(path: Path, language: str) -> Iterator[ForeignArticle]:
    if not path.exists():
        raise UnableToImportArticles(
            _("There is no %(path)s."),
            next_step=_("Check the path."),
            values={"path": path},
        )
    files = (
        [path]
        if path.is_file()
        else sorted(file_path for file_path in path.rglob("*") if file_path.is_file())
    )
    for file in files:
        if file.suffix.lower() not in _KINDS:
            continue
        if file.stat().st_size > MOST_BYTES:
            raise UnableToImportArticles(
                _("%(file)s is larger than %(most)s MB."),
                meaning=_("Nothing was stored."),
                next_step=_("Divide it into smaller files."),
                values={"file": file.name, "most": MOST_BYTES // 1_000_000},
            )
        source = file.read_text(encoding="utf-8-sig", errors="replace")
        if file.suffix.lower() == ".json":
            try:
                yield from from_zendesk(source)
            except (ValueError, AttributeError, RecursionError) as error:
                raise UnableToImportArticles(
                    _("%(file)s is not an export of Zendesk."),
                    meaning=_("Nothing was stored."),
                    next_step=_("Expected: {“articles”: [{“id”, “locale”, “title”, “body”}]}."),
                    values={"file": file.name},
                ) from error
        elif file.suffix.lower() in (".html", ".htm"):
            yield from_html(file.name, source, language)
        else:
            yield from_markdown(file.name, source, language)


def _is_ours(slug: str) -> bool:
    return HelpArticle.objects.filter(slug=slug, imported=False).exists()


def _is_there(slug: str, language: str, foreign_article: ForeignArticle) -> bool:
    newest = newest_versions(slug).get(language)
    return newest is not None and (newest.title, newest.text) == (
        " ".join(foreign_article.title.split())[:160],
        foreign_article.text.strip(),
    )


@dataclass(frozen=True, slots=True)
class ArticlesExported:
    """How many published versions were written."""

    articles: int
    versions: int
    out: str


def export_articles(out: Path) -> ArticlesExported:
    """Write every published version as JSON lines, placeholders included."""
    rows = list(published_versions(Audience.DESK, ""))
    lines = [
        json.dumps(
            {
                "article": row.article_id,
                "language": row.language,
                "title": row.title,
                "text": row.text,
                "category": row.article.category,
                "audience": row.article.audience,
                "version": row.version,
                "review_date": row.article.review_date.isoformat(),
            },
            ensure_ascii=False,
        )
        for row in rows
    ]
    out.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return ArticlesExported(len({row.article_id for row in rows}), len(rows), str(out))
