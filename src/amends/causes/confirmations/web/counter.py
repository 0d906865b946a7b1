"""At a counter: the person is here, the document was seen, the paper is signed."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from amends.causes.confirmations.actions.prove_presence import confirm_in_person, record_presence
from amends.causes.confirmations.queries import order
from amends.causes.confirmations.web.forms import SignatureForm
from amends.causes.confirmations.web.lists import show_order
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages


@require_POST
@requires("confirmations.counter")
@refusals_as_pages
def sign_at_counter(request: HttpRequest, ref: str) -> HttpResponse:
    """Record the presence and one signature; a further step is asked of the user's own phone."""
    actor, now = actor_of(request), timezone.now()
    order_view = order(ref, brand=actor.brand)
    if order_view is None:
        raise Http404
    form = SignatureForm(request.POST)
    if not form.is_valid():
        return show_order(request, ref, form, status=400)
    document = form.cleaned_data["document"]
    with transaction.atomic():
        presence = record_presence(order_view.subscriber, actor=actor, now=now)
        confirmed = confirm_in_person(ref, presence, actor=actor, now=now, document=document)
    messages_by_outcome = {
        "executed": _("Signed and carried out."),
        "confirmed": _("Signed; it is carried out on its day."),
        "on_hold": _("Signed; the offer is taken from sale for now, so it waits."),
        "asked_again": _("Signed. A second confirmation is asked of the user's own phone."),
    }
    if confirmed.outcome in messages_by_outcome:
        messages.success(request, messages_by_outcome[confirmed.outcome])
    else:
        messages.error(request, _("This order takes no signature any more."))
    return redirect("order", ref)
