"""Agents, manufacturers, providers: what they may do, until when, what was held against them."""

from __future__ import annotations

from django.db import models


class Partner(models.Model):
    """A firm that works for or with the operator."""

    class Kind(models.TextChoices):
        AGENT = "agent"
        MANUFACTURER = "manufacturer"
        PROVIDER = "provider"
        CHANNEL = "channel"

    ref = models.CharField(primary_key=True, max_length=64)
    kind = models.CharField(max_length=16, choices=Kind)
    name_zh = models.CharField(max_length=160)
    name_en = models.CharField(max_length=160)

    class Meta:
        db_table = "partners_partner"
        ordering = ["ref"]

    def __str__(self) -> str:
        return f"{self.name_zh} ({self.ref})"


class Contract(models.Model):
    """What a partner may do (`roles`), for which brand, from when to when; half-open."""

    ref = models.CharField(primary_key=True, max_length=64)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="contracts")
    roles = models.JSONField(default=list)
    brand = models.CharField(max_length=40, blank=True, help_text="empty: every brand")
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "partners_contract"
        ordering = ["partner", "valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True)
                | models.Q(valid_to__gt=models.F("valid_from")),
                name="partners_contract_period",
            )
        ]

    def __str__(self) -> str:
        return self.ref


class Sanction(models.Model):
    """A warning, fine, suspension or exclusion of a partner, with its reason."""

    class Kind(models.TextChoices):
        WARNING = "warning"
        FINE = "fine"
        SUSPENSION = "suspension"
        EXCLUSION = "exclusion"

    ref = models.CharField(primary_key=True, max_length=64)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="sanctions")
    kind = models.CharField(max_length=16, choices=Kind)
    reason = models.CharField(max_length=300)
    amount_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3, blank=True)
    imposed_at = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "partners_sanction"
        ordering = ["partner", "imposed_at"]

    def __str__(self) -> str:
        return self.ref
