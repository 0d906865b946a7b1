"""Remedies and the charges they give back."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from amends.platform.kit.ids import time_ordered_id


class RemedyKind(models.TextChoices):
    REFUND = "refund"
    CREDIT = "credit"
    COMPENSATION = "compensation"
    RELEASE = "release"
    CORRECTION = "correction"
    REPAIR = "repair"


class RemedyState(models.TextChoices):
    """`offered` waits for the user's answer, `proposed` for somebody who may approve it."""

    OFFERED = "offered"
    PROPOSED = "proposed"
    APPROVED = "approved"
    EXPORTED = "exported"
    ACKNOWLEDGED = "acknowledged"
    REJECTED = "rejected"
    FAILED = "failed"


class ChargeBalance(models.Model):
    """A charge and what of it has been given back; the database refuses more than the charge."""

    charge = models.CharField(primary_key=True, max_length=64)
    currency = models.CharField(max_length=3)
    charge_minor = models.BigIntegerField()
    refunded_elsewhere_minor = models.BigIntegerField(default=0)
    refunded_minor = models.BigIntegerField(default=0, editable=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(refunded_minor__gte=0)
                & Q(charge_minor__gte=F("refunded_minor") + F("refunded_elsewhere_minor")),
                name="refunds_never_exceed_the_charge",
            )
        ]

    def __str__(self) -> str:
        return self.charge


class Remedy(models.Model):
    """One thing the operator owes: money in minor units, or a deed.

    `key` is the idempotency key of the proposal: the same cause, kind and charge is one remedy.
    """

    id = models.CharField(primary_key=True, max_length=32, default=time_ordered_id)
    key = models.CharField(max_length=160, unique=True)
    cause = models.CharField(max_length=64, help_text="What asks for it, e.g. complaint:<id>.")
    subscriber = models.CharField(max_length=40, blank=True)
    service = models.CharField(max_length=64, blank=True)
    brand = models.CharField(max_length=40, blank=True)
    kind = models.CharField(max_length=16, choices=RemedyKind.choices)
    balance = models.ForeignKey(
        ChargeBalance, null=True, blank=True, on_delete=models.PROTECT, db_column="charge"
    )
    amount_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    reason_zh = models.TextField(blank=True)
    reason_en = models.TextField(blank=True)
    rule = models.CharField(max_length=80, blank=True)
    state = models.CharField(
        max_length=16, choices=RemedyState.choices, default=RemedyState.PROPOSED
    )
    proposed_at = models.DateTimeField()
    proposed_by = models.CharField(max_length=64)
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.CharField(max_length=64, blank=True)
    approval_rule = models.CharField(
        max_length=80,
        blank=True,
        default="",
        db_default="",
        help_text="Version of the limits by which one person or a rule approved it alone.",
    )
    exported_at = models.DateTimeField(null=True, blank=True)
    export = models.CharField(max_length=32, blank=True, db_index=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledgement = models.CharField(max_length=80, blank=True)
    rejected_reason = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "remedies"
        ordering = ("proposed_at", "id")
        indexes = [
            models.Index(fields=["cause"], name="remedy_cause"),
            models.Index(fields=["state", "proposed_at"], name="remedy_state"),
            models.Index(fields=["acknowledged_at"], name="remedy_acknowledged"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_minor__gte=0), name="a_remedy_is_never_negative"
            )
        ]

    def __str__(self) -> str:
        return self.id
