"""Orders and their confirmations, one order, and the services nobody confirmed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from amends.causes.confirmations.queries import (
    OrderView,
    order,
    orders,
    state_counts,
    uncovered,
    uncovered_count,
    unrecorded_count,
)
from amends.causes.confirmations.queries.receipts import IN_RECEIPTS, receipt
from amends.causes.confirmations.rules.requirements import RequirementGround, ground_of
from amends.causes.confirmations.web.forms import SignatureForm
from amends.causes.confirmations.web.words import (
    CHANNELS,
    INITIATORS,
    METHODS,
    ORDERS,
    STATES,
    TONES,
    Words,
)
from amends.people.access.actions.record_look import note_look
from amends.people.access.queries import may
from amends.people.access.web.permission import actor_of, requires
from amends.people.access.web.refusals import refusals_as_pages
from amends.people.partners.queries import partner_names
from amends.platform.kit.formats import is_chinese
from amends.record.catalogue.queries import code_names, offer_name
from amends.record.ledger.refusals import UnableToProve

SHOWN = 100


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order as the list shows it; `provider` and `agent` by name."""

    view: OrderView
    name: str
    provider: str
    agent: str
    doing: Words
    by: Words
    state: Words
    tone: str


def lines(views: Sequence[OrderView]) -> list[OrderRow]:
    """Orders in the reader's words."""
    language = get_language() or ""
    firms = partner_names({ref for view in views for ref in (view.provider, view.agent)}, language)
    return [
        OrderRow(
            view=view,
            name=(view.name_zh if is_chinese(language) else view.name_en) or view.offer,
            provider=firms.get(view.provider, ""),
            agent=firms.get(view.agent, ""),
            doing=ORDERS.get(view.order, view.order),
            by=INITIATORS.get(view.initiator, view.initiator),
            state=STATES.get(view.state, view.state_words),
            tone=TONES.get(view.state, "plain"),
        )
        for view in views
    ]


def _order(request: HttpRequest, ref: str) -> OrderView:
    """An order of the reader's brand."""
    order_view = order(ref, brand=actor_of(request).brand)
    if order_view is None:
        raise Http404
    return order_view


def campaign_name(code: str) -> str:
    """A campaign by its name in the reader's language; its code where it has none."""
    pair = code_names("campaign").get(code) if code else None
    return pair[0 if is_chinese(get_language() or "") else 1] if pair else code


@requires("confirmations.read")
@refusals_as_pages
@require_safe
def confirmations(request: HttpRequest) -> HttpResponse:
    """Orders in one state, with what they still need."""
    state = request.GET.get("state", "waiting")
    if state not in STATES:
        state = "waiting"
    actor = actor_of(request)
    counts = state_counts(brand=actor.brand)
    context = {
        "state": state,
        "tabs": [
            (state_name, label, counts.get(state_name, 0)) for state_name, label in STATES.items()
        ],
        "lines": lines(orders(state, limit=SHOWN, brand=actor.brand)),
        "more": max(counts.get(state, 0) - SHOWN, 0),
        "uncovered": uncovered_count(brand=actor.brand),
        "may_audit": may(actor.roles, "confirmations.audit"),
        "may_place": may(actor.roles, "confirmations.place"),
    }
    return render(request, "desk/confirmations.html", context)


@requires("confirmations.read")
@refusals_as_pages
@require_safe
def order_page(request: HttpRequest, ref: str) -> HttpResponse:
    """One order: its terms, what the rules ask, who said what and when."""
    return show_order(request, ref, SignatureForm())


def show_order(
    request: HttpRequest, ref: str, sign_form: SignatureForm, status: int = 200
) -> HttpResponse:
    """The page of an order with the form of a signature."""
    view = _order(request, ref)
    day, names = timezone.localdate(view.placed_at), [*view.rules, view.exception]
    grounds: list[RequirementGround] = [
        ground
        for name in names
        if name and (ground := ground_of(settings.JURISDICTION, name, day)) is not None
    ]
    context = {
        "it": lines([view])[0],
        "before": offer_name(view.before, view.placed_at, chinese=is_chinese(get_language() or "")),
        "campaign": campaign_name(view.campaign),
        "placed_by": CHANNELS.get(view.channel, view.channel),
        "given": [
            (
                confirmation,
                METHODS.get(confirmation.method, confirmation.method),
                CHANNELS.get(confirmation.channel, confirmation.channel),
            )
            for confirmation in view.confirmations
        ],
        "grounds": grounds,
        "may_sign": view.state == "waiting"
        and not view.exception
        and may(actor_of(request).roles, "confirmations.counter"),
        "sign_form": sign_form,
        "now": timezone.now(),
    }
    return render(request, "desk/order.html", context, status=status)


@requires("confirmations.read")
@refusals_as_pages
@require_safe
def receipt_file(request: HttpRequest, ref: str) -> HttpResponse:
    """The signed receipt, to save; a look at the subscriber's records."""
    view = _order(request, ref)
    try:
        text = receipt(ref)
    except UnableToProve:
        messages.info(request, _("The receipt is ready within a minute. Try again shortly."))
        return redirect("order", ref)
    note_look(
        actor_of(request),
        [view.subscriber],
        IN_RECEIPTS,
        page="confirmations.read",
        reason=gettext_noop("receipt of an order saved at the desk"),
        now=timezone.now(),
    )
    return HttpResponse(
        text,
        content_type="application/json; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="receipt-{ref[:12]}.json"'},
    )


@requires("confirmations.read")
@refusals_as_pages
@require_safe
def uncovered_services(request: HttpRequest) -> HttpResponse:
    """Running services without a confirmation, with the system that reported them."""
    brand = actor_of(request).brand
    rows = uncovered(limit=SHOWN, brand=brand)
    firms = partner_names(
        {ref for row in rows for ref in (row.provider, row.agent)}, get_language() or ""
    )
    context = {
        "rows": [(row, firms.get(row.provider, ""), firms.get(row.agent, "")) for row in rows],
        "total": uncovered_count(brand=brand),
        "unrecorded": unrecorded_count(now=timezone.now(), brand=brand),
        "shown": SHOWN,
    }
    return render(request, "desk/uncovered.html", context)
