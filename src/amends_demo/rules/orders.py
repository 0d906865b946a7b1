"""Orders with their confirmation, activation and the notice that the order was carried out."""

from __future__ import annotations

from typing import Any

import numpy as np

from amends_demo.rules.catalogue import CURRENCY
from amends_demo.rules.catalogue import offer as offer_called
from amends_demo.rules.notices import give_notice
from amends_demo.rules.stage import Rows, Stage

_CHANNELS = ("app", "sms", "web", "counter")
_METHODS = {
    "app": "code",
    "sms": "sms_reply",
    "web": "code",
    "counter": "signature",
    "social": "code",
    "agent": "sms_reply",
}


def place_orders(
    stage: Stage,
    rng: np.random.Generator,
    *,
    service: Rows,
    offer: list[str],
    ordered_ms: Rows,
    activated_ms: Rows,
    initiator: str = "subscriber",
    confirmation: str = "given",
    channel: str = "",
    campaign: str = "",
    partner: str = "",
    claim: str = "",
    price: int = 0,
    notified: bool = True,
) -> None:
    """Write order, confirmation and activation of each service row, and tell the user.

    confirmation  given, refused, or none (never asked)
    price         what the order says, in fen; 0 for the offer's price
    told          the notice that the order was carried out is on file
    """
    count = len(service)
    if count == 0:
        return
    refs, people = stage.service_refs(service), stage.subscribers_of(service)
    orders = stage.refs("ord", count)
    channels = (
        [channel] * count if channel else [_CHANNELS[row] for row in rng.integers(4, size=count)]
    )
    prices = [price or offer_called(ref).price_minor for ref in offer]
    optional: dict[str, Any] = {
        name: value
        for name, value in (("campaign", campaign), ("partner", partner), ("claim", claim))
        if value
    }
    common: dict[str, Any] = {
        "subscriber": people,
        "subject": refs,
        "offer": offer,
        "order": orders,
    }
    stage.book.add(
        "ServiceOrdered",
        at_ms=ordered_ms,
        source="crm",
        channel=channels,
        initiator=initiator,
        price_minor=prices,
        currency=CURRENCY,
        **common,
        **optional,
    )
    _confirm(stage, rng, common, channels, prices, ordered_ms, confirmation)
    stage.book.add(
        "ServiceActivated",
        at_ms=activated_ms,
        source="crm",
        initiator=initiator,
        offer_version="1",
        **common,
        **optional,
    )
    if notified:
        due_ms = activated_ms + 300_000
        give_notice(stage, rng, duty="cn.order_told", service=service, due_ms=due_ms)


def _confirm(
    stage: Stage,
    rng: np.random.Generator,
    common: dict[str, Any],
    channels: list[str],
    prices: list[int],
    ordered_ms: Rows,
    confirmation: str,
) -> None:
    if confirmation == "none":
        return
    asked_ms = ordered_ms + rng.integers(1_000, 30_000, size=len(ordered_ms))
    stage.book.add(
        "ConfirmationAsked",
        at_ms=asked_ms,
        source="confirmations",
        channel=channels,
        price_minor=prices,
        currency=CURRENCY,
        **common,
    )
    answered_ms = asked_ms + rng.integers(8_000, 240_000, size=len(ordered_ms))
    if confirmation == "refused":
        stage.book.add(
            "ConfirmationRefused",
            at_ms=answered_ms,
            source="confirmations",
            channel=channels,
            **common,
        )
        return
    stage.book.add(
        "ConfirmationGiven",
        at_ms=answered_ms,
        source="confirmations",
        channel=channels,
        method=[_METHODS[each] for each in channels],
        price_minor=prices,
        currency=CURRENCY,
        **common,
    )
