"""`amends remedies`: approved remedies to billing, and what billing has booked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from amends.cli.language import gettext as _
from amends.cli.language import ngettext
from amends.cli.start import start
from amends.kit.errors import BadInput

app = typer.Typer(
    no_args_is_help=True, help="Export refunds and credits to billing, and take its answers."
)

JSON = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]


@app.callback()
def _remedies() -> None:
    """Export refunds and credits to billing, and take its answers."""


@app.command("export")
def export_file(
    out: Annotated[Path, typer.Option(help="CSV file to write; it must not exist.")],
    again: Annotated[str, typer.Option(help="Number of an export that got lost.")] = "",
    json: JSON = False,
) -> None:
    """Write the approved remedies as CSV and mark them as exported."""
    start()
    from django.utils import timezone

    from amends.remedies.actions.export import ExportRow, as_csv, export, exported

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
            _("%(file)s cannot be written: %(why)s.") % {"file": out, "why": _(why.strerror)},
            meaning=_("The remedies are marked as exported."),
            next_step=_("`amends remedies exports` names the export; write it with --again."),
        ) from why
    if json:
        _say({"export": number, "remedies": len(rows), "file": str(out) if rows else ""})
    elif rows:
        typer.echo(
            ngettext(
                "Export %(number)s: %(count)s remedy in %(file)s.",
                "Export %(number)s: %(count)s remedies in %(file)s.",
                len(rows),
            )
            % {"number": number, "count": f"{len(rows):,}", "file": out}
        )
    else:
        typer.echo(_("No remedy waits to be exported."))


@app.command("exports")
def exports(json: JSON = False) -> None:
    """List the exports billing has not booked whole, the oldest first."""
    start()
    from amends.remedies.actions.export import open_exports

    found = open_exports()
    if json:
        rows = [
            {
                "export": one.number, "exported_at": one.exported_at.isoformat(),
                "remedies": one.remedies, "unbooked": one.unbooked,
            }
            for one in found
        ]  # fmt: skip
        _say({"exports": rows})
        return
    for one in found:
        typer.echo(
            _("%(number)s: %(at)s, %(unbooked)s of %(all)s not booked")
            % {
                "number": one.number,
                "at": one.exported_at.isoformat(timespec="minutes"),
                "unbooked": f"{one.unbooked:,}",
                "all": f"{one.remedies:,}",
            }
        )
    if not found:
        typer.echo(_("Billing has booked every export."))


@app.command("acknowledge")
def acknowledge_file(
    file: Annotated[Path, typer.Argument(help="CSV with the columns remedy and booking.")],
    json: JSON = False,
) -> None:
    """Take billing's answer: which remedies it has booked under which number."""
    start()
    from django.utils import timezone

    from amends.remedies.actions.export import acknowledge
    from amends.tabular.tables import read_table

    table = read_table(file)
    if missing := {"remedy", "booking"} - set(table.header):
        raise BadInput(
            _("The file has no column %(columns)s.") % {"columns": min(missing)},
            where=f"{file.name}:1", next_step=_("It needs the columns remedy and booking."),
        )  # fmt: skip
    if table.rejects:
        bad = table.rejects[0]
        raise BadInput(
            _("A row cannot be read: %(why)s.") % {"why": bad.told(_)},
            where=f"{file.name}:{bad.line}", meaning=_("Nothing was acknowledged."),
            next_step=_("Put it right and send the file again."),
        )  # fmt: skip
    pairs = list(zip(table.column("remedy"), table.column("booking"), strict=True))
    new = acknowledge(pairs, now=timezone.now())
    if json:
        _say({"read": len(pairs), "new": new})
        return
    typer.echo(
        ngettext(
            "%(read)s booking read, %(new)s of them new.",
            "%(read)s bookings read, %(new)s of them new.",
            len(pairs),
        )
        % {"read": f"{len(pairs):,}", "new": f"{new:,}"}
    )


def _make(out: Path) -> None:
    try:
        out.touch(mode=0o600, exist_ok=False)
    except FileExistsError as why:
        raise BadInput(
            _("%(file)s is there already.") % {"file": out}, next_step=_("Choose another name.")
        ) from why
    except OSError as why:
        raise BadInput(
            _("%(file)s cannot be written: %(why)s.") % {"file": out, "why": _(why.strerror)},
            meaning=_("Nothing was exported."),
            next_step=_("Choose a folder that is there and that you may write in."),
        ) from why


def _say(document: dict[str, Any]) -> None:
    typer.echo(orjson.dumps(document).decode())
