"""Count who sells several offers at once more often than the threshold allows."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from amends.causes.publicity.models import CoOrderRate
from amends.causes.publicity.rules.co_orders import Opening, co_orders
from amends.people.subscribers.queries import opened_since
from amends.platform.kit.packs import load_rules
from amends.record.ledger.queries import facts_about_many


def count_co_orders(now: datetime) -> int:
    """Replace the rates by those of the last days; how many pass the threshold."""
    terms = load_rules("amends.causes.publicity", "co-orders", timezone.localdate(now)).data[
        "co_orders"
    ]
    since = now - timedelta(days=terms["days"])
    orders = facts_about_many(opened_since(since), kinds={"ServiceOrdered"}, start=since, end=now)
    openings = [
        Opening(
            subscriber=person,
            on=timezone.localdate(fact.happened_at),
            offer=str(fact.payload["offer"]),
            channel=str(fact.payload["channel"]),
            agent=str(fact.payload.get("partner", "")),
            campaign=str(fact.payload.get("campaign", "")),
        )
        for person, facts in orders.items()
        for fact in facts
    ]
    co_order_rows = co_orders(openings, minimum=terms["least"], above=terms["above"])
    with transaction.atomic():
        CoOrderRate.objects.all().delete()
        CoOrderRate.objects.bulk_create(
            CoOrderRate(
                channel=co_order.channel,
                agent=co_order.agent,
                campaign=co_order.campaign,
                visits=co_order.visits,
                together=co_order.together,
                low=co_order.low,
                since=since,
                counted_at=now,
            )
            for co_order in co_order_rows
        )
    return len(co_order_rows)
