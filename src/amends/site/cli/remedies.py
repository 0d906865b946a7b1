"""`amends remedies`: approved remedies to billing, and what billing has booked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from amends.kit.errors import BadInput
from amends.site.cli.start import start

app = typer.Typer(no_args_is_help=True, help="Hand remedies to billing and take its answer.")


@app.callback()
def _remedies() -> None:
    """Hand remedies to billing and take its answer."""


@app.command("export")
def export_file(
    out: Annotated[Path, typer.Option(help="CSV file to write; it must not exist.")],
    again: Annotated[str, typer.Option(help="Number of an export that got lost.")] = "",
) -> None:
    """Write the approved remedies as CSV and mark them as exported."""
    start()
    from django.utils import timezone

    from amends.remedies.actions.export import as_csv, export, exported

    if out.exists():
        raise BadInput(f"{out} is there already.", next_step="Choose another name.")
    number, rows = (again, exported(again)) if again else export(now=timezone.now())
    if not rows:
        typer.echo("No remedy waits to be exported.")
        return
    out.touch(mode=0o600)
    out.write_text(as_csv(rows), encoding="utf-8")
    typer.echo(f"Export {number}: {len(rows):,} remedies in {out}.")


@app.command("acknowledge")
def acknowledge_file(
    file: Annotated[Path, typer.Argument(help="CSV with the columns remedy and booking.")],
) -> None:
    """Take billing's answer: which remedies it has booked under which number."""
    start()
    from django.utils import timezone

    from amends.channels.files.tables import read_table
    from amends.remedies.actions.export import acknowledge

    table = read_table(file)
    if missing := {"remedy", "booking"} - set(table.header):
        raise BadInput(
            f"The file has no column {min(missing)}.", where=f"{file.name}, line 1",
            next_step="It needs the columns remedy and booking.",
        )  # fmt: skip
    pairs = list(zip(table.column("remedy"), table.column("booking"), strict=True))
    new = acknowledge(pairs, now=timezone.now())
    typer.echo(f"{len(pairs):,} bookings read, {new:,} of them new.")
