"""`amends privacy`: review a service before launch, find misuse in looks at personal data."""

from __future__ import annotations

import json
import time
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from amends.cli.language import CHINESE, language
from amends.cli.language import gettext as _
from amends.kit.dates import parse_day
from amends.kit.errors import BadInput, gettext_noop
from amends.kit.time_limits import time_limit
from amends.privacy.cli import data

app = typer.Typer(
    no_args_is_help=True, help="Review services before launch, and find misuse of personal data."
)

app.add_typer(data.app)
JSON = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
SHOWN = 40
VERDICTS = {
    "pass": gettext_noop("may start"),
    "conditions": gettext_noop("may start once the conditions are met"),
    "block": gettext_noop("must not start"),
}


class UnableToReadDay(BadInput):
    """The day is not written as YYYY-MM-DD."""

    code = "unable_to_read_day"


@app.callback()
def _privacy() -> None:
    """Review services before launch, and find misuse of personal data."""


@app.command()
def review(
    file: Annotated[Path, typer.Argument(help="JSON: service, purpose and its data flows.")],
    on: Annotated[str, typer.Option(help="Day whose rules apply, such as 2026-11-29.")] = "",
    as_json: JSON = False,
) -> None:
    """Judge the data flows of a service; ends with 1 where a flow blocks it."""
    from amends.privacy.rules.review import UnableToReview, parse
    from amends.privacy.rules.review import review as reviewed

    try:
        document = json.loads(file.read_text("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise UnableToReview(
            gettext_noop("%(file)s is no JSON."),
            next_step=gettext_noop("See docs/privacy.md for the form of the file."),
            values={"file": file.name},
        ) from error
    found = reviewed(parse(document), on=_day(on))
    chinese = language() == CHINESE
    flows = [
        {
            "id": flow.id,
            "verdict": flow.verdict,
            "threat": flow.threat,
            "why": flow.why_zh if chinese else flow.why_en,
            "redesign": flow.redesign_zh if chinese else flow.redesign_en,
            "rules": list(flow.rules),
        }
        for flow in found.flows
    ]
    if as_json:
        document = {
            "service": found.service,
            "verdict": found.verdict,
            "blocking": found.blocking,
            "flows": flows,
            "rules": found.rules,
        }
        typer.echo(json.dumps(document, ensure_ascii=False))
    else:
        typer.echo(f"{found.service}: {_(VERDICTS[found.verdict])}")
        for flow in flows:
            if flow["verdict"] != "pass":
                typer.echo(f"  {flow['id']} ({flow['threat']}): {flow['why']}")
                typer.echo(f"    → {flow['redesign']}")
    if found.verdict == "block":
        raise typer.Exit(1)


@app.command("access-alerts")
def access_alerts(
    looks: Annotated[
        Path, typer.Argument(help="CSV: at, user, role, team, subscriber, case, purpose.")
    ],
    cases: Annotated[
        Path | None,
        typer.Option(help="CSV: case, subscriber, opened_at, closed_at, opened_by."),
    ] = None,
    as_json: JSON = False,
) -> None:
    """List users whose looks at personal data need a question, one alert a user and cause."""
    began = time.perf_counter()
    from amends.privacy.files import read_looks, seconds_for
    from amends.privacy.rules.alerts import access_alerts as alerts_of
    from amends.privacy.rules.signals import SIGNALS

    with time_limit(seconds_for(looks, cases)):
        read = read_looks(looks, cases)
        found = alerts_of(read.looks, read.cases)
    rows = [
        {
            "user": alert.user,
            "signal": alert.signal,
            "at": alert.at.isoformat(timespec="seconds") + read.zone,
            "p": alert.p,
            "count": alert.count,
            "expected": round(alert.expected, 2),
            "days": alert.days,
        }
        for alert in found
    ]
    if as_json:
        document = {
            "alerts": rows,
            "looks": len(read.looks),
            "users": read.looks["user"].n_unique(),
            "rejected": read.rejected,
            "seconds": round(time.perf_counter() - began, 3),
        }
        typer.echo(json.dumps(document, ensure_ascii=False))
        return
    table = Table(_("User"), _("Cause"), _("When"), _("Count"), _("Usual"), _("Days"))
    for row in rows[:SHOWN]:
        words = SIGNALS[str(row["signal"])][language() != CHINESE]
        table.add_row(
            str(row["user"]),
            words,
            str(row["at"]),
            str(row["count"]),
            str(row["expected"]),
            str(row["days"]),
        )
    Console().print(table)
    typer.echo(
        _("%(alerts)s alerts in %(looks)s looks; %(rejected)s rows could not be read.")
        % {"alerts": len(rows), "looks": len(read.looks), "rejected": read.rejected}
    )


def _day(given: str) -> date:
    """The day whose rules apply; today where none is named."""
    if not given:
        return datetime.now().astimezone().date()
    try:
        return parse_day(given)
    except ValueError as error:
        raise UnableToReadDay(
            gettext_noop("%(given)s is no day."),
            next_step=gettext_noop("Write it as 2026-11-29."),
            values={"given": given},
        ) from error
