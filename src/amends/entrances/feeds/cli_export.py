"""`amends export`: tables for reports of other systems."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from amends.platform.cli.command import command
from amends.platform.cli.language import gettext as _
from amends.platform.cli.outputs import FORCE, check_output
from amends.platform.cli.render import View

if TYPE_CHECKING:
    from amends.entrances.feeds.exports.write import WrittenExport


def _view(written: WrittenExport) -> View:
    return View(
        figures=[(_("Rows"), f"{written.rows:,}")],
        next_step=_("The next export: --after %(number)s") % {"number": written.next},
    )


@command(view=_view)
def export(
    table: Annotated[
        str, typer.Argument(help="complaints, decisions, remedies, notices or hot_issues.")
    ],
    out: Annotated[Path, typer.Option(help="File to write, .csv or .parquet.")],
    after: Annotated[
        int, typer.Option(help="The “next” of the last export; all rows if left out.")
    ] = -1,
    force: FORCE = False,
) -> WrittenExport:
    """Write rows recorded since the last export as CSV or Parquet, without personal data."""
    from amends.entrances.feeds.exports.write import write_export

    check_output(out, force=force)
    return write_export(table, out, after=after)
