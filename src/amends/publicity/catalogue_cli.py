"""`amends catalogue`: key facts of offers in, and the documents made of them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import orjson
import typer

from amends.cli.language import gettext as _
from amends.cli.outputs import check_not_read
from amends.cli.start import start

app = typer.Typer(no_args_is_help=True, help="Record the key facts of offers.")


@app.callback()
def _catalogue() -> None:
    """Record the key facts of offers."""


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV, Excel, JSON lines, a JSON list, or TMF620.")],
    rejects: Annotated[
        Path | None, typer.Option(help="File for the rows that are refused.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Record the key facts of FILE; a change makes a new version, and earlier ones stay."""
    check_not_read(rejects, [file])
    start()
    from django.utils import timezone

    from amends.access.actors import Actor
    from amends.publicity.actions.import_offers import import_offers

    report = import_offers(
        file,
        rejects=rejects or file.with_suffix(".rejects.csv"),
        actor=Actor("system", "shell", ("manager",)),
        now=timezone.now(),
    )
    if as_json:
        sys.stdout.write(orjson.dumps(report.as_dict()).decode() + "\n")
    else:
        said = _(
            "%(read)s offers read, %(accepted)s recorded, %(duplicates)s unchanged,"
            " %(rejected)s refused."
        )
        typer.echo(
            said
            % {
                "read": f"{report.read:,}", "accepted": f"{report.accepted:,}",
                "duplicates": f"{report.duplicates:,}", "rejected": f"{report.rejected:,}",
            }
        )  # fmt: skip
        if report.rejects_file:
            typer.echo(_("Refused rows: %(file)s") % {"file": report.rejects_file}, err=True)
    report.end()
