"""Remedies to approve: what is asked for, why, who may approve it, and where the rest stands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from amends.people.access.queries import may
from amends.people.access.queries.rights import role_title
from amends.people.access.web.form_dialogs import FormDialog, answer_dialog
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages, refuse_form
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import AmendsError, BadInput
from amends.platform.kit.formats import is_chinese
from amends.work.remedies.actions import export as exporting
from amends.work.remedies.actions.approve import approve, reject
from amends.work.remedies.queries import RemedyView, approver_of, listed, totals
from amends.work.remedies.web.forms import RemedyApprovalForm, RemedyRejectionForm, RemedyVerbForm

STATES: dict[str, str | Promise] = {
    "proposed": gettext_lazy("To approve"),
    "offered": gettext_lazy("With the user"),
    "approved": gettext_lazy("Approved"),
    "exported": gettext_lazy("With billing"),
    "acknowledged": gettext_lazy("Booked and done"),
    "rejected": gettext_lazy("Rejected"),
    "failed": gettext_lazy("Failed"),
}
KINDS: dict[str, str | Promise] = {
    "refund": gettext_lazy("Refund"),
    "credit": gettext_lazy("Credit"),
    "compensation": gettext_lazy("Compensation"),
    "release": gettext_lazy("Release from contract"),
    "correction": gettext_lazy("Correction of data"),
    "repair": gettext_lazy("Repair"),
}
SHOWN = 100


@dataclass(frozen=True, slots=True)
class RemedyRow:
    """A remedy as the page shows it."""

    remedy: RemedyView
    kind: str | Promise
    reason: str
    complaint: str
    approver: str
    mine: bool


def _line(remedy: RemedyView, actor: Actor, now: datetime) -> RemedyRow:
    chinese = is_chinese(get_language() or "")
    needed = approver_of(remedy.amount_minor, remedy.currency, timezone.localdate(now)).role
    ladder = ("handler", "senior_handler", "manager")
    enough = ladder[ladder.index(needed) :] if needed in ladder else ()
    prefix, _sep, ref = remedy.cause.partition(":")
    return RemedyRow(
        remedy=remedy,
        kind=KINDS.get(remedy.kind, remedy.kind),
        reason=remedy.reason_zh if chinese else remedy.reason_en,
        complaint=ref if prefix == "complaint" else "",
        approver=role_title(needed) if needed else _("nobody here"),
        mine=any(role in enough for role in actor.roles),
    )


@requires("remedies.approve")
@refusals_as_pages
def remedies(request: HttpRequest) -> HttpResponse:
    """Remedies in one state, those that wait first."""
    return _remedies_page(request, request.GET.get("state", "proposed"), RemedyApprovalForm())


def _remedies_page(
    request: HttpRequest, state: str, form: RemedyApprovalForm, status: int = 200
) -> HttpResponse:
    now = timezone.now()
    actor = actor_of(request)
    if state not in STATES:
        raise BadInput(
            _("There is no such state."),
            next_step=_("Choose one of the tabs."),
            code="nothing_picked",
        )
    sums = totals(brand=actor.brand)
    rows = listed(state, limit=SHOWN, brand=actor.brand)
    context = {
        "now": now,
        "state": state,
        "tabs": [
            (remedy_state, label, sums.get(remedy_state, (0, 0))[0])
            for remedy_state, label in STATES.items()
        ],
        "lines": [_line(row, actor, now) for row in rows],
        "total": sums.get(state, (0, 0)),
        "more": sums.get(state, (0, 0))[0] - len(rows),
        "may_export": may(actor.roles, "remedies.export"),
        "form": form,
        "rejecting": _rejecting() if state == "proposed" and rows else None,
        "picked": form["picked"].value() or (),
    }
    return render(request, "desk/remedies.html", context, status=status)


@require_POST
@requires("remedies.approve")
@refusals_as_pages
def decide(request: HttpRequest) -> HttpResponse:
    """Approve or reject what was picked, all or nothing."""
    verb = RemedyVerbForm(request.POST)
    if verb.is_valid() and verb.cleaned_data["verb"] == "reject":
        return _reject(request)
    form = RemedyApprovalForm(request.POST)
    if not form.is_valid():
        return _remedies_page(request, "proposed", form, 400)
    picked = form.cleaned_data["picked"]
    try:
        approve(picked, actor=actor_of(request), now=timezone.now())
    except AmendsError as error:
        return _remedies_page(request, "proposed", form, refuse_form(form, error))
    number = len(set(picked))
    message = ngettext(
        "%(n)s remedy is approved; it goes to billing with the next export.",
        "%(n)s remedies are approved; they go to billing with the next export.",
        number,
    )
    messages.success(request, message % {"n": number})
    return redirect("remedies")


def _reject(request: HttpRequest) -> HttpResponse:
    def act(cleaned: dict[str, Any]) -> HttpResponse:
        picked = cleaned["picked"]
        actor = actor_of(request)
        reject(picked, actor=actor, reason=cleaned["reason"], now=timezone.now())
        number = len(set(picked))
        message = ngettext(
            "%(n)s remedy is rejected; the charge is free again.",
            "%(n)s remedies are rejected; the charges are free again.",
            number,
        )
        messages.success(request, message % {"n": number})
        return redirect("remedies")

    return answer_dialog(request, _rejecting(request.POST), act)


def _rejecting(data: QueryDict | None = None) -> FormDialog:
    return FormDialog(
        name="reject",
        title=_("Reject"),
        intro=_(
            "The user was promised nothing yet, or must be told. The charge can be refunded by "
            "another remedy later."
        ),
        button=_("Reject"),
        address=reverse("decide_remedies"),
        form=RemedyRejectionForm(data, auto_id="reject-%s", initial={"verb": "reject"}),
        back=reverse("remedies"),
        back_label=_("Remedies"),
        css={"reason": "internal"},
        template="desk/reject_dialog.html",
        is_destructive=True,
    )


@require_POST
@requires("remedies.export")
@refusals_as_pages
def export(request: HttpRequest) -> HttpResponse:
    """Hand what is approved to billing, as CSV; the number fetches the same file again."""
    number, rows = exporting.export(now=timezone.now(), brand=actor_of(request).brand)
    if not rows:
        messages.info(request, _("Nothing is approved and not yet exported; no file was made."))
        return redirect("remedies")
    return _file(number, rows)


@requires("remedies.export")
@refusals_as_pages
def export_again(request: HttpRequest, number: str) -> HttpResponse:
    """The same export once more, for a file that got lost."""
    rows = exporting.exported(number, brand=actor_of(request).brand)
    if not rows:
        raise BadInput(
            _("There is no export of that number."),
            next_step=_("Check the number."),
            code="export_unknown",
        )
    return _file(number, rows)


def _file(number: str, rows: list[exporting.ExportRow]) -> HttpResponse:
    response = HttpResponse(exporting.as_csv(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{number}.csv"'
    return response
