"""Place an order: the exact terms, what the rules of today ask, and the first question."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from amends.causes.confirmations.actions.challenge import (
    FORMS,
    UnableToAsk,
    ask_locked,
    contact_of,
    send,
)
from amends.causes.confirmations.actions.disputed import is_disputed
from amends.causes.confirmations.actions.sale_freeze import (
    UnableToSell,
    refuse_frozen,
    refuse_not_on_sale,
)
from amends.causes.confirmations.actions.signals import order_refusal_requested
from amends.causes.confirmations.models import Order
from amends.causes.confirmations.queries.order_details import (
    demand_of,
    fact_of,
    fields_of,
    language_of,
    running_service,
)
from amends.causes.confirmations.rules.requirements import Demand
from amends.causes.confirmations.rules.terms import OrderTerms
from amends.people.access.queries import may
from amends.people.subscribers.queries import ServiceView, subscriber
from amends.platform.database.rows import insert_new
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput, Refused, UnableToReuseKey
from amends.platform.kit.formats import format_date, is_chinese
from amends.platform.kit.ids import random_id
from amends.platform.kit.packs import day_in, pack, zone_of
from amends.platform.vault.redaction import redact_person
from amends.record.catalogue.queries import OfferView, offer
from amends.record.ledger.actions.append import append

__all__ = ["NewOrder", "UnableToPlace", "UnableToPlaceHere", "UnableToSell", "place"]


class UnableToPlace(BadInput):
    """The order cannot be understood: who, what, or under which exception."""

    code = "order_malformed"


class UnableToPlaceHere(Refused):
    """This person may not place this order."""

    code = "order_not_yours"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOrder:
    """What somebody asks for.

    key        idempotency key of whoever places it; the same key again gives the existing order
    service    the running service to change or stop; "" opens a new one, which gets its own
    offer      what to open or change to; "" for a stop
    price_minor, term_months, kind, provider
               None (or "") for what the published offer says; given, they must not contradict it
    exception  id of the exception claimed for a stop or change without the user's word, with the
               reference of its document and the day the oldest open bill was due
    """

    key: str
    order: str
    subscriber: str
    offer: str = ""
    service: str = ""
    initiator: str = "subscriber"
    channel: str = "web"
    agent: str = ""
    campaign: str = ""
    claim: str = ""
    exception: str = ""
    exception_reference: str = ""
    unpaid_since: date | None = None


def place(new: NewOrder, *, actor: Actor, now: datetime, ask_now: bool = True) -> Order:
    """Store the order with its terms and ask the first question, in one transaction.

    Where nobody can be asked (no contact on record, too many questions today) the order waits and
    lapses. The user is notified of an order under an exception; it is carried out when its days of
    notice are over.

    Raises `UnableToReuseKey` if another order came under the same key.
    """
    _refuse_stranger(new, actor)
    with transaction.atomic():
        existing = Order.objects.filter(key=new.key).first()
        if existing is not None:
            return _same(existing, new)
        order = _order(new, actor, now)
        if not insert_new(order):
            return _same(Order.objects.get(key=new.key), new)
        order = Order.objects.select_for_update().get(id=order.id)
        stated = {"channel": order.channel, "initiator": order.initiator}
        append([fact_of("ServiceOrdered", order, now, **stated)], now=now)
        if order.not_before is not None:
            _announce(order, now)
        if order.exception:
            _execute_if_due(order, now)
        elif ask_now:
            _ask_if_possible(order, now)
    return order


def _same(order: Order, new: NewOrder) -> Order:
    new_terms = (new.order, new.subscriber, new.offer or order.offer, new.service or order.service)
    if new_terms != (order.order, order.subscriber, order.offer, order.service):
        raise UnableToReuseKey(
            _("Another order was placed under this key before."),
            meaning=_("Nothing was stored; the first order applies."),
            next_step=_("Open the form again to place another order."),
        )
    return order


def _refuse_stranger(new: NewOrder, actor: Actor) -> None:
    own = actor.kind == "subscriber" and actor.ref == new.subscriber
    if actor.kind == "subscriber":
        allowed = own and new.initiator == "subscriber"
    elif actor.kind == "user":
        page = "confirmations.except" if new.exception else "confirmations.place"
        allowed = may(actor.roles, page)
    else:
        allowed = actor.kind == "system" or not new.exception
    if not allowed:
        raise UnableToPlaceHere(
            _("You may not place this order."),
            meaning=_("Nothing was stored."),
            next_step=_("Ask somebody whose role may place it."),
        )


def _order(new: NewOrder, actor: Actor, now: datetime) -> Order:
    person = subscriber(new.subscriber)
    if person is None or (actor.brand and person.brand != actor.brand):
        raise UnableToPlace(
            _("We do not know this subscriber."), next_step=_("Look the person up first.")
        )
    if not new.key or len(new.key) > 120:
        raise UnableToPlace(
            _("An order needs an idempotency key of at most 120 characters."),
            next_step=_("Send one key for each order, and the same key when you send it again."),
        )
    running = _running(new)
    terms_of_offer = _offer(new, running, now)
    ref = new.service or random_id("svc")
    order = Order(
        key=new.key,
        order=new.order,
        subscriber=new.subscriber,
        service=ref,
        kind=(running.kind if running and new.order == "stop" else "") or terms_of_offer.kind,
        offer=terms_of_offer.ref,
        offer_version=terms_of_offer.version,
        before=running.offer if running and new.order == "change" else "",
        name_zh=terms_of_offer.name_zh,
        name_en=terms_of_offer.name_en,
        price_minor=terms_of_offer.price_minor,
        currency=terms_of_offer.currency,
        term_months=terms_of_offer.contract_months,
        provider=terms_of_offer.provider,
        agent=new.agent or actor.partner,
        campaign=new.campaign,
        claim=new.claim,
        initiator=new.initiator,
        channel=new.channel,
        placed_by=actor.ref[:64],
        pack=settings.JURISDICTION,
        placed_at=now,
        lapses_at=now,
        needed=0,
    )
    refuse_frozen(order, now=now, done_text=_("Nothing was stored."))
    if order.order != "stop":
        refuse_not_on_sale(order.offer, now=now)
        _refuse_for_guardian(order, now)
    _demand(order, new, actor, now)
    order.terms_hash = OrderTerms(
        order=order.order,
        subscriber=order.subscriber,
        service=order.service,
        kind=order.kind,
        offer=order.offer,
        offer_version=order.offer_version,
        before=order.before,
        price_minor=order.price_minor,
        currency=order.currency,
        term_months=order.term_months,
        provider=order.provider,
    ).digest()
    return order


def _refuse_for_guardian(order: Order, now: datetime) -> None:
    answers = order_refusal_requested.send(
        None,
        subscriber=order.subscriber,
        order=order.order,
        kind=order.kind,
        provider=order.provider,
        now=now,
    )
    for _receiver, reason in answers:
        if reason:
            raise UnableToPlaceHere(
                reason,
                meaning=_("Nothing was stored."),
                next_step=_("Ask the guardian to allow it at “Your protection”."),
            )


def _running(new: NewOrder) -> ServiceView | None:
    if new.order == "open":
        if new.service:
            raise UnableToPlace(
                _("A service that is opened gets its reference from us."),
                meaning=_("Nothing was stored."),
                next_step=_("Leave the service out; name it only to change or stop one that runs."),
            )
        return None
    service_row = running_service(new.service)
    if service_row is None or service_row.subscriber != new.subscriber:
        raise UnableToPlace(
            _("This person has no running service of that reference."),
            next_step=_("Look up the services of the subscriber."),
        )
    return service_row


def _offer(new: NewOrder, running: ServiceView | None, now: datetime) -> OfferView:
    ref = new.offer or (running.offer if running and new.order == "stop" else "")
    offer_view = offer(ref, now) if ref else None
    if offer_view is not None:
        return offer_view
    if new.order == "stop" and running is not None:
        return _unpublished(running, now)
    raise UnableToPlace(
        _("There is no offer %(offer)s on sale.") % {"offer": ref or "—"},
        meaning=_("An offer that is not published is not sold."),
        next_step=_("Publish the offer, or name another."),
    )


def _unpublished(running: ServiceView, now: datetime) -> OfferView:
    """A service whose offer is no longer on sale can still be stopped."""
    empty = (None,) * 6
    currency = pack(settings.JURISDICTION, timezone.localdate(now)).currency
    name = running.offer or running.ref
    return OfferView(
        name,
        running.offer_version,
        running.kind,
        running.provider,
        name,
        name,
        0,
        currency,
        *empty,
        0,
        0,
        None,
        now,
        None,
    )


def _demand(order: Order, new: NewOrder, actor: Actor, now: datetime) -> None:
    order_demand = demand_of(order)
    order.versions, order.rules = ",".join(order_demand.versions), ",".join(order_demand.rules)
    order.needed, order.methods = max(order_demand.times, 1), ",".join(order_demand.methods)
    if order.needed > len(FORMS):
        raise UnableToPlace(
            _("The rules ask for more confirmations than there are forms of challenges."),
            next_step=_("Ask for at most two in the rule file."),
        )
    notice_days = order_demand.notice_days
    if new.exception:
        notice_days = _claim(order, new, order_demand, actor, now)
    hours = timedelta(hours=order_demand.challenges.order_valid_hours)
    order.lapses_at = now + timedelta(days=notice_days) + hours
    if notice_days or new.exception:
        order.not_before = now + timedelta(days=notice_days)


def _claim(order: Order, new: NewOrder, demand: Demand, actor: Actor, now: datetime) -> int:
    claimed = demand.exception(new.exception)
    if claimed is None or not new.exception_reference.strip():
        raise UnableToPlace(
            _("This exception does not allow it, or its document is not named."),
            meaning=_(
                "Without the user's consent, a service is stopped or changed only where a "
                "law names the case."
            ),
            next_step=_("Name an exception of the rules in force and the reference it rests on."),
        )
    today = day_in(order.pack, now)
    if claimed.unpaid_days and (
        new.unpaid_since is None or (today - new.unpaid_since).days <= claimed.unpaid_days
    ):
        raise UnableToPlace(
            _("The bill is not overdue by more than %(days)s days.")
            % {"days": claimed.unpaid_days},
            meaning=_("The service goes on."),
            next_step=_("State the day the oldest open bill was due, or wait."),
        )
    if is_disputed(order.subscriber, claimed, now=now):
        raise UnableToPlace(
            _("A complaint about a fee on this bill is not decided."),
            meaning=_("A disputed fee is no reason to stop a line; the service goes on."),
            next_step=_("Decide the complaint first."),
        )
    order.needed = 0
    order.exception = claimed.ground.id
    order.exception_reference = redact_person(new.exception_reference.strip())[:120]
    order.exception_by = actor.ref[:64]
    return claimed.notice_days


def _announce(order: Order, now: datetime) -> None:
    """Notify the user; without a contact on record nothing is carried out."""
    order_demand, language = demand_of(order), language_of(order.subscriber)
    language_key = "zh" if is_chinese(language) else "en"
    zone = zone_of(order.pack)
    grounds = [ground for ground in order_demand.grounds if ground.id.endswith("by_operator")]
    if claimed := order_demand.exception(order.exception):
        grounds = [claimed.ground]
    why = " ".join(str(getattr(ground, language_key)) for ground in grounds)
    fields = fields_of(order) | {
        "when": format_date(order.not_before, language, zone),
        "why": f"{why} " if language_key == "en" and why else why,
    }
    text = "ahead_by_law" if order.exception else "ahead"
    send(
        order,
        contact_of(order, now=now),
        key=f"ahead:{order.id}",
        text=text,
        fields=fields,
        now=now,
        duty="stop_ahead" if order.order == "stop" else "change_ahead",
    )
    order.told_at = now
    order.save(update_fields=["told_at"])


def _ask_if_possible(order: Order, now: datetime) -> None:
    try:
        with transaction.atomic():
            ask_locked(order, now=now)
    except UnableToAsk:
        return


def _execute_if_due(order: Order, now: datetime) -> None:
    from amends.causes.confirmations.actions.execute import execute_locked

    if order.not_before is not None and order.not_before <= now:
        execute_locked(order, by=order.exception_by, now=now)
