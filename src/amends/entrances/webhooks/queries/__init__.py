"""Queries of webhooks for other apps, pages and commands."""

from __future__ import annotations

from django.db.models import Count, Q

from amends.entrances.webhooks.models import (
    DeliveryState,
    EndpointState,
    WebhookDelivery,
    WebhookEndpoint,
)
from amends.entrances.webhooks.rules.summaries import EndpointSummary


def endpoints() -> list[EndpointSummary]:
    """All endpoints by name."""
    rows = WebhookEndpoint.objects.annotate(
        waiting=Count("deliveries", filter=Q(deliveries__state=DeliveryState.WAITING)),
        failed=Count("deliveries", filter=Q(deliveries__state=DeliveryState.FAILED)),
    )
    return [
        EndpointSummary(
            name=row.name,
            url=row.url,
            event_types=tuple(row.event_types),
            envelope=row.envelope,
            state=row.state,
            waiting=row.waiting,
            failed=row.failed,
            failing_since=row.failing_since,
        )
        for row in rows.order_by("name")
    ]


def newest_deliveries(most: int = 100) -> list[WebhookDelivery]:
    """The newest deliveries to all endpoints, the newest first."""
    rows = WebhookDelivery.objects.select_related("endpoint")
    return list(rows.order_by("-made_at", "-number", "-id")[:most])


def disabled_endpoints() -> int:
    """How many endpoints were disabled after days of failures."""
    return WebhookEndpoint.objects.filter(state=EndpointState.DISABLED).count()
