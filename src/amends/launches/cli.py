"""`amends launches`: assess a launch from a file, write its template, check a formula."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from amends.cli.language import gettext as _
from amends.cli.language import spoken
from amends.cli.outputs import FORCE, check_output
from amends.cli.start import start
from amends.kit.printable import printable
from amends.kit.time_limits import time_limit

app = typer.Typer(no_args_is_help=True, help="Assess what is launched before users have it.")
_FILE = typer.Argument(exists=True, dir_okay=False, readable=True)
_JSON = typer.Option("--json", help="Print one JSON document.")
ASSESS_WITHIN_S = 60
CALCULATE_WITHIN_S = 15


@app.command()
def assess(
    file: Annotated[Path, _FILE],
    seed: Annotated[int, typer.Option(min=0, help="Seed of the draws.")] = 1,
    draws: Annotated[int, typer.Option(min=100, max=200_000, help="How many draws.")] = 10_000,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Assess a launch from JSON or the workbook; ends with 1 where the verdict is no."""
    began = time.monotonic()
    start(tables=False)
    from django.utils import timezone

    from amends.launches.files import read_case
    from amends.launches.gates import gates_of, is_installed
    from amends.launches.prices import price_of
    from amends.launches.rules import assess as rules

    installed = is_installed()
    case = read_case(file, price_of if installed else None)
    offer = case["case"][0]["offer"]
    gates = gates_of(offer) if installed and offer else {}
    limits = rules.limits_on(timezone.localdate())
    with time_limit(ASSESS_WITHIN_S):
        document = rules.assess(case, limits=limits, gates=gates, draws=draws, seed=seed)
    document["seconds"] = round(time.monotonic() - began, 3)
    if as_json:
        typer.echo(json.dumps(document, ensure_ascii=False))
    else:
        _print(document)
    if document["verdict"] == "no":
        raise typer.Exit(1)


@app.command()
def reading(
    offer: Annotated[str, typer.Argument(help="Offer of a live launch.")],
    trigger: Annotated[str, typer.Argument(help="cost_per_user or busy_hour_load.")],
    value: Annotated[float, typer.Argument(help="What billing or the network measured.")],
) -> None:
    """Record a measured value that the stop-loss of a live launch is held against."""
    start()
    from django.utils import timezone

    from amends.launches.actions.record_reading import record_reading

    record_reading(offer, trigger, value, now=timezone.now())
    typer.echo(_("Recorded. The stop-loss compares it within a minute."))


@app.command()
def template(
    file: Annotated[Path, typer.Argument(dir_okay=False, help="Workbook to write, .xlsx.")],
    force: FORCE = False,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Write a workbook to fill in: sheets explained, an example, what earlier launches brought."""
    start(tables=False)
    from amends.launches.gates import is_installed
    from amends.launches.queries import lessons_learned
    from amends.launches.rules.sheets import SHEETS
    from amends.launches.workbook import write_template

    check_output(file, force=force)
    write_template(file, _, lessons_learned() if is_installed() else None)
    if as_json:
        sheets = [sheet.name for sheet in SHEETS]
        typer.echo(json.dumps({"file": str(file), "sheets": sheets}, ensure_ascii=False))
    else:
        typer.echo(
            _("%(file)s is written. Fill it in, then assess it.") % {"file": printable(file)}
        )


@app.command()
def spreadsheet(
    file: Annotated[Path, _FILE],
    out: Annotated[Path, typer.Argument(dir_okay=False, help="Workbook to write, .xlsx.")],
    force: FORCE = False,
    as_json: Annotated[bool, _JSON] = False,
) -> None:
    """Write a case as a workbook whose formulas calculate its months, value and payback."""
    start(tables=False)
    from amends.launches.files import read_case
    from amends.launches.gates import is_installed
    from amends.launches.prices import price_of
    from amends.launches.spreadsheet import write_spreadsheet

    check_output(out, force=force)
    write_spreadsheet(read_case(file, price_of if is_installed() else None), out)
    if as_json:
        typer.echo(json.dumps({"file": str(out)}, ensure_ascii=False))
    else:
        typer.echo(
            _("%(file)s is written. Its formulas follow what you change.")
            % {"file": printable(out)}
        )


@app.command()
def formula(file: Annotated[Path, _FILE], as_json: Annotated[bool, _JSON] = False) -> None:
    """Calculate published formulas from a list of {"f": NAME, argument: value, …}."""
    from amends.launches.files import read_json
    from amends.launches.rules.formulas import calculate

    rows = read_json(file)
    with time_limit(CALCULATE_WITHIN_S):
        results = calculate(rows)
    if as_json:
        typer.echo(json.dumps({"results": results}))
        return
    for row, result in zip(rows, results, strict=True):
        typer.echo(f"{row['f']}: {result['value']}")
        for warning in result["warnings"]:
            typer.echo("  " + spoken(warning))


def _print(document: dict[str, Any]) -> None:
    from amends.kit.money import format_amount
    from amends.launches.words import VERDICTS

    def money(name: str) -> str:
        return format_amount(document[name], document["currency"])

    typer.echo(f"{document['launch']}: {_(VERDICTS[document['verdict']])}")
    months, rate = document["payback_months"], document["irr"]
    rows = [
        (_("Net present value"), money("npv")),
        (_("Internal rate of return a year"), "–" if rate is None else f"{rate:.1%}"),
        (_("Payback in months"), "–" if months is None else f"{months}"),
        (_("Lowest cash"), money("cash_low")),
        ("P10 / P50 / P90", " / ".join(money(one) for one in ("p10", "p50", "p90"))),
        (_("Probability of a loss"), f"{document['probability_of_loss']:.1%}"),
    ]
    for words, figure in rows:
        typer.echo(f"  {words}: {figure}")
    for title, name in (
        (_("Reasons"), "reasons"),
        (_("Conditions"), "conditions"),
        (_("Warnings"), "warnings"),
    ):
        if document[name]:
            typer.echo(title)
            for sentence in document[name]:
                typer.echo("  " + spoken(sentence))
