"""`amends hotissues`: hot issues in anybody's counts, and whether a measure worked."""

from __future__ import annotations

import json
import sys
import time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table as Grid

from amends.cli.engine import Engine
from amends.cli.language import gettext as _
from amends.cli.language import ngettext, pgettext, spoken
from amends.cli.options import MAP, columns_of
from amends.cli.outputs import FORCE, check_output
from amends.cli.progress import bar
from amends.detection.calibration import FALSE_PER_SERIES_YEAR
from amends.hotissues.cli.issues import answer, list_issues, look, rebuild, show_issue
from amends.kit.time_limits import seconds_for_size, time_limit
from amends.tabular.width import check_width

if TYPE_CHECKING:
    from amends.hotissues.actions.scan_file import Hot

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


@app.command()
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
    master: Annotated[
        str, typer.Option(help="Of Spark: local[2], spark://…, yarn; all cores if left out.")
    ] = "",
    force: FORCE = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
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
    from amends.hotissues.actions.scan_file import scan_file

    check_output(alarms, force=force, inputs=[file])
    check_width(file)
    began = time.monotonic()
    judge = None
    if engine is Engine.SPARK:
        from amends.hotissues.actions.judge_on_spark import judge_on_spark
        from amends.kit.spark import session

        judge = judge_on_spark(session(master))
    limit_s = seconds_for_size(file, least_s=300, per_mb_s=60)
    with bar(_("Scanning"), quiet=as_json) as progress, time_limit(limit_s):
        found = scan_file(
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
    document = found.document(seconds=time.monotonic() - began, limit=limit)
    if as_json:
        sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")
    else:
        _tell(document, found.hottest(limit))


def _tell(document: dict[str, Any], hottest: list[Hot]) -> None:
    console = Console()
    if hottest:
        grid = Grid(
            _("period"),
            _("series"),
            pgettext("scan", "counted"),
            _("expected"),
            _("log evidence"),
            _("share (expected)"),
            box=None,
        )
        for one in hottest:
            grid.add_row(
                one.period,
                one.series,
                f"{one.counted:,}",
                f"{one.expected:,.1f}",
                f"{one.evidence:.1f}",
                "" if one.share is None else f"{one.share:.1%} ({one.expected_share:.1%})",
            )
        console.print(grid)
        if document["alarms"] > len(hottest):
            console.print(
                _("Alarms shown: %(shown)s of %(count)s; --limit shows more.")
                % {"shown": f"{len(hottest):,}", "count": f"{document['alarms']:,}"}
            )
    console.print(
        _(
            "Series scanned: %(series)s; periods: %(periods)s; alarms: %(alarms)s. False issues "
            "expected by chance: %(a_year)s a series and year, %(a_week)s a week over all series."
        )
        % {
            "series": f"{document['series']:,}",
            "periods": f"{document['periods']:,}",
            "alarms": f"{document['alarms']:,}",
            "a_year": f"{document['expected_false_per_series_year']:.2f}",
            "a_week": f"{document['expected_false_a_week']:.2f}",
        }
    )
    standing = [issue for issue in document["issues"] if issue["explained_by"] is None]
    for issue in standing[:MOST_TOLD]:
        for part in issue["carried"]:
            named = ", ".join(f"{name} {value}" for name, value in part["part"].items())
            console.print(
                _(
                    "%(series)s, %(first)s to %(last)s, is carried by %(part)s: %(persons)s "
                    "counted, %(expected)s expected."
                )
                % {
                    "series": issue["series"],
                    "first": issue["first"],
                    "last": issue["last"],
                    "part": named,
                    "persons": f"{part['persons']:,}",
                    "expected": f"{part['expected']:,.1f}",
                }
            )
        key = {"series": issue["series"], "first": issue["first"]}
        same = [one["series"] for one in document["issues"] if one["explained_by"] == key]
        if same:
            console.print(_("The same issue: %(series)s.") % {"series": ", ".join(same)})
    if fresh := document["fresh"]:
        names = ", ".join(one["series"] for one in fresh["series"]) or _("nothing")
        console.print(
            _("Begun by %(period)s (about %(share)s false): %(names)s.")
            % {"period": fresh["period"], "share": f"{fresh['share']:.0%}", "names": names}
        )
    if document["total_alarms"]:
        console.print(
            ngettext(
                "All series together: %(count)s period in alarm, %(a_week)s false issues a week "
                "expected.",
                "All series together: %(count)s periods in alarm, %(a_week)s false issues a week "
                "expected.",
                document["total_alarms"],
            )
            % {
                "count": f"{document['total_alarms']:,}",
                "a_week": f"{document['total_false_a_week']:.2f}",
            }
        )
    for one in document["total_issues"][:MOST_TOLD]:
        console.print(
            _(
                "All series together, %(first)s to %(last)s: %(counted)s counted, %(expected)s "
                "expected."
            )
            % (one | {"counted": f"{one['counted']:,}", "expected": f"{one['expected']:,.1f}"})
        )
    if document["topics"]:
        console.print(
            _("Of what is newly spoken of, %(a_week)s topics a week are expected by chance.")
            % {"a_week": f"{document['topics_false_a_week']:g}"}
        )
    for topic in document["topics"]:
        console.print(
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
        for text in topic["quoted"]:
            console.print(f"  “{text}”")
    for note in document["notes"]:
        console.print(spoken(note))


app.command("list")(list_issues)
app.command("show")(show_issue)
app.command()(look)
app.command()(answer)
app.command()(rebuild)
