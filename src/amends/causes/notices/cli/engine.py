"""`amends notices run` and `enrol`: count usage records, and write the notices they make due."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from django.conf import settings

from amends.platform.cli.command import command
from amends.platform.cli.engine import MASTER, Engine
from amends.platform.cli.language import gettext as _
from amends.platform.cli.language import ngettext
from amends.platform.cli.outputs import check_not_read
from amends.platform.cli.previous_outputs import note_renamed
from amends.platform.cli.progress import bar
from amends.platform.cli.render import View
from amends.platform.kit.errors import BadInput
from amends.platform.tabular.exports import keep_earlier, write_csv

if TYPE_CHECKING:
    from amends.causes.notices.actions.usage_report import UsageReport, UsageRun


_SHOWN = 5


@dataclass(frozen=True, slots=True)
class WatchedFiles:
    """What was looked through, and the notices that became due.

    repeated        files that were known
    sighted         rows, of which some were `refused`
    found           times a line joined a network abroad near a border
    charge_notices  notices of a new kind of charge
    """

    files: int
    repeated: int
    sighted: int
    refused: int
    found: int
    notices: int
    charge_notices: int


@dataclass(frozen=True, slots=True)
class EnrolledLines:
    """Lines that were added, numbered from `first` on, and those that were known."""

    first: int
    added: int
    known: int


def _run_view(usage_run: UsageRun) -> View:
    counts = ngettext(
        "%(records)s record: %(counted)s counted, %(late)s late, %(duplicates)s seen before, "
        "%(rejected)s rejected.",
        "%(records)s records: %(counted)s counted, %(late)s late, %(duplicates)s seen before, "
        "%(rejected)s rejected.",
        usage_run.records,
    )
    lines = [
        counts
        % {
            "records": f"{usage_run.records:,}",
            "counted": f"{usage_run.counted:,}",
            "late": f"{usage_run.late:,}",
            "duplicates": f"{usage_run.duplicates:,}",
            "rejected": f"{usage_run.rejected:,}",
        }
    ]
    if usage_run.rejected and not usage_run.rejects_file:
        lines += _rejected_lines([str(file["file"]) for file in usage_run.files])
    due_text = ngettext(
        "%(notices)s notice is due, %(holds)s of them hold.",
        "%(notices)s notices are due, %(holds)s of them hold.",
        usage_run.notices,
    )
    lines.append(due_text % {"notices": f"{usage_run.notices:,}", "holds": f"{usage_run.holds:,}"})
    lines += usage_run.notes
    lines += [f"{file['file']}: {file['reason']}" for file in usage_run.files if file.get("reason")]
    return View(notes=lines)


@command(view=_run_view)
def run(
    place: Annotated[Path, typer.Argument(help="A file of usage records, or a directory of them.")],
    jurisdiction: Annotated[
        str, typer.Option("--pack", help="Whose duties; AMENDS_PACK if left out.")
    ] = "",
    accept: Annotated[
        bool, typer.Option("--accept", help="Let pass records of another size than usual.")
    ] = False,
    engine: Annotated[
        Engine,
        typer.Option(help="Count in this process, or on Spark (amends[spark], Java 17)."),
    ] = Engine.LOCAL,
    master: MASTER = "",
    follow: Annotated[
        Path | None,
        typer.Option(help="Spark only: go on counting what arrives; where to keep how far it is."),
    ] = None,
    rejects: Annotated[
        Path | None, typer.Option(help="Write the rows that were not counted, with why (CSV).")
    ] = None,
) -> UsageRun:
    """Count every record that was not counted before; the notices that are due are written once."""
    check_not_read(rejects, [place])
    jurisdiction = jurisdiction or settings.JURISDICTION
    if follow is not None and engine is not Engine.SPARK:
        raise BadInput(
            _("Only Spark goes on counting what arrives."),
            next_step=_("Add --engine spark; on one machine `amends serve` counts by itself."),
            code="unable_to_follow",
        )
    if follow is not None:
        return _follow(place, follow, master, jurisdiction)
    with bar(_("Counting")) as progress:
        options: dict[str, Any] = {
            "jurisdiction": jurisdiction,
            "now": datetime.now(UTC),
            "accept": accept,
            "progress": progress,
        }
        if engine is Engine.SPARK:
            from amends.causes.notices.actions.run_on_spark import run_on_spark
            from amends.platform.kit.spark import session

            report = run_on_spark(place, spark=session(master), **options)
        else:
            from amends.causes.notices.actions.run import run as count

            report = count(place, **options)
    if rejects is None:
        return report.result()
    files = [str(file["file"]) for file in report.files]
    kept_path = keep_earlier(rejects, lambda to: _write_rejects(to, files))
    return report.result(notes=note_renamed(kept_path), rejects_file=str(rejects))


def _follow(path: Path, keep: Path, master: str, jurisdiction: str) -> UsageRun:
    """Count what arrives until it is stopped; the counts of the last batch."""
    from amends.causes.notices.actions.follow_on_spark import follow_on_spark
    from amends.causes.notices.actions.usage_report import UsageReport
    from amends.platform.kit.spark import session

    last = UsageReport()

    def report_to(report: UsageReport) -> None:
        nonlocal last
        last = report
        run_result = report.result()
        typer.echo(
            _("Records: %(records)s; notices due: %(notices)s.")
            % {"records": f"{run_result.records:,}", "notices": f"{run_result.notices:,}"},
            err=True,
        )

    follow_on_spark(
        path, keep, spark=session(master), jurisdiction=jurisdiction, report_to=report_to
    )
    return last.result()


def _watched_view(watched_files: WatchedFiles) -> View:
    files = ngettext(
        "%(files)s file looked through (%(repeated)s known already), rows: %(sighted)s, "
        "refused: %(refused)s.",
        "%(files)s files looked through (%(repeated)s known already), rows: %(sighted)s, "
        "refused: %(refused)s.",
        watched_files.files,
    )
    joined = ngettext(
        "%(count)s time a line joined a network abroad near a border.",
        "%(count)s times a line joined a network abroad near a border.",
        watched_files.found,
    )
    due_text = _("Notices due for it: %(borders)s; for a new charge: %(charges)s.")
    return View(
        notes=[
            files
            % {
                "files": f"{watched_files.files:,}",
                "repeated": f"{watched_files.repeated:,}",
                "sighted": f"{watched_files.sighted:,}",
                "refused": f"{watched_files.refused:,}",
            },
            joined % {"count": f"{watched_files.found:,}"},
            due_text
            % {
                "borders": f"{watched_files.notices:,}",
                "charges": f"{watched_files.charge_notices:,}",
            },
        ]
    )


@command(view=_watched_view)
def watch(
    places: Annotated[
        list[Path] | None,
        typer.Argument(
            exists=True, help="Registrations or usage; the watched directories if none."
        ),
    ] = None,
) -> WatchedFiles:
    """Look for lines that joined a network abroad near a border, and for new kinds of charge.

    A file says when which line was seen where: Parquet, CSV or JSON lines with service, at (or
    at_ms) and country, which is empty at home. Each file is looked through once; charges come from
    the ledger.
    """
    from amends.causes.notices.actions.watch_borders import watch_borders
    from amends.causes.notices.actions.watch_charges import watch_charges
    from amends.causes.notices.jobs.watch import borders
    from amends.engines.metering.usage.files import files_in

    now = datetime.now(UTC)
    files = [file for path in places or [] for file in files_in(path)]
    seen = watch_borders(files, now=now) if places else borders(now=now)
    return WatchedFiles(**asdict(seen), charge_notices=watch_charges(now=now))


def _enrolled_view(enrolled_lines: EnrolledLines) -> View:
    added = ngettext(
        "%(count)s line is enrolled, numbered from %(first)s on.",
        "%(count)s lines are enrolled, numbered from %(first)s on.",
        enrolled_lines.added,
    )
    lines = [added % {"count": f"{enrolled_lines.added:,}", "first": f"{enrolled_lines.first:,}"}]
    if enrolled_lines.known:
        known_text = ngettext(
            "%(count)s was enrolled before and keeps its limits: a change of plan or a "
            "top-up is an event (amends notices events).",
            "%(count)s were enrolled before and keep their limits: a change of plan or a "
            "top-up is an event (amends notices events).",
            enrolled_lines.known,
        )
        lines.append(known_text % {"count": f"{enrolled_lines.known:,}"})
    return View(notes=lines)


@command(view=_enrolled_view)
def enrol(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="CSV: service, zone, day, limits.")
    ],
) -> EnrolledLines:
    """Enrol the lines of a CSV file: only what is enrolled is counted."""
    from amends.causes.notices.actions.enrol import enrol as number
    from amends.causes.notices.actions.lines_file import read_lines

    lines = read_lines(file)
    first, added = number(lines, now=datetime.now(UTC))
    return EnrolledLines(first, added, len(lines.service) - added)


def _rejected_lines(files: list[str]) -> list[str]:
    """How many rows were rejected for each reason, and the first of them."""
    from collections import Counter
    from itertools import islice

    from amends.causes.notices.queries.usage import rejected_rows
    from amends.causes.notices.web.usage import treatment_words

    why = Counter(rejected_row.reason for rejected_row in rejected_rows(files=files))
    reasons = "; ".join(
        f"{count:,} {treatment_words(reason)}" for reason, count in why.most_common()
    )
    summary = _(
        "Rejected: %(reasons)s (docs/notices.md says what each means; --rejects FILE writes all)."
    )
    row = _("%(file)s, row %(row)s: %(reason)s")
    return [
        summary % {"reasons": reasons},
        *(
            row
            % {
                "file": rejected.file,
                "row": rejected.row,
                "reason": treatment_words(rejected.reason),
            }
            for rejected in islice(rejected_rows(files=files), _SHOWN)
        ),
    ]


def _write_rejects(path: Path, files: list[str]) -> None:
    from amends.causes.notices.queries.usage import rejected_rows

    with path.open("w", encoding="utf-8", newline="") as out:
        write_csv(
            out,
            ("file", "row", "reason"),
            (
                (rejected_row.file, rejected_row.row, rejected_row.reason)
                for rejected_row in rejected_rows(files=files)
            ),
        )
