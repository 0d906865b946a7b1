"""Pages of the desk: the wave board, a number, appeals, the block list."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amends.causes.protection.actions.appeals import answer_appeal
from amends.causes.protection.actions.block_number import block_number
from amends.causes.protection.actions.evidence import (
    UnableToOpenEvidence,
    add_evidence,
    open_evidence,
)
from amends.causes.protection.actions.guardianship import (
    GuardianRefused,
    NewGuardian,
    end_guardianship,
    request_guardian,
)
from amends.causes.protection.actions.report import NewReport, report
from amends.causes.protection.actions.report_by_message import advice, thanks
from amends.causes.protection.actions.suspend_partner import holders_of, propose_suspension
from amends.causes.protection.case_kind import KIND
from amends.causes.protection.choices import AppealState, MessageLabel, ReportState, Step
from amends.causes.protection.models import BlockListChange, NuisanceReport, NumberAppeal
from amends.causes.protection.numbers import masked
from amends.causes.protection.queries import (
    appeals,
    counts_by_step,
    number_lines,
    number_of,
    visible_appeals,
    visible_reports,
    wave,
    words_of,
    words_of_appeal,
    worst_numbers,
)
from amends.causes.protection.queries.block_list import allowed_changes, block_list_changes
from amends.causes.protection.queries.evidence_of_numbers import block_evidence
from amends.causes.protection.queries.settings import guardianships, rules_of_guardians, stop_counts
from amends.causes.protection.web.forms import (
    AppealNoteForm,
    AssignAppealForm,
    BlockForm,
    CallerReportForm,
    EndGuardianshipForm,
    GuardianForm,
    NumberAppealAnswerForm,
    SuspendPartnerForm,
)
from amends.causes.vetting.actions import proceedings
from amends.people.access.queries import may
from amends.people.access.queries.colleagues import people
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusal_text, refusals_as_pages
from amends.people.subscribers.queries import identify
from amends.platform.kit.charts import Curve
from amends.platform.kit.errors import AmendsError
from amends.platform.kit.formats import format_day_month
from amends.platform.kit.ids import random_id
from amends.platform.tabular.responses import csv_response
from amends.platform.vault.recognisers import mask_text
from amends.work.casework.actions.add_note import add_note
from amends.work.casework.actions.assign import assign_to_person, assign_to_team, return_to_queue
from amends.work.casework.actions.notify import case_opened
from amends.work.casework.queries.staff import teams
from amends.work.casework.queries.work import owner
from amends.work.casework.texts.timeline import timeline

_REPORTS_LISTED = 100
_CHANGES_LISTED = 200


@requires("protection.read")
@refusals_as_pages
@require_safe
def board(request: HttpRequest) -> HttpResponse:
    """The reports of the last thirty days, and the numbers that weigh most."""
    step = request.GET.get("step", "")
    if step and step not in Step.values:
        raise Http404
    current_wave = wave(now=timezone.now(), brand=actor_of(request).brand)
    counts = counts_by_step()
    context = {
        "wave": current_wave,
        "chart": Curve(
            title=_("Reports a day"),
            labels=[format_day_month(day.day, get_language() or "en") for day in current_wave.days],
            values=[day.reports for day in current_wave.days],
            name="protection-wave",
        ),
        "lines": number_lines(worst_numbers(step=step)),
        "step": step,
        "steps": [
            (step_choice.value, step_choice.label, counts[step_choice.value])
            for step_choice in Step
        ],
        "stops": stop_counts(now=timezone.now(), brand=actor_of(request).brand),
        "may_decide": may(actor_of(request).roles, "protection.decide"),
        "may_report": may(actor_of(request).roles, "complaints.handle"),
        "open_appeals": len(appeals(brand=actor_of(request).brand)),
    }
    return render(request, "protection/board.html", context)


@requires("protection.read")
@refusals_as_pages
@require_safe
def number(request: HttpRequest, ref: str) -> HttpResponse:
    """One number: what it is subject to and why, its reports, its appeals."""
    return _number_page(request, ref, SuspendPartnerForm(partners=_holders(ref)))


@requires("complaints.handle")
@refusals_as_pages
@require_POST
def block(request: HttpRequest, ref: str) -> HttpResponse:
    """Block a number, or ask a second person for it."""
    form = BlockForm(request.POST)
    if form.is_valid():
        try:
            item = block_number(
                ref,
                reason=form.cleaned_data["reason"],
                actor=actor_of(request),
                now=timezone.now(),
            )
        except AmendsError as why:
            form.add_error("reason", refusal_text(why).what)
        else:
            messages.success(
                request,
                _("The number is blocked: the published rule accepts the evidence.")
                if item.rule
                else _("A second person is asked to approve the block."),
            )
            return redirect("protection_number", ref)
    return _number_page(
        request, ref, SuspendPartnerForm(partners=_holders(ref)), blocking=form, status=400
    )


@requires("protection.decide")
@refusals_as_pages
@require_POST
def suspend_number_partner(request: HttpRequest, ref: str) -> HttpResponse:
    """Propose to suspend the partner that holds a blocked number."""
    form = SuspendPartnerForm(request.POST, partners=_holders(ref))
    if form.is_valid():
        try:
            propose_suspension(
                ref, **form.cleaned_data, actor=actor_of(request), now=timezone.now()
            )
        except AmendsError as why:
            form.add_error("partner", refusal_text(why).what)
        else:
            messages.success(
                request, _("The suspension is proposed; the partner may now state its view.")
            )
            return redirect("protection_number", ref)
    return _number_page(request, ref, form, status=400)


def _holders(ref: str) -> list[str]:
    row = number_of(ref)
    return holders_of(row, now=timezone.now()) if row is not None and row.step else []


def _number_page(
    request: HttpRequest,
    ref: str,
    form: SuspendPartnerForm,
    *,
    blocking: BlockForm | None = None,
    status: int = 200,
) -> HttpResponse:
    row = number_of(ref)
    if row is None:
        raise Http404
    actor = actor_of(request)
    reports = visible_reports(brand=actor.brand).filter(number=row)[:_REPORTS_LISTED]
    evidence = block_evidence(row, now=timezone.now())
    context = {
        "line": number_lines([row])[0],
        "evidence": evidence,
        "language": get_language() or "en",
        "blocking": blocking or BlockForm(),
        "may_block": row.step != Step.BLOCK
        and evidence.protected is None
        and may(actor.roles, "complaints.handle"),
        "reports": [
            (*_report_line(report), list(report.evidence.all()))
            for report in reports.prefetch_related("evidence")
        ],
        "changes": row.changes.order_by("-id"),
        "appeals": [
            (visible_appeal, AppealState(visible_appeal.state))
            for visible_appeal in visible_appeals(brand=actor.brand).filter(number=row)
        ],
        "form": form,
        "proceeding": proceedings.status(row.sanction) if row.sanction else None,
        "may_suspend": row.step == Step.BLOCK
        and not row.sanction
        and may(actor.roles, "protection.decide")
        and may(actor.roles, "services.manage")
        and bool(form.fields["partner"].choices),
    }
    return render(request, "protection/number.html", context, status=status)


def _report_line(
    row: NuisanceReport,
) -> tuple[NuisanceReport, MessageLabel | None, ReportState, str]:
    label = MessageLabel(row.label) if row.label else None
    return row, label, ReportState(row.state), mask_text(words_of(row)[:500]).text


@requires("protection.read")
@refusals_as_pages
@require_safe
def appeals_page(request: HttpRequest) -> HttpResponse:
    """Appeals by their deadline: those to answer, or those answered (`state=done`)."""
    is_closed_list = request.GET.get("state") == "done"
    rows = appeals(open_only=not is_closed_list, brand=actor_of(request).brand)
    lines = number_lines([row.number for row in rows])
    names = people(row.handler for row in rows if row.handler)
    now = timezone.now()
    context = {
        "rows": [
            (
                row,
                line.number,
                AppealState(row.state),
                row.state == "open" and row.due_at < now,
                names.get(row.handler, ""),
            )
            for row, line in zip(rows, lines, strict=True)
        ],
        "done": is_closed_list,
    }
    return render(request, "protection/appeals.html", context)


@requires("protection.read")
@refusals_as_pages
@require_safe
def appeal_page(request: HttpRequest, ref: str) -> HttpResponse:
    """One appeal with what the holder wrote."""
    return _appeal_page(request, _found_appeal(request, ref), NumberAppealAnswerForm())


@requires("protection.decide")
@refusals_as_pages
@require_POST
def decide_appeal(request: HttpRequest, ref: str) -> HttpResponse:
    """Grant or refuse an appeal."""
    row, form = _found_appeal(request, ref), NumberAppealAnswerForm(request.POST)
    if not form.is_valid():
        return _appeal_page(request, row, form, status=400)
    answer_appeal(
        ref,
        granted=form.cleaned_data["granted"],
        text=form.cleaned_data["words"],
        actor=actor_of(request),
        now=timezone.now(),
    )
    messages.success(request, _("The appeal is answered."))
    return redirect("protection_appeals")


@requires("protection.decide")
@refusals_as_pages
@require_POST
def note_appeal(request: HttpRequest, ref: str) -> HttpResponse:
    """Add a note for colleagues."""
    row, form = _found_appeal(request, ref), AppealNoteForm(request.POST)
    if form.is_valid():
        try:
            add_note(
                KIND,
                ref,
                text=form.cleaned_data["text"],
                actor=actor_of(request),
                now=timezone.now(),
            )
        except AmendsError as why:
            form.add_error("text", refusal_text(why).what)
        else:
            return redirect("protection_appeal", ref)
    return _appeal_page(request, row, NumberAppealAnswerForm(), note=form, status=400)


@requires("protection.decide")
@refusals_as_pages
@require_POST
def assign_appeal(request: HttpRequest, ref: str) -> HttpResponse:
    """Take an appeal, put it into the queue of a team, or return it."""
    _found_appeal(request, ref)
    actor = actor_of(request)
    terms: dict[str, Any] = {"actor": actor, "now": timezone.now()}
    form = AssignAppealForm(request.POST, teams=[team.slug for team in teams(brand=actor.brand)])
    if not form.is_valid():
        raise Http404
    if team := form.cleaned_data["team"]:
        assign_to_team(KIND, [ref], team, **terms)
    elif form.cleaned_data["take"]:
        assign_to_person(KIND, [ref], actor_of(request).ref, **terms)
    else:
        return_to_queue(KIND, [ref], **terms)
    return redirect("protection_appeal", ref)


def _found_appeal(request: HttpRequest, ref: str) -> NumberAppeal:
    row = visible_appeals(brand=actor_of(request).brand).filter(ref=ref).first()
    if row is None:
        raise Http404
    return row


def _appeal_page(
    request: HttpRequest,
    row: NumberAppeal,
    form: NumberAppealAnswerForm,
    *,
    note: AppealNoteForm | None = None,
    status: int = 200,
) -> HttpResponse:
    actor = actor_of(request)
    case_opened(actor.ref, KIND, row.ref, now=timezone.now())
    context = {
        "owner": owner(KIND, row.ref),
        "is_own": row.handler == actor.ref,
        "entries": timeline(KIND, row.ref),
        "teams": teams(brand=actor.brand),
        "note": note or AppealNoteForm(),
        "appeal": row,
        "state": AppealState(row.state),
        "line": number_lines([row.number])[0],
        "words": mask_text(words_of_appeal(row)).text,
        "who": people([row.answered_by]).get(row.answered_by, row.answered_by),
        "form": form,
        "may_note": may(actor.roles, "protection.decide"),
        "may_decide": row.state == "open" and may(actor_of(request).roles, "protection.decide"),
    }
    return render(request, "protection/appeal.html", context, status=status)


def panel(request: HttpRequest, complaint: str) -> str:
    """The reports made from a complaint or joined to it, for its page."""
    rows = visible_reports(brand=actor_of(request).brand).filter(complaint=complaint)
    reports = list(rows.select_related("number")[:_REPORTS_LISTED])
    if not reports or not may(actor_of(request).roles, "protection.read"):
        return ""
    lines = number_lines([row.number for row in reports if row.number])
    by_ref = {line.row.ref: line for line in lines}
    context = {
        "reports": [(*_report_line(row)[:3], by_ref.get(row.number_id or "")) for row in reports]
    }
    return render_to_string("protection/panel.html", context, request)


@requires("complaints.handle")
@refusals_as_pages
@require_http_methods(["GET", "HEAD", "POST"])
def report_for_caller(request: HttpRequest) -> HttpResponse:
    """Enter what a caller reports."""
    form = CallerReportForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        fields, actor, now = dict(form.cleaned_data), actor_of(request), timezone.now()
        caller, files = fields.pop("caller"), fields.pop("files")
        person = identify(phone=caller)
        if person is not None and actor.brand and person.brand != actor.brand:
            person = None
        new = NewReport(
            key=f"desk:{random_id()}",
            channel="phone",
            subscriber=person.pseudonym if person else "",
            address="" if person else caller,
            typed_by=actor.ref,
            **fields,
        )
        try:
            receipt = report(new, now=now)
            add_evidence(receipt.ref, files, now=now)
        except AmendsError as why:
            form.add_error("number", refusal_text(why).what)
        else:
            messages.success(request, f"{thanks(receipt)} {advice(receipt)}".strip())
            return redirect("protection_report")
    status = 400 if form.errors else 200
    return render(request, "protection/report.html", {"form": form}, status=status)


@requires("protection.read")
@refusals_as_pages
@require_safe
def evidence(request: HttpRequest, ref: str) -> HttpResponse:
    """Save a file of a report; it is never shown in the page."""
    try:
        opened = open_evidence(ref, actor=actor_of(request))
    except UnableToOpenEvidence as error:
        raise Http404 from error
    response = HttpResponse(opened.content, content_type="application/octet-stream")
    response.headers["Content-Disposition"] = content_disposition_header(True, opened.name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@requires("protection.decide")
@refusals_as_pages
@require_http_methods(["GET", "HEAD", "POST"])
def guardians(request: HttpRequest) -> HttpResponse:
    """List guardians, and ask a second person to approve one."""
    actor, form = actor_of(request), GuardianForm(request.POST or None)
    if form.is_valid():
        fields = dict(form.cleaned_data)
        del fields["seen"]
        try:
            request_guardian(NewGuardian(**fields), actor=actor, now=timezone.now())
        except GuardianRefused as why:
            form.add_error(why.field, refusal_text(why).what)
        except AmendsError as why:
            form.add_error(None, refusal_text(why).what)
        else:
            messages.success(request, _("A second person is asked to approve the guardian."))
            return redirect("protection_guardians")
    today = timezone.localdate()
    context = {
        "form": form,
        "lines": guardianships(brand=actor.brand, on=today),
        "rules": rules_of_guardians(today),
        "language": get_language() or "en",
    }
    status = 400 if form.errors else 200
    return render(request, "protection/guardians.html", context, status=status)


@requires("protection.decide")
@refusals_as_pages
@require_POST
def end_guardian(request: HttpRequest) -> HttpResponse:
    """End a guardianship early."""
    form = EndGuardianshipForm(request.POST)
    ward = form.cleaned_data["minor"] if form.is_valid() else ""
    if end_guardianship(ward, actor=actor_of(request), now=timezone.now()):
        messages.success(request, _("The guardianship has ended."))
    return redirect("protection_guardians")


@requires("protection.read")
@refusals_as_pages
@require_safe
def block_list(request: HttpRequest) -> HttpResponse:
    """The newest changes of the block list."""
    rows = BlockListChange.objects.select_related("number").order_by("-id")[:_CHANGES_LISTED]
    context = {"rows": [(row, masked(number)) for row, number in allowed_changes(rows)]}
    return render(request, "protection/block_list.html", context)


@requires("protection.export")
@refusals_as_pages
@require_http_methods(["GET", "HEAD"])
def block_list_csv(request: HttpRequest) -> HttpResponse:
    """Changes of the block list after the one numbered `since`, for systems of the network."""
    since = request.GET.get("since", "0")
    if not since.isdecimal() or len(since) > 18:
        raise Http404
    rows = (
        [
            change.sequence,
            change.number,
            "add" if change.added else "remove",
            change.at.isoformat(),
            change.until.isoformat() if change.until else "",
        ]
        for change in block_list_changes(int(since))
    )
    return csv_response("block-list.csv", ["sequence", "number", "action", "at", "until"], rows)
