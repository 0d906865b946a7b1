"""What the auditor found: derived from facts, and written anew by each audit of a month.

The facts `NoticeDue` are the record; these rows only answer pages quickly. Times are milliseconds
since 1970 UTC, months the local first day (`2026-11-01`).
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class AuditRun(models.Model):
    """One audit of some months; `number` is taken by one writer only."""

    number = models.BigIntegerField(primary_key=True)
    start_at = models.DateTimeField()
    end_at = models.DateTimeField()
    jurisdiction = models.CharField(max_length=16)
    ran_at = models.DateTimeField()
    ran_by = models.CharField(max_length=64)
    owed = models.PositiveIntegerField()
    stated = models.PositiveIntegerField(help_text="facts NoticeDue written by this run")
    usage_sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ("-number",)

    def __str__(self) -> str:
        return f"audit {self.number}"


class Outcomes(models.Model):
    """What became of the notices due under one duty in one local month, for one brand."""

    duty = models.CharField(max_length=64)
    period = models.CharField(max_length=10)
    brand = models.CharField(max_length=40, blank=True)
    in_time = models.PositiveIntegerField(default=0)
    late = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    missing = models.PositiveIntegerField(default=0)
    unknown = models.PositiveIntegerField(default=0)

    class Meta:
        abstract = True


class DutyCount(Outcomes):
    """What became of the notices due under one duty in one local month, for one brand."""

    class Meta:
        ordering = ("period", "duty", "brand")
        constraints = (
            models.UniqueConstraint(fields=("duty", "period", "brand"), name="audits_count_once"),
        )

    def __str__(self) -> str:
        return f"{self.duty} {self.period}"


class DutyPart(Outcomes):
    """The same counts of those of one area, product or channel; "" where it is not known.

    dimension  "area", of the service or else of the person; "product", the offer of the service;
               "channel", on which it reached the user or was sent, "" where it never was
    """

    dimension = models.CharField(max_length=8)
    unit = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ("period", "duty", "dimension", "unit", "brand")
        constraints = (
            models.UniqueConstraint(
                fields=("period", "dimension", "duty", "unit", "brand"),
                name="audits_part_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.duty} {self.period} {self.dimension} {self.unit}"


class MissedNotice(models.Model):
    """One notice that did not reach the user in time, or of which it is not known."""

    class State(models.TextChoices):
        """What became of it."""

        LATE = "late", _("late")
        FAILED = "failed", _("not delivered")
        MISSING = "missing", _("never sent")
        UNKNOWN = "unknown", _("not known")

    key = models.CharField(primary_key=True, max_length=64)
    duty = models.CharField(max_length=64)
    step = models.CharField(max_length=32, blank=True)
    period = models.CharField(max_length=10)
    subscriber = models.CharField(max_length=64, db_index=True)
    service = models.CharField(max_length=120)
    brand = models.CharField(max_length=40, blank=True)
    due_at_ms = models.BigIntegerField()
    reached_at_ms = models.BigIntegerField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=State)

    class Meta:
        ordering = ("due_at_ms", "key")
        indexes = (models.Index(fields=("duty", "period", "state"), name="audits_missed_of_duty"),)

    def __str__(self) -> str:
        return f"{self.duty} {self.key}"


class ChargeWithoutNotice(models.Model):
    """A charge made although a notice was missing, and how much of it the notice answers for."""

    owed = models.ForeignKey(MissedNotice, on_delete=models.CASCADE, related_name="charges")
    rule = models.CharField(max_length=80)
    charge = models.CharField(max_length=64)
    charged_at_ms = models.BigIntegerField()
    amount_minor = models.BigIntegerField()
    excess_minor = models.BigIntegerField()
    elsewhere_minor = models.BigIntegerField(default=0, help_text="given back before, by billing")
    currency = models.CharField(max_length=3)

    class Meta:
        ordering = ("charged_at_ms", "charge")
        constraints = (models.UniqueConstraint(fields=("charge",), name="audits_charge_once"),)

    def __str__(self) -> str:
        return self.charge


class RefundMessage(models.Model):
    """A refund its owner was notified of without asking; `message` is "" where nobody can be
    reached."""

    remedy = models.CharField(primary_key=True, max_length=32)
    message = models.CharField(max_length=32, blank=True)
    reached_at_ms = models.BigIntegerField()

    def __str__(self) -> str:
        return self.remedy
