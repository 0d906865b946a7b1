"""Order an offer, and answer what is asked about it: by the confirmations of `confirmations`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_noop as _

from amends.causes.confirmations.actions.answer import answer_code
from amends.causes.confirmations.actions.place import NewOrder, place
from amends.causes.confirmations.queries import order, waiting_for
from amends.entrances.selfservice.queries import IdentifiedUser, orderable
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput


@dataclass(frozen=True, slots=True)
class OrderProgress:
    """How far an order is.

    state      waiting, confirmed, executed, refused, lapsed, …
    confirmed  confirmations given of the `needed`
    outcome    of the answer just taken (`Answered.outcome`), "asked" after it was placed
    """

    order: str
    state: str
    name_zh: str
    name_en: str
    price_minor: int
    currency: str
    confirmed: int
    needed: int
    outcome: str

    @property
    def is_open(self) -> bool:
        """Whether a further confirmation is awaited."""
        return self.state == "waiting"


def order_offer(user: IdentifiedUser, offer: str, *, key: str, now: datetime) -> OrderProgress:
    """Place an order and have the first question sent to the contact on record.

    key  idempotency key of the channel; the same key gives the same order

    Raises `BadInput` for an offer that is not on the user's list.
    """
    offer_ref = next(
        (
            orderable_offer.ref
            for orderable_offer in orderable(user, now=now)
            if orderable_offer.ref.casefold() == offer.casefold()
        ),
        "",
    )
    if not offer_ref:
        raise BadInput(
            _("This cannot be ordered here."),
            meaning=_("Nothing was ordered, and nothing is charged."),
            next_step=_("Choose from the list of offers."),
            code="offer_unknown",
        )
    placed = place(
        NewOrder(
            key=f"self:{user.channel}:{key}"[:120],
            order="open",
            subscriber=user.subscriber,
            offer=offer_ref,
            channel=user.channel,
        ),
        actor=Actor("subscriber", user.subscriber),
        now=now,
    )
    return progress(placed.id, "asked")


def answer_order(user: IdentifiedUser, ref: str, code: str, *, now: datetime) -> OrderProgress:
    """Take the six digits of the newest message about an order of the user."""
    if ref not in {waiting_order.ref for waiting_order in waiting_for(user.subscriber)}:
        raise BadInput(
            _("This order does not wait for your answer."),
            meaning=_("Nothing was changed."),
            next_step=_("Order it again if you want it."),
            code="order_unknown",
        )
    code_answer = answer_code(ref, code.strip(), now=now, by=user.subscriber, channel=user.channel)
    return progress(ref, code_answer.outcome)


def progress(ref: str, outcome: str, *, subscriber: str = "") -> OrderProgress:
    """How far an order is, with the outcome of the step just taken.

    Raises `BadInput` where there is none, or none of `subscriber` where one is given.
    """
    order_view = order(ref)
    if order_view is None or (subscriber and order_view.subscriber != subscriber):
        raise BadInput(
            _("There is no such order of yours."),
            next_step=_("Order it again if you want it."),
            code="order_unknown",
        )
    return OrderProgress(
        order=order_view.ref,
        state=order_view.state,
        name_zh=order_view.name_zh,
        name_en=order_view.name_en,
        price_minor=order_view.price_minor,
        currency=order_view.currency,
        confirmed=len(order_view.confirmations),
        needed=order_view.needed,
        outcome=outcome,
    )
