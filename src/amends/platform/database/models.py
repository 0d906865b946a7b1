"""Leases. Django announces the end of migrations only to apps that have a models module."""

from __future__ import annotations

from django.db import models


class Lease(models.Model):
    """Which process may do what only one does at a time, and until when."""

    name = models.CharField(primary_key=True, max_length=20)
    holder = models.CharField(max_length=100)
    until_ms = models.BigIntegerField()

    class Meta:
        db_table = "database_lease"


class RateCount(models.Model):
    """How often something was done in a period, for rate limits that all machines share."""

    key = models.CharField(primary_key=True, max_length=200)
    count = models.PositiveIntegerField()
    ends_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "database_ratecount"
