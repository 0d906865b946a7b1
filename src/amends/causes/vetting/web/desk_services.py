"""Pages of the desk: the register of services, and one service with its chain."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from amends.causes.vetting.models import ServiceOrigin
from amends.causes.vetting.queries.fault_reasons import why
from amends.causes.vetting.queries.probes import probe_scores, service_faults
from amends.causes.vetting.queries.services import ListedService, service, services
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages


@requires("services.read")
@refusals_as_pages
@require_safe
def register(request: HttpRequest) -> HttpResponse:
    """All services, or those of one origin."""
    origin = request.GET.get("origin", "")
    if origin and origin not in ServiceOrigin.values:
        raise Http404
    rows = services(
        now=timezone.now(), language=get_language() or "", brand=actor_of(request).brand
    )
    context = {
        "rows": [row for row in rows if not origin or row.origin == origin],
        "origin": origin,
        "origins": [
            (
                service_origin.value,
                service_origin.label,
                sum(1 for row in rows if row.origin == service_origin),
            )
            for service_origin in ServiceOrigin
        ],
        "all": len(rows),
    }
    return render(request, "vetting/services.html", context)


@requires("services.read")
@refusals_as_pages
@require_safe
def service_page(request: HttpRequest, ref: str) -> HttpResponse:
    """One service: who does what, what users pay, how it does."""
    now = timezone.now()
    context = {
        "service": found_service(request, ref),
        "scores": probe_scores(ref, now=now),
        "faults": [
            (service_fault, why(service_fault.evidence, _))
            for service_fault in service_faults(ref, now=now)
        ],
    }
    return render(request, "vetting/service.html", context)


def found_service(request: HttpRequest, ref: str) -> ListedService:
    """The service of an address; 404 where the reader's brand has none of that reference."""
    service_view = service(
        ref, now=timezone.now(), language=get_language() or "", brand=actor_of(request).brand
    )
    if service_view is None:
        raise Http404
    return service_view
