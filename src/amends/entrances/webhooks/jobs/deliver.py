"""Queue events and deliver them, those of one subject in order, each at least once.

Results are written in groups. A job that is killed in between sends a group once more
under the same ids.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from amends.entrances.webhooks.actions.addresses import receiver_address
from amends.entrances.webhooks.actions.queue import queue_events
from amends.entrances.webhooks.actions.send import DeliveryFailed, Receiver
from amends.entrances.webhooks.models import (
    DeliveryState,
    EndpointState,
    Envelope,
    WebhookDelivery,
    WebhookEndpoint,
)
from amends.entrances.webhooks.rules.failures import (
    GIVE_UP_AFTER,
    GONE,
    concerns_event_alone,
    pause_before_retry,
)
from amends.entrances.webhooks.rules.signatures import signatures
from amends.platform.database.lease import LEASE_MS, LeaseLost, give_back, renew, take
from amends.platform.kit.periods import to_ms
from amends.platform.vault.sealing import open_sealed

LEASE = "webhooks"
KEEP = timedelta(days=30)
"""Deliveries that ended are listed for so long."""
_PASS_S = 20.0
_AT_ONCE = 500
_GROUP = 50
_MEDIA_TYPES = {
    Envelope.STANDARD: "application/json",
    Envelope.CLOUDEVENTS: "application/cloudevents+json",
}


def deliver(*, now: datetime, holder: str) -> int:
    """One pass over the endpoints that are on, of at most 20 seconds; how many events arrived."""
    if not take(LEASE, holder, to_ms(now)):
        return 0
    ends_at, arrived = time.monotonic() + _PASS_S, 0
    try:
        WebhookDelivery.objects.filter(made_at__lt=now - KEEP).exclude(
            state=DeliveryState.WAITING
        ).delete()
        due = WebhookEndpoint.objects.filter(
            Q(retry_at=None) | Q(retry_at__lte=now), state=EndpointState.ON
        )
        for endpoint in due:
            _queue(endpoint, now)
            arrived += _deliver_to(endpoint, holder, ends_at)
    except LeaseLost:
        return arrived
    give_back(LEASE, holder)
    return arrived


def _queue(endpoint: WebhookEndpoint, now: datetime) -> None:
    for _window in range(20):
        with transaction.atomic():
            if not queue_events(endpoint, now=now):
                return


def _due(endpoint: WebhookEndpoint, now: datetime) -> list[WebhookDelivery]:
    """The next deliveries, in order; none of a subject whose earlier event waits for its retry."""
    waiting = WebhookDelivery.objects.filter(endpoint=endpoint, state=DeliveryState.WAITING)
    pausing = waiting.filter(retry_at__gt=now).exclude(subject="")
    rows = waiting.exclude(retry_at__gt=now).exclude(subject__in=pausing.values("subject"))
    return list(rows.order_by("number", "id")[:_AT_ONCE])


def _deliver_to(endpoint: WebhookEndpoint, holder: str, ends_at: float) -> int:
    receiver = receiver_address(endpoint.url)
    if receiver is None:
        return 0
    arrived = 0
    with Receiver(receiver) as line:
        while time.monotonic() < ends_at:
            rows = _due(endpoint, timezone.now())
            if not rows:
                break
            for group in _groups(rows):
                is_up, count = _deliver_group(endpoint, line, group, holder)
                arrived += count
                if not is_up or time.monotonic() >= ends_at:
                    return arrived
    return arrived


def _groups(rows: list[WebhookDelivery]) -> Iterator[list[WebhookDelivery]]:
    for start in range(0, len(rows), _GROUP):
        yield rows[start : start + _GROUP]


def _deliver_group(
    endpoint: WebhookEndpoint, line: Receiver, group: list[WebhookDelivery], holder: str
) -> tuple[bool, int]:
    """Deliver a group; whether the endpoint takes more now, and how many events arrived."""
    arrived: list[WebhookDelivery] = []
    refused: list[WebhookDelivery] = []
    down: tuple[WebhookDelivery, DeliveryFailed] | None = None
    began = time.monotonic()
    renew(LEASE, holder, to_ms(timezone.now()) + LEASE_MS)
    secret_texts = _secrets(endpoint, timezone.now())
    blocked: set[str] = set()
    for row in group:
        if row.subject and row.subject in blocked:
            continue
        try:
            row.answered = line.post(row.body.encode(), _headers(endpoint, row, secret_texts))
        except DeliveryFailed as failed:
            row.answered, row.error = failed.status, failed.code
            if not concerns_event_alone(failed.status):
                down = (row, failed)
                break
            refused.append(row)
            blocked.add(row.subject)
        else:
            row.error = ""
            arrived.append(row)
        if time.monotonic() - began > LEASE_MS / 3_000:
            break
    _record(endpoint, arrived, refused, down, timezone.now())
    return down is None, len(arrived)


def _secrets(endpoint: WebhookEndpoint, now: datetime) -> list[str]:
    table = WebhookEndpoint._meta.db_table
    secret_texts = [open_sealed(table, "secret", endpoint.id, endpoint.secret)]
    if endpoint.previous_until and endpoint.previous_until > now:
        secret_texts.append(
            open_sealed(table, "previous_secret", endpoint.id, endpoint.previous_secret)
        )
    return secret_texts


def _headers(
    endpoint: WebhookEndpoint, row: WebhookDelivery, secret_texts: list[str]
) -> dict[str, str]:
    at = int(time.time())
    return {
        "Content-Type": _MEDIA_TYPES[Envelope(endpoint.envelope)],
        "Webhook-Id": row.event,
        "Webhook-Timestamp": str(at),
        "Webhook-Signature": signatures(secret_texts, row.event, at, row.body.encode()),
    }


def _record(
    endpoint: WebhookEndpoint,
    arrived: list[WebhookDelivery],
    refused: list[WebhookDelivery],
    down: tuple[WebhookDelivery, DeliveryFailed] | None,
    now: datetime,
) -> None:
    for row in arrived:
        row.state, row.done_at, row.retry_at = DeliveryState.DELIVERED, now, None
    for row in refused:
        is_over = now - row.made_at > GIVE_UP_AFTER
        row.state = DeliveryState.FAILED if is_over else DeliveryState.WAITING
        row.done_at = now if is_over else None
        row.retry_at = None if is_over else now + pause_before_retry(row.attempts + 1)
    changed = [*arrived, *refused, *([down[0]] if down else [])]
    for row in changed:
        row.attempts += 1
    with transaction.atomic():
        WebhookDelivery.objects.bulk_update(
            changed, ["state", "attempts", "answered", "error", "retry_at", "done_at"]
        )
        if arrived and endpoint.failures:
            endpoint.failures, endpoint.failing_since, endpoint.retry_at = 0, None, None
            endpoint.save(update_fields=["failures", "failing_since", "retry_at"])
        if down:
            _record_failure(endpoint, down[1], now)


def _record_failure(endpoint: WebhookEndpoint, failed: DeliveryFailed, now: datetime) -> None:
    endpoint.failures += 1
    endpoint.failing_since = endpoint.failing_since or now
    endpoint.retry_at = now + pause_before_retry(endpoint.failures)
    fields = ["failures", "failing_since", "retry_at"]
    if failed.status == GONE or now - endpoint.failing_since > GIVE_UP_AFTER:
        endpoint.state = EndpointState.DISABLED
        fields.append("state")
    endpoint.save(update_fields=fields)
