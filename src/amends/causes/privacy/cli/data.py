"""`amends privacy`, what needs the database: the record, exports, campaigns, honeytokens."""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from amends.platform.cli.command import CheckFailed, command
from amends.platform.cli.language import CHINESE, language, pgettext
from amends.platform.cli.language import gettext as _
from amends.platform.cli.render import View
from amends.platform.kit.errors import BadInput, gettext_noop
from amends.platform.kit.printable import printable
from amends.platform.tabular.exports import write_csv

if TYPE_CHECKING:
    from amends.causes.privacy.queries.processing import ProcessingRecord
    from amends.causes.privacy.queries.statistics import PrivacyStatistics
    from amends.platform.kit.actors import Actor

app = typer.Typer(no_args_is_help=True)


@dataclass(frozen=True, slots=True)
class ExportedRows:
    """A marked table for one recipient; `cost` is its part of the day's budget."""

    export: str
    rows: int
    cost: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ExportedCounts:
    """Counts of groups; those of fewer than `k` people are `hidden`."""

    groups: int
    k: int
    hidden: int


@dataclass(frozen=True, slots=True)
class FoundExport:
    """An export whose mark is in a table.

    marked_rows  rows of the table with its mark
    order        agreement of the order of its rows, 0 to 1
    """

    export: str
    recipient: str
    by: str
    at: datetime
    marked_rows: int
    order: float


@dataclass(frozen=True, slots=True)
class FoundExports:
    """The exports a table may come from, the most likely first."""

    exports: list[FoundExport]


@dataclass(frozen=True, slots=True)
class PostedCampaign:
    """People on a list, those of them who agreed, and messages that were posted."""

    named: int
    agreed: int
    posted: int


@dataclass(frozen=True, slots=True)
class PlacedHoneytokens:
    """How many invented subscribers were registered."""

    placed: int


def _processing_view(processing_record: ProcessingRecord) -> View:
    chinese = language() == CHINESE
    lines = []
    for row in processing_record.activities:
        retention = row.retention_zh if chinese else row.retention_en
        if row.retention_days:
            retention_values = {"kept": retention, "days": row.retention_days}
            retention = _("%(kept)s, %(days)s days") % retention_values
        recipients = row.recipients_zh if chinese else row.recipients_en
        lines += [
            row.purpose_zh if chinese else row.purpose_en,
            f"  {row.categories_zh if chinese else row.categories_en}",
            f"  {retention}",
            f"  {recipients} ({row.legal_basis})",
        ]
    undeclared = _("%(name)s is not declared.")
    return View(
        notes=lines,
        warnings=[undeclared % {"name": printable(name)} for name in processing_record.undeclared],
    )


@app.command()
@command(view=_processing_view)
def processing() -> ProcessingRecord:
    """Print the record of processing; ends with 1 where a personal column is not declared."""
    from django.utils import timezone

    from amends.causes.privacy.queries import processing as queries

    record = queries.record_of_processing(queries.processing(timezone.now()))
    if record.undeclared:
        raise CheckFailed(record)
    return record


def _export_view(exported_rows: ExportedRows | ExportedCounts) -> View:
    message = (
        _("%(groups)s groups, %(hidden)s of them not told because of k = %(k)s.")
        if isinstance(exported_rows, ExportedCounts)
        else _("%(export)s: %(rows)s rows, marked; it counts %(cost)s of the day.")
    )
    return View(notes=[message % asdict(exported_rows)])


@app.command()
@command(view=_export_view)
def export(
    actor: Actor,
    file: Annotated[Path, typer.Argument(help="Table of personal data: CSV or XLSX.")],
    recipient: Annotated[str, typer.Option(help="Who gets it.")],
    purpose: Annotated[str, typer.Option(help="What for.")],
    out: Annotated[Path, typer.Option(help="CSV to write; it must not exist.")],
    group_by: Annotated[str, typer.Option(help="Only counts by this column, none below k.")] = "",
) -> ExportedRows | ExportedCounts:
    """Write a table for one recipient: within the day's budget, with that recipient's watermark."""
    from django.utils import timezone

    from amends.causes.privacy.actions.export_table import aggregate, export_table
    from amends.platform.tabular.tables import read_table

    table, now = read_table(file), timezone.now()
    if group_by:
        groups, k = aggregate(table.header, table.rows, group_by, now=now)
        rows = [[name, "" if count is None else str(count)] for name, count in groups]
        _write(out, [[group_by, "people"], *rows])
        return ExportedCounts(len(groups), k, sum(count is None for _name, count in groups))
    _check_absent(out)
    export_result = export_table(
        table.header, table.rows, recipient=recipient, purpose=purpose, actor=actor, now=now
    )
    _write(out, list(csv.reader(export_result.text.splitlines())))
    return ExportedRows(
        export=export_result.row.ref,
        rows=export_result.row.rows,
        cost=export_result.row.cost,
        sha256=export_result.row.sha256,
    )


def _found_view(found_exports: FoundExports) -> View:
    message = _("%(export)s for %(recipient)s, by %(by)s on %(at)s: %(marked_rows)s marked rows.")
    return View(
        notes=[
            message % (asdict(exported) | {"at": exported.at.isoformat(timespec="seconds")})
            for exported in found_exports.exports
        ],
        warnings=() if found_exports.exports else [_("No mark of an export is in this table.")],
    )


@app.command("watermark-find")
@command(view=_found_view)
def watermark_find(
    file: Annotated[Path, typer.Argument(help="A table that was found: CSV or XLSX.")],
) -> FoundExports:
    """Tell whose export a found table is; ends with 1 where no mark is in it."""
    from amends.causes.privacy.actions.export_table import whose
    from amends.platform.tabular.tables import read_table

    export_matches = FoundExports(
        [
            FoundExport(
                export=row.ref,
                recipient=row.handed_to,
                by=row.by,
                at=row.at.replace(microsecond=0),
                marked_rows=mark_match.marked,
                order=round(mark_match.order, 3),
            )
            for row, mark_match in whose(read_table(file).rows)
        ]
    )
    if not export_matches.exports:
        raise CheckFailed(export_matches)
    return export_matches


def _campaign_view(posted_campaign: PostedCampaign) -> View:
    message = _("Named: %(named)s, agreed: %(agreed)s, posted: %(posted)s.")
    return View(notes=[message % asdict(posted_campaign)])


@app.command()
@command(view=_campaign_view)
def campaign(
    actor: Actor,
    name: Annotated[str, typer.Argument(help="Short name of the campaign; twice sends once.")],
    file: Annotated[Path, typer.Argument(help="CSV with the column subscriber.")],
    purpose: Annotated[str, typer.Option(help="What people agreed to, such as marketing.")],
    zh: Annotated[str, typer.Option(help="The text in Chinese.")],
    en: Annotated[str, typer.Option(help="The text in English.")],
) -> PostedCampaign:
    """Post a campaign to those of a list who agreed; asked again just before each is sent."""
    from django.utils import timezone

    from amends.causes.privacy.actions.post_campaign import post_campaign

    people = _column(file, "subscriber")
    posted = post_campaign(name, purpose, people, (zh, en), actor=actor, now=timezone.now())
    return PostedCampaign(posted.named, posted.agreed, posted.posted)


def _honeytokens_view(placed_honeytokens: PlacedHoneytokens) -> View:
    return View(notes=[_("%(n)s honeytokens are in place.") % {"n": placed_honeytokens.placed}])


@app.command()
@command(view=_honeytokens_view)
def honeytokens(
    actor: Actor,
    file: Annotated[Path, typer.Argument(help="CSV of invented people: name, phone.")],
) -> PlacedHoneytokens:
    """Register invented subscribers, on numbers given to nobody; a look at one is an alert."""
    from django.utils import timezone

    from amends.causes.privacy.actions.honeytokens import place
    from amends.people.subscribers.actions.register import NewSubscriber

    names, phones = _column(file, "name"), _column(file, "phone")
    people = [
        NewSubscriber(name=bait_name, phone=phone)
        for bait_name, phone in zip(names, phones, strict=True)
    ]
    return PlacedHoneytokens(len(place(people, actor=actor, now=timezone.now())))


def _statistics_view(privacy_statistics: PrivacyStatistics) -> View:
    def by(counts: Mapping[str, object]) -> str:
        return ", ".join(f"{name} {count}" for name, count in counts.items())

    precision = {name: f"{hit}/{of}" for name, (hit, of) in privacy_statistics.precision.items()}
    return View(
        figures=(
            (_("Cases"), privacy_statistics.cases),
            (pgettext("misuse case", "Open"), privacy_statistics.open),
            (pgettext("misuse case", "Decisions"), by(privacy_statistics.decisions)),
            (_("Median days to decide"), privacy_statistics.median_days_to_decide),
            (_("Appeals"), privacy_statistics.appeals),
            (_("Overturned"), privacy_statistics.overturned),
            (_("Misuse of the cases decided, by signal"), by(precision)),
            (pgettext("rights", "Requests"), by(privacy_statistics.requests)),
            (_("Requests answered"), privacy_statistics.requests_answered),
            (_("Answered late"), privacy_statistics.requests_late),
            (_("Incidents"), privacy_statistics.incidents),
            (_("Drills"), privacy_statistics.drills),
        )
    )


@app.command()
@command(view=_statistics_view)
def statistics(
    days: Annotated[int, typer.Option(min=1, help="Of so many days.")] = 91,
) -> PrivacyStatistics:
    """Count case files, decisions, appeals, requests and incidents."""
    from django.utils import timezone

    from amends.causes.privacy.queries.statistics import statistics as figures

    now = timezone.now()
    return figures(now - timedelta(days=days), now)


def _column(file: Path, name: str) -> list[str]:
    from amends.platform.tabular.tables import read_table

    table = read_table(file)
    if name not in table.header:
        raise BadInput(
            gettext_noop("%(file)s has no column %(name)s."),
            next_step=gettext_noop("Name it in the header row."),
            values={"file": file.name, "name": name},
            code="unable_to_use_file",
        )
    return table.column(name)


def _check_absent(out: Path) -> None:
    if out.exists():
        raise BadInput(
            gettext_noop("%(file)s is there already."),
            next_step=gettext_noop("Choose another name."),
            values={"file": out},
            code="unable_to_use_file",
        )


def _write(out: Path, rows: list[list[str]]) -> None:
    _check_absent(out)
    handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as target:
        write_csv(target, rows[0], rows[1:])
