"""Sanction a partner whose services stand out, with the audit as the reason."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from amends.access.web.permission import actor_of, requires
from amends.access.web.refusals import refusals_as_pages
from amends.confirmations.queries import audit_of
from amends.partners.actions.sanction import impose
from amends.partners.queries import of_brand


@require_POST
@requires("partners.sanction")
@refusals_as_pages
def sanction(request: HttpRequest, ref: str) -> HttpResponse:
    """Impose a warning or a suspension; its reason names the audit and who decided it."""
    actor = actor_of(request)
    audit = request.POST.get("audit", "")[:32]
    if not of_brand(ref, actor.brand) or (audit and audit_of(audit, brand=actor.brand) is None):
        raise Http404
    reason = request.POST.get("reason", "").strip()[:200]
    stated = f"{reason} (audit {audit}, {actor.ref})" if reason else ""
    impose(ref, kind=request.POST.get("kind", ""), reason=stated, now=timezone.now())
    messages.success(request, _("The sanction is in force from now on."))
    return redirect("audit", audit) if audit else redirect("audits")
