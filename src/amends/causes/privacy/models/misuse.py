"""Case files of users whose looks need a question."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class MisuseCase(models.Model):
    """The case file of one user; one is open at a time. An appeal is decided by somebody else."""

    class Decision(models.TextChoices):
        UNFOUNDED = "unfounded", _("no misuse")
        WARNING = "warning", _("warning")
        RETRAINING = "retraining", _("retraining")
        SUSPENSION = "suspension", _("suspension of the account")

    class Outcome(models.TextChoices):
        UPHELD = "upheld", _("the decision stands")
        OVERTURNED = "overturned", _("the decision is lifted")

    ref = models.CharField(primary_key=True, max_length=40)
    user = models.CharField(max_length=80)
    partner = models.CharField(max_length=64, blank=True)
    brand = models.CharField(max_length=40, blank=True)
    opened_at = models.DateTimeField(_("opened at"))
    decision = models.CharField(_("decision"), max_length=12, choices=Decision, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    decided_by = models.CharField(max_length=80, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    sanction = models.CharField(max_length=64, blank=True)
    appealed_at = models.DateTimeField(_("appealed at"), null=True, blank=True)
    appeal = models.CharField(_("appeal"), max_length=500, blank=True)
    appeal_outcome = models.CharField(max_length=12, choices=Outcome, blank=True)
    appeal_reason = models.CharField(max_length=500, blank=True)
    appeal_by = models.CharField(max_length=80, blank=True)
    appeal_decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "privacy_misuse_case"
        verbose_name = _("case of misuse")
        verbose_name_plural = _("cases of misuse")
        ordering = ["-opened_at", "ref"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=models.Q(decided_at__isnull=True),
                name="privacy_one_open_case",
            )
        ]

    def __str__(self) -> str:
        return self.ref


class AccessAlert(models.Model):
    """One alert of a case; `count` looks in `days` days where `expected` were usual."""

    case = models.ForeignKey(MisuseCase, on_delete=models.CASCADE, related_name="alerts")
    signal = models.CharField(max_length=20)
    at = models.DateTimeField()
    p = models.FloatField()
    count = models.IntegerField()
    expected = models.FloatField()
    days = models.IntegerField()

    class Meta:
        db_table = "privacy_access_alert"
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["case", "signal", "at"], name="privacy_alert_once")
        ]

    def __str__(self) -> str:
        return f"{self.signal} {self.at:%Y-%m-%d}"
