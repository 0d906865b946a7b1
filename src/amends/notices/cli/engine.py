"""`amends notices run` and `enrol`: count usage records, and write the notices they make due."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from amends.cli.engine import Engine
from amends.cli.language import gettext as _
from amends.cli.language import ngettext
from amends.cli.outputs import check_not_read
from amends.cli.previous_outputs import note_kept
from amends.cli.progress import bar
from amends.cli.start import start
from amends.environment.settings_values import own_pack
from amends.kit.errors import BadInput
from amends.tabular.exports import keep_earlier, write_csv

if TYPE_CHECKING:
    from amends.notices.actions.usage_report import UsageReport


_SHOWN = 5


class UnableToFollow(BadInput):
    """The engine does not go on by itself."""

    code = "unable_to_follow"


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
    master: Annotated[
        str, typer.Option(help="Of Spark: local[2], spark://…, yarn; all cores if left out.")
    ] = "",
    follow: Annotated[
        Path | None,
        typer.Option(help="Spark only: go on counting what arrives; where to keep how far it is."),
    ] = None,
    rejects: Annotated[
        Path | None, typer.Option(help="Write the rows that were not counted, with why (CSV).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Count every record that was not counted before; the notices that are due are written once."""
    check_not_read(rejects, [place])
    start()
    jurisdiction = jurisdiction or own_pack()
    if follow is not None and engine is not Engine.SPARK:
        raise UnableToFollow(
            _("Only Spark goes on counting what arrives."),
            next_step=_("Add --engine spark; on one machine `amends serve` counts by itself."),
        )
    if follow is not None:
        _follow(place, follow, master, jurisdiction)
        return
    with bar(_("Counting"), quiet=as_json) as progress:
        settings: dict[str, Any] = {
            "jurisdiction": jurisdiction,
            "now": datetime.now(UTC),
            "accept": accept,
            "progress": progress,
        }
        if engine is Engine.SPARK:
            from amends.kit.spark import session
            from amends.notices.actions.run_on_spark import run_on_spark

            report = run_on_spark(place, spark=session(master), **settings)
        else:
            from amends.notices.actions.run import run as count

            report = count(place, **settings)
    document: dict[str, Any] = report.as_dict()
    document["notes"] = []
    if rejects is not None:
        files = [str(one["file"]) for one in report.files]
        document["notes"] = note_kept(keep_earlier(rejects, lambda to: _write_rejects(to, files)))
    if as_json:
        typer.echo(json.dumps(document, ensure_ascii=False, indent=2))
        return
    console = Console(highlight=False, soft_wrap=True, markup=False)
    console.print(
        ngettext(
            "%(records)s record: %(counted)s counted, %(late)s late, %(duplicates)s seen before, "
            "%(rejected)s rejected.",
            "%(records)s records: %(counted)s counted, %(late)s late, %(duplicates)s seen before, "
            "%(rejected)s rejected.",
            document["records"],
        )
        % {
            name: f"{document[name]:,}"
            for name in ("records", "counted", "late", "duplicates", "rejected")
        }
    )
    if document["rejected"] and rejects is None:
        _print_rejected(console, [str(one["file"]) for one in report.files])
    console.print(
        ngettext(
            "%(notices)s notice is due, %(holds)s of them hold.",
            "%(notices)s notices are due, %(holds)s of them hold.",
            document["notices"],
        )
        % {"notices": f"{document['notices']:,}", "holds": f"{document['holds']:,}"}
    )
    for note in document["notes"]:
        console.print(note)
    for file in report.files:
        if file.get("reason"):
            console.print(f"{file['file']}: {file['reason']}")


def _follow(place: Path, keep: Path, master: str, jurisdiction: str) -> None:
    from amends.kit.spark import session
    from amends.notices.actions.follow_on_spark import follow_on_spark

    def report_to(report: UsageReport) -> None:
        said = report.as_dict()
        typer.echo(
            _("Records: %(records)s; notices due: %(notices)s.")
            % {"records": f"{said['records']:,}", "notices": f"{said['notices']:,}"}
        )

    follow_on_spark(
        place, keep, spark=session(master), jurisdiction=jurisdiction, report_to=report_to
    )


def watch(
    places: Annotated[
        list[Path] | None,
        typer.Argument(
            exists=True, help="Registrations or usage; the watched directories if none."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Look for lines that joined a network abroad near a border, and for new kinds of charge.

    A file says when which line was seen where: Parquet, CSV or JSON lines with service, at (or
    at_ms) and country, which is empty at home. Each file is looked through once; charges come from
    the ledger.
    """
    start()
    from amends.metering.usage.files import files_in
    from amends.notices.actions.watch_borders import watch_borders
    from amends.notices.actions.watch_charges import watch_charges
    from amends.notices.jobs.watch import borders

    now = datetime.now(UTC)
    files = [file for place in places or [] for file in files_in(place)]
    seen = watch_borders(files, now=now) if places else borders(now=now)
    document = asdict(seen) | {"charge_notices": watch_charges(now=now)}
    if as_json:
        typer.echo(json.dumps(document))
        return
    typer.echo(
        ngettext(
            "%(files)s file looked through (%(repeated)s known already), rows: %(sighted)s, "
            "refused: %(refused)s.",
            "%(files)s files looked through (%(repeated)s known already), rows: %(sighted)s, "
            "refused: %(refused)s.",
            document["files"],
        )
        % {name: f"{document[name]:,}" for name in ("files", "repeated", "sighted", "refused")}
    )
    typer.echo(
        ngettext(
            "%(count)s time a line joined a network abroad near a border.",
            "%(count)s times a line joined a network abroad near a border.",
            document["found"],
        )
        % {"count": f"{document['found']:,}"}
    )
    typer.echo(
        _("Notices due for it: %(borders)s; for a new charge: %(charges)s.")
        % {"borders": f"{document['notices']:,}", "charges": f"{document['charge_notices']:,}"}
    )


def enrol(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="CSV: service, zone, day, limits.")
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Enrol the lines of a CSV file: only what is enrolled is counted."""
    start()
    from amends.notices.actions.enrol import enrol as number
    from amends.notices.lines_file import read_lines

    lines = read_lines(file)
    first, added = number(lines, now=datetime.now(UTC))
    if as_json:
        typer.echo(
            json.dumps({"first": first, "added": added, "known": len(lines.service) - added})
        )
    else:
        typer.echo(
            ngettext(
                "%(count)s line is enrolled, numbered from %(first)s on.",
                "%(count)s lines are enrolled, numbered from %(first)s on.",
                added,
            )
            % {"count": f"{added:,}", "first": f"{first:,}"}
        )
        if known := len(lines.service) - added:
            typer.echo(
                ngettext(
                    "%(count)s was enrolled before and keeps its limits: a change of plan or a "
                    "top-up is an event (amends notices events).",
                    "%(count)s were enrolled before and keep their limits: a change of plan or a "
                    "top-up is an event (amends notices events).",
                    known,
                )
                % {"count": f"{known:,}"}
            )


def _print_rejected(console: Console, files: list[str]) -> None:
    """The first rows that were rejected, and how many there are of each reason."""
    from collections import Counter
    from itertools import islice

    from amends.notices.queries.usage import rejected_rows
    from amends.notices.web.usage import treatment_words

    why = Counter(one.reason for one in rejected_rows(files=files))
    console.print(
        _(
            "Rejected: %(reasons)s (docs/notices.md says what each means; --rejects FILE writes "
            "all)."
        )
        % {
            "reasons": "; ".join(
                f"{count:,} {treatment_words(reason)}" for reason, count in why.most_common()
            )
        }
    )
    for one in islice(rejected_rows(files=files), _SHOWN):
        where = {"file": one.file, "row": one.row, "reason": treatment_words(one.reason)}
        console.print(_("%(file)s, row %(row)s: %(reason)s") % where)


def _write_rejects(path: Path, files: list[str]) -> None:
    from amends.notices.queries.usage import rejected_rows

    with path.open("w", encoding="utf-8", newline="") as out:
        write_csv(
            out,
            ("file", "row", "reason"),
            ((one.file, one.row, one.reason) for one in rejected_rows(files=files)),
        )
