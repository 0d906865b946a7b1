"""The public list of services: look up a charge, see who provides it, complain, or stop it."""

from __future__ import annotations

from datetime import timedelta

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from amends.causes.vetting.queries.services import service, services
from amends.people.access.web.limits import Limit, too_much
from amends.people.access.web.permission import public
from amends.people.access.web.refusals import refusals_as_pages

SEARCHING = Limit("service-search", 120, timedelta(hours=1), a_day=600)


class ChargeForm(forms.Form):
    """Text of a charge on a bill or in a message."""

    charge = forms.CharField(
        label=_("What your bill says"),
        help_text=_("The name or number of the charge, as it is written there."),
        max_length=160,
        required=False,
    )


@public
@refusals_as_pages
@require_safe
def service_list(request: HttpRequest) -> HttpResponse:
    """All listed services, or those that a charge may be."""
    now, language, text = timezone.now(), get_language() or "", ""
    form = ChargeForm(request.GET if "charge" in request.GET else None)
    if form.is_bound and form.is_valid():
        if wait := SEARCHING.take(request, now=now):
            return HttpResponse(
                too_much(wait), status=429, content_type="text/plain; charset=utf-8"
            )
        text = form.cleaned_data["charge"]
    rows = services(now=now, language=language, text=text, listed=True)
    return render(request, "services/list.html", {"form": form, "rows": rows, "text": text})


@public
@refusals_as_pages
@require_safe
def service_page(request: HttpRequest, ref: str) -> HttpResponse:
    """One listed service."""
    service_view = service(ref, now=timezone.now(), language=get_language() or "", listed=True)
    if service_view is None:
        raise Http404
    return render(request, "services/service.html", {"service": service_view})
