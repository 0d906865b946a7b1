"""Bulletins others published, as they printed them; and the days of complaints kept measured."""

from __future__ import annotations

from django.db import models


class MeasuredDay(models.Model):
    """What the complaints received on one local day are measured by, in packed columns.

    Derived, and kept only so that a page need not read a million rows: see `kept`.
    """

    day = models.DateField(primary_key=True)
    rows = models.PositiveIntegerField()
    columns = models.BinaryField()

    class Meta:
        ordering = ["day"]


class MeasuredMark(models.Model):
    """How far the kept days have read: ids of complaints and events, the moment of payments."""

    stream = models.CharField(primary_key=True, max_length=16)
    seen = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["stream"]


class PublishedFigure(models.Model):
    """One line of one bulletin; `flags` names what is inconsistent with the rest of it.

    Printed figures are kept as printed: a flag is for a person to ask about, not a correction.
    """

    bulletin = models.CharField(max_length=80)
    quarter = models.CharField(max_length=8)
    definition = models.CharField(max_length=40, blank=True)
    line = models.CharField(max_length=80)
    count = models.PositiveIntegerField()
    before = models.PositiveIntegerField(null=True, blank=True)
    change_percent = models.FloatField(null=True, blank=True)
    rate = models.FloatField(null=True, blank=True)
    users = models.BigIntegerField(null=True, blank=True)
    source = models.CharField(max_length=200, blank=True)
    flags = models.JSONField(default=list)
    imported_at = models.DateTimeField()

    class Meta:
        ordering = ["bulletin", "quarter", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["bulletin", "quarter", "line"], name="published_figure_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.bulletin} {self.quarter} {self.line}"
