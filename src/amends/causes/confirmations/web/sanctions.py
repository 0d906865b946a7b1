"""Sanction a partner whose services stand out, with the audit as the reason."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from amends.causes.confirmations.actions.sanction_partner import request_sanction
from amends.causes.confirmations.queries import audit_of
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages
from amends.people.partners.queries import of_brand
from amends.work.approvals.texts.waiting import waiting_text


@require_POST
@requires("partners.sanction")
@refusals_as_pages
def sanction(request: HttpRequest, ref: str) -> HttpResponse:
    """Request a warning or a suspension; its reason has the number of the audit."""
    actor = actor_of(request)
    audit = request.POST.get("audit", "")[:32]
    if not of_brand(ref, actor.brand) or (audit and audit_of(audit, brand=actor.brand) is None):
        raise Http404
    now = timezone.now()
    item = request_sanction(
        ref,
        kind=request.POST.get("kind", ""),
        reason=request.POST.get("reason", "")[:200],
        audit=audit,
        path=reverse("audit", args=[audit]) if audit else reverse("audits"),
        actor=actor,
        now=now,
    )
    messages.success(request, waiting_text(item, now=now))
    return redirect(item.subject_path)
