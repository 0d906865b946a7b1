"""Self-examination on the desk: every process, its duties this quarter, what was found."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.contrib import messages
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
from amends.causes.notices.texts.duties import duty_title, in_language, title_in_language
from amends.people.access.queries import may
from amends.people.access.queries.colleagues import people
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages
from amends.platform.kit.dates import parse_day
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
            )
            for finding in findings
        ],
        "steps": [
            (step, VERBS.get(step.verb, step.verb), names.get(step.by, step.by), _said(step, names))
            for step in steps
        ],
        "may_check": may(actor.roles, "examination.check"),
        "may_correct": may(actor.roles, "examination.correct"),
    }
    return render(request, "examinations/process.html", context)


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
    """Hold the process against its duties now."""
    note = request.POST.get("note", "")
    check_results = examine.check_process(
        process, note=note, actor=actor_of(request), now=timezone.now()
    )
    failed = sum(check_result.outcome == "finding" for check_result in check_results)
    messages.success(
        request,
        _("Duties checked: %(n)s; not met: %(failed)s.")
        % {"n": len(check_results), "failed": failed},
    )
    return redirect("process", process)


@require_POST
@requires("examination.check")
@refusals_as_pages
def owner(request: HttpRequest, process: str) -> HttpResponse:
    """Name who answers for the process."""
    name = request.POST.get("owner", "").strip()
    since = _day(request.POST.get("from", "")) or timezone.localdate()
    examine.assign_owner(
        process, name, from_date=since, actor=actor_of(request), now=timezone.now()
    )
    messages.success(request, _("%(name)s answers for this process.") % {"name": name})
    return redirect("process", process)


@require_POST
@requires("examination.correct")
@refusals_as_pages
def finding(request: HttpRequest, process: str) -> HttpResponse:
    """Write down what a colleague found."""
    text = request.POST.get("words", "").strip()
    if len(text) < examine.SHORTEST:
        raise examine.UnableToUnderstand(
            _("The note says too little."), next_step=_("Write in a sentence what is wrong.")
        )
    new = examine.NewFinding(random_id("find"), process, "person", words=text)
    examine.note_findings([new], actor=actor_of(request), now=timezone.now())
    messages.success(request, _("The finding is written down."))
    return redirect("process", process)


@require_POST
@requires("examination.correct")
@refusals_as_pages
def correct_finding(request: HttpRequest, finding: str) -> HttpResponse:
    """Say what was corrected."""
    finding_row = examine.correct(
        finding,
        what=request.POST.get("what", ""),
        recheck_on=_day(request.POST.get("on", "")),
        actor=actor_of(request),
        now=timezone.now(),
    )
    messages.success(request, _("The correction is recorded; it will be re-checked."))
    return redirect("process", finding_row.process)


@require_POST
@requires("examination.check")
@refusals_as_pages
def recheck_finding(request: HttpRequest, finding: str) -> HttpResponse:
    """Look again at a correction."""
    finding_row = examine.recheck(
        finding,
        note=request.POST.get("note", ""),
        holds_now=request.POST.get("held") == "yes",
        actor=actor_of(request),
        now=timezone.now(),
    )
    messages.success(
        request,
        _("It holds; the finding is closed.")
        if finding_row.state == "closed"
        else _("It does not hold; the finding is open once more."),
    )
    return redirect("process", finding_row.process)


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return parse_day(text)
    except ValueError as error:
        raise examine.UnableToUnderstand(
            _("That is not a day."), next_step=_("Write it like 2026-12-31.")
        ) from error
