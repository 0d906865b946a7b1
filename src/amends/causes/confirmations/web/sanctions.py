"""Sanction a partner whose services stand out, with the audit as the reason."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from amends.causes.confirmations.actions.sanction_partner import request_sanction
from amends.causes.confirmations.queries import audit_of
from amends.causes.confirmations.web.audits import show_audit
from amends.causes.confirmations.web.forms import SanctionForm
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages, refuse_form
from amends.people.partners.queries import of_brand
from amends.platform.kit.errors import AmendsError, BadInput
from amends.work.approvals.texts.waiting import waiting_text


@require_POST
@requires("partners.sanction")
@refusals_as_pages
def sanction(request: HttpRequest, ref: str) -> HttpResponse:
    """Request a warning or a suspension; its reason has the number of the audit."""
    actor = actor_of(request)
    form, status = SanctionForm(request.POST, auto_id=f"{ref}-%s"), 400
    valid = form.is_valid()
    audit = form.cleaned_data.get("audit", "")
    if not of_brand(ref, actor.brand) or (audit and audit_of(audit, brand=actor.brand) is None):
        raise Http404
    if not audit:
        raise BadInput(
            _("There is no such partner or sanction."),
            meaning=_("Nothing was requested."),
            next_step=_("Choose a partner of the audit, and a warning or a suspension."),
            code="partner_not_sanctioned",
        )
    if not valid:
        return show_audit(request, audit, ref, form, status)
    now = timezone.now()
    try:
        item = request_sanction(
            ref,
            **form.cleaned_data,
            path=reverse("audit", args=[audit]),
            actor=actor,
            now=now,
        )
    except AmendsError as error:
        status = refuse_form(form, error, "reason")
        return show_audit(request, audit, ref, form, status)
    messages.success(request, waiting_text(item, now=now))
    return redirect(item.subject_path)
