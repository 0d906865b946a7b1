"""Bulletins others published, as they printed them, with what does not add up in them."""

from __future__ import annotations

from django.db import models


class PublishedFigure(models.Model):
    """One line of one bulletin; `flags` tells what does not follow from the rest of it.

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
