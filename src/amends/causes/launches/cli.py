"""`amends launches`: assess a launch from a file, write its template, check a formula."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from amends.platform.cli.command import CheckFailed, command
from amends.platform.cli.language import gettext as _
from amends.platform.cli.language import translate_sentence
from amends.platform.cli.outputs import FORCE, check_output
from amends.platform.cli.render import View
from amends.platform.kit.printable import printable
from amends.platform.kit.time_limits import time_limit

app = typer.Typer(no_args_is_help=True, help="Assess what is launched before users have it.")
_FILE = typer.Argument(exists=True, dir_okay=False, readable=True)
ASSESS_WITHIN_S = 60
CALCULATE_WITHIN_S = 15


@dataclass(frozen=True, slots=True)
class RecordedReading:
    """A measured value that the stop-loss of a launch is compared with."""

    offer: str
    trigger: str
    value: float


@dataclass(frozen=True, slots=True)
class WrittenTemplate:
    """A workbook to fill in, and the names of its sheets."""

    file: str
    sheets: list[str]


@dataclass(frozen=True, slots=True)
class WrittenSpreadsheet:
    """A workbook whose formulas calculate a case."""

    file: str


@dataclass(frozen=True, slots=True)
class FormulaResult:
    """The value of a formula; None where it has none."""

    value: Any
    warnings: list[str]


@dataclass(frozen=True, slots=True)
class FormulaResults:
    """The values in the order of the file."""

    results: list[FormulaResult]


def _assessment_view(assessment: dict[str, Any]) -> View:
    from amends.causes.launches.texts import VERDICTS
    from amends.platform.kit.money import format_amount

    def money(name: str) -> str:
        return format_amount(assessment[name], assessment["currency"])

    months, rate = assessment["payback_months"], assessment["irr"]
    lines = []
    for title, name in (
        (_("Reasons"), "reasons"),
        (_("Conditions"), "conditions"),
        (_("Warnings"), "warnings"),
    ):
        if assessment[name]:
            lines += [
                title,
                *("  " + translate_sentence(sentence) for sentence in assessment[name]),
            ]
    return View(
        heading=f"{assessment['launch']}: {_(VERDICTS[assessment['verdict']])}",
        figures=(
            (_("Net present value"), money("npv")),
            (_("Internal rate of return a year"), None if rate is None else f"{rate:.1%}"),
            (_("Payback in months"), months),
            (_("Lowest cash"), money("cash_low")),
            (
                "P10 / P50 / P90",
                " / ".join(money(percentile) for percentile in ("p10", "p50", "p90")),
            ),
            (_("Probability of a loss"), f"{assessment['probability_of_loss']:.1%}"),
        ),
        notes=lines,
    )


@app.command()
@command(view=_assessment_view, tables=False)
def assess(
    file: Annotated[Path, _FILE],
    seed: Annotated[int, typer.Option(min=0, help="Seed of the draws.")] = 1,
    draws: Annotated[int, typer.Option(min=100, max=200_000, help="How many draws.")] = 10_000,
) -> dict[str, Any]:
    """Assess a launch from JSON or the workbook; ends with 1 where the verdict is no."""
    began = time.monotonic()
    from django.utils import timezone

    from amends.causes.launches.queries.files import read_case
    from amends.causes.launches.queries.gates import gates_of, is_installed
    from amends.causes.launches.queries.prices import price_of
    from amends.causes.launches.rules import assess as rules

    installed = is_installed()
    case = read_case(file, price_of if installed else None)
    offer = case["case"][0]["offer"]
    gates = gates_of(offer) if installed and offer else {}
    limits = rules.limits_on(timezone.localdate())
    with time_limit(ASSESS_WITHIN_S):
        document = rules.assess(case, limits=limits, gates=gates, draws=draws, seed=seed)
    document["seconds"] = round(time.monotonic() - began, 3)
    if document["verdict"] == "no":
        raise CheckFailed(document)
    return document


def _reading_view(recorded_reading: RecordedReading) -> View:
    return View(notes=[_("Recorded. The stop-loss compares it within a minute.")])


@app.command()
@command(view=_reading_view)
def reading(
    offer: Annotated[str, typer.Argument(help="Offer of a live launch.")],
    trigger: Annotated[str, typer.Argument(help="cost_per_user or busy_hour_load.")],
    value: Annotated[float, typer.Argument(help="What billing or the network measured.")],
) -> RecordedReading:
    """Record a measured value that the stop-loss of a live launch is held against."""
    from django.utils import timezone

    from amends.causes.launches.actions.record_reading import record_reading

    record_reading(offer, trigger, value, now=timezone.now())
    return RecordedReading(offer, trigger, value)


def _template_view(written_template: WrittenTemplate) -> View:
    message = _("%(file)s is written. Fill it in, then assess it.")
    return View(notes=[message % {"file": printable(written_template.file)}])


@app.command()
@command(view=_template_view, tables=False)
def template(
    file: Annotated[Path, typer.Argument(dir_okay=False, help="Workbook to write, .xlsx.")],
    force: FORCE = False,
) -> WrittenTemplate:
    """Write a workbook to fill in: sheets explained, an example, what earlier launches brought."""
    from amends.causes.launches.queries import lessons_learned
    from amends.causes.launches.queries.gates import is_installed
    from amends.causes.launches.queries.workbook import write_template
    from amends.causes.launches.rules.sheets import SHEETS

    check_output(file, force=force)
    write_template(file, _, lessons_learned() if is_installed() else None)
    return WrittenTemplate(str(file), [sheet.name for sheet in SHEETS])


def _spreadsheet_view(written_spreadsheet: WrittenSpreadsheet) -> View:
    message = _("%(file)s is written. Its formulas follow what you change.")
    return View(notes=[message % {"file": printable(written_spreadsheet.file)}])


@app.command()
@command(view=_spreadsheet_view, tables=False)
def spreadsheet(
    file: Annotated[Path, _FILE],
    out: Annotated[Path, typer.Argument(dir_okay=False, help="Workbook to write, .xlsx.")],
    force: FORCE = False,
) -> WrittenSpreadsheet:
    """Write a case as a workbook whose formulas calculate its months, value and payback."""
    from amends.causes.launches.queries.files import read_case
    from amends.causes.launches.queries.gates import is_installed
    from amends.causes.launches.queries.prices import price_of
    from amends.causes.launches.queries.spreadsheet import write_spreadsheet

    check_output(out, force=force)
    write_spreadsheet(read_case(file, price_of if is_installed() else None), out)
    return WrittenSpreadsheet(str(out))


def _formula_view(formula_results: FormulaResults) -> View:
    lines = []
    for number, formula_result in enumerate(formula_results.results, start=1):
        lines += [
            f"{number}. {formula_result.value}",
            *("  " + translate_sentence(warning) for warning in formula_result.warnings),
        ]
    return View(notes=lines)


@app.command()
@command(view=_formula_view, tables=False)
def formula(file: Annotated[Path, _FILE]) -> FormulaResults:
    """Calculate published formulas from a list of {"f": NAME, argument: value, …}."""
    from amends.causes.launches.queries.files import read_json
    from amends.causes.launches.rules.formulas import calculate

    rows = read_json(file)
    with time_limit(CALCULATE_WITHIN_S):
        results = calculate(rows)
    return FormulaResults([FormulaResult(**result) for result in results])
