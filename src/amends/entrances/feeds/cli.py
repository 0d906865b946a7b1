"""`amends import`: complaints, facts, subscribers, partners, services, posts."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer
from click import Choice

from amends.platform.cli.command import CheckFailed, command
from amends.platform.cli.language import gettext as _
from amends.platform.cli.language import json_asked, ngettext
from amends.platform.cli.options import MAP, columns_of
from amends.platform.cli.outputs import FORCE, check_not_read, check_output
from amends.platform.cli.progress import bar
from amends.platform.cli.render import View
from amends.platform.kit.dates import parse_day
from amends.platform.kit.errors import BadInput

if TYPE_CHECKING:
    from amends.platform.tabular.report import FileReport, ImportOutcome

app = typer.Typer(
    no_args_is_help=True,
    help="Import complaints, facts, subscribers, partners, services or posts from files.",
)

FILE = Annotated[Path, typer.Argument(help="CSV, Excel, JSON lines or Parquet.")]


@app.callback()
def _imports() -> None:
    """Import complaints, facts, subscribers, partners, services or posts from files."""


def _import_view(outcome: ImportOutcome) -> View:
    from amends.platform.tabular.report import FilePreview

    lines = list(outcome.notes)
    if isinstance(outcome, FilePreview):
        lines.append(_("The first rows as they are read; nothing was stored:"))
        for row in outcome.first:
            lines += ["", *(f"  {name}: {value}" for name, value in row.items() if value)]
    counts = ngettext(
        "%(read)s row: %(accepted)s accepted, %(duplicates)s known already, %(rejected)s refused.",
        "%(read)s rows: %(accepted)s accepted, %(duplicates)s known already, %(rejected)s refused.",
        outcome.read,
    )
    lines.append(
        counts
        % {
            "read": f"{outcome.read:,}",
            "accepted": f"{outcome.accepted:,}",
            "duplicates": f"{outcome.duplicates:,}",
            "rejected": f"{outcome.rejected:,}",
        }
    )
    if outcome.rejects_file:
        lines.append(
            _(
                "The refused rows, masked, and their reasons are in %(file)s; each names its "
                "line in your file."
            )
            % {"file": outcome.rejects_file}
        )
    return View(notes=lines)


@app.command("complaints")
@command(view=_import_view)
def complaints(
    file: FILE,
    map_: MAP = None,
    date_order: Annotated[
        str,
        typer.Option(
            help="Order of day, month and year where it is unclear: ymd, ydm, dmy or mdy."
        ),
    ] = "",
    received: Annotated[
        str, typer.Option(help="Day of the rows without a date, like 2026-11-24.")
    ] = "",
    on: Annotated[
        str,
        typer.Option("--on", help="Day from which dates such as “2 months ago” count."),
    ] = "",
    zone: Annotated[str, typer.Option(help="Time zone of times that state none.")] = "",
    encoding: Annotated[
        str, typer.Option(help="Encoding of the file; found automatically if left out.")
    ] = "",
    source: Annotated[str, typer.Option(help="Name of the system the rows come from.")] = "",
    live: Annotated[
        bool, typer.Option("--live", help="Treat the complaints as new: deadlines start to run.")
    ] = False,
    desk: Annotated[
        str,
        typer.Option("--from", help="Help desk the file was exported from: zammad or osticket."),
    ] = "",
    entries: Annotated[
        Path | None, typer.Option(help="osTicket's thread entries: the messages of its tickets.")
    ] = None,
    rejects: Annotated[
        Path | None, typer.Option(help="File for the rows that are refused.")
    ] = None,
    preview: Annotated[
        bool, typer.Option("--preview", help="Show how the file is read; store nothing.")
    ] = False,
) -> ImportOutcome:
    """Import complaints as history with their ids, states and times; nothing is sent."""
    check_not_read(rejects, [file, entries])
    from django.conf import settings
    from django.utils import timezone

    from amends.entrances.feeds.complaints.import_file import (
        ImportWishes,
        import_complaints,
        preview_complaints,
    )
    from amends.entrances.feeds.helpdesks.exports import DESKS
    from amends.platform.tabular.date_order import UnableToReadDates
    from amends.platform.tabular.dates import ORDERS

    date_order = date_order.lower()  # notes write it large
    if date_order and date_order not in ORDERS:
        raise BadInput(
            _("--date-order is “%(given)s”; it can be %(known)s.")
            % {"given": date_order, "known": ", ".join(ORDERS)}
        )
    if desk and (desk not in DESKS or live):
        raise BadInput(
            _("--from is “%(given)s”; it can be one of %(known)s, and brings in history only.")
            % {"given": desk, "known": ", ".join(DESKS)},
            next_step=_("Leave --live out, or leave --from out for a table of your own."),
        )
    if entries and desk != "osticket":
        raise BadInput(
            _("--entries is a file of osTicket's thread entries; it goes with --from osticket."),
            next_step=_("Leave --entries out, or say --from osticket."),
        )
    wishes = ImportWishes(
        columns=columns_of(map_ or []),
        date_order=date_order or None,
        received=_day(received, "--received"),
        on=_day(on, "--on"),
        encoding=encoding,
        live=live,
        source=source or desk,
        desk=desk,
        entries=entries,
    )

    def run(wishes: ImportWishes) -> FileReport:
        at = _zone(zone or settings.TIME_ZONE)
        if preview:
            return preview_complaints(file, wishes=wishes, zone=at, now=timezone.now())
        with bar(_("Importing complaints")) as progress:
            return import_complaints(
                file,
                wishes=wishes,
                rejects=rejects or settings.DATA_DIR / "rejects" / f"{file.stem}.rejects.csv",
                zone=at,
                now=timezone.now(),
                progress=progress,
            )

    try:
        report = run(wishes)
    except UnableToReadDates as question:
        if json_asked() or not sys.stdin.isatty():
            raise
        typer.echo(question.translated(_)[0])
        choice = Choice(question.choices)
        order = typer.prompt(_("Which is it?"), type=choice, default=question.choices[0])
        report = run(replace(wishes, date_order=order))
    return _outcome(report)


@app.command("facts")
@command(view=_import_view)
def facts(file: FILE) -> ImportOutcome:
    """Append the facts of a feed; known rows change nothing."""
    from django.conf import settings
    from django.utils import timezone

    from amends.entrances.feeds.imports.facts import import_facts

    with bar(_("Appending facts")) as progress:
        report = import_facts(
            file,
            rejects=settings.DATA_DIR / "rejects" / f"{file.stem}.rejects.csv",
            now=timezone.now(),
            progress=progress,
        )
    return _outcome(report)


@app.command("posts")
@command(view=_import_view)
def posts(file: FILE) -> ImportOutcome:
    """Import posts of social media; they are counted apart from complaints and not answered."""
    from django.conf import settings
    from django.utils import timezone

    from amends.entrances.feeds.imports.posts import import_posts

    with bar(_("Reading posts")) as progress:
        report = import_posts(
            file,
            rejects=settings.DATA_DIR / "rejects" / f"{file.stem}.rejects.csv",
            zone=_zone(settings.TIME_ZONE),
            now=timezone.now(),
            progress=progress,
        )
    return _outcome(report)


@app.command("subscribers")
@command(view=_import_view)
def subscribers(
    file: FILE,
    out: Annotated[Path, typer.Option(help="CSV file to write: your keys and our pseudonyms.")],
    force: FORCE = False,
) -> ImportOutcome:
    """Register subscribers; personal data is encrypted at once."""
    check_output(out, force=force, inputs=[file])
    from django.conf import settings
    from django.utils import timezone

    from amends.entrances.feeds.imports.subscribers import import_subscribers

    with bar(_("Registering subscribers")) as progress:
        report = import_subscribers(
            file,
            rejects=settings.DATA_DIR / "rejects" / f"{file.stem}.rejects.csv",
            out=out,
            now=timezone.now(),
            progress=progress,
        )
    return _outcome(report)


@app.command("partners")
@command(view=_import_view)
def partners(file: FILE) -> ImportOutcome:
    """Register partners and their contracts; a known contract changes only by ending."""
    from django.conf import settings

    from amends.entrances.feeds.imports.partners import import_partners

    with bar(_("Registering partners")) as progress:
        report = import_partners(
            file,
            rejects=settings.DATA_DIR / "rejects" / f"{file.stem}.rejects.csv",
            zone=_zone(settings.TIME_ZONE),
            progress=progress,
        )
    return _outcome(report)


@app.command("services")
@command(view=_import_view)
def services(file: FILE) -> ImportOutcome:
    """Register own and third-party services with the partners of their chain."""
    from django.conf import settings
    from django.utils import timezone

    from amends.entrances.feeds.imports.services import import_services

    with bar(_("Registering services")) as progress:
        report = import_services(
            file,
            rejects=settings.DATA_DIR / "rejects" / f"{file.stem}.rejects.csv",
            now=timezone.now(),
            progress=progress,
        )
    return _outcome(report)


def _day(day_text: str, option: str) -> date | None:
    if not day_text:
        return None
    try:
        return parse_day(day_text)
    except ValueError as error:
        raise BadInput(
            _("%(option)s is “%(given)s”, which is no day.")
            % {"option": option, "given": day_text},
            next_step=_("Write it like 2026-11-24."),
        ) from error


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise BadInput(
            _("There is no time zone “%(name)s”.") % {"name": name},
            next_step=_("Name it like Asia/Shanghai."),
        ) from error


def _outcome(report: FileReport) -> ImportOutcome:
    """The outcome; a file of which every row was refused ends the command with its refusal."""
    if report.refusal:
        raise CheckFailed(report.outcome(), report.refusal)
    return report.outcome()
