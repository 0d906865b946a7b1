"""What the forms of launches do."""

from __future__ import annotations

from typing import Any, TypeVar

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from amends.causes.launches.actions.approve import approve
from amends.causes.launches.actions.assess import request_assessment
from amends.causes.launches.actions.go_live import go_live
from amends.causes.launches.actions.stop import stop
from amends.causes.launches.actions.withdraw import withdraw
from amends.causes.launches.models import Launch
from amends.causes.launches.queries import launch, start_preview
from amends.causes.launches.queries.gates import not_passed
from amends.causes.launches.web.forms import (
    CaseForm,
    LaunchApprovalForm,
    ReasonForm,
    StartForm,
    WithdrawalForm,
)
from amends.causes.launches.web.pages import launches_context, replacement_choices
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput

Form = TypeVar("Form", bound=forms.Form)


@require_POST
@requires("launches.propose")
@refusals_as_pages
def assess_file(request: HttpRequest) -> HttpResponse:
    """Hand in the workbook or JSON file that was sent; the job calculates it."""
    form = CaseForm(request.POST, request.FILES)
    if not form.is_valid():
        return render(request, "desk/launches.html", launches_context(request, form), status=400)
    row = request_assessment(form.cleaned_data["file"], actor=actor_of(request), now=timezone.now())
    return redirect("launch_assessment", row.id)


@require_POST
@requires("launches.approve")
@refusals_as_pages
def act(request: HttpRequest, ref: str, verb: str) -> HttpResponse:
    """Approve a launch, put it on sale, stop it, or withdraw it from its users."""
    actor = actor_of(request)
    row = launch(ref, brand=actor.brand)
    if row is None or verb not in _VERBS:
        raise Http404
    return _VERBS[verb](request, row, actor)


def _approve(request: HttpRequest, row: Launch, actor: Actor) -> HttpResponse:
    form = _valid(LaunchApprovalForm(request.POST, barred=not_passed(row.offer, row.brand)))
    approved_launch = approve(
        row.id,
        reason=form.cleaned_data["reason"],
        gates=form.gates,
        actor=actor,
        now=timezone.now(),
    )
    is_approved = approved_launch.state == Launch.State.APPROVED
    message = (
        _("The launch is approved.") if is_approved else _("A second person must approve it too.")
    )
    return _back(request, row, message)


def _live(request: HttpRequest, row: Launch, actor: Actor) -> HttpResponse:
    now = timezone.now()
    form = StartForm(request.POST)
    if not form.is_valid() or form.cleaned_data["seen"] != start_preview(row, now).digest:
        messages.warning(request, _("Something changed since it was shown: look at it again."))
        return redirect("start_launch", row.id)
    go_live(row.id, actor=actor, now=now)
    return _back(request, row, _("The offer is on sale."))


def _stop(request: HttpRequest, row: Launch, actor: Actor) -> HttpResponse:
    form = _valid(ReasonForm(request.POST))
    stop(row.id, reason=form.cleaned_data["reason"], actor=actor, now=timezone.now())
    message = _("New orders are refused. Who has the offer keeps it on its terms.")
    return _back(request, row, message)


def _withdraw(request: HttpRequest, row: Launch, actor: Actor) -> HttpResponse:
    now = timezone.now()
    form = _valid(WithdrawalForm(request.POST, choices=replacement_choices(row, now)))
    withdraw(
        row.id,
        replacement=form.cleaned_data["replacement"],
        reason=form.cleaned_data["reason"],
        actor=actor,
        now=now,
    )
    message = _("Users are asked from now on. Who says no keeps the offer on its terms.")
    return _back(request, row, message)


_VERBS = {"approve": _approve, "live": _live, "stop": _stop, "withdraw": _withdraw}


def _valid(form: Form) -> Form:
    """A form without errors; else a refusal that names the first field."""
    if not form.is_valid():
        name, errors = next(iter(form.errors.items()))
        field: Any = form.fields.get(name)
        raise BadInput(
            f"{field.label if field else ''}: {errors[0]}",
            meaning=_("Nothing was changed."),
            next_step=_("Go back, fill it in, and send it again."),
            code="launch_form_unreadable",
        )
    return form


def _back(request: HttpRequest, row: Launch, message: str) -> HttpResponse:
    messages.success(request, message)
    return redirect("launch", row.id)
