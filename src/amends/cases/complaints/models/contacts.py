"""What came on the channels: contacts with their files, and codes that show who writes."""

from __future__ import annotations

from django.db import models

from amends.cases.complaints.models.complaint import Complaint
from amends.platform.kit.ids import random_id, time_ordered_id
from amends.platform.vault.fields import SealedField


class Contact(models.Model):
    """One event on a channel; `key` makes a repeated delivery harmless."""

    id = models.CharField(primary_key=True, max_length=32, default=time_ordered_id)
    complaint = models.ForeignKey(Complaint, on_delete=models.CASCADE, related_name="contacts")
    channel = models.CharField(max_length=16)
    key = models.CharField(max_length=120)
    received_at = models.DateTimeField()
    language = models.CharField(max_length=8, blank=True)
    text = models.TextField()
    original = SealedField(bound_to="id")
    joined_because = models.CharField(max_length=16)
    by = models.CharField(max_length=80, blank=True)
    tracking_code = models.CharField(
        max_length=14,
        blank=True,
        help_text="Handed out before it was known that the contact joins an open complaint.",
    )

    class Meta:
        ordering = ["received_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["channel", "key"], name="contact_once"),
            models.UniqueConstraint(
                fields=["tracking_code"],
                name="contact_tracking_code",
                condition=~models.Q(tracking_code=""),
            ),
        ]


class Attachment(models.Model):
    """A file that came with a contact; its bytes rest sealed under `DATA_DIR/files`."""

    class Scan(models.TextChoices):
        WAITING = "", "not scanned"
        CLEAN = "clean", "nothing found"
        INFECTED = "infected", "malware found"

    id = models.CharField(primary_key=True, max_length=32, default=time_ordered_id)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="attachments")
    name = SealedField(bound_to="id")
    key = SealedField(bound_to="id", help_text="the key the bytes on disk are sealed under")
    media_type = models.CharField(max_length=80)
    size_bytes = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    scan = models.CharField(max_length=12, choices=Scan.choices, blank=True, default=Scan.WAITING)

    class Meta:
        ordering = ["contact", "id"]
        indexes = [
            models.Index(fields=["id"], name="attachment_to_scan", condition=models.Q(scan="")),
        ]


class IdentityRequest(models.Model):
    """Somebody asked for a code on the page of a tracking code; the job `identity codes` sends it.

    The request only stores this row: whether there is anybody to send a code to cannot be told
    from its time.
    """

    complaint = models.ForeignKey(
        Complaint, on_delete=models.CASCADE, related_name="identity_requests"
    )
    source = models.CharField(max_length=64, blank=True)
    asked_at = models.DateTimeField()

    class Meta:
        ordering = ["asked_at", "id"]


class Challenge(models.Model):
    """A code sent to the contact on record, to know that the complainant is that person.

    `to_given`: it went to the address given with the complaint instead, of which nobody knows whose
    it is; answering it shows the letters that went there, and makes nobody verified.
    """

    id = models.CharField(primary_key=True, max_length=32, default=time_ordered_id)
    complaint = models.ForeignKey(Complaint, on_delete=models.CASCADE, related_name="challenges")
    sent_on = models.CharField(max_length=12)
    to_given = models.BooleanField(default=False)
    code_hash = models.CharField(max_length=64)
    salt = models.CharField(max_length=32, default=random_id)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["asked_at", "id"]
