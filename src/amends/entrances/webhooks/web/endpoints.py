"""Settings: endpoints of webhooks, what was delivered to them, and the types of events."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from amends.entrances.webhooks.actions.endpoints import (
    add_endpoint,
    send_again,
    send_test,
    switch_endpoint,
)
from amends.entrances.webhooks.models import EndpointState, Envelope
from amends.entrances.webhooks.queries import endpoints, newest_deliveries
from amends.entrances.webhooks.refusals import UnableToSetUpEndpoint
from amends.entrances.webhooks.rules.event_types import NAMES, catalogue
from amends.entrances.webhooks.rules.failures import ERRORS
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusal_text, refusals_as_pages


class EndpointForm(forms.Form):
    """A new endpoint."""

    name = forms.CharField(label=gettext_lazy("Endpoint"), max_length=40)
    url = forms.CharField(label=gettext_lazy("Address"), max_length=500)
    envelope = forms.ChoiceField(label=gettext_lazy("Envelope"), choices=Envelope.choices)
    event_types = forms.MultipleChoiceField(
        label=gettext_lazy("Types of events"),
        help_text=gettext_lazy("all if none is chosen"),
        choices=[(name, name) for name in NAMES],
        required=False,
    )


class EndpointButtonForm(forms.Form):
    """The endpoint, and where it concerns one, the event of a button."""

    endpoint = forms.CharField(max_length=40, widget=forms.HiddenInput)
    event = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)
    on = forms.BooleanField(required=False, widget=forms.HiddenInput)


@requires("admin")
@refusals_as_pages
def webhooks(request: HttpRequest) -> HttpResponse:
    """The endpoints and the newest deliveries; POST adds an endpoint and shows its secret once."""
    if request.method != "POST":
        return _page(request, EndpointForm())
    form = EndpointForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=400)
    try:
        new = add_endpoint(
            form.cleaned_data["name"],
            form.cleaned_data["url"],
            event_types=form.cleaned_data["event_types"],
            envelope=form.cleaned_data["envelope"],
            actor=actor_of(request),
            now=timezone.now(),
        )
    except UnableToSetUpEndpoint as refusal:
        form.add_error(refusal.field or None, str(refusal_text(refusal)))
        return _page(request, form, status=400)
    return _page(request, EndpointForm(), secret=new.secret)


@requires("admin")
@refusals_as_pages
@require_POST
def again(request: HttpRequest) -> HttpResponse:
    """Deliver an event once more."""
    form = EndpointButtonForm(request.POST)
    if form.is_valid():
        send_again(
            form.cleaned_data["event"],
            endpoint=form.cleaned_data["endpoint"],
            actor=actor_of(request),
            now=timezone.now(),
        )
        messages.success(request, _("The event is sent again within seconds."))
    return redirect("webhooks")


@requires("admin")
@refusals_as_pages
@require_POST
def test(request: HttpRequest) -> HttpResponse:
    """Send a test event."""
    form = EndpointButtonForm(request.POST)
    if form.is_valid():
        send_test(form.cleaned_data["endpoint"], actor=actor_of(request), now=timezone.now())
        messages.success(request, _("A test event is sent within seconds."))
    return redirect("webhooks")


@requires("admin")
@refusals_as_pages
@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """Switch an endpoint on or off."""
    form = EndpointButtonForm(request.POST)
    if form.is_valid():
        switch_endpoint(
            form.cleaned_data["endpoint"], on=form.cleaned_data["on"], actor=actor_of(request)
        )
    return redirect("webhooks")


@requires("admin")
@require_safe
def event_types(request: HttpRequest) -> HttpResponse:
    """The types of events with the JSON schemas of their data."""
    return JsonResponse(catalogue())


def _page(
    request: HttpRequest, form: EndpointForm, *, secret: str = "", status: int = 200
) -> HttpResponse:
    if actor_of(request).brand:
        raise PermissionDenied
    context = {
        "endpoints": [(row, EndpointState(row.state)) for row in endpoints()],
        "deliveries": [
            (row, row.get_state_display(), _(ERRORS[row.error]) if row.error else "")
            for row in newest_deliveries()
        ],
        "form": form,
        "secret": secret,
    }
    return render(request, "webhooks/webhooks.html", context, status=status)
