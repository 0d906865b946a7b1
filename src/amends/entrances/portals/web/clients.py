"""Settings: clients of the interface, and the colleagues they may act for."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from amends.entrances.portals.actions.colleagues import bind_colleague, release_colleague
from amends.entrances.portals.queries import active_clients
from amends.people.access.queries.colleagues import every_person
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages

ACTS = "casework:write"


class BindForm(forms.Form):
    """A client and a colleague."""

    client = forms.ChoiceField(label=gettext_lazy("Client"))
    colleague = forms.ChoiceField(label=gettext_lazy("Colleague"))

    def __init__(self, *args: object) -> None:
        super().__init__(*args)
        chosen = [("", _("Choose one"))]
        clients = [(row.name, row.name) for row, _bound in active_clients() if ACTS in row.scopes]
        people = [
            (person.username, person.name or person.username)
            for person in every_person()
            if person.is_active
        ]
        self.fields["client"].choices = chosen + clients
        self.fields["colleague"].choices = chosen + people


class ReleaseForm(forms.Form):
    """The client and the reference of the colleague of a button."""

    client = forms.CharField(max_length=120, widget=forms.HiddenInput)
    colleague = forms.CharField(max_length=80, widget=forms.HiddenInput)


@requires("admin")
@refusals_as_pages
@require_safe
def api_clients(request: HttpRequest) -> HttpResponse:
    """Clients that are not revoked, with the colleagues they may act for."""
    return _page(request, BindForm())


@requires("admin")
@refusals_as_pages
@require_POST
def bind(request: HttpRequest) -> HttpResponse:
    """Let a client act for a colleague."""
    form = BindForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=400)
    client, colleague = form.cleaned_data["client"], form.cleaned_data["colleague"]
    bind_colleague(client, colleague, actor=actor_of(request), now=timezone.now())
    messages.success(request, _("The client may act for this colleague."))
    return redirect("api_clients")


@requires("admin")
@refusals_as_pages
@require_POST
def release(request: HttpRequest) -> HttpResponse:
    """End that a client may act for a colleague."""
    form = ReleaseForm(request.POST)
    if form.is_valid() and release_colleague(
        form.cleaned_data["client"],
        form.cleaned_data["colleague"],
        actor=actor_of(request),
        now=timezone.now(),
    ):
        messages.success(request, _("The client may not act for this colleague any more."))
    return redirect("api_clients")


def _page(request: HttpRequest, form: BindForm, status: int = 200) -> HttpResponse:
    if actor_of(request).brand:
        raise PermissionDenied
    context = {"rows": active_clients(), "form": form}
    return render(request, "portals/clients.html", context, status=status)
