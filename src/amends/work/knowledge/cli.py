"""`amends knowledge`: search articles, list them, import, export and check them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from amends.platform.cli.command import CheckFailed, command
from amends.platform.cli.language import gettext as _
from amends.platform.cli.language import ngettext
from amends.platform.cli.outputs import FORCE, check_output
from amends.platform.cli.render import TableColumn, View
from amends.platform.kit.errors import BadInput

if TYPE_CHECKING:
    from amends.platform.kit.actors import Actor
    from amends.work.knowledge.actions.import_articles import ArticlesExported, ArticlesImported
    from amends.work.knowledge.actions.search_files import FileSearch

app = typer.Typer(no_args_is_help=True, help="Articles that answer questions.")

MOST_FOR_MEANING = 2_000
"""With more questions than that, vectors are asked only where `--with-meaning` says so."""


@app.callback()
def _knowledge() -> None:
    """Articles that answer questions."""


def _search_view(file_search: FileSearch) -> View:
    return View(
        figures=(
            (_("Articles"), f"{file_search.articles:,}"),
            (_("Questions asked"), f"{file_search.questions:,}"),
            (_("Without an article"), f"{file_search.unanswered:,}"),
            (_("Rows that could not be used"), f"{file_search.rejected:,}"),
            (_("One search"), f"{file_search.search_ms:.1f} ms"),
        ),
        notes=(
            ngettext(
                "%(count)s question searched for in %(seconds)s s; written to %(file)s.",
                "%(count)s questions searched for in %(seconds)s s; written to %(file)s.",
                file_search.questions,
            )
            % {
                "count": f"{file_search.questions:,}",
                "seconds": f"{file_search.seconds:.1f}",
                "file": file_search.out,
            },
            _("Sentence vectors decided as well.")
            if file_search.with_meaning
            else _("Words decided alone, without sentence vectors."),
        ),
    )


@app.command()
@command(view=_search_view, tables=False)
def search(
    articles: Annotated[Path, typer.Argument(help="Table: article, language, title, text.")],
    questions: Annotated[Path, typer.Argument(help="Table: question, text.")],
    out: Annotated[Path, typer.Option(help="The CSV file to write.")],
    with_meaning: Annotated[
        bool | None,
        typer.Option(
            help="Compare the best by sentence vectors (extra semantic); if left out, where it is "
            "installed and the questions are few."
        ),
    ] = None,
    force: FORCE = False,
) -> FileSearch:
    """Find three articles of ARTICLES for each question of QUESTIONS."""
    from django.utils import timezone

    from amends.work.knowledge.actions.search_files import search_files
    from amends.work.knowledge.queries.vectors import vectors

    check_output(out, force=force, inputs=(articles, questions))
    source = vectors() if with_meaning is not False else None
    if with_meaning and source is None:
        raise BadInput(
            _("Sentence vectors are not installed."),
            next_step=_("Install amends[semantic], or leave out %(option)s.")
            % {"option": "--with-meaning"},
            code="unable_to_search_files",
        )
    return search_files(
        articles,
        questions,
        out,
        vectors=source,
        on=timezone.localdate(),
        limit=None if with_meaning else MOST_FOR_MEANING,
    )


@dataclass(frozen=True, slots=True)
class ArticleLine:
    """One article of the list; `to_do` has `draft`, `reread`, `overdue` and `findings`."""

    article: str
    title: str
    category: str
    audience: str
    languages: list[str]
    review_date: str
    to_do: list[str]


@dataclass(frozen=True, slots=True)
class ArticleList:
    """The articles of the knowledge base."""

    articles: list[ArticleLine]


def _list_view(article_list: ArticleList) -> View:
    return View(
        columns=(
            TableColumn(_("Article"), "article", whole=True),
            TableColumn(_("Title"), "title"),
            TableColumn(_("Languages"), "languages", ", ".join),
            TableColumn(_("Review by"), "review_date"),
            TableColumn(_("Open work"), "to_do", ", ".join),
        ),
        rows=article_list.articles,
        empty=_("There are no articles yet."),
    )


@app.command("list")
@command(view=_list_view)
def list_articles() -> ArticleList:
    """List the articles with their languages, review dates and what is to do."""
    from django.utils.translation import get_language

    from amends.work.knowledge.queries.editorial import article_summaries

    return ArticleList(
        [
            ArticleLine(
                article=article_summary.article,
                title=article_summary.title,
                category=article_summary.category,
                audience=article_summary.audience,
                languages=list(article_summary.languages),
                review_date=article_summary.review_date.isoformat(),
                to_do=[
                    name
                    for name, applies in (
                        ("draft", article_summary.drafts),
                        ("reread", article_summary.reread_since),
                        ("overdue", article_summary.is_overdue),
                        ("findings", article_summary.findings),
                    )
                    if applies
                ],
            )
            for article_summary in article_summaries((get_language() or "zh")[:2])
            if not article_summary.retired
        ]
    )


def _import_view(imported: ArticlesImported) -> View:
    return View(
        figures=(
            (_("Read"), f"{imported.read:,}"),
            (_("Accepted"), f"{imported.accepted:,}"),
            (_("Unchanged"), f"{imported.unchanged:,}"),
            (_("Rejected"), f"{imported.rejected:,}"),
        ),
        columns=(
            TableColumn(_("Rejected"), "ref", whole=True),
            TableColumn(_("Reason"), "reason"),
        )
        if imported.rejects
        else (),
        rows=imported.rejects,
    )


@app.command("import")
@command(view=_import_view)
def import_command(
    path: Annotated[Path, typer.Argument(help="A file or folder: Markdown, HTML, Zendesk JSON.")],
    actor: Actor,
    language: Annotated[
        str, typer.Option(help="zh or en, of articles that name none; found by their letters.")
    ] = "",
    category: Annotated[str, typer.Option(help="Category of the articles.")] = "services",
    publish: Annotated[
        bool, typer.Option(help="Request their publication; a second person approves it.")
    ] = False,
) -> ArticlesImported:
    """Import the articles of another help centre from PATH; ends with 1 where none can be used."""
    from django.utils import timezone

    from amends.work.knowledge.actions.import_articles import import_articles

    imported = import_articles(
        path,
        language=language,
        category=category,
        publish=publish,
        actor=actor,
        now=timezone.now(),
    )
    if imported.rejected == imported.read:
        raise CheckFailed(imported)
    return imported


def _export_view(exported: ArticlesExported) -> View:
    return View(
        figures=(
            (_("Articles"), f"{exported.articles:,}"),
            (_("Versions"), f"{exported.versions:,}"),
        ),
        notes=(_("Written to %(file)s.") % {"file": exported.out},),
    )


@app.command("export")
@command(view=_export_view)
def export_command(
    out: Annotated[Path, typer.Option(help="The JSON lines file to write.")],
    force: FORCE = False,
) -> ArticlesExported:
    """Export the published articles, with their placeholders."""
    from amends.work.knowledge.actions.import_articles import export_articles

    check_output(out, force=force)
    try:
        return export_articles(out)
    except OSError as error:
        raise BadInput(
            _("%(file)s cannot be written: %(why)s.") % {"file": out, "why": error.strerror},
            code="unable_to_export_articles",
        ) from error


@dataclass(frozen=True, slots=True)
class ListedFinding:
    """One finding: `other` is the article or offer that `article` disagrees with."""

    article: str
    language: str
    code: str
    other: str
    said: str
    recorded: str


@dataclass(frozen=True, slots=True)
class ArticlesChecked:
    """Open findings, and articles in which a fact changed."""

    findings: list[ListedFinding]
    reread: list[str]


def _check_view(checked: ArticlesChecked) -> View:
    return View(
        columns=(
            TableColumn(_("Article"), "article", whole=True),
            TableColumn(_("Language"), "language"),
            TableColumn(_("Finding"), "code"),
            TableColumn(_("Disagrees with"), "other"),
            TableColumn(_("Text of the article"), "said"),
            TableColumn(_("Record"), "recorded"),
        ),
        rows=checked.findings,
        empty=_("Articles, adverts and the catalogue agree."),
        notes=tuple(
            _("A fact changed in %(article)s.") % {"article": article_slug}
            for article_slug in checked.reread
        ),
    )


@app.command()
@command(view=_check_view)
def check() -> ArticlesChecked:
    """Compare the articles with each other, with the catalogue and with changed facts."""
    from django.utils import timezone

    from amends.work.knowledge.actions.findings import check_articles, mark_changed_facts
    from amends.work.knowledge.queries.editorial import article_summaries, open_findings

    now = timezone.now()
    mark_changed_facts(now=now)
    check_articles(now=now)
    checked = ArticlesChecked(
        [
            ListedFinding(
                article=open_finding.article_id,
                language=open_finding.language,
                code=open_finding.code,
                other=open_finding.other,
                said=open_finding.said,
                recorded=open_finding.recorded,
            )
            for open_finding in open_findings()
        ],
        [
            article_summary.article
            for article_summary in article_summaries("en")
            if article_summary.reread_since
        ],
    )
    if checked.findings or checked.reread:
        raise CheckFailed(checked)
    return checked
