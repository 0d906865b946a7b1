"""Settings of the installation: the public address, and the parts in use."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.request import validate_host
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages
from amends.people.operator.actions.change_installation import change_installation
from amends.people.operator.queries import installation, parts_in_use, public_address
from amends.people.operator.web.forms import PartsForm, PublicAddressForm
from amends.platform import registry


@require_http_methods(["GET", "HEAD", "POST"])
@requires("admin")
@refusals_as_pages
def address_page(request: HttpRequest) -> HttpResponse:
    """The address that links begin with; read only where a variable of the server sets it."""
    stored = installation().public_address
    here = request.build_absolute_uri("/").rstrip("/")
    form = PublicAddressForm(request.POST or None, initial={"public_address": stored or here})
    is_fixed = bool(settings.BASE_URL_IS_SET)
    if form.is_valid() and not is_fixed:
        change_installation(
            actor=actor_of(request),
            now=timezone.now(),
            public_address=form.cleaned_data["public_address"],
        )
        messages.success(request, _("Saved. New messages link to this address."))
        return redirect("public_address")
    address = public_address()
    host = urlsplit(address).hostname or ""
    context = {
        "form": form,
        "is_fixed": is_fixed,
        "is_stored": bool(stored),
        "address": address,
        "here": here,
        "host": host,
        "is_refused": not validate_host(host, settings.ALLOWED_HOSTS),
    }
    status = 400 if form.is_bound else 200
    return render(request, "operator/address.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@requires("admin")
@refusals_as_pages
def parts_page(request: HttpRequest) -> HttpResponse:
    """Which parts are in use; what is off is in no navigation, and nothing on record is removed."""
    form = PartsForm(initial={"parts": sorted(parts_in_use())})
    if request.method == "POST":
        form = PartsForm(request.POST)
        if form.is_valid():
            off = registry.parts().keys() - set(form.cleaned_data["parts"])
            change_installation(actor=actor_of(request), now=timezone.now(), parts_off=off)
            messages.success(request, _("Saved. Every page shows it within ten seconds."))
            return redirect("parts")
    status = 400 if form.is_bound else 200
    return render(request, "operator/parts.html", {"form": form}, status=status)
