"""`amends vetting content`: which contents of services are harmful, and how."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from amends.platform.cli.command import command
from amends.platform.cli.language import gettext as _
from amends.platform.cli.language import ngettext
from amends.platform.cli.outputs import FORCE, check_output
from amends.platform.cli.progress import bar
from amends.platform.cli.render import TableColumn, View
from amends.platform.kit.errors import BadInput
from amends.platform.tabular.exports import write_csv

if TYPE_CHECKING:
    from amends.causes.vetting.rules.contents import Vectors

ADDED = ("label", "score")
AT_A_TIME = 64
SECOND_READING_TEXTS = 1_000
"""Up to so many texts sentence vectors are read as well; more would take minutes."""


@dataclass(frozen=True, slots=True)
class HarmCount:
    """How many contents have a label."""

    label: str
    contents: int


@dataclass(frozen=True, slots=True)
class ContentsJudged:
    """What `content` did.

    read            rows of the file; of these `rejected` could not be read
    empty           judged rows without text; they are labelled clean with a score of 0
    second_reading  whether sentence vectors took part (extra `amends[semantic]`, up to 1,000 rows)
    seconds         how long it took
    """

    read: int
    judged: int
    rejected: int
    empty: int
    labels: list[HarmCount]
    model: str
    second_reading: bool
    out: str
    seconds: float


def _empty_note(empty: int) -> list[str]:
    if not empty:
        return []
    message = ngettext(
        "%(count)s row has no text: it is labelled clean, but nothing was judged.",
        "%(count)s rows have no text: they are labelled clean, but nothing was judged.",
        empty,
    )
    return [message % {"count": f"{empty:,}"}]


def _view(judged_contents: ContentsJudged) -> View:
    from amends.causes.vetting.choices import ContentLabel

    return View(
        columns=(
            TableColumn(_("Label"), "label", lambda label: str(ContentLabel(label).label)),
            TableColumn(_("Contents"), "contents", "{:,}", right=True),
        ),
        rows=judged_contents.labels,
        notes=(
            ngettext(
                "%(count)s content judged in %(seconds)s s; written to %(file)s.",
                "%(count)s contents judged in %(seconds)s s; written to %(file)s.",
                judged_contents.judged,
            )
            % {
                "count": f"{judged_contents.judged:,}",
                "seconds": f"{judged_contents.seconds:.1f}",
                "file": judged_contents.out,
            },
            *_empty_note(judged_contents.empty),
        ),
    )


@command(view=_view, tables=False)
def content(
    file: Annotated[Path, typer.Argument(help="CSV, Excel, JSON lines or Parquet.")],
    text: Annotated[str, typer.Option(help="Column of the contents: plain text or HTML.")],
    out: Annotated[Path, typer.Option(help="The CSV file to write.")],
    force: FORCE = False,
) -> ContentsJudged:
    """Label each content of FILE: clean, or gambling, fraud, adult, drugs_weapons, loan_shark,
    hidden_charge, with the probability that it is not clean."""
    from amends.causes.vetting.rules.contents import LABELS, judge_contents, shipped_model
    from amends.engines.classification.links import hosts_on
    from amends.platform.tabular.tables import read_table

    began = time.monotonic()
    check_output(out, force=force, inputs=(file,))
    table = read_table(file, flat=True)
    if text not in table.header:
        raise BadInput(
            _("There is no column “%(name)s”; there are %(known)s.")
            % {"name": text, "known": ", ".join(table.header[:20])},
            where=file.name,
            next_step=_("Choose one of them."),
            code="unable_to_judge_contents",
        )
    contents = table.column(text)
    vectors = _vectors(len(contents))
    hosts = hosts_on(datetime.now().astimezone().date())
    kept_columns = [index for index, name in enumerate(table.header) if name not in ADDED]
    counts: Counter[str] = Counter()
    second = [False]

    def rows() -> Iterator[list[object]]:
        judged = judge_contents(contents, hosts=hosts, explain=False, vectors=vectors)
        for number, (row, judged_content) in enumerate(
            zip(table.rows, judged, strict=True), start=1
        ):
            counts[judged_content.label] += 1
            second[0] |= judged_content.second
            if number % AT_A_TIME == 0:
                progress(number, len(contents))
            yield [
                *(row[index] for index in kept_columns),
                judged_content.label,
                f"{judged_content.score:.5f}",
            ]

    with bar(_("Judging contents")) as progress:
        try:
            with out.open("w", encoding="utf-8", newline="") as target:
                header = [*(table.header[index] for index in kept_columns), *ADDED]
                write_csv(target, header, rows(), for_spreadsheet=False)
        except OSError as error:
            raise BadInput(
                _("%(file)s cannot be written: %(why)s.") % {"file": out, "why": error.strerror},
                code="unable_to_judge_contents",
            ) from error
    return ContentsJudged(
        read=table.read,
        judged=len(contents),
        empty=sum(not content_text.strip() for content_text in contents),
        rejected=len(table.rejects),
        labels=[HarmCount(label, counts[label]) for label in LABELS],
        model=shipped_model().version,
        second_reading=second[0],
        out=str(out),
        seconds=round(time.monotonic() - began, 3),
    )


def _vectors(texts: int) -> Vectors | None:
    from amends.engines.classification.second_opinion.process import Embedder, installed

    return Embedder().vectors if texts <= SECOND_READING_TEXTS and installed() else None
