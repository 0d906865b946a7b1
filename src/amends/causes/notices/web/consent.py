"""Consent at a counter: the person is there, a document was seen, a paper was signed."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from amends.causes.notices.actions.hold import release, withdraw_consent
from amends.causes.notices.queries import hold_of
from amends.causes.notices.web.forms import HoldConsentForm
from amends.causes.notices.web.notices import holds_page
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages, refuse_form
from amends.people.subscribers.queries import subscriber
from amends.platform.kit.errors import AmendsError


@require_POST
@requires("confirmations.counter")
@refusals_as_pages
def consent_at_counter(request: HttpRequest, key: str) -> HttpResponse:
    """The user goes on beyond the cap, or withdraws that; the fact names who checked what."""
    actor = actor_of(request)
    hold = hold_of(key)
    person = subscriber(hold.subscriber) if hold else None
    if hold is None or (actor.brand and (person is None or person.brand != actor.brand)):
        raise Http404
    form = HoldConsentForm(request.POST, key=key)
    if not form.is_valid():
        return holds_page(request, key, form, 400)
    presence = f"document seen at a counter by {actor.ref}, paper {form.cleaned_data['paper']}"
    act = withdraw_consent if form.cleaned_data["back"] else release
    try:
        act(key, subscriber=hold.subscriber, channel="store", now=timezone.now(), presence=presence)
    except AmendsError as error:
        return holds_page(request, key, form, refuse_form(form, error))
    messages.success(
        request,
        _("The consent is withdrawn; use is held again.")
        if act is withdraw_consent
        else _("Use goes on; the consent is on record."),
    )
    return redirect("holds")
