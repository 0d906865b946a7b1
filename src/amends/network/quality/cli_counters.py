"""`amends quality degraded | forecast | cube | baselines | indicators`: what counters say."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from amends.platform.cli.command import CheckFailed, command
from amends.platform.cli.engine import ENGINE, MASTER, Engine, spark_session
from amends.platform.cli.language import gettext as _
from amends.platform.cli.language import language
from amends.platform.cli.outputs import FORCE, check_output
from amends.platform.cli.render import TableColumn, View
from amends.platform.kit.errors import BadInput, gettext_noop
from amends.platform.kit.formats import is_chinese
from amends.platform.tabular.exports import neutral_frame

if TYPE_CHECKING:
    from amends.network.quality.actions.find_degraded import DegradedCells
    from amends.network.quality.actions.forecast_file import PeakForecast
    from amends.network.quality.actions.read_counters import ColumnReading, CounterRows
    from amends.network.quality.actions.state_capacities import CapacitiesStated
    from amends.network.quality.actions.write_cube import CubeWritten
    from amends.network.quality.queries.indicators import IndicatorList

_COUNTERS = Annotated[
    Path,
    typer.Argument(
        help="CSV, Excel, JSON or Parquet: at, area, cell, kpi, value, and users if any; or at, "
        "area, cell and a column an indicator."
    ),
]
_HOLIDAYS = Annotated[
    str, typer.Option(help="Whose days off: cn, uk, us, au, in, eu-DE. If left out, of the pack.")
]


def _row_notes(rows: CounterRows) -> list[str]:
    """What became of rows that were not simply used."""
    counted_texts = (
        (rows.unreadable, _("Rows without time, cell, indicator or number: %(count)s")),
        (rows.impossible, _("Rows with an impossible value: %(count)s")),
        (rows.duplicates, _("Duplicate rows: %(count)s")),
        (rows.corrected, _("Rows that a later one corrects: %(count)s")),
        (rows.late, _("Late rows that were used: %(count)s")),
    )
    return [text % {"count": f"{count:,}"} for count, text in counted_texts if count]


def reading_notes(readings: Sequence[ColumnReading]) -> list[str]:
    """How each column of an indicator was read."""
    notes = []
    for reading in readings:
        words = {"column": reading.column, "indicator": reading.indicator, "unit": reading.unit}
        if reading.unit and reading.unit_stated:
            notes.append(_("Column “%(column)s” is read as %(indicator)s.") % words)
        elif reading.unit:
            notes.append(
                _(
                    "Column “%(column)s” is read as %(indicator)s in %(unit)s, as it names no unit."
                    " Put the unit into its name, such as “(kbps)”, if this is wrong."
                )
                % words
            )
        elif reading.worse == "high":
            notes.append(_("Column “%(column)s” is judged by its name: high is bad.") % words)
        elif reading.worse == "low":
            notes.append(_("Column “%(column)s” is judged by its name: low is bad.") % words)
    return notes


def _degraded_view(degraded_cells: DegradedCells) -> View:
    notes = [*_row_notes(degraded_cells.rows), *reading_notes(degraded_cells.readings)]
    if degraded_cells.not_judged:
        notes.append(
            _("Not judged, as their bad direction is unknown (--bad-when): %(kpis)s")
            % {"kpis": ", ".join(degraded_cells.not_judged)}
        )
    if degraded_cells.too_few_cells:
        notes.append(
            _("Fewer than 20 cells: a fault of one is hard to tell from what all have in common.")
        )
    return View(
        figures=(
            (_("Cells"), f"{degraded_cells.cells:,}"),
            (_("Samples"), f"{degraded_cells.samples:,}"),
            (_("Degraded stretches"), f"{degraded_cells.stretches:,}"),
            (
                _("False stretches expected per 1,000 cells and week"),
                f"{degraded_cells.expected_false_per_1000_cells_week:.2g}",
            ),
        ),
        notes=notes,
    )


@command(view=_degraded_view, tables=False)
def degraded(
    counters: _COUNTERS,
    out: Annotated[Path, typer.Option(help="CSV: cell, kpi, from, to, found_at, score.")],
    holidays: _HOLIDAYS = "",
    bad_when: Annotated[
        list[str] | None, typer.Option(help="KPI=high or KPI=low, of indicators of yours.")
    ] = None,
    force: FORCE = False,
) -> DegradedCells:
    """Find cells that are worse than their hour of the week lets expect."""
    from amends.network.quality.actions.find_degraded import find_degraded

    check_output(out, force=force, inputs=[counters])
    degraded_cells, table = find_degraded(
        counters, bad_when=_directions(bad_when or []), holidays=holidays
    )
    neutral_frame(table).write_csv(out)
    return degraded_cells


def _directions(pairs: list[str]) -> dict[str, Literal["high", "low"]]:
    directions: dict[str, Literal["high", "low"]] = {}
    for pair in pairs:
        kpi, _sign, direction = pair.partition("=")
        if not kpi or direction not in ("high", "low"):
            raise BadInput(
                gettext_noop("“%(pair)s” does not say when an indicator is bad."),
                next_step=gettext_noop("Write --bad-when latency_ms=high or --bad-when speed=low."),
                values={"pair": pair},
                where="--bad-when",
                code="unable_to_read_direction",
            )
        directions[kpi] = "high" if direction == "high" else "low"
    return directions


def _forecast_view(peak_forecast: PeakForecast) -> View:
    notes = _row_notes(peak_forecast.rows)
    if peak_forecast.too_short:
        notes.append(
            _("Too few days for a forecast: %(count)s") % {"count": peak_forecast.too_short}
        )
    if peak_forecast.no_counters:
        notes.append(
            _("With a capacity, without counters: %(count)s") % {"count": peak_forecast.no_counters}
        )
    return View(
        figures=(
            (_("Areas"), f"{peak_forecast.areas:,}"),
            (_("Forecasts"), f"{peak_forecast.forecasts:,}"),
            (_("Likely to pass their capacity"), f"{peak_forecast.passes:,}"),
        ),
        notes=notes,
    )


@command(view=_forecast_view, tables=False)
def forecast(
    counters: _COUNTERS,
    capacity: Annotated[Path, typer.Option(help="CSV: area, kpi, capacity.")],
    out: Annotated[Path, typer.Option(help="CSV: area, kpi, peak_at, p10, p50, p90, passes.")],
    holidays: _HOLIDAYS = "",
    force: FORCE = False,
) -> PeakForecast:
    """Forecast the peak of the next seven days by area, and which pass their capacity."""
    from amends.network.quality.actions.forecast_file import forecast_file

    check_output(out, force=force, inputs=[counters, capacity])
    peak_forecast, table = forecast_file(counters, capacity, holidays=holidays)
    neutral_frame(table).write_csv(out)
    return peak_forecast


def _cube_view(written: CubeWritten) -> View:
    return View(
        figures=(
            (_("Areas"), f"{written.areas:,}"),
            (_("Cells"), f"{written.cells:,}"),
            (_("Samples"), f"{written.rows.used:,}"),
            (_("Rows of the cube"), f"{written.cube_rows:,}"),
        ),
        notes=_row_notes(written.rows),
    )


@command(view=_cube_view, tables=False)
def cube(
    counters: Annotated[
        Path,
        typer.Argument(
            help="CSV, Excel, JSON or Parquet: at, area, cell, kpi, value, or a column an "
            "indicator; users, service, app, partner, device if any."
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            help="Parquet: area, cell, service, app, kpi, hour_of_week, samples, median, mad."
        ),
    ],
    engine: ENGINE = Engine.LOCAL,
    master: MASTER = "",
    force: FORCE = False,
) -> CubeWritten:
    """Write medians and MAD by area, cell, service, app and hour of the week."""
    from amends.network.quality.actions.write_cube import write_cube

    check_output(out, force=force, inputs=[counters])
    return write_cube(counters, out, spark=spark_session(engine, master))


@dataclass(frozen=True, slots=True)
class BaselinesWritten:
    """Baselines of the stored counters: of how many series, up to which sample; None of none."""

    series: int
    until: datetime | None
    seconds: float


def _baselines_view(written: BaselinesWritten) -> View:
    return View(
        figures=(
            (_("Series of a cell and an indicator"), f"{written.series:,}"),
            (_("Seconds"), f"{written.seconds:.0f}"),
        ),
        notes=() if written.until else [_("No counters are stored.")],
    )


@command(view=_baselines_view, tables=False)
def baselines(engine: ENGINE = Engine.LOCAL, master: MASTER = "") -> BaselinesWritten:
    """Write the baselines of stored counters now; the job does it after each import."""
    from django.conf import settings

    from amends.network.quality.actions.take_counters import bad_directions
    from amends.network.quality.actions.write_baselines import write_baselines
    from amends.network.quality.queries.counters import baselines_until
    from amends.platform.kit.packs import zone_of

    spark = spark_session(engine, master)
    began = time.perf_counter()
    series = write_baselines(bad_directions(), zone=zone_of(settings.JURISDICTION), spark=spark)
    seconds = round(time.perf_counter() - began, 1)
    return BaselinesWritten(series, baselines_until() if series else None, seconds)


def _capacities_view(stated_capacities: CapacitiesStated) -> View:
    notes = [
        _("Area not known: %(area)s") % {"area": area}
        for area in stated_capacities.unknown_areas[:20]
    ]
    notes += [
        _("The capacity of %(area)s is no share between 0 and 1.") % {"area": area}
        for area in stated_capacities.out_of_range[:20]
    ]
    if stated_capacities.other:
        notes.append(
            _("Rows of indicators other than utilisation_share: %(count)s")
            % {"count": f"{stated_capacities.other:,}"}
        )
    return View(
        figures=((_("Areas with a capacity"), f"{stated_capacities.stated:,}"),), notes=notes
    )


@command(view=_capacities_view, tables=False)
def capacities(
    file: Annotated[
        Path, typer.Argument(help="CSV: area, kpi (utilisation_share), capacity (0 to 1).")
    ],
) -> CapacitiesStated:
    """State what utilisation the cells of each area can bear, for the forecast of peaks."""
    from amends.network.quality.actions.state_capacities import state_capacities

    stated_capacities = state_capacities(file)
    if stated_capacities.unknown_areas or stated_capacities.out_of_range or stated_capacities.other:
        raise CheckFailed(stated_capacities)
    return stated_capacities


_WORSE = {"high": gettext_noop("high"), "low": gettext_noop("low"), "": ""}


def _indicators_view(indicator_list: IndicatorList) -> View:
    chinese = is_chinese(language())
    return View(
        columns=(
            TableColumn(_("Indicator code"), "code", whole=True),
            TableColumn(_("Indicator"), "zh" if chinese else "en"),
            TableColumn(_("Standard"), "standard"),
            TableColumn(_("Group"), "group"),
            TableColumn(_("Unit"), "unit"),
            TableColumn(_("Bad when"), "worse", lambda worse: _(_WORSE[worse])),
            TableColumn(_("Felt by"), "felt_by_zh" if chinese else "felt_by_en"),
        ),
        rows=indicator_list.indicators,
        notes=[_("Names of the standards are from memory; their tables were not read.")],
    )


@command(view=_indicators_view, tables=False)
def indicators() -> IndicatorList:
    """List the indicators of quality: how they are computed, when they are bad, who feels it."""
    from amends.network.quality.queries.indicators import known_indicators

    return known_indicators()
