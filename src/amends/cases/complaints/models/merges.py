"""Merges of complaints: what went where, so that a merge can be undone."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from amends.cases.complaints.models.complaint import Complaint
from amends.platform.kit.ids import time_ordered_id


class ComplaintMerge(models.Model):
    """One complaint merged into another, and the state it had.

    moved  ids of what went to the survivor, by table: contacts, replies, clocks, and what
           colleagues wrote (`casework`)
    """

    id = models.CharField(primary_key=True, max_length=32, default=time_ordered_id)
    survivor = models.ForeignKey(Complaint, on_delete=models.CASCADE, related_name="absorbed")
    merged = models.ForeignKey(Complaint, on_delete=models.CASCADE, related_name="merges")
    at = models.DateTimeField()
    by = models.CharField(max_length=64)
    reason = models.TextField(blank=True)
    state_before = models.CharField(max_length=24)
    moved = models.JSONField(default=dict)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["merged"], name="merged_once", condition=Q(undone_at__isnull=True)
            ),
        ]
