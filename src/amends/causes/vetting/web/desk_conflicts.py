"""Pages of conflicts about packages: both sides, the decision, the appeal."""

from __future__ import annotations

from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from amends.causes.vetting.actions.conflicts import (
    answer_conflict_appeal,
    appeal_conflict,
    decide_conflict,
    state_on_conflict,
)
from amends.causes.vetting.models import (
    ConflictDecision,
    ConflictSide,
    ConflictState,
    PackageConflict,
)
from amends.causes.vetting.queries.conflicts import visible_conflicts
from amends.causes.vetting.web.app_forms import (
    AppNoteForm,
    ConflictDecisionForm,
    ConflictStatementForm,
)
from amends.people.access.queries import may
from amends.people.access.queries.colleagues import people
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages
from amends.people.partners.queries import partner_names
from amends.platform.kit.actors import Actor
from amends.work.casework.actions.add_note import add_note
from amends.work.casework.actions.notify import case_opened
from amends.work.casework.texts.timeline import timeline

KIND = "package_conflict"


@requires("apps.read")
@require_safe
def conflict(request: HttpRequest, ref: str) -> HttpResponse:
    """One conflict: what each side states, what was decided; a partner reads its own side only."""
    actor, now = actor_of(request), timezone.now()
    row = _found(actor, ref)
    is_colleague = not actor.partner
    decides = is_colleague and may(actor.roles, "apps.decide")
    own_side = row.side_of(actor.partner) if actor.partner else None
    names = partner_names([row.earlier, row.later], get_language() or "")
    may_appeal = _may_appeal(row, own_side, now)
    if is_colleague:
        case_opened(actor.ref, KIND, row.ref, now=now)
    context = {
        "it": row,
        "status": ConflictState(row.state),
        "decision": ConflictDecision(row.decision).label if row.decision else "",
        "is_colleague": is_colleague,
        "own_side": own_side,
        "sides": [
            (side.label, name and names.get(name, name), check, statement)
            for side, name, check, statement in (
                (ConflictSide.EARLIER, row.earlier, row.earlier_check, row.earlier_statement),
                (ConflictSide.LATER, row.later, row.later_check, row.later_statement),
            )
            if is_colleague or side == own_side
        ],
        "decided_by": people([row.decided_by]).get(row.decided_by, "") if is_colleague else "",
        "statement_form": ConflictStatementForm(actor=actor)
        if row.state == ConflictState.HEARING and (own_side or decides)
        else None,
        "appeal_form": ConflictStatementForm(actor=actor)
        if may_appeal and (own_side or decides)
        else None,
        "decision_form": ConflictDecisionForm() if decides and row.is_open else None,
        "note_form": AppNoteForm() if is_colleague else None,
        "entries": timeline(KIND, row.ref) if is_colleague else [],
    }
    return render(request, "vetting/conflict.html", context)


def _may_appeal(row: PackageConflict, side: ConflictSide | None, now: datetime) -> bool:
    in_time = row.appeal_until is not None and now <= row.appeal_until and not row.appealed_at
    lost = row.decision != ConflictDecision.BOTH and row.decision != side
    return row.state == ConflictState.DECIDED and in_time and lost


@require_POST
@requires("apps.read")
@refusals_as_pages
def state(request: HttpRequest, ref: str) -> HttpResponse:
    """State the view of a side."""
    actor = actor_of(request)
    row, form = _found(actor, ref), ConflictStatementForm(request.POST, actor=actor)
    if form.is_valid():
        state_on_conflict(
            row.ref,
            text=form.cleaned_data["text"],
            side=form.cleaned_data.get("side", ""),
            actor=actor,
            now=timezone.now(),
        )
        messages.success(request, _("The statement is recorded."))
    else:
        _report_missing(request)
    return redirect("package_conflict", row.ref)


@require_POST
@requires("apps.decide")
@refusals_as_pages
def decide(request: HttpRequest, ref: str) -> HttpResponse:
    """Decide whose the package is."""
    actor = actor_of(request)
    row, form = _found(actor, ref), ConflictDecisionForm(request.POST)
    if form.is_valid():
        decide_conflict(row.ref, **form.cleaned_data, actor=actor, now=timezone.now())
        messages.success(request, _("The decision is recorded."))
    else:
        _report_missing(request)
    return redirect("package_conflict", row.ref)


@require_POST
@requires("apps.read")
@refusals_as_pages
def appeal(request: HttpRequest, ref: str) -> HttpResponse:
    """Appeal against the decision."""
    actor = actor_of(request)
    row, form = _found(actor, ref), ConflictStatementForm(request.POST, actor=actor)
    if form.is_valid():
        appeal_conflict(
            row.ref,
            text=form.cleaned_data["text"],
            side=form.cleaned_data.get("side", ""),
            actor=actor,
            now=timezone.now(),
        )
        messages.success(request, _("The appeal is recorded."))
    else:
        _report_missing(request)
    return redirect("package_conflict", row.ref)


@require_POST
@requires("apps.decide")
@refusals_as_pages
def answer(request: HttpRequest, ref: str) -> HttpResponse:
    """Answer the appeal with a decision."""
    actor = actor_of(request)
    row, form = _found(actor, ref), ConflictDecisionForm(request.POST)
    if form.is_valid():
        answer_conflict_appeal(row.ref, **form.cleaned_data, actor=actor, now=timezone.now())
        messages.success(request, _("The appeal is answered."))
    else:
        _report_missing(request)
    return redirect("package_conflict", row.ref)


@require_POST
@requires("apps.read")
@refusals_as_pages
def note(request: HttpRequest, ref: str) -> HttpResponse:
    """Add an internal note; no partner reads or writes one."""
    actor = actor_of(request)
    row, form = _found(actor, ref), AppNoteForm(request.POST)
    if form.is_valid():
        text = form.cleaned_data["text"]
        add_note(KIND, row.ref, text=text, actor=actor, now=timezone.now())
    else:
        messages.error(request, _("Write the note first."))
    return redirect("package_conflict", row.ref)


def _found(actor: Actor, ref: str) -> PackageConflict:
    row = visible_conflicts(actor).filter(ref=ref).first()
    if row is None:
        raise Http404
    return row


def _report_missing(request: HttpRequest) -> None:
    messages.error(request, _("Nothing was recorded: every field is required."))
