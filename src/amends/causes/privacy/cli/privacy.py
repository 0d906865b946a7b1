"""`amends privacy`: review a service before launch, find misuse in looks at personal data."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from amends.causes.privacy.cli import data
from amends.platform.cli.command import CheckFailed, command
from amends.platform.cli.language import CHINESE, language
from amends.platform.cli.language import gettext as _
from amends.platform.cli.render import TableColumn, View
from amends.platform.kit.dates import parse_day
from amends.platform.kit.errors import BadInput, gettext_noop
from amends.platform.kit.json_in import read_json
from amends.platform.kit.time_limits import time_limit

app = typer.Typer(
    no_args_is_help=True, help="Review services before launch, and find misuse of personal data."
)

app.add_typer(data.app)
SHOWN = 40
VERDICTS = {
    "pass": gettext_noop("may start"),
    "conditions": gettext_noop("may start once the conditions are met"),
    "block": gettext_noop("must not start"),
}


@dataclass(frozen=True, slots=True)
class ReviewedFlow:
    """The verdict on a data flow (pass, conditions, block) in the reader's language."""

    id: str
    verdict: str
    threat: str
    why: str
    redesign: str
    rules: list[str]


@dataclass(frozen=True, slots=True)
class ServiceReview:
    """The verdict on a service; `blocking` are ids of flows."""

    service: str
    verdict: str
    blocking: list[str]
    flows: list[ReviewedFlow]
    rules: str


@dataclass(frozen=True, slots=True)
class AccessAlert:
    """A user whose accesses need a question.

    p         probability of as many by chance
    count     how many there were in `days` days, where `expected` are usual
    """

    user: str
    signal: str
    at: str
    p: float
    count: int
    expected: float
    days: int


@dataclass(frozen=True, slots=True)
class AccessAlerts:
    """The alerts in a log of accesses, the least likely first."""

    alerts: list[AccessAlert]
    looks: int
    users: int
    rejected: int
    seconds: float


@app.callback()
def _privacy() -> None:
    """Review services before launch, and find misuse of personal data."""


def _review_view(service_review: ServiceReview) -> View:
    lines = []
    for flow in service_review.flows:
        if flow.verdict != "pass":
            lines += [f"  {flow.id} ({flow.threat}): {flow.why}", f"    → {flow.redesign}"]
    return View(
        heading=f"{service_review.service}: {_(VERDICTS[service_review.verdict])}", notes=lines
    )


@app.command()
@command(view=_review_view, tables=False)
def review(
    file: Annotated[Path, typer.Argument(help="JSON: service, purpose and its data flows.")],
    on: Annotated[str, typer.Option(help="Day whose rules apply, such as 2026-11-29.")] = "",
) -> ServiceReview:
    """Judge the data flows of a service; ends with 1 where a flow blocks it."""
    from amends.causes.privacy.rules import review as rules

    try:
        document = read_json(file.read_bytes())
    except (ValueError, RecursionError) as error:
        raise rules.UnableToReview(
            gettext_noop("%(file)s is no JSON."),
            next_step=gettext_noop("See docs/privacy.md for the form of the file."),
            values={"file": file.name},
        ) from error
    judged = rules.review(rules.parse(document), on=_day(on))
    chinese = language() == CHINESE
    service_review = ServiceReview(
        service=judged.service,
        verdict=judged.verdict,
        blocking=list(judged.blocking),
        flows=[
            ReviewedFlow(
                id=flow.id,
                verdict=flow.verdict,
                threat=flow.threat,
                why=flow.why_zh if chinese else flow.why_en,
                redesign=flow.redesign_zh if chinese else flow.redesign_en,
                rules=list(flow.rules),
            )
            for flow in judged.flows
        ],
        rules=judged.rules,
    )
    if service_review.verdict == "block":
        raise CheckFailed(service_review)
    return service_review


def _alerts_view(access_alerts: AccessAlerts) -> View:
    from amends.causes.privacy.rules.signals import SIGNALS

    message = _("%(alerts)s alerts in %(looks)s looks; %(rejected)s rows could not be read.")
    counts = {
        "alerts": len(access_alerts.alerts),
        "looks": access_alerts.looks,
        "rejected": access_alerts.rejected,
    }
    return View(
        columns=(
            TableColumn(_("User"), "user", whole=True),
            TableColumn(_("Cause"), lambda alert: SIGNALS[alert.signal][language() != CHINESE]),
            TableColumn(_("When"), "at", whole=True),
            TableColumn(_("Count"), "count", "{:,}", right=True),
            TableColumn(_("Usual"), "expected", right=True),
            TableColumn(_("Days"), "days", right=True),
        ),
        rows=access_alerts.alerts[:SHOWN],
        notes=[message % {name: f"{count:,}" for name, count in counts.items()}],
    )


@app.command("access-alerts")
@command(view=_alerts_view, tables=False)
def access_alerts(
    looks: Annotated[
        Path, typer.Argument(help="CSV: at, user, role, team, subscriber, case, purpose.")
    ],
    cases: Annotated[
        Path | None,
        typer.Option(help="CSV: case, subscriber, opened_at, closed_at, opened_by."),
    ] = None,
) -> AccessAlerts:
    """List users whose looks at personal data need a question, one alert a user and cause."""
    began = time.perf_counter()
    from amends.causes.privacy.queries.files import read_looks, seconds_for
    from amends.causes.privacy.rules.alerts import access_alerts as alerts_of

    with time_limit(seconds_for(looks, cases)):
        read = read_looks(looks, cases)
        found_alerts = alerts_of(read.looks, read.cases)
    return AccessAlerts(
        alerts=[
            AccessAlert(
                user=alert.user,
                signal=alert.signal,
                at=alert.at.isoformat(timespec="seconds") + read.zone,
                p=alert.p,
                count=alert.count,
                expected=round(alert.expected, 2),
                days=alert.days,
            )
            for alert in found_alerts
        ],
        looks=len(read.looks),
        users=read.looks["user"].n_unique(),
        rejected=read.rejected,
        seconds=round(time.perf_counter() - began, 3),
    )


def _day(text: str) -> date:
    """The day whose rules apply; today where none is named."""
    if not text:
        return datetime.now().astimezone().date()
    try:
        return parse_day(text)
    except ValueError as error:
        raise BadInput(
            gettext_noop("%(given)s is no day."),
            next_step=gettext_noop("Write it as 2026-11-29."),
            values={"given": text},
            code="unable_to_read_day",
        ) from error
