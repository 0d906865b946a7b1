"""`amends quality alarms | incidents | cells`: signs of faults in, incidents out."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from amends.network.quality.cli_counters import reading_notes
from amends.platform.cli.command import CheckFailed, command
from amends.platform.cli.language import gettext as _
from amends.platform.cli.language import ngettext
from amends.platform.cli.render import TableColumn, View
from amends.platform.kit.errors import BadInput, gettext_noop

if TYPE_CHECKING:
    from amends.network.quality.actions.read_prometheus import PrometheusRead
    from amends.network.quality.actions.take_counters import CountersTaken
    from amends.network.quality.actions.take_signs import AlarmsTaken
    from amends.network.quality.queries.incidents import IncidentList, IncidentSummary

_MOST_ROWS = 1_000_000
_ALARM_COLUMNS = frozenset({"alarm", "at"})
_CELL_COLUMNS = frozenset({"cell", "area"})
_CHANGE_COLUMNS = frozenset({"at", "area", "kind", "what"})


def _taken_view(intake: AlarmsTaken) -> View:
    notes = [f"{location}: {why}" for location, why in list(intake.refused.items())[:20]]
    notes += [
        ngettext(
            "Area or cell not known: %(name)s (%(count)s alarm).",
            "Area or cell not known: %(name)s (%(count)s alarms).",
            count,
        )
        % {"name": name, "count": count}
        for name, count in sorted(intake.unknown_areas.items())
    ]
    return View(
        figures=(
            (_("Reports"), intake.received),
            (_("new"), intake.new),
            (_("repeated"), intake.repeated),
            (_("cleared"), intake.cleared),
            (_("refused"), len(intake.refused)),
            (_("incidents opened"), ", ".join(map(str, intake.opened))),
            (_("incidents ended"), ", ".join(map(str, intake.ended))),
        ),
        notes=notes,
    )


@command(view=_taken_view)
def alarms(
    file: Annotated[
        Path,
        typer.Argument(
            help="CSV (alarm, at, area or cell; kind, cause, severity, technology, cleared_at), "
            "or JSON of Alertmanager's webhook or of TMF642."
        ),
    ],
    source: Annotated[str, typer.Option(help="The system that raised them.")] = "file",
) -> AlarmsTaken:
    """Take alarms of the network; each alarm counts once, however often it is reported."""
    from zoneinfo import ZoneInfo

    from django.conf import settings
    from django.utils import timezone

    from amends.network.quality.actions.take_signs import take_alarms
    from amends.network.quality.rules.alarms import read_document, read_rows
    from amends.platform.kit.actors import system
    from amends.platform.kit.json_in import read_json
    from amends.platform.kit.packs import zone_of

    now, zone = timezone.now(), ZoneInfo(zone_of(settings.JURISDICTION))
    try:
        body = file.read_text(encoding="utf-8-sig")
        if file.suffix.lower() == ".json" or body.lstrip()[:1] in ("{", "["):
            reading = read_document(read_json(body), zone=zone, now=now)
        else:
            reading = read_rows(_rows(body, _ALARM_COLUMNS), zone=zone, now=now)
    except (OSError, ValueError, csv.Error) as error:
        raise BadInput(
            gettext_noop("The file cannot be read (%(why)s)."),
            meaning=gettext_noop("Nothing was recorded."),
            next_step=gettext_noop("Give CSV with a header row, or a JSON document."),
            values={"why": str(error)[:200]},
            where=str(file),
            code="alarm_file_unreadable",
        ) from error
    by = system("quality")
    intake = take_alarms(reading.alarms, source=source, refused=reading.refused, by=by, now=now)
    if intake.refused or intake.unknown_areas:
        raise CheckFailed(intake)
    return intake


def _rows(body: str, needed: frozenset[str]) -> list[dict[str, str]]:
    """The rows of a CSV text; ValueError where it has none, or lacks a column."""
    rows = list(csv.DictReader(body.splitlines(), restkey="", restval=""))
    if not rows or not needed <= set(rows[0]):
        raise ValueError(f"no rows with the columns {', '.join(sorted(needed))}")
    return rows[:_MOST_ROWS]


def _incidents_view(listing: IncidentList) -> View:
    from amends.network.quality.incident_choices import IncidentKind, IncidentState

    def where(row: IncidentSummary) -> str:
        return ", ".join(row.areas)

    unknown = listing.unknown_alarms
    return View(
        columns=(
            TableColumn(_("No."), "number", right=True),
            TableColumn(_("State"), "state", lambda state: str(IncidentState(state).label)),
            TableColumn(_("Kind"), "kind", lambda kind: str(IncidentKind(kind).label)),
            TableColumn(_("Areas"), where),
            TableColumn(_("started"), "started_at", "{:%Y-%m-%d %H:%M}"),
            TableColumn(_("affected"), lambda row: row.affected.count, "{:.0f}", right=True),
            TableColumn(_("complaints"), "complaints", right=True),
            TableColumn(_("notified"), "notified", right=True),
            TableColumn(_("credits"), "credited", right=True),
        ),
        rows=listing.incidents,
        empty=_("No incident of the network is on record."),
        notes=[
            ngettext(
                "%(count)s alarm has an unknown area.",
                "%(count)s alarms have an unknown area.",
                unknown,
            )
            % {"count": unknown}
        ]
        if unknown
        else (),
    )


@command(view=_incidents_view)
def incidents(
    state: Annotated[
        str, typer.Option(help="Only this state: suspected, open, ended, merged, dismissed.")
    ] = "",
    follow: Annotated[
        bool,
        typer.Option(
            "--follow", help="First join complaints, notify, credit and end, as the jobs do."
        ),
    ] = False,
) -> IncidentList:
    """List incidents of the network: affected users, complaints, notices and credits of each."""
    from django.utils import timezone

    from amends.network.quality.jobs.follow_incidents import follow_incidents, join_newcomers
    from amends.network.quality.queries.incidents import incident_list

    now = timezone.now()
    if follow:
        join_newcomers(now=now)
        follow_incidents(now=now)
    return incident_list(now=now, state=state)


@dataclass(frozen=True, slots=True)
class CellsPlaced:
    """Cells of a file: new, moved to another area, unchanged; line → reason of the refused."""

    rows: int
    new: int
    moved: int
    unchanged: int
    refused: dict[str, str]


def _cells_view(placed: CellsPlaced) -> View:
    return View(
        figures=(
            (_("rows"), placed.rows),
            (_("new"), placed.new),
            (_("moved"), placed.moved),
            (_("unchanged"), placed.unchanged),
            (_("refused"), len(placed.refused)),
        ),
        notes=[f"{location}: {why}" for location, why in list(placed.refused.items())[:20]],
    )


@command(view=_cells_view)
def cells(
    file: Annotated[
        Path,
        typer.Argument(help="CSV: cell, area; technology, renamed_from, since."),
    ],
) -> CellsPlaced:
    """State where cells are: alarms and counters name cells, complaints come from areas."""
    from django.utils import timezone

    from amends.network.quality.actions.place_cells import CellRow, place_cells

    now = timezone.now()
    try:
        rows = _rows(file.read_text(encoding="utf-8-sig"), _CELL_COLUMNS)
    except (OSError, ValueError, csv.Error) as error:
        raise BadInput(
            gettext_noop("The file cannot be read (%(why)s)."),
            meaning=gettext_noop("Nothing was recorded."),
            next_step=gettext_noop("Give CSV with a header row: cell, area."),
            values={"why": str(error)[:200]},
            where=str(file),
            code="alarm_file_unreadable",
        ) from error
    cell_rows, refused = [], {}
    for number, row in enumerate(rows, start=2):
        try:
            since = datetime.fromisoformat(row["since"]) if row.get("since") else now
            cell_rows.append(
                CellRow(
                    place=str(number),
                    code=(row.get("cell") or "").strip(),
                    area=(row.get("area") or "").strip(),
                    technology=(row.get("technology") or "").strip() or "all",
                    renamed_from=(row.get("renamed_from") or "").strip(),
                    since=since if since.tzinfo else timezone.make_aware(since),
                )
            )
        except ValueError as error:
            refused[str(number)] = str(error)
    placement = place_cells(cell_rows)
    placed_cells = CellsPlaced(
        rows=len(rows),
        new=placement.new,
        moved=placement.moved,
        unchanged=placement.unchanged,
        refused=refused | placement.refused,
    )
    if placed_cells.refused:
        raise CheckFailed(placed_cells)
    return placed_cells


def _counters_view(intake: CountersTaken) -> View:
    return View(
        figures=(
            (_("days stored"), intake.days),
            (_("new cells"), intake.new_cells),
            (_("moved cells"), intake.moved),
            (_("degraded stretches, new"), intake.stretches),
            (_("incidents opened"), ", ".join(map(str, intake.opened))),
            (_("incidents ended"), ", ".join(map(str, intake.ended))),
        ),
        notes=[
            *reading_notes(intake.readings),
            *(
                _("Area not known of cell %(cell)s.") % {"cell": cell}
                for cell in intake.unknown_cells[:20]
            ),
        ],
    )


@command(view=_counters_view)
def counters(
    file: Annotated[
        Path | None,
        typer.Argument(
            help="CSV, Excel, JSON or Parquet: at, area, cell, kpi, value, or a column an "
            "indicator; users, service, app, partner, device if any."
        ),
    ] = None,
    technology: Annotated[str, typer.Option(help="Access technology of these cells.")] = "all",
    own_tests: Annotated[
        bool,
        typer.Option("--own-tests", help="Instead of a file, the speed tests of the last 42 days."),
    ] = False,
) -> CountersTaken:
    """Store counters of cells, find what is degraded in them, and open or end its incidents."""
    from django.utils import timezone

    from amends.network.quality.actions.take_counters import take_counters
    from amends.network.quality.actions.take_own_tests import take_own_tests
    from amends.platform.kit.actors import system

    if (file is None) != own_tests:
        raise BadInput(
            gettext_noop("Counters are read either from a file or from speed tests."),
            meaning=gettext_noop("Nothing was stored."),
            next_step=gettext_noop("Specify a file or --own-tests."),
            code="unable_to_read_counters",
        )
    now = timezone.now()
    if file is None:
        return take_own_tests(now=now)
    return take_counters(file, technology=technology, by=system("quality"), now=now)


def _prometheus_view(prometheus_report: PrometheusRead) -> View:
    return View(
        figures=(
            (_("samples read"), prometheus_report.samples),
            (_("samples used"), prometheus_report.used),
            (_("series without a cell"), prometheus_report.nameless),
            (_("values that are no number"), prometheus_report.nothing),
            (_("incidents opened"), ", ".join(map(str, prometheus_report.opened))),
            (_("incidents ended"), ", ".join(map(str, prometheus_report.ended))),
        )
    )


@command(view=_prometheus_view)
def prometheus() -> PrometheusRead:
    """Read counters from the Prometheus server that AMENDS_PROMETHEUS_FILE describes, once."""
    from django.utils import timezone

    from amends.network.quality.actions.read_prometheus import (
        UnableToReadPrometheus,
        read_configured,
    )
    from amends.platform.kit.actors import system

    prometheus_report = read_configured(by=system("quality"), now=timezone.now())
    if prometheus_report is None:
        raise UnableToReadPrometheus(
            gettext_noop("No Prometheus server is configured."),
            next_step=gettext_noop("Describe it in a TOML file and name it in %(name)s."),
            values={"name": "AMENDS_PROMETHEUS_FILE"},
        )
    return prometheus_report


@dataclass(frozen=True, slots=True)
class ChangesTaken:
    """Changes of a file: new, known before, and refused by line with the reason."""

    rows: int
    new: int
    known: int
    refused: dict[str, str]


def _changes_view(intake: ChangesTaken) -> View:
    return View(
        figures=(
            (_("rows"), intake.rows),
            (_("new"), intake.new),
            (_("unchanged"), intake.known),
            (_("refused"), len(intake.refused)),
        ),
        notes=[f"{location}: {why}" for location, why in list(intake.refused.items())[:20]],
    )


@command(view=_changes_view)
def changes(
    file: Annotated[
        Path,
        typer.Argument(
            help="CSV: at, area, kind (work, launch, firmware, weather, other), what; cell."
        ),
    ],
) -> ChangesTaken:
    """Record what was changed in the network, and the weather: shown where an area is red."""
    from zoneinfo import ZoneInfo

    from django.conf import settings

    from amends.network.quality.actions.take_changes import take_changes
    from amends.platform.kit.packs import zone_of

    try:
        rows = _rows(file.read_text(encoding="utf-8-sig"), _CHANGE_COLUMNS)
    except (OSError, ValueError, csv.Error) as error:
        raise BadInput(
            gettext_noop("The file cannot be read (%(why)s)."),
            meaning=gettext_noop("Nothing was recorded."),
            next_step=gettext_noop("Give CSV with a header row: at, area, kind, what."),
            values={"why": str(error)[:200]},
            where=str(file),
            code="alarm_file_unreadable",
        ) from error
    new, known_count, refused = take_changes(rows, zone=ZoneInfo(zone_of(settings.JURISDICTION)))
    intake = ChangesTaken(rows=len(rows), new=new, known=known_count, refused=refused)
    if refused:
        raise CheckFailed(intake)
    return intake
