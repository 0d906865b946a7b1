"""`amends hotissues`: hot issues in anybody's counts, and whether a measure worked."""

from __future__ import annotations

import time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from amends.engines.detection.calibration import FALSE_PER_SERIES_YEAR
from amends.platform.cli.command import command
from amends.platform.cli.engine import MASTER, Engine
from amends.platform.cli.language import gettext as _
from amends.platform.cli.language import ngettext, pgettext, translate_sentence
from amends.platform.cli.options import MAP, columns_of
from amends.platform.cli.outputs import FORCE, check_output
from amends.platform.cli.progress import bar
from amends.platform.cli.render import TableColumn, View
from amends.platform.kit.time_limits import seconds_for_size, time_limit
from amends.platform.tabular.width import check_width
from amends.problems.hotissues.cli.issues import answer, list_issues, look, rebuild, show_issue

if TYPE_CHECKING:
    from amends.problems.hotissues.actions.scan_file import FileScanResult, Hot

app = typer.Typer(
    no_args_is_help=True, help="Find hot issues early, and check whether a measure worked."
)


class Span(StrEnum):
    """Length of a period."""

    WEEK = "week"
    DAY = "day"
    HOUR = "hour"


LAST = 49
LIMIT = 20
MOST_TOLD = 5


@app.callback()
def _hotissues() -> None:
    """Find hot issues early, and check whether a measure worked."""


def _scan_view(scan_result: FileScanResult) -> View:
    notes = []
    if scan_result.alarms > len(scan_result.hottest):
        notes.append(
            _("Alarms shown: %(shown)s of %(count)s; --limit shows more.")
            % {"shown": f"{len(scan_result.hottest):,}", "count": f"{scan_result.alarms:,}"}
        )
    notes.append(
        _(
            "Series scanned: %(series)s; periods: %(periods)s; alarms: %(alarms)s. False issues "
            "expected by chance: %(a_year)s per series and year, %(a_week)s per week over all "
            "series."
        )
        % {
            "series": f"{scan_result.series:,}",
            "periods": f"{scan_result.periods:,}",
            "alarms": f"{scan_result.alarms:,}",
            "a_year": f"{scan_result.expected_false_per_series_year:.2f}",
            "a_week": f"{scan_result.expected_false_a_week:.2f}",
        }
    )
    notes += _issue_notes(scan_result) + _total_notes(scan_result) + _topic_notes(scan_result)
    return View(
        columns=(
            TableColumn(_("period"), "period"),
            TableColumn(_("series"), "series"),
            TableColumn(pgettext("scan", "counted"), "counted", "{:,}", right=True),
            TableColumn(_("expected"), "expected", "{:,.1f}", right=True),
            TableColumn(_("log evidence"), "evidence", "{:.1f}", right=True),
            TableColumn(_("share (expected)"), _share_words, right=True),
        ),
        rows=scan_result.hottest,
        notes=[*notes, *(translate_sentence(note) for note in scan_result.notes)],
    )


def _share_words(hot_cell: Hot) -> str:
    return "" if hot_cell.share is None else f"{hot_cell.share:.1%} ({hot_cell.expected_share:.1%})"


def _issue_notes(scan_result: FileScanResult) -> list[str]:
    """The first issues that no other explains: what carries them, and which are the same."""
    notes = []
    for issue in [
        issue_dict for issue_dict in scan_result.issues if issue_dict["explained_by"] is None
    ][:MOST_TOLD]:
        for part in issue["carried"]:
            notes.append(
                _(
                    "%(series)s, %(first)s to %(last)s, is carried by %(part)s: %(persons)s "
                    "counted, %(expected)s expected."
                )
                % {
                    "series": issue["series"],
                    "first": issue["first"],
                    "last": issue["last"],
                    "part": ", ".join(f"{name} {value}" for name, value in part["part"].items()),
                    "persons": f"{part['persons']:,}",
                    "expected": f"{part['expected']:,.1f}",
                }
            )
        key = {"series": issue["series"], "first": issue["first"]}
        if same := [
            issue_dict["series"]
            for issue_dict in scan_result.issues
            if issue_dict["explained_by"] == key
        ]:
            notes.append(_("The same issue: %(series)s.") % {"series": ", ".join(same)})
    return notes


def _total_notes(scan_result: FileScanResult) -> list[str]:
    """What has begun in the newest period, and the runs of all series together."""
    notes = []
    if fresh := scan_result.fresh:
        names = ", ".join(fresh_series["series"] for fresh_series in fresh["series"]) or _(
            "nothing"
        )
        notes.append(
            _("Begun by %(period)s (about %(share)s false): %(names)s.")
            % {"period": fresh["period"], "share": f"{fresh['share']:.0%}", "names": names}
        )
    if scan_result.total_alarms:
        notes.append(
            ngettext(
                "All series together: %(count)s period in alarm, %(a_week)s false issues a week "
                "expected.",
                "All series together: %(count)s periods in alarm, %(a_week)s false issues a week "
                "expected.",
                scan_result.total_alarms,
            )
            % {
                "count": f"{scan_result.total_alarms:,}",
                "a_week": f"{scan_result.total_false_a_week:.2f}",
            }
        )
    for total_issue in scan_result.total_issues[:MOST_TOLD]:
        notes.append(
            _(
                "All series together, %(first)s to %(last)s: %(counted)s counted, %(expected)s "
                "expected."
            )
            % (
                total_issue
                | {
                    "counted": f"{total_issue['counted']:,}",
                    "expected": f"{total_issue['expected']:,.1f}",
                }
            )
        )
    return notes


def _topic_notes(scan_result: FileScanResult) -> list[str]:
    """What is newly written about, with masked examples."""
    notes = []
    if scan_result.topics:
        notes.append(
            _("Of what is newly spoken of, %(a_week)s topics a week are expected by chance.")
            % {"a_week": f"{scan_result.topics_false_a_week:g}"}
        )
    for topic in scan_result.topics:
        notes.append(
            ngettext(
                "New words from %(first)s (%(series)s): %(terms)s. %(persons)s person, "
                "%(expected)s expected.",
                "New words from %(first)s (%(series)s): %(terms)s. %(persons)s persons, "
                "%(expected)s expected.",
                topic["persons"],
            )
            % {
                "first": topic["first"],
                "series": topic["series"],
                "terms": ", ".join(topic["terms"]),
                "persons": f"{topic['persons']:,}",
                "expected": f"{topic['expected']:.1f}",
            }
        )
        notes += [f"  “{text}”" for text in topic["quoted"]]
    return notes


@app.command()
@command(view=_scan_view, tables=False)
def scan(
    file: Annotated[Path, typer.Argument(help="Counts (periods x series) or complaints a row.")],
    last: Annotated[int, typer.Option(help="How many of the newest periods to scan.")] = LAST,
    alarms: Annotated[
        Path | None, typer.Option(help="CSV to write: periods x series, 0 or 1.")
    ] = None,
    false_per_series_year: Annotated[
        float, typer.Option(help="False issues a series and year you are willing to look at.")
    ] = FALSE_PER_SERIES_YEAR,
    false_share: Annotated[
        float | None,
        typer.Option(help="Also list what began in the newest period, about so much of it false."),
    ] = None,
    period: Annotated[
        Span | None, typer.Option(help="Of undated counts, or to count complaints by.")
    ] = None,
    by: Annotated[
        list[str] | None,
        typer.Option(help="Of complaints a row: a column whose values are series (repeatable)."),
    ] = None,
    map_: MAP = None,
    move: Annotated[
        list[str] | None,
        typer.Option(help="A series merged or split: 'OLD -> NEW' or 'OLD -> NEW, NEW'."),
    ] = None,
    limit: Annotated[
        int, typer.Option(min=1, help="How many entries of each list to show.")
    ] = LIMIT,
    engine: Annotated[
        Engine, typer.Option(help="Judge in this process, or on Spark (amends\\[spark], Java 17).")
    ] = Engine.LOCAL,
    master: MASTER = "",
    force: FORCE = False,
) -> FileScanResult:
    """Scan the newest periods of FILE for series that run hot.

    FILE is CSV or Parquet, a row a week, day or hour and a column a series,
    the first column its date, as people write it, or year and week (counts
    are whole numbers; an empty cell is unknown, not nought); or a row a
    complaint (CSV, XLSX, JSONL, Parquet; the columns date, person and text
    are told by their names or by --map).

    Refused, with line and column: a count that is negative, fractional or no
    number, a period or a column that stands there twice, a date that is none.

    Taken, with a note: missing periods, a new version of the classes (column
    version), old complaints brought in late, rows without a date, a clock
    that was moved, one sender with many names.
    """
    from amends.problems.hotissues.actions.scan_file import scan_file

    check_output(alarms, force=force, inputs=[file])
    check_width(file)
    began = time.monotonic()
    judge = None
    if engine is Engine.SPARK:
        from amends.platform.kit.spark import session
        from amends.problems.hotissues.actions.judge_on_spark import judge_on_spark

        judge = judge_on_spark(session(master))
    limit_s = seconds_for_size(file, least_s=300, per_mb_s=60)
    with bar(_("Scanning")) as progress, time_limit(limit_s):
        file_scan = scan_file(
            file,
            last=last,
            alarms=alarms,
            false_per_series_year=false_per_series_year,
            period=period.value if period else None,
            by=by or (),
            wishes=columns_of(map_ or []),
            moves=move or (),
            false_share=false_share,
            judge=judge,
            progress=progress,
        )
    return file_scan.result(seconds=time.monotonic() - began, limit=limit)


app.command("list")(list_issues)
app.command("show")(show_issue)
app.command()(look)
app.command()(answer)
app.command()(rebuild)
