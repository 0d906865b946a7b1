"""Events of the ledger become deliveries of an endpoint, each once."""

from __future__ import annotations

from datetime import datetime

import orjson
from django.conf import settings

from amends.entrances.webhooks.models import WebhookDelivery, WebhookEndpoint
from amends.entrances.webhooks.rules.event_types import (
    BY_KIND,
    TEST,
    chosen_kinds,
    envelope_of,
    event_data,
)
from amends.platform.kit.ids import time_ordered_id
from amends.record.ledger.queries import numbered_after


def queue_events(endpoint: WebhookEndpoint, *, now: datetime) -> bool:
    """Queue the next events of an endpoint, in the caller's transaction; whether it moved on."""
    facts, last = numbered_after(endpoint.read_number, kinds=chosen_kinds(endpoint.event_types))
    if last == endpoint.read_number:
        return False
    rows = []
    for fact in facts:
        body = envelope_of(
            endpoint.envelope,
            event=fact.id,
            event_type=BY_KIND[fact.kind].name,
            subject=fact.subject,
            at=fact.happened_at,
            data=event_data(fact),
            source=settings.BASE_URL,
        )
        rows.append(
            WebhookDelivery(
                endpoint=endpoint,
                event=fact.id,
                event_type=BY_KIND[fact.kind].name,
                subject=fact.subject,
                number=fact.seq or 0,
                body=orjson.dumps(body).decode(),
                made_at=now,
            )
        )
    WebhookDelivery.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
    endpoint.read_number = last
    endpoint.save(update_fields=["read_number"])
    return True


def queue_test(endpoint: WebhookEndpoint, *, now: datetime) -> WebhookDelivery:
    """Queue a test event, ahead of others."""
    event = time_ordered_id()
    body = envelope_of(
        endpoint.envelope,
        event=event,
        event_type=TEST,
        subject="",
        at=now,
        data={"endpoint": endpoint.name},
        source=settings.BASE_URL,
    )
    return WebhookDelivery.objects.create(
        endpoint=endpoint,
        event=event,
        event_type=TEST,
        number=-1,
        body=orjson.dumps(body).decode(),
        made_at=now,
    )
