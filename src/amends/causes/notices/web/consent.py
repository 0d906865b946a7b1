"""Consent at a counter: the person is there, a document was seen, a paper was signed."""

from __future__ import annotations

import re

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from amends.causes.notices.actions.hold import release, withdraw_consent
from amends.causes.notices.queries import hold_of
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages
from amends.people.subscribers.queries import subscriber
from amends.platform.kit.errors import Refused

_PAPER = re.compile(r"[A-Za-z0-9._:/-]{1,64}")


@require_POST
@requires("confirmations.counter")
@refusals_as_pages
def consent_at_counter(request: HttpRequest, key: str) -> HttpResponse:
    """The user goes on beyond the cap, or withdraws that; the fact names who checked what."""
    actor, paper = actor_of(request), request.POST.get("paper", "").strip()
    hold = hold_of(key)
    person = subscriber(hold.subscriber) if hold else None
    if hold is None or (actor.brand and (person is None or person.brand != actor.brand)):
        raise Http404
    if "seen" not in request.POST or not _PAPER.fullmatch(paper):
        raise Refused(
            _("Consent at a counter needs the person's document seen and the signed paper named."),
            meaning=_("Nothing was changed."),
            next_step=_(
                "Tick that the document was seen, and give the paper's number in letters, "
                "digits and - . / :"
            ),
            code="hold_not_released",
        )
    presence = f"document seen at a counter by {actor.ref}, paper {paper}"
    act = withdraw_consent if "back" in request.POST else release
    act(key, subscriber=hold.subscriber, channel="store", now=timezone.now(), presence=presence)
    messages.success(
        request,
        _("The consent is withdrawn; use is held again.")
        if act is withdraw_consent
        else _("Use goes on; the consent is on record."),
    )
    return redirect("holds")
