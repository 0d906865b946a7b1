"""`amends complaints list | show | evidence`: the inbox, where one stands, its evidence."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from amends.cases.complaints.cli.handlers import complaint, reader
from amends.cases.complaints.rules.status import ComplaintStatus
from amends.platform.cli.codes import refuse_unknown
from amends.platform.cli.command import command
from amends.platform.cli.language import gettext as _
from amends.platform.cli.language import translate_sentence
from amends.platform.cli.render import TableColumn, View
from amends.platform.kit.errors import BadInput

if TYPE_CHECKING:
    from amends.platform.kit.actors import Actor

CODE = Annotated[str, typer.Argument(help="Tracking code of the complaint.")]
READER = Annotated[
    str,
    typer.Option(
        "--by",
        help="Name under which you sign in; if left out, the only handler, or your login name.",
    ),
]
_CLASS = {"serialization_alias": "class"}


@dataclass(frozen=True, slots=True)
class ListedComplaint:
    """A complaint in the inbox.

    complaint     its tracking code
    amount_minor  what is granted, in minor units of `currency`
    contacts      how many messages it joins
    """

    complaint: str
    state: str
    code: str = field(metadata=_CLASS)
    channel: str
    area: str
    urgent: bool
    identity: str
    verdict: str
    amount_minor: int
    currency: str
    next_step: str
    next_due_at: datetime | None
    received_at: datetime
    contacts: int


@dataclass(frozen=True, slots=True)
class InboxPage:
    """A page of the inbox; `after` is the cursor of the next one, empty for none."""

    complaints: list[ListedComplaint]
    after: str


@dataclass(frozen=True, slots=True)
class DossierAnswer:
    """A question of the dossier as code and in words, its answer, and what it rests on."""

    question: str
    asked: str
    answer: str
    found: str
    missing: str
    source: str
    facts: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintDetails(ComplaintStatus):
    """A complaint with its dossier; `dossier_refused` says why it may not be read."""

    dossier: list[DossierAnswer]
    dossier_refused: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenEvidence(ComplaintStatus):
    """A complaint whose evidence was written to `file`."""

    file: str


Status = TypeVar("Status", bound=ComplaintStatus)


def _inbox_view(inbox_page: InboxPage) -> View:
    from amends.cases.complaints.web.words import class_words, state_sign

    more = _("There are more: go on with --after %(cursor)s") % {"cursor": inbox_page.after}
    return View(
        columns=(
            TableColumn(_("Complaint"), "complaint", whole=True),
            TableColumn(_("State"), lambda listed: str(state_sign(listed.state).word)),
            TableColumn(_("Class"), lambda listed: class_words(listed.code)),
            TableColumn(_("Deadline"), lambda listed: _due(listed.next_step, listed.next_due_at)),
        ),
        rows=inbox_page.complaints,
        empty=_("There are none in this view."),
        notes=[more] if inbox_page.after else (),
    )


@command(view=_inbox_view)
def list_complaints(
    view: Annotated[
        str,
        typer.Option(
            help="open, late, escalated, today, person, approve, mine, wrote, unreached, "
            "enquiries, waiting, or closed."
        ),
    ] = "open",
    code: Annotated[str, typer.Option("--class", help="Only this class.")] = "",
    state: Annotated[str, typer.Option(help="Only this state.")] = "",
    channel: Annotated[str, typer.Option(help="Only what came on this channel.")] = "",
    area: Annotated[str, typer.Option(help="Only this area.")] = "",
    verdict: Annotated[str, typer.Option(help="Only this verdict.")] = "",
    issue: Annotated[str, typer.Option(help="Only of this hot issue, by its number, or any.")] = "",
    words: Annotated[
        str, typer.Option(help="A tracking code, a number, a mailbox or words, in all complaints.")
    ] = "",
    after: Annotated[str, typer.Option(help="Go on after the cursor of the last answer.")] = "",
    by: READER = "",
) -> InboxPage:
    """List a page of the inbox in the order of the next legal deadline, 25 at a time."""
    from django.utils import timezone

    from amends.cases.complaints.actions.record_search import note_search
    from amends.cases.complaints.queries.inbox import InboxFilter, page

    actor = reader(by)
    _refuse_unknown(code=code, state=state, channel=channel, area=area, verdict=verdict)
    wanted = InboxFilter(
        view=view,
        code=code,
        state=state,
        channel=channel,
        area=area,
        verdict=verdict,
        issue=issue,
        words=words,
        handler=actor.ref,
        brand=actor.brand,
    )
    now = timezone.now()
    inbox_page = page(wanted, now=now, after=after)
    note_search(inbox_page, actor=actor, now=now)
    rows = [
        ListedComplaint(
            complaint=row["code_public"],
            state=row["state"],
            code=row["code"],
            channel=row["channel"],
            area=row["area"],
            urgent=row["urgent"],
            identity=row["identity"],
            verdict=row["verdict"],
            amount_minor=row["amount_minor"],
            currency=row["currency"],
            next_step=row["next_step"],
            next_due_at=row["next_due_at"],
            received_at=row["received_at"],
            contacts=row["contacts_count"],
        )
        for row in inbox_page.rows
    ]
    return InboxPage(rows, inbox_page.after)


def _details_view(complaint_details: ComplaintDetails) -> View:
    from amends.cases.complaints.web.words import answer_sign

    lines = _status_lines(complaint_details)
    lines.append(
        complaint_details.dossier_refused
        or (_("Dossier:") if complaint_details.dossier else _("There is no dossier yet."))
    )
    for answer in complaint_details.dossier:
        lines.append(f"  {answer.asked}: {answer_sign(answer.question, answer.answer).word}")
        lines += [
            f"    {evidence_text}"
            for evidence_text in (answer.found, answer.missing)
            if evidence_text
        ]
    return View(notes=lines)


@command(view=_details_view)
def show(code: CODE, by: READER = "") -> ComplaintDetails:
    """Show where a complaint stands, what may be done, and its dossier; the look is recorded."""
    from django.utils import timezone

    from amends.cases.complaints.actions.investigate import dossier_now
    from amends.cases.complaints.queries.status import status_as
    from amends.cases.complaints.web.page import asked_rows
    from amends.people.access.refusals import UnableToAccess

    actor, now = reader(by), timezone.now()
    item = complaint(code, actor)
    rows, refused = [], ""
    if item.case:
        try:
            papers = dossier_now(item, actor=actor, now=now)
            rows = asked_rows(papers, None, customer_language=item.language)
        except UnableToAccess as why:
            refused = translate_sentence(why.what)
    dossier = [
        DossierAnswer(
            question=line.row.question,
            asked=str(line.question),
            answer=line.row.answer,
            found=line.found,
            missing=line.gap,
            source=line.row.source,
            facts=list(line.row.facts),
        )
        for line in rows
    ]
    return status_as(ComplaintDetails, item.id, dossier=dossier, dossier_refused=refused)


def status_lines(handled_complaint: ComplaintStatus) -> View:
    """Where the complaint stands."""
    return View(notes=_status_lines(handled_complaint))


def status_view(message: Callable[[Status], str]) -> Callable[[Status], View]:
    """A view that prints what was done, then where the complaint stands."""
    return lambda status: View(notes=[message(status), *_status_lines(status)])


def _written(written_evidence: WrittenEvidence) -> str:
    return _("%(file)s: unpack it and follow its readme.") % {"file": written_evidence.file}


@command(view=status_view(_written))
def evidence(
    actor: Actor,
    code: CODE,
    out: Annotated[Path, typer.Option(help="File to write; it must not exist.")],
) -> WrittenEvidence:
    """Write findings, letters and proofs to one ZIP file (mode 600); a look, and written down."""
    from django.utils import timezone

    from amends.cases.complaints.actions.regulator_file import evidence_file
    from amends.cases.complaints.queries.status import status_as
    from amends.cases.complaints.web.permissions import let_in

    if out.exists():
        raise BadInput(
            _("%(file)s is there already.") % {"file": out}, next_step=_("Choose another name.")
        )
    now = timezone.now()
    item = complaint(code, actor)
    let_in(item, actor, now=now)
    archive_bytes = evidence_file(item.id, now=now)
    with os.fdopen(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(archive_bytes)
    return status_as(WrittenEvidence, item.id, file=str(out))


def _status_lines(handled_complaint: ComplaintStatus) -> list[str]:
    from amends.cases.complaints.web.words import VERDICTS, class_words, move_words, state_sign
    from amends.people.access.web.signs import sign
    from amends.platform.kit.formats import format_money

    lines = [
        _("%(code)s: %(state)s, %(class)s; %(due)s")
        % {
            "code": handled_complaint.complaint,
            "state": state_sign(handled_complaint.state).word,
            "class": class_words(handled_complaint.code),
            "due": _due(handled_complaint.next_step, handled_complaint.next_due_at),
        }
    ]
    if handled_complaint.verdict:
        amount = (
            format_money(handled_complaint.amount_minor, handled_complaint.currency)
            if handled_complaint.amount_minor
            else ""
        )
        granted_text = f"{sign(VERDICTS, handled_complaint.verdict).word} {amount}".rstrip()
        lines.append(_("verdict: %(verdict)s") % {"verdict": granted_text})
    if handled_complaint.moves:
        named = ", ".join(f"{verb} ({move_words(verb)})" for verb in handled_complaint.moves)
        lines.append(_("moves: %(moves)s") % {"moves": named})
    return lines


def _due(step: str, due_at: datetime | None) -> str:
    """The step and its deadline in the time zone of the installation."""
    from django.utils import timezone

    from amends.cases.complaints.web.words import step_words

    if not due_at:
        return _("no clock runs")
    at = timezone.localtime(due_at)
    return _("%(step)s by %(at)s") % {"step": step_words(step), "at": f"{at:%Y-%m-%d %H:%M}"}


def _refuse_unknown(**filters: str) -> None:
    """Refuse a filter that nothing could pass."""
    from functools import partial

    from amends.cases.complaints.queries.inbox import is_met
    from amends.cases.complaints.web.words import VERDICTS, class_choices, state_choices
    from amends.channels.queries.capabilities import channel_titles
    from amends.record.catalogue.queries import areas

    codes_by_filter = {
        "code": [code for code, _label in class_choices()],
        "state": [code for code, _label in state_choices()],
        "channel": list(channel_titles()),
        "area": [area.code for area in areas()] if filters["area"] else [],
        "verdict": list(VERDICTS),
    }
    for name, code in filters.items():
        option = "--class" if name == "code" else f"--{name}"
        refuse_unknown(option, code, codes_by_filter[name], met=partial(is_met, name, code))
