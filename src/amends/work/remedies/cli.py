"""`amends remedies`: approved remedies to billing, and what billing has booked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from amends.platform.cli.command import command
from amends.platform.cli.language import gettext as _
from amends.platform.cli.language import ngettext
from amends.platform.cli.render import View
from amends.platform.kit.errors import BadInput

app = typer.Typer(
    no_args_is_help=True, help="Export refunds and credits to billing, and take its answers."
)


@dataclass(frozen=True, slots=True)
class RemedyExportFile:
    """An export with the number of its remedies; `file` is empty where no remedy waited."""

    export: str
    remedies: int
    file: str


@dataclass(frozen=True, slots=True)
class OpenExport:
    """An export of which billing has not booked every remedy."""

    export: str
    exported_at: datetime
    remedies: int
    unbooked: int


@dataclass(frozen=True, slots=True)
class OpenExports:
    """The open exports, the oldest first."""

    exports: list[OpenExport]


@dataclass(frozen=True, slots=True)
class AcknowledgedBookings:
    """Bookings read from a file, and how many of them were new."""

    read: int
    new: int


@app.callback()
def _remedies() -> None:
    """Export refunds and credits to billing, and take its answers."""


def _written_view(written: RemedyExportFile) -> View:
    if not written.remedies:
        return View(notes=[_("No remedy waits to be exported.")])
    sentence = ngettext(
        "Export %(number)s: %(count)s remedy in %(file)s.",
        "Export %(number)s: %(count)s remedies in %(file)s.",
        written.remedies,
    )
    values = {"number": written.export, "count": f"{written.remedies:,}", "file": written.file}
    return View(notes=[sentence % values])


@app.command("export")
@command(view=_written_view)
def export_file(
    out: Annotated[Path, typer.Option(help="CSV file to write; it must not exist.")],
    again: Annotated[str, typer.Option(help="Number of an export that got lost.")] = "",
) -> RemedyExportFile:
    """Write the approved remedies as CSV and mark them as exported."""
    from django.utils import timezone

    from amends.work.remedies.actions.export import ExportRow, as_csv, export, exported

    # Made before anything is marked: a name that cannot be written must not lose an export.
    _make(out)
    rows: list[ExportRow] = []
    try:
        number, rows = (again, exported(again)) if again else export(now=timezone.now())
    finally:
        if not rows:
            out.unlink()
    if again and not rows:
        raise BadInput(
            _("There is no export %(number)s.") % {"number": again},
            next_step=_("`amends remedies exports` lists them."),
        )
    try:
        if rows:
            out.write_text(as_csv(rows), encoding="utf-8")
    except OSError as why:
        raise BadInput(
            _("%(file)s cannot be written: %(why)s.") % {"file": out, "why": _(why.strerror or "")},
            meaning=_("The remedies are marked as exported."),
            next_step=_("`amends remedies exports` names the export; write it with --again."),
        ) from why
    return RemedyExportFile(number, len(rows), str(out) if rows else "")


def _exports_view(open_exports: OpenExports) -> View:
    notes = [
        _("%(number)s: %(at)s, %(unbooked)s of %(all)s not booked")
        % {
            "number": export.export,
            "at": export.exported_at.isoformat(timespec="minutes"),
            "unbooked": f"{export.unbooked:,}",
            "all": f"{export.remedies:,}",
        }
        for export in open_exports.exports
    ]
    return View(notes=notes or [_("Billing has booked every export.")])


@app.command("exports")
@command(view=_exports_view)
def exports() -> OpenExports:
    """List the exports billing has not booked whole, the oldest first."""
    from amends.work.remedies.actions.export import open_exports

    return OpenExports(
        [
            OpenExport(
                export=open_export.number,
                exported_at=open_export.exported_at,
                remedies=open_export.remedies,
                unbooked=open_export.unbooked,
            )
            for open_export in open_exports()
        ]
    )


def _acknowledged_view(acknowledged: AcknowledgedBookings) -> View:
    sentence = ngettext(
        "%(read)s booking read, %(new)s of them new.",
        "%(read)s bookings read, %(new)s of them new.",
        acknowledged.read,
    )
    return View(
        notes=[sentence % {"read": f"{acknowledged.read:,}", "new": f"{acknowledged.new:,}"}]
    )


@app.command("acknowledge")
@command(view=_acknowledged_view)
def acknowledge_file(
    file: Annotated[Path, typer.Argument(help="CSV with the columns remedy and booking.")],
) -> AcknowledgedBookings:
    """Take billing's answer: which remedies it has booked under which number."""
    from django.utils import timezone

    from amends.platform.tabular.tables import read_table
    from amends.work.remedies.actions.export import acknowledge

    table = read_table(file)
    if missing := {"remedy", "booking"} - set(table.header):
        raise BadInput(
            _("The file has no column %(columns)s.") % {"columns": min(missing)},
            where=f"{file.name}:1",
            next_step=_("It needs the columns remedy and booking."),
        )
    if table.rejects:
        bad = table.rejects[0]
        raise BadInput(
            _("A row cannot be read: %(why)s.") % {"why": bad.translated(_)},
            where=f"{file.name}:{bad.line}",
            meaning=_("Nothing was acknowledged."),
            next_step=_("Put it right and send the file again."),
        )
    pairs = list(zip(table.column("remedy"), table.column("booking"), strict=True))
    return AcknowledgedBookings(len(pairs), acknowledge(pairs, now=timezone.now()))


def _make(out: Path) -> None:
    try:
        out.touch(mode=0o600, exist_ok=False)
    except FileExistsError as why:
        raise BadInput(
            _("%(file)s is there already.") % {"file": out}, next_step=_("Choose another name.")
        ) from why
    except OSError as why:
        raise BadInput(
            _("%(file)s cannot be written: %(why)s.") % {"file": out, "why": _(why.strerror or "")},
            meaning=_("Nothing was exported."),
            next_step=_("Choose a folder that is there and that you may write in."),
        ) from why
