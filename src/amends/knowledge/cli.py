"""`amends knowledge`: search articles, list them, import, export and check them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from amends.cli.command import command
from amends.cli.language import gettext as _
from amends.cli.language import ngettext
from amends.cli.outputs import FORCE, check_output
from amends.cli.render import View

if TYPE_CHECKING:
    from amends.knowledge.actions.search_files import FileSearch

app = typer.Typer(no_args_is_help=True, help="Articles that answer questions.")

MOST_FOR_MEANING = 2_000
"""With more questions than that, vectors are asked only where `--with-meaning` says so."""


@app.callback()
def _knowledge() -> None:
    """Articles that answer questions."""


def _search_view(found: FileSearch) -> View:
    return View(
        figures=(
            (_("Articles"), f"{found.articles:,}"),
            (_("Questions"), f"{found.questions:,}"),
            (_("Without an article"), f"{found.unanswered:,}"),
            (_("Rows that could not be used"), f"{found.rejected:,}"),
            (_("One search"), f"{found.search_ms:.1f} ms"),
        ),
        notes=(
            ngettext(
                "%(count)s question searched for in %(seconds)s s; written to %(file)s.",
                "%(count)s questions searched for in %(seconds)s s; written to %(file)s.",
                found.questions,
            )
            % {
                "count": f"{found.questions:,}",
                "seconds": f"{found.seconds:.1f}",
                "file": found.out,
            },
            _("Sentence vectors decided as well.")
            if found.with_meaning
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

    from amends.knowledge.actions.search_files import UnableToSearchFiles, search_files
    from amends.knowledge.queries.vectors import vectors

    check_output(out, force=force, inputs=(articles, questions))
    source = vectors() if with_meaning is not False else None
    if with_meaning and source is None:
        raise UnableToSearchFiles(
            _("Sentence vectors are not installed."),
            next_step=_("Install amends[semantic], or leave out %(option)s.")
            % {"option": "--with-meaning"},
        )
    return search_files(
        articles,
        questions,
        out,
        vectors=source,
        on=timezone.localdate(),
        most=None if with_meaning else MOST_FOR_MEANING,
    )
