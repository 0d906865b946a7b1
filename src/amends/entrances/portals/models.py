"""The systems that may talk to the interfaces, what they handed over, and complaints being written.

A draft holds what somebody is writing, sealed; its token is the only way to it. Once it was sent
and received as a complaint, words and files are gone from it, and the receipt stays a day, with
what was picked as its subject, so that a reload shows it again.
"""

from __future__ import annotations

from django.db import models

from amends.platform.kit.ids import random_id, time_ordered_id
from amends.platform.vault.fields import SealedField


class ApiClient(models.Model):
    """A system of the operator, known by a token of which only the hash is kept.

    `channel` is the channel its complaints count under; `trusted_identity` lets it state that it
    knows the person (a signed-in customer of the operator's own app).
    """

    name = models.CharField(max_length=80, unique=True)
    token_hash = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    channel = models.CharField(max_length=16, default="api")
    brand = models.CharField(max_length=40, blank=True)
    trusted_identity = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ClientColleague(models.Model):
    """A colleague for whom a client may act, from binding to release; rows are never deleted.

    colleague  reference of the person
    """

    client = models.ForeignKey(ApiClient, on_delete=models.CASCADE, related_name="colleagues")
    colleague = models.CharField(max_length=40)
    bound_by = models.CharField(max_length=40)
    bound_at = models.DateTimeField()
    released_by = models.CharField(max_length=40, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["bound_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "colleague"],
                condition=models.Q(released_at=None),
                name="portals_colleague_bound_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.client} {self.colleague}"


class IdempotencyKey(models.Model):
    """A request of a client under its idempotency key, by the print of its body.

    `body_print` is a blind index of the whole body: the same key with another body is told apart
    without keeping anything of either. `result` is what the first request gave out, where repeating
    it must give the same.
    """

    client = models.ForeignKey(ApiClient, on_delete=models.CASCADE, related_name="handovers")
    key = models.CharField(max_length=100)
    body_print = models.CharField(max_length=64)
    result = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["client", "key"], name="portals_handover_once"),
        ]

    def __str__(self) -> str:
        return self.key


class Draft(models.Model):
    """A complaint being written on the public site; `id` is its token."""

    id = models.CharField(primary_key=True, max_length=32, default=random_id)
    content = SealedField(bound_to="id")
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    tracking_code = models.CharField(
        max_length=14, blank=True, help_text="Handed out when it was sent."
    )
    complaint = models.CharField(
        max_length=32, blank=True, help_text="The complaint it became; blank until the job ran."
    )
    joined = models.CharField(max_length=16, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)
    retry_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["made_at", "id"]
        indexes = [
            models.Index(fields=["made_at"], name="portals_draft_age"),
            models.Index(
                fields=["sent_at", "id"],
                name="portals_draft_to_receive",
                condition=models.Q(sent_at__isnull=False, complaint=""),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["tracking_code"],
                name="portals_draft_tracking_code",
                condition=~models.Q(tracking_code=""),
            )
        ]

    def __str__(self) -> str:
        return f"draft of {self.made_at:%Y-%m-%d %H:%M}"


class DraftFile(models.Model):
    """A file chosen for a draft, sealed on disk until the draft is sent or forgotten."""

    id = models.CharField(primary_key=True, max_length=32, default=time_ordered_id)
    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="files")
    name = SealedField(bound_to="id")
    key = SealedField(bound_to="id", help_text="the key the bytes on disk are sealed under")
    media_type = models.CharField(max_length=80)
    size_bytes = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["draft", "id"]

    def __str__(self) -> str:
        return f"{self.media_type} {self.id}"
