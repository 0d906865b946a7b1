"""Whose line a complaint is about, and that the complainant showed to be that person."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from amends.cases.complaints.actions.name_subscriber import name_subscriber
from amends.cases.complaints.actions.record_identity_document import take_document
from amends.cases.complaints.queries.casefile import find
from amends.cases.complaints.web.dialogs import answered, naming_subscriber, showing_document
from amends.cases.complaints.web.permissions import works_on
from amends.people.access.web.permission import actor_of
from amends.people.access.web.refusals import refusals_as_pages


@require_POST
@works_on("complaints.handle")
@refusals_as_pages
def name(request: HttpRequest, ref: str) -> HttpResponse:
    """Name the subscriber; the records open once they have shown that it is them."""
    actor = actor_of(request)
    complaint = find(ref, brand=actor.brand)

    def act(cleaned: dict[str, Any]) -> str:
        is_code_sent = name_subscriber(
            complaint.id, number=cleaned["number"], actor=actor, now=timezone.now()
        )
        message = _("The subscriber is named.")
        follows = (
            _("A code went to the contact on record; the dossier is built when it comes back.")
            if is_code_sent
            else _("The dossier is built once they have shown who they are.")
        )
        return f"{message} {follows}"

    return answered(request, complaint, naming_subscriber(complaint, data=request.POST), act)


@require_POST
@works_on("complaints.handle")
@refusals_as_pages
def document(request: HttpRequest, ref: str) -> HttpResponse:
    """The complainant stands here and has shown a document."""
    actor = actor_of(request)
    complaint = find(ref, brand=actor.brand)

    def act(_cleaned: dict[str, Any]) -> str:
        is_notified = take_document(complaint.id, compared=True, actor=actor, now=timezone.now())
        message = _("Identity shown by a document.")
        follows = (
            _("The contact on record is notified.")
            if is_notified
            else _("There is no contact on record to notify.")
        )
        return f"{message} {follows}"

    return answered(request, complaint, showing_document(complaint, data=request.POST), act)
