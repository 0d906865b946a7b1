"""Where several offers are opened together so often that people may be made to take both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from amends.engines.stats.rates import share


@dataclass(frozen=True, slots=True)
class Opening:
    """One order that opens an offer; `campaign` is the school where orders are taken at one."""

    subscriber: str
    on: date
    offer: str
    channel: str
    agent: str
    campaign: str


@dataclass(frozen=True, slots=True)
class CoOrders:
    """Of one who sells: people and days with an order, those with several offers, and the lower
    bound of their share (95 %)."""

    channel: str
    agent: str
    campaign: str
    visits: int
    together: int
    low: float


def co_orders(openings: Iterable[Opening], *, minimum: int, above: float) -> list[CoOrders]:
    """Who sells several offers at once more often than a share, the highest first.

    minimum  people and days without which nothing is said
    above  the share that the lower bound must pass

    >>> co_orders([Opening("s", date(2026, 9, 1), "sim", "hq", "", "u1")], minimum=20, above=0.5)
    []
    """
    visits: dict[tuple[str, str, str], dict[tuple[str, date], set[str]]] = defaultdict(dict)
    for opening in openings:
        seller = (opening.channel, opening.agent, opening.campaign)
        visits[seller].setdefault((opening.subscriber, opening.on), set()).add(opening.offer)
    co_order_rows = []
    for seller, baskets in visits.items():
        co_ordered = sum(len(offers) > 1 for offers in baskets.values())
        interval = share(co_ordered, len(baskets))
        if len(baskets) >= minimum and interval is not None and interval.low > above:
            co_order_rows.append(CoOrders(*seller, len(baskets), co_ordered, interval.low))
    return sorted(
        co_order_rows,
        key=lambda co_order: (-co_order.low, co_order.channel, co_order.agent, co_order.campaign),
    )
