"""`amends protection`: what messages are, and the reputation of numbers."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from amends.platform.cli.command import command
from amends.platform.cli.engine import ENGINE, MASTER, SCRATCH, Engine, spark_session
from amends.platform.cli.language import gettext as _
from amends.platform.cli.language import ngettext, pgettext
from amends.platform.cli.outputs import FORCE, check_output
from amends.platform.cli.progress import bar
from amends.platform.cli.render import TableColumn, View
from amends.platform.kit.errors import BadInput
from amends.platform.tabular.exports import neutral_frame, write_csv

if TYPE_CHECKING:
    import polars as pl

    from amends.causes.protection.actions.export_block_list import BlockListFile
    from amends.causes.protection.actions.notify_operators import NoticeFile
    from amends.causes.protection.actions.report_to_authority import AuthorityFile

app = typer.Typer(
    no_args_is_help=True, help="Judge messages and numbers: spam, nuisance calls, fraud."
)
AT_A_TIME = 1_024
ADDED = ("label", "kind", "score")
SUSPECT_FROM = 0.5
SHOWN = 20


@app.callback()
def _protection() -> None:
    """Judge messages and numbers: spam, nuisance calls, fraud."""


@dataclass(frozen=True, slots=True)
class LabelCount:
    """How many messages have a label."""

    label: str
    messages: int


@dataclass(frozen=True, slots=True)
class MessagesClassified:
    """What `classify` did.

    read      rows of the file; of these `rejected` could not be read
    seconds   how long it took
    """

    read: int
    classified: int
    rejected: int
    labels: list[LabelCount]
    model: str
    out: str
    seconds: float


def _classified_view(classified: MessagesClassified) -> View:
    return View(
        columns=(
            TableColumn(_("Label"), "label", lambda label: str(_label_title(label))),
            TableColumn(_("Messages"), "messages", "{:,}", right=True),
        ),
        rows=classified.labels,
        notes=(
            ngettext(
                "%(count)s message judged in %(seconds)s s; written to %(file)s.",
                "%(count)s messages judged in %(seconds)s s; written to %(file)s.",
                classified.classified,
            )
            % {
                "count": f"{classified.classified:,}",
                "seconds": f"{classified.seconds:.1f}",
                "file": classified.out,
            },
        ),
    )


def _label_title(label: str) -> object:
    from amends.causes.protection.choices import MessageLabel

    return MessageLabel(label).label


@app.command()
@command(view=_classified_view, tables=False)
def classify(
    file: Annotated[Path, typer.Argument(help="CSV, Excel, JSON lines or Parquet.")],
    text: Annotated[str, typer.Option(help="Column of the messages.")],
    out: Annotated[Path, typer.Option(help="The CSV file to write.")],
    force: FORCE = False,
) -> MessagesClassified:
    """Label each message of FILE: legitimate, bulk, spam or fraud, of what kind, and how likely."""
    from amends.causes.protection.rules.messages import LABELS, judge_messages, shipped_model
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
            code="unable_to_classify_messages",
        )
    messages = table.column(text)
    hosts = hosts_on(datetime.now().astimezone().date())
    kept_columns = [column for column, name in enumerate(table.header) if name not in ADDED]
    counts: Counter[str] = Counter()

    def rows() -> Iterator[list[object]]:
        judged = judge_messages(messages, hosts=hosts, explain=False)
        for number, (row, judgement) in enumerate(zip(table.rows, judged, strict=True), start=1):
            counts[judgement.label] += 1
            if number % AT_A_TIME == 0:
                progress(number, len(messages))
            yield [
                *(row[column] for column in kept_columns),
                judgement.label,
                judgement.kind,
                f"{judgement.score:.5f}",
            ]

    with bar(_("Judging messages")) as progress:
        _write(out, [*(table.header[column] for column in kept_columns), *ADDED], rows())
    return MessagesClassified(
        read=table.read,
        classified=len(messages),
        rejected=len(table.rejects),
        labels=[LabelCount(label, counts[label]) for label in LABELS],
        model=shipped_model().version,
        out=str(out),
        seconds=round(time.monotonic() - began, 3),
    )


def _write(out: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    try:
        with out.open("w", encoding="utf-8", newline="") as target:
            write_csv(target, header, rows, for_spreadsheet=False)
    except OSError as error:
        raise BadInput(
            _("%(file)s cannot be written: %(why)s.") % {"file": out, "why": error.strerror},
            code="unable_to_classify_messages",
        ) from error


@dataclass(frozen=True, slots=True)
class NumberScore:
    """A number with its score (0 to 1) and why, in two sentences."""

    number: str
    score: float
    reasons: str


@dataclass(frozen=True, slots=True)
class NumbersScored:
    """What `numbers` did.

    numbers   scored: those that called, and those reported
    suspects  of these, with a score of one half or more; `worst` lists the first twenty
    rejected  rows of either file that could not be used
    """

    numbers: int
    suspects: int
    worst: list[NumberScore]
    read: int
    rejected: int
    out: str
    seconds: float


def _numbers_view(scored: NumbersScored) -> View:
    return View(
        columns=(
            TableColumn(pgettext("telephone", "Number"), "number", whole=True),
            TableColumn(pgettext("number", "Score"), "score", "{:.2f}", right=True),
            TableColumn(_("Reasons"), "reasons"),
        ),
        rows=scored.worst,
        empty=_("No number looks like a nuisance."),
        notes=(
            _(
                "%(numbers)s numbers scored in %(seconds)s s, %(suspects)s suspicious; written to "
                "%(file)s."
            )
            % {
                "numbers": f"{scored.numbers:,}",
                "seconds": f"{scored.seconds:.1f}",
                "suspects": f"{scored.suspects:,}",
                "file": scored.out,
            },
        ),
    )


@app.command()
@command(view=_numbers_view, tables=False)
def numbers(
    calls: Annotated[Path, typer.Argument(help="CSV: caller, called, at, seconds, answered.")],
    out: Annotated[Path, typer.Option(help="The CSV file to write: number, score, reasons.")],
    reports: Annotated[Path | None, typer.Option(help="CSV: number, at, reporter, kind.")] = None,
    scratch: SCRATCH = None,
    engine: ENGINE = Engine.LOCAL,
    master: MASTER = "",
    force: FORCE = False,
) -> NumbersScored:
    """Score the numbers of CALLS by whom they call and how that goes, and by who reports them."""
    from django.conf import settings

    from amends.causes.protection.actions.score_numbers import score_numbers
    from amends.causes.protection.number_reasons import with_reasons
    from amends.causes.protection.rules.reputation import reputation_rules

    began = time.monotonic()
    check_output(out, force=force, inputs=(calls, reports))
    rules = reputation_rules(datetime.now().astimezone().date())
    read = score_numbers(
        calls,
        reports,
        rules,
        scratch=scratch or Path(settings.DATA_DIR),
        spark=spark_session(engine, master),
    )
    scored: pl.DataFrame = with_reasons(read.scored, rules, _)
    try:
        neutral_frame(scored.select("number", "score", "reasons")).write_csv(out)
    except OSError as error:
        why = error.strerror or error
        raise BadInput(
            _("%(file)s cannot be written: %(why)s.") % {"file": out, "why": why},
            code="unable_to_classify_messages",
        ) from error
    suspects = scored.filter(scored["score"] >= SUSPECT_FROM)
    return NumbersScored(
        numbers=len(scored),
        suspects=len(suspects),
        worst=[
            NumberScore(*row)
            for row in suspects.select("number", "score", "reasons").head(SHOWN).iter_rows()
        ],
        read=read.read,
        rejected=read.rejected,
        out=str(out),
        seconds=round(time.monotonic() - began, 3),
    )


def _block_list_view(block_file: BlockListFile) -> View:
    return View(
        figures=(
            (_("Changes written"), f"{block_file.changes:,}"),
            (_("Last change"), block_file.last),
            ("SHA-256", block_file.sha256),
        ),
        notes=(
            _("Written to %(file)s, the signed note to %(note)s.")
            % {"file": block_file.out, "note": block_file.note},
        ),
    )


@app.command("block-list")
@command(view=_block_list_view)
def block_list(
    out: Annotated[Path, typer.Option(help="The CSV file to write.")],
    since: Annotated[int, typer.Option(min=0, help="Only changes after this number.")] = 0,
    force: FORCE = False,
) -> BlockListFile:
    """Write the changes of the block list for the network, with a signed note."""
    from amends.causes.protection.actions.export_block_list import export_block_list

    check_output(out, force=force)
    try:
        return export_block_list(out, since=since)
    except OSError as error:
        raise BadInput(
            _("%(file)s cannot be written: %(why)s.") % {"file": out, "why": error.strerror},
            code="unable_to_classify_messages",
        ) from error


def _notices_view(notice_file: NoticeFile) -> View:
    return View(
        figures=(
            (_("Notices written"), f"{notice_file.notices:,}"),
            (_("Last notice"), notice_file.last),
        ),
        notes=(_("Written to %(file)s.") % {"file": notice_file.out},),
    )


@app.command()
@command(view=_notices_view)
def notices(
    out: Annotated[Path, typer.Option(help="The CSV file to write.")],
    since: Annotated[int, typer.Option(min=0, help="Only notices after this number.")] = 0,
    force: FORCE = False,
) -> NoticeFile:
    """Write the notices to the operators of blocked numbers, with rule, reason and end."""
    from amends.causes.protection.actions.notify_operators import write_notices

    check_output(out, force=force)
    return write_notices(out, since=since)


def _authority_view(authority_file: AuthorityFile) -> View:
    unchecked = _("The format is from memory: compare it with the authority's form first.")
    return View(
        figures=(
            (_("Month"), authority_file.month),
            (_("Reports written"), f"{authority_file.reports:,}"),
        ),
        notes=(_("Written to %(file)s.") % {"file": authority_file.out},),
        warnings=() if authority_file.verified else (unchecked,),
    )


@app.command("authority-report")
@command(view=_authority_view)
def authority_report(
    out: Annotated[Path, typer.Option(help="The CSV file to write.")],
    month: Annotated[datetime, typer.Option(formats=["%Y-%m"], help="Month of the reports.")],
    force: FORCE = False,
) -> AuthorityFile:
    """Write the reports of a month in the format of the authority (12321), without reporters."""
    from amends.causes.protection.actions.report_to_authority import report_to_authority

    check_output(out, force=force)
    return report_to_authority(month.date(), out)
