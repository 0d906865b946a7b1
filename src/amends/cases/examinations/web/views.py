"""Self-examination on the desk: every process, its duties this quarter, what was found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy, ngettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from amends.cases.examinations.actions import examine
from amends.cases.examinations.models import ExaminationFinding, ExaminationStep
from amends.cases.examinations.queries import (
    findings_of,
    process_status,
    process_statuses,
    steps_of,
)
from amends.cases.examinations.rules.processes import quarter_of
from amends.cases.examinations.web.forms import (
    CheckForm,
    CorrectionForm,
    FindingForm,
    ProcessOwnerForm,
    RecheckForm,
)
from amends.causes.notices.texts.duties import duty_title, in_language, title_in_language
from amends.people.access.queries import may, roles_that_may
from amends.people.access.queries.colleagues import names_by_username, people
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages, refuse_form
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import AmendsError
from amends.platform.kit.formats import format_date
from amends.platform.kit.ids import random_id

WORDS = {
    "unchecked": ("bad", gettext_lazy("Not checked this quarter")),
    "overdue": ("bad", gettext_lazy("Re-check overdue")),
    "found": ("warn", gettext_lazy("Findings open")),
    "checked": ("ok", gettext_lazy("All duties checked")),
}
OUTCOMES = {
    "met": ("ok", gettext_lazy("met")),
    "finding": ("bad", gettext_lazy("not met")),
    "unknown": ("uncovered", gettext_lazy("not known")),
    "by_hand": ("info", gettext_lazy("examined by hand")),
}
STATES = {
    "open": ("bad", gettext_lazy("open")),
    "corrected": ("warn", gettext_lazy("corrected, awaiting re-check")),
    "closed": ("ok", gettext_lazy("closed")),
}
FOUND = {
    "coverage": ngettext_lazy(
        "%(figure)s of %(of)s notice was not sent in time.",
        "%(figure)s of %(of)s notices were not sent in time.",
        "of",
    ),
    "override": ngettext_lazy(
        "%(figure)s of %(of)s decision under this rule was overruled:",
        "%(figure)s of %(of)s decisions under this rule were overruled:",
        "of",
    ),
    "complaint": ngettext_lazy(
        "%(of)s complaint was decided under this rule:",
        "%(of)s complaints were decided under this rule:",
        "of",
    ),
}
SOURCES = {
    "coverage": gettext_lazy("Notices due"),
    "override": gettext_lazy("Overruled decisions"),
    "complaint": gettext_lazy("Complaints"),
    "person": gettext_lazy("A colleague"),
}
VERBS = {
    "owner": gettext_lazy("owner named"),
    "check": gettext_lazy("checked"),
    "found": gettext_lazy("finding written down"),
    "correct": gettext_lazy("corrected"),
    "held": gettext_lazy("re-checked: the correction holds"),
    "reopened": gettext_lazy("re-checked: open again"),
}


@requires("examination.read")
@refusals_as_pages
def examination(request: HttpRequest) -> HttpResponse:
    """Every process, those in red first."""
    today = timezone.localdate()
    statuses = process_statuses(today)
    names = people(
        process_status_row.owner for process_status_row in statuses if process_status_row.owner
    )
    context = {
        "now": timezone.now(),
        "quarter": quarter_of(today),
        "rows": [
            (
                process_status_row,
                in_language(process_status_row.process),
                names.get(process_status_row.owner, process_status_row.owner),
                *WORDS[process_status_row.check.word],
            )
            for process_status_row in statuses
        ],
        "red": sum(
            WORDS[process_status_row.check.word][0] == "bad" for process_status_row in statuses
        ),
    }
    return render(request, "examinations/examination.html", context)


@requires("examination.read")
@refusals_as_pages
def process(request: HttpRequest, process: str) -> HttpResponse:
    """One process: duties, checks, findings, steps, and what may be done."""
    return _process_page(request, process)


def _process_page(
    request: HttpRequest,
    process: str,
    refused: Form | None = None,
    finding_id: str = "",
    code: int = 200,
) -> HttpResponse:
    """The page; `refused` is a form with errors, of a finding where `finding_id` says so."""
    actor, today = actor_of(request), timezone.localdate()
    status = process_status(process, today)
    if status is None:
        raise examine.UnableToFindProcess(
            _("There is no such process in the register."), next_step=_("Choose one from the list.")
        )
    findings, steps = findings_of(process), steps_of(process)
    named = {step.said.partition(" ")[0] for step in steps if step.verb == "owner"}
    names = people({status.owner, *(step.by for step in steps), *named} - {""})
    context: dict[str, Any] = {
        "now": timezone.now(),
        "today": today,
        "one": status,
        "words": in_language(status.process),
        "owner": names.get(status.owner, status.owner),
        "tone": WORDS[status.check.word][0],
        "said": WORDS[status.check.word][1],
        "duties": [
            (
                title_in_language(duty),
                in_language(duty),
                duty,
                status.checks.get(duty.family),
                OUTCOMES.get(outcome.outcome)
                if (outcome := status.checks.get(duty.family))
                else None,
            )
            for duty in status.process.duties
        ],
        "findings": [
            (
                finding,
                SOURCES.get(finding.source, finding.source),
                *STATES[finding.state],
                _what(finding),
                duty_title(finding.duty, today) if finding.duty else "",
                refused if finding.id == finding_id else _finding_form(finding),
            )
            for finding in findings
        ],
        "steps": [
            (step, VERBS.get(step.verb, step.verb), names.get(step.by, step.by), _said(step, names))
            for step in steps
        ],
        "refused": refused,
        "check_form": _shown(refused, CheckForm) or CheckForm(auto_id="id_check_%s"),
        "finding_form": _shown(refused, FindingForm) or FindingForm(auto_id="id_finding_%s"),
        "owner_form": _shown(refused, ProcessOwnerForm)
        or ProcessOwnerForm(owners=_owners(actor), initial={"from": today}, auto_id="id_owner_%s"),
        "may_check": may(actor.roles, "examination.check"),
        "may_correct": may(actor.roles, "examination.correct"),
    }
    return render(request, "examinations/process.html", context, status=code)


def _shown(refused: Form | None, kind: type[Form]) -> Form | None:
    return refused if isinstance(refused, kind) else None


def _finding_form(finding: ExaminationFinding) -> Form:
    kind = RecheckForm if finding.state == "corrected" else CorrectionForm
    return kind(auto_id=f"id_{finding.id}_%s")


def _owners(actor: Actor) -> dict[str, str]:
    """Username → name of colleagues who may answer for a process."""
    return names_by_username(roles_that_may("examination.read"), brand=actor.brand)


def _what(examination_finding: ExaminationFinding) -> str:
    """What the figures of a finding say; "" for what a colleague wrote."""
    template = FOUND.get(examination_finding.source)
    return (
        template % {"figure": examination_finding.figure, "of": examination_finding.of}
        if template and examination_finding.of
        else ""
    )


def _said(examination_step: ExaminationStep, names: Mapping[str, str]) -> str:
    """What was said of a step; of a new owner: who it is, and from when."""
    owner, _space, day = examination_step.said.partition(" ")
    if examination_step.verb != "owner" or not day:
        return examination_step.said
    since = format_date(date.fromisoformat(day), get_language() or "")
    return _("%(owner)s from %(day)s on") % {"owner": names.get(owner, owner), "day": since}


@require_POST
@requires("examination.check")
@refusals_as_pages
def check(request: HttpRequest, process: str) -> HttpResponse:
    """Compare the process with its duties now."""

    def carry_out(cleaned: dict[str, Any], actor: Actor, now: datetime) -> str:
        results = examine.check_process(process, note=cleaned["note"], actor=actor, now=now)
        failed = sum(result.outcome == "finding" for result in results)
        return _("Duties checked: %(n)s; not met: %(failed)s.") % {
            "n": len(results),
            "failed": failed,
        }

    return _answered(request, process, CheckForm(request.POST, auto_id="id_check_%s"), carry_out)


CarryOut = Callable[[dict[str, Any], Actor, datetime], str]


def _answered(
    request: HttpRequest, process: str, form: Any, carry_out: CarryOut, finding_id: str = ""
) -> HttpResponse:
    """Carry out with the cleaned data, or show the page with the errors of the form."""
    code = 400
    if form.is_valid():
        try:
            message = carry_out(form.cleaned_data, actor_of(request), timezone.now())
        except AmendsError as error:
            code = refuse_form(form, error, form.refusal_field)
        else:
            messages.success(request, message)
            return redirect("process", process)
    return _process_page(request, process, form, finding_id, code)


@require_POST
@requires("examination.check")
@refusals_as_pages
def owner(request: HttpRequest, process: str) -> HttpResponse:
    """Set the colleague who answers for the process."""
    owners = _owners(actor_of(request))

    def carry_out(cleaned: dict[str, Any], actor: Actor, now: datetime) -> str:
        username = cleaned["owner"]
        since = cleaned["from"] or timezone.localdate()
        examine.assign_owner(process, username, from_date=since, actor=actor, now=now)
        return _("%(name)s answers for this process.") % {"name": owners[username]}

    form = ProcessOwnerForm(request.POST, owners=owners, auto_id="id_owner_%s")
    return _answered(request, process, form, carry_out)


@require_POST
@requires("examination.correct")
@refusals_as_pages
def finding(request: HttpRequest, process: str) -> HttpResponse:
    """Store a finding of a colleague."""

    def carry_out(cleaned: dict[str, Any], actor: Actor, now: datetime) -> str:
        text = cleaned["words"]
        if len(text) < examine.SHORTEST:
            raise examine.UnableToUnderstand(
                _("The note says too little."), next_step=_("Write in a sentence what is wrong.")
            )
        new = examine.NewFinding(random_id("find"), process, "person", words=text)
        examine.note_findings([new], actor=actor, now=now)
        return _("The finding is written down.")

    form = FindingForm(request.POST, auto_id="id_finding_%s")
    return _answered(request, process, form, carry_out)


@require_POST
@requires("examination.correct")
@refusals_as_pages
def correct_finding(request: HttpRequest, finding: str) -> HttpResponse:
    """Record a correction."""

    def carry_out(cleaned: dict[str, Any], actor: Actor, now: datetime) -> str:
        what, on = cleaned["what"], cleaned["on"]
        examine.correct(finding, what=what, recheck_on=on, actor=actor, now=now)
        return _("The correction is recorded; it will be re-checked.")

    form = CorrectionForm(request.POST, auto_id=f"id_{finding}_%s")
    return _answered(request, _process_of(finding), form, carry_out, finding)


@require_POST
@requires("examination.check")
@refusals_as_pages
def recheck_finding(request: HttpRequest, finding: str) -> HttpResponse:
    """Record the re-check of a correction."""

    def carry_out(cleaned: dict[str, Any], actor: Actor, now: datetime) -> str:
        note, holds_now = cleaned["note"], cleaned["held"] == "yes"
        row = examine.recheck(finding, note=note, holds_now=holds_now, actor=actor, now=now)
        if row.state == "closed":
            return _("It holds; the finding is closed.")
        return _("It does not hold; the finding is open once more.")

    form = RecheckForm(request.POST, auto_id=f"id_{finding}_%s")
    return _answered(request, _process_of(finding), form, carry_out, finding)


def _process_of(finding: str) -> str:
    row = ExaminationFinding.objects.filter(id=finding).first()
    if row is None:
        raise examine.UnableToFindProcess(
            _("There is no such process in the register."), next_step=_("Choose one from the list.")
        )
    return row.process
