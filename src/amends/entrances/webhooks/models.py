"""Endpoints of webhooks, and what is delivered to each.

Events are facts of the ledger: an endpoint has the number of the last entry that was read for it,
and a delivery for each event of its types from then on.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from amends.platform.database.choices import BadgeChoices
from amends.platform.kit.ids import random_id, time_ordered_id
from amends.platform.vault.fields import SealedField


class EndpointState(BadgeChoices):
    """Whether events are delivered to an endpoint."""

    ON = "on", "ok", _("On")
    OFF = "off", "plain", _("Switched off")
    DISABLED = "disabled", "bad", _("Disabled after failures")


class DeliveryState(BadgeChoices):
    """Whether a receiver has an event."""

    WAITING = "waiting", "info", _("To be delivered")
    DELIVERED = "delivered", "ok", _("Delivered")
    FAILED = "failed", "bad", _("Not delivered")


class Envelope(models.TextChoices):
    """The form of an event's body."""

    STANDARD = "standard", _("Standard Webhooks")
    CLOUDEVENTS = "cloudevents", _("CloudEvents 1.0")


class WebhookEndpoint(models.Model):
    """An address of another system to which events are sent."""

    id = models.CharField(primary_key=True, max_length=32, default=random_id)
    name = models.CharField(max_length=40, unique=True)
    url = models.CharField(max_length=500)
    event_types = models.JSONField(default=list)
    envelope = models.CharField(max_length=16, choices=Envelope.choices, default=Envelope.STANDARD)
    state = models.CharField(max_length=16, choices=EndpointState.choices, default=EndpointState.ON)
    secret = SealedField(bound_to="id")
    previous_secret = SealedField(bound_to="id")
    previous_until = models.DateTimeField(
        null=True, blank=True, help_text="Until then the previous secret signs as well."
    )
    read_number = models.BigIntegerField(help_text="The last entry of the ledger that was read.")
    made_by = models.CharField(max_length=40)
    made_at = models.DateTimeField()
    failures = models.PositiveIntegerField(default=0, help_text="In a row.")
    failing_since = models.DateTimeField(null=True, blank=True)
    retry_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class WebhookDelivery(models.Model):
    """An event for an endpoint, with its body as it is sent; bodies have no personal data.

    event      the receiver's `webhook-id`: the same at every try
    subject    the complaint, issue, measure or offer whose events are delivered in order
    number     the entry of the ledger; -1 for a test event
    answered   HTTP status of the last try, None where there was no answer
    error      why the last try failed: a code (`rules/failures.py`)
    """

    id = models.CharField(primary_key=True, max_length=32, default=time_ordered_id)
    endpoint = models.ForeignKey(
        WebhookEndpoint, on_delete=models.CASCADE, related_name="deliveries"
    )
    event = models.CharField(max_length=40)
    event_type = models.CharField(max_length=40)
    subject = models.CharField(max_length=120, blank=True)
    number = models.BigIntegerField()
    body = models.TextField()
    state = models.CharField(
        max_length=16, choices=DeliveryState.choices, default=DeliveryState.WAITING
    )
    attempts = models.PositiveIntegerField(default=0)
    answered = models.PositiveSmallIntegerField(null=True, blank=True)
    error = models.CharField(max_length=40, blank=True)
    retry_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["number", "id"]
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "event"], name="webhooks_event_once"),
        ]
        indexes = [
            models.Index(
                fields=["endpoint", "number", "id"],
                condition=models.Q(state="waiting"),
                name="webhooks_waiting",
            ),
            models.Index(fields=["made_at"], name="webhooks_delivery_age"),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} {self.event}"
