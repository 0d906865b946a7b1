"""Exports of personal data, and subscribers that nobody has a reason to look at."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class DataExport(models.Model):
    """A table of personal data handed to one recipient, with its watermark and what it cost.

    mark   what the watermark is computed from; `cost` is rows times the sensitivity of the columns
    """

    ref = models.CharField(primary_key=True, max_length=40)
    by = models.CharField(max_length=80)
    handed_to = models.CharField(_("recipient"), max_length=120)
    purpose = models.CharField(max_length=200)
    columns = models.JSONField(default=list)
    rows = models.PositiveIntegerField(_("rows"))
    cost = models.PositiveIntegerField()
    mark = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64)
    at = models.DateTimeField(_("at"))

    class Meta:
        db_table = "privacy_data_export"
        verbose_name = _("export of personal data")
        verbose_name_plural = _("exports of personal data")
        ordering = ["-at", "ref"]
        indexes = [models.Index(fields=["by", "at"], name="privacy_export_by")]

    def __str__(self) -> str:
        return self.ref


class Honeytoken(models.Model):
    """An invented subscriber that no process touches: one look at it is an alert."""

    subscriber = models.CharField(primary_key=True, max_length=64)
    placed_by = models.CharField(max_length=80)
    placed_at = models.DateTimeField()

    class Meta:
        db_table = "privacy_honeytoken"

    def __str__(self) -> str:
        return self.subscriber
