"""Order a service on the public site: choose, then answer the codes that the rules ask for."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from amends.entrances.portals.public.forms import OfferOrderForm
from amends.entrances.portals.public.my_services import Me, shown_only
from amends.entrances.selfservice.actions.order import order_offer
from amends.entrances.selfservice.queries import IdentifiedUser, orderable
from amends.people.access.web.refusals import refusal_text
from amends.platform.kit.errors import AmendsError
from amends.platform.kit.ids import random_id


@shown_only
def order_mine(request: HttpRequest, me: Me) -> HttpResponse:
    """Offers I may order alone; an order waits on “My services” for my code."""
    user = IdentifiedUser(me.subscriber, "web", me.presence)
    form = OfferOrderForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        offer, key = form.cleaned_data["offer"], form.cleaned_data["key"]
        try:
            order_offer(user, offer, key=key, now=me.now)
        except AmendsError as why:
            form.add_error(None, str(refusal_text(why)))
        else:
            messages.info(request, _("The question is on its way to your contact on record."))
            return redirect("public:my_services")
    context = {"offers": orderable(user, now=me.now), "key": random_id(), "form": form}
    return render(request, "portals/mine_order.html", context, status=400 if form.errors else 200)
