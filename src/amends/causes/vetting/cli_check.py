"""`amends vetting check`: what an Android app does that harms users."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from amends.platform.cli.command import CheckFailed, command
from amends.platform.cli.language import gettext as _
from amends.platform.cli.language import pgettext
from amends.platform.cli.render import TableColumn, View


class AppTypeName(StrEnum):
    """Types of app by their names on the command line."""

    TOOL = "tool"
    FLASHLIGHT = "flashlight"
    CALCULATOR = "calculator"
    GAME = "game"
    VIDEO = "video"
    MUSIC = "music"
    MAP = "map"
    WALLET = "wallet"
    SHOP = "shop"
    NEWS = "news"
    CHAT = "chat"
    HEALTH = "health"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class FoundInApp:
    """A finding: its code, the articles and items it is about, where it was found, what to do."""

    code: str
    item: str
    severity: str
    evidence: str
    title: str
    why: str
    fix: str


@dataclass(frozen=True, slots=True)
class CheckedApp:
    """What `check` found in an app; `check` is the number under which it is stored."""

    package: str
    version: str
    target_sdk: int | None
    findings: list[FoundInApp]
    verdict: str
    seconds: float
    check: str
    rules: list[str]


def _view(checked_app: CheckedApp) -> View:
    from amends.causes.vetting.choices import AppFindingSeverity, AppVerdict

    verdict = AppVerdict(checked_app.verdict).label
    return View(
        heading=f"{checked_app.package} {checked_app.version}: {verdict}",
        columns=(
            TableColumn(
                _("Severity"), "severity", lambda severity: str(AppFindingSeverity(severity).label)
            ),
            TableColumn(pgettext("finding", "Code"), "code"),
            TableColumn(pgettext("finding of an app", "Found"), "evidence"),
            TableColumn(_("How to fix it"), "fix"),
        ),
        rows=checked_app.findings,
        notes=(_("Stored as %(check)s.") % {"check": checked_app.check},),
    )


@command(view=_view)
def check(
    file: Annotated[
        Path, typer.Argument(help="The app, a file .apk.", exists=True, dir_okay=False)
    ],
    type_: Annotated[
        AppTypeName | None,
        typer.Option("--type", help="What kind of app it is: decides what it may ask for."),
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option(
            help="An earlier version, whose certificate it must have.", exists=True, dir_okay=False
        ),
    ] = None,
    host: Annotated[list[str] | None, typer.Option(help="A host the app may name.")] = None,
    report: Annotated[
        list[Path] | None,
        typer.Option(help="JSON report of MobSF or Exodus on it.", exists=True, dir_okay=False),
    ] = None,
) -> CheckedApp:
    """Check an Android app: permissions, trackers, signature, transport, what it starts and loads.

    Ends with 1 where something must be corrected. The certificate of a first version is remembered.
    """
    from amends.causes.vetting.actions.check_file import check_file
    from amends.causes.vetting.queries.checks import finding_texts
    from amends.platform.kit.actors import system

    began = time.monotonic()
    row = check_file(
        file,
        app_type=type_.value if type_ else "",
        against=against,
        hosts=host or (),
        reports=report or (),
        actor=system("command line"),
        now=datetime.now().astimezone(),
    )
    checked_app = CheckedApp(
        package=row.package,
        version=row.version,
        target_sdk=row.target_sdk,
        findings=[
            FoundInApp(
                code=finding_text.code,
                item=finding_text.item,
                severity=finding_text.severity,
                evidence=finding_text.evidence,
                title=finding_text.title,
                why=finding_text.why,
                fix=finding_text.fix,
            )
            for finding_text in finding_texts(row)
        ],
        verdict=row.verdict,
        seconds=round(time.monotonic() - began, 3),
        check=row.ref,
        rules=row.rules,
    )
    if row.is_open:
        raise CheckFailed(checked_app)
    return checked_app
