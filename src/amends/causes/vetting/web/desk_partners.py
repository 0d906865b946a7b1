"""Pages of the desk: scores of partners, one partner with its proceedings, its letter."""

from __future__ import annotations

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from amends.causes.vetting.actions.proceedings import (
    answer_appeal,
    decide,
    propose,
    record_appeal,
    record_statement,
)
from amends.causes.vetting.models import PartnerProceeding
from amends.causes.vetting.queries.partner_proceedings import proceedings_of
from amends.causes.vetting.texts.partner_scores import PartnerLine, partner_line, partner_lines
from amends.causes.vetting.web.partner_forms import (
    PartnerAppealAnswerForm,
    PartnerStepForm,
    StatementForm,
    StepDecisionForm,
)
from amends.people.access.queries import may
from amends.people.access.queries.colleagues import people
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages
from amends.work.approvals.texts.waiting import deciders_text


@requires("services.read")
@refusals_as_pages
@require_safe
def scores(request: HttpRequest) -> HttpResponse:
    """The newest scores of all partners."""
    lines = partner_lines(
        now=timezone.now(), language=get_language() or "", brand=actor_of(request).brand
    )
    context = {
        "lines": lines,
        "deciders": deciders_text("partners.sanction", brand=actor_of(request).brand),
    }
    return render(request, "vetting/partner_scores.html", context)


@requires("services.read")
@refusals_as_pages
@require_safe
def partner_page(request: HttpRequest, ref: str) -> HttpResponse:
    """One partner: components, ways to improve, proceedings."""
    return _page(request, _found(request, ref), PartnerStepForm())


@requires("services.read")
@refusals_as_pages
@require_safe
def letter(request: HttpRequest, ref: str) -> HttpResponse:
    """The month's letter to the partner."""
    from amends.causes.vetting.texts.partner_letter import partner_letter

    data = partner_letter(_found(request, ref), now=timezone.now())
    return HttpResponse(
        data,
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="letter-{ref}.pdf"'},
    )


@requires("services.manage")
@refusals_as_pages
@require_POST
def propose_step(request: HttpRequest, ref: str) -> HttpResponse:
    """Propose a step for a reason of a colleague."""
    line, form = _found(request, ref), PartnerStepForm(request.POST)
    if not form.is_valid():
        return _page(request, line, form, status=400)
    reasons = [
        {"component": "", "zh": form.cleaned_data["reason"], "en": form.cleaned_data["reason"]}
    ]
    propose(
        ref,
        step=form.cleaned_data["step"],
        reasons=reasons,
        by=actor_of(request),
        now=timezone.now(),
    )
    messages.success(request, _("The partner may now state its view."))
    return redirect("partner_score", ref)


@requires("services.manage")
@refusals_as_pages
@require_POST
def state(request: HttpRequest, ref: str) -> HttpResponse:
    """Record what the partner stated."""
    row, form = _proceeding(request, ref), StatementForm(request.POST)
    if form.is_valid():
        text = form.cleaned_data["text"]
        record_statement(ref, text=text, by=actor_of(request), now=timezone.now())
        messages.success(request, _("The statement is recorded."))
    else:
        _say_refused(request)
    return redirect("partner_score", row.partner)


@requires("partners.sanction")
@refusals_as_pages
@require_POST
def decide_step(request: HttpRequest, ref: str) -> HttpResponse:
    """Impose or drop a step."""
    row, form = _proceeding(request, ref), StepDecisionForm(request.POST)
    if form.is_valid():
        decide(
            ref,
            is_imposed=form.cleaned_data["yes"],
            reason=form.cleaned_data["reason"],
            by=actor_of(request),
            now=timezone.now(),
        )
        messages.success(request, _("The decision is recorded."))
    else:
        _say_refused(request)
    return redirect("partner_score", row.partner)


@requires("services.manage")
@refusals_as_pages
@require_POST
def appeal(request: HttpRequest, ref: str) -> HttpResponse:
    """Record the partner's appeal."""
    row, form = _proceeding(request, ref), StatementForm(request.POST)
    if form.is_valid():
        text = form.cleaned_data["text"]
        record_appeal(ref, text=text, by=actor_of(request), now=timezone.now())
        messages.success(request, _("The appeal is recorded."))
    else:
        _say_refused(request)
    return redirect("partner_score", row.partner)


@requires("partners.sanction")
@refusals_as_pages
@require_POST
def answer(request: HttpRequest, ref: str) -> HttpResponse:
    """Answer the appeal."""
    row, form = _proceeding(request, ref), PartnerAppealAnswerForm(request.POST)
    if form.is_valid():
        answer_appeal(
            ref,
            is_granted=form.cleaned_data["yes"],
            reason=form.cleaned_data["reason"],
            by=actor_of(request),
            now=timezone.now(),
        )
        messages.success(request, _("The appeal is answered."))
    else:
        _say_refused(request)
    return redirect("partner_score", row.partner)


def _say_refused(request: HttpRequest) -> None:
    messages.error(request, _("Nothing was recorded: every field is required."))


def _found(request: HttpRequest, ref: str) -> PartnerLine:
    line = partner_line(
        ref, now=timezone.now(), language=get_language() or "", brand=actor_of(request).brand
    )
    if line is None:
        raise Http404
    return line


def _proceeding(request: HttpRequest, ref: str) -> PartnerProceeding:
    row = PartnerProceeding.objects.filter(ref=ref).first()
    if row is None:
        raise Http404
    _found(request, row.partner)
    return row


def _page(
    request: HttpRequest, line: PartnerLine, form: PartnerStepForm, status: int = 200
) -> HttpResponse:
    actor = actor_of(request)
    rows = proceedings_of(line.partner)
    who = people(
        {proceeding.proposed_by for proceeding, _state in rows}
        | {proceeding.decided_by for proceeding, _state in rows}
    )
    context = {
        "line": line,
        "form": form,
        "rows": [
            (
                proceeding,
                row_state,
                who.get(proceeding.proposed_by, _("Amends, by rule")),
                who.get(proceeding.decided_by, proceeding.decided_by),
                _forms_of(proceeding, row_state),
            )
            for proceeding, row_state in rows
        ],
        "may_manage": may(actor.roles, "services.manage"),
        "may_decide": may(actor.roles, "partners.sanction"),
        "me": actor.ref,
    }
    return render(request, "vetting/partner_score.html", context, status=status)


def _forms_of(row: PartnerProceeding, state: str) -> dict[str, Form]:
    """The forms of a proceeding, with identifiers of their own: a page may show several."""
    answers = PartnerAppealAnswerForm if state == "appealed" else StepDecisionForm
    identifiers = f"{row.ref}_%s"
    return {
        "statement": StatementForm(auto_id=identifiers),
        "decision": answers(auto_id=identifiers),
    }
