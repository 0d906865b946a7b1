"""`amends publicity`: adverts held against the key facts of offers."""

from __future__ import annotations

import dataclasses
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from amends.causes.publicity.rules.check import Checker
from amends.causes.publicity.rules.findings import Finding
from amends.causes.publicity.rules.rulebook import Rulebook
from amends.platform.cli.command import CheckFailed, command
from amends.platform.cli.language import CHINESE, language, ngettext
from amends.platform.cli.language import gettext as _
from amends.platform.cli.render import TableColumn, View
from amends.platform.kit.dates import parse_day
from amends.platform.kit.errors import BadInput
from amends.platform.tabular.report import of_all
from amends.platform.tabular.tables import Reject

if TYPE_CHECKING:
    from amends.causes.publicity.actions.watch_pages import PageAdded, PagesFetched

app = typer.Typer(no_args_is_help=True, help="Check adverts against the key facts of offers.")
SHOWN = 200
_SHOWN_REJECTS = 20


class UnableToReadCopyDay(BadInput):
    """The text is not a day."""


@app.callback()
def _publicity() -> None:
    """Check adverts against the key facts of offers."""


@dataclass(frozen=True, slots=True)
class CopyFinding:
    """What an advert says and what the record of its offer says.

    severity    block, warn, unsure or advice
    start, end  place in the text; both 0 where something is missing from it
    rule        id of the rule that demands it
    title       by language; empty where a person must look
    instead     wording to use instead; empty for none
    """

    copy: str
    offer: str
    code: str
    severity: str
    field: str
    said: str
    is_: str = dataclasses.field(metadata={"serialization_alias": "is"})
    start: int
    end: int
    rule: str
    title: dict[str, str]
    instead: str


@dataclass(frozen=True, slots=True)
class RejectedLine:
    """A row of a file that was refused, and why."""

    file: str
    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class CopyCheck:
    """How many adverts and offers were read, the findings, and the ids of blocked adverts."""

    copies: int
    offers: int
    findings: list[CopyFinding]
    blocked: list[str]
    seconds: float
    rejects: list[RejectedLine]


def _check_view(checked: CopyCheck) -> View:
    unsure = _("A person must look at this.")
    chinese = language() == CHINESE

    def title(finding: CopyFinding) -> str:
        return f"{finding.code} · {finding.title.get('zh' if chinese else 'en', unsure)}"

    counts = Counter(finding.severity for finding in checked.findings)
    summary = _(
        "%(copies)s copies, %(offers)s offers: %(blocked)s blocked, %(warn)s need proof, "
        "%(unsure)s to look at."
    )
    return View(
        columns=(
            TableColumn(_("Copy"), "copy"),
            TableColumn(_("Finding"), title),
            TableColumn(_("It says"), "said"),
            TableColumn(_("Record"), "is_"),
        ),
        rows=checked.findings[:SHOWN],
        notes=[
            summary
            % {
                "copies": f"{checked.copies:,}",
                "offers": f"{checked.offers:,}",
                "blocked": f"{len(checked.blocked):,}",
                "warn": f"{counts['warn']:,}",
                "unsure": f"{counts['unsure']:,}",
            }
        ],
        warnings=_rejected_lines(checked.rejects),
    )


def _rejected_lines(rejects: list[RejectedLine]) -> list[str]:
    if not rejects:
        return []
    sentence = ngettext(
        "%(count)s row was refused; the others were checked.",
        "%(count)s rows were refused; the others were checked.",
        len(rejects),
    )
    return [
        sentence % {"count": f"{len(rejects):,}"},
        *(f"  {reject.line}: {reject.reason}" for reject in rejects[:_SHOWN_REJECTS]),
    ]


@app.command()
@command(view=_check_view, tables=False)
def check(
    copies: Annotated[Path, typer.Argument(help="CSV, Excel, JSON lines or a JSON list.")],
    offers: Annotated[Path, typer.Option(help="Key facts of the offers: same forms, or TMF620.")],
    on: Annotated[str, typer.Option(help="Day of copies that name none: 2026-11-29.")] = "",
) -> CopyCheck:
    """Say where COPIES contradict their offers, hide a condition, or use banned wording."""
    from amends.causes.publicity.queries import chosen_jurisdiction
    from amends.causes.publicity.queries.files import read_copies, read_offers
    from amends.causes.publicity.queries.rulebook import rulebook_on

    began = time.monotonic()
    day = _day(on)
    known_offers, refused_offers = read_offers(offers)
    published, refused = read_copies(copies)
    _need_one(known_offers, refused_offers)
    _need_one(published, refused)
    rulebook = rulebook_on(day)
    own = chosen_jurisdiction()
    judged = Checker(known_offers, rulebook, jurisdiction=own).check_all(published, on=day)
    offer_of = {copy.id: copy.offer for copy in published}
    checked = CopyCheck(
        copies=len(published),
        offers=len(known_offers),
        findings=[
            _finding(finding, rulebook, copy, offer_of[copy])
            for copy, ones in judged.items()
            for finding in ones
        ],
        blocked=[
            copy
            for copy, ones in judged.items()
            if any(finding.severity == "block" for finding in ones)
        ],
        seconds=round(time.monotonic() - began, 3),
        rejects=[
            RejectedLine(file.name, reject.line, reject.translated(_))
            for file, rejects in ((copies, refused), (offers, refused_offers))
            for reject in rejects
        ],
    )
    if any(finding.severity in ("block", "warn") for finding in checked.findings):
        raise CheckFailed(checked)
    return checked


def _finding(finding: Finding, rulebook: Rulebook, copy: str, offer: str) -> CopyFinding:
    return CopyFinding(
        copy=copy,
        offer=finding.offer or offer,
        code=finding.code,
        severity=finding.severity,
        field=finding.field,
        said=finding.said,
        is_=finding.is_,
        start=finding.start,
        end=finding.end,
        rule=rulebook.rule_id(finding.code),
        title=rulebook.title(finding.code),
        instead=finding.instead,
    )


@dataclass(frozen=True, slots=True)
class RefusedCopyRow:
    """A row that was refused, and why."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class RegisteredOffers:
    """How many offers were read, how many new versions were recorded, and what was refused."""

    offers: int
    versions: int
    rejects: list[RefusedCopyRow]


def _registered_view(registered: RegisteredOffers) -> View:
    sentence = _("%(offers)s offers read, %(versions)s new versions recorded.")
    return View(
        notes=[
            sentence % {"offers": f"{registered.offers:,}", "versions": f"{registered.versions:,}"}
        ],
        columns=(TableColumn(_("Row"), "line", right=True), TableColumn(_("Reason"), "reason")),
        rows=registered.rejects[:_SHOWN_REJECTS],
    )


@app.command()
@command(view=_registered_view)
def register(
    offers: Annotated[Path, typer.Argument(help="CSV, Excel, JSON lines, a JSON list, or TMF620.")],
) -> RegisteredOffers:
    """Record the key facts of OFFERS; a change makes a new version, and earlier ones stay."""
    from django.utils import timezone

    from amends.causes.publicity.actions.register_offers import register_offers
    from amends.causes.publicity.queries.files import read_offers
    from amends.platform.kit.actors import Actor

    read_rows, refused = read_offers(offers)
    _need_one(read_rows, refused)
    version_count = register_offers(
        read_rows, actor=Actor("system", "shell", ("manager",)), now=timezone.now()
    )
    rejects = [RefusedCopyRow(reject.line, reject.translated(_)) for reject in refused]
    return RegisteredOffers(len(read_rows), version_count, rejects)


@app.command()
@command(view=lambda _page: View(notes=[_("The page is watched.")]))
def watch(
    url: Annotated[str, typer.Argument(help="Address of a page of your own.")],
    offer: Annotated[str, typer.Option(help="Id of the offer it speaks of.")] = "",
    channel: Annotated[str, typer.Option(help="Channel it belongs to.")] = "web",
) -> PageAdded:
    """Put a page on the list of those that are fetched and checked; no other page ever is."""
    from amends.causes.publicity.actions.watch_pages import watch as watch_page
    from amends.platform.kit.actors import Actor

    actor = Actor("system", "shell", ("manager",))
    return watch_page(url, offer=offer, channel=channel, actor=actor)


def _fetched_view(fetched: PagesFetched) -> View:
    sentence = _("%(pages)s pages fetched, %(new)s new wordings, %(failed)s could not be fetched.")
    counts = {"pages": fetched.pages, "new": fetched.new, "failed": fetched.failed}
    return View(notes=[sentence % {name: f"{count:,}" for name, count in counts.items()}])


@app.command()
@command(view=_fetched_view)
def fetch() -> PagesFetched:
    """Fetch the watched pages now and check what they say."""
    from django.utils import timezone

    from amends.causes.publicity.actions.watch_pages import fetch_pages

    fetched = fetch_pages(now=timezone.now())
    if fetched.failed:
        raise CheckFailed(fetched)
    return fetched


def _day(text: str) -> date:
    try:
        return parse_day(text) if text else datetime.now().astimezone().date()
    except ValueError as error:
        raise UnableToReadCopyDay(
            _("“%(text)s” is not a day.") % {"text": text},
            where="--on",
            next_step=_("Write it as 2026-11-29."),
        ) from error


def _need_one(used: Sequence[object], refused: Sequence[Reject]) -> None:
    """Refuse a file of which every row was refused."""
    if refused and not used:
        raise of_all(refused, _)
