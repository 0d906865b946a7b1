"""The systems that may talk to the interfaces."""

from __future__ import annotations

from django.db import models


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
