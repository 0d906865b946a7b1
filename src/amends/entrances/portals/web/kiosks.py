"""Settings: the kiosks, each a device with a token of its own."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from amends.entrances.portals.actions.clients import UnableToMakeClient, make_client, revoke_client
from amends.entrances.portals.public.kiosk_session import CHANNEL, PATH, SCOPE
from amends.entrances.portals.queries import active_clients
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusal_text, refusals_as_pages
from amends.people.operator.queries import public_address


class KioskForm(forms.Form):
    """A new kiosk."""

    name = forms.CharField(
        label=gettext_lazy("Name of the kiosk"),
        help_text=gettext_lazy("Such as the shop where it is: shop-north-1."),
        max_length=80,
    )


class RevokeForm(forms.Form):
    """The kiosk of a button."""

    name = forms.CharField(max_length=80, widget=forms.HiddenInput)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@requires("admin")
@refusals_as_pages
def kiosks(request: HttpRequest) -> HttpResponse:
    """The kiosks in use, and the form that adds one; its token is shown once."""
    if actor_of(request).brand:
        raise PermissionDenied
    form = KioskForm(request.POST or None)
    token = ""
    if form.is_valid():
        name = form.cleaned_data["name"]
        try:
            token = make_client(name, scopes=[SCOPE], channel=CHANNEL, now=timezone.now())
        except UnableToMakeClient as refusal:
            form.add_error("name", str(refusal_text(refusal)))
    context = {
        "form": KioskForm() if token else form,
        "token": token,
        "address": f"{public_address()}{PATH}",
        "rows": [row for row, _bound in active_clients() if SCOPE in row.scopes],
    }
    status = 400 if form.is_bound and not token else 200
    return render(request, "portals/kiosks.html", context, status=status)


@require_POST
@requires("admin")
@refusals_as_pages
def revoke_kiosk(request: HttpRequest) -> HttpResponse:
    """End a kiosk: its token opens nothing any more."""
    if actor_of(request).brand:
        raise PermissionDenied
    form = RevokeForm(request.POST)
    own = {row.name for row, _bound in active_clients() if SCOPE in row.scopes}
    if form.is_valid() and form.cleaned_data["name"] in own:
        revoke_client(form.cleaned_data["name"], now=timezone.now())
        messages.success(request, _("The kiosk is out of service."))
    return redirect("kiosks")
