"""What other systems sent by the TM Forum Open APIs and Amends has no field of its own for."""

from __future__ import annotations

from django.db import models

from amends.platform.kit.ids import time_ordered_id
from amends.platform.vault.fields import SealedField


class SentResource(models.Model):
    """The body a client sent, encrypted, with the few attributes that lists are filtered by.

    id           id of the resource; for a ticket that opened a complaint, the id of the complaint
    subject      reference of the object it became, such as the id of a complaint
    external     blind index of the client's own id
    body         JSON of what was sent: unknown fields, parties, notes
    """

    class Kind(models.TextChoices):
        TROUBLE_TICKET = "troubleTicket"

    id = models.CharField(primary_key=True, max_length=40, default=time_ordered_id)
    kind = models.CharField(max_length=24, choices=Kind.choices)
    subject = models.CharField(max_length=40, db_index=True)
    client = models.BigIntegerField()
    severity = models.CharField(max_length=40, blank=True)
    ticket_type = models.CharField(max_length=80, blank=True)
    priority = models.CharField(max_length=40, blank=True)
    external = models.CharField(max_length=64, blank=True)
    body = SealedField(bound_to="id")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["created_at", "id"]
        indexes = [
            models.Index(fields=["kind", "severity"], name="tmforum_severity"),
            models.Index(fields=["kind", "ticket_type"], name="tmforum_ticket_type"),
            models.Index(fields=["client", "external"], name="tmforum_external"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"
