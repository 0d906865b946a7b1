"""What runs and what happened: the clocks, the events, the outcome weeks later."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from amends.cases.complaints.models.complaint import Complaint
from amends.platform.kit.ids import time_ordered_id


class Clock(models.Model):
    """One legal deadline of a complaint, under the rule of the day it was filed."""

    complaint = models.ForeignKey(Complaint, on_delete=models.CASCADE, related_name="clocks")
    step = models.CharField(max_length=24)
    due_at = models.DateTimeField()
    rule = models.CharField(max_length=80)
    counting = models.CharField(max_length=60, blank=True)
    binding = models.BooleanField(default=True)
    verified = models.BooleanField(default=True)
    met_at = models.DateTimeField(null=True, blank=True)
    warned_at = models.DateTimeField(null=True, blank=True)
    breached_at = models.DateTimeField(null=True, blank=True)
    escalated_at = models.DateTimeField(null=True, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    merged_from = models.CharField(
        max_length=32, blank=True, help_text="The complaint it began with, before that was merged."
    )

    class Meta:
        ordering = ["due_at", "id"]
        indexes = [
            models.Index(
                fields=["due_at"],
                name="clock_running",
                condition=Q(met_at__isnull=True, breached_at__isnull=True, binding=True),
            ),
            models.Index(
                fields=["due_at"],
                name="clock_late",
                condition=Q(met_at__isnull=True, breached_at__isnull=False, binding=True),
            ),
        ]


class Event(models.Model):
    """What happened to a complaint: moves, warnings, corrections, looks for words; never edited."""

    id = models.CharField(primary_key=True, max_length=32, default=time_ordered_id)
    complaint = models.ForeignKey(Complaint, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField()
    verb = models.CharField(max_length=32)
    from_state = models.CharField(max_length=24, blank=True)
    to_state = models.CharField(max_length=24, blank=True)
    actor = models.CharField(max_length=64)
    reason = models.TextField(blank=True)
    details = models.JSONField(default=dict)

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["verb", "at"], name="event_verb")]


class Outcome(models.Model):
    """Weeks later: is it solved? Asked once per resolution, answered by the complainant."""

    complaint = models.ForeignKey(Complaint, on_delete=models.CASCADE, related_name="outcomes")
    asked_at = models.DateTimeField()
    state_when_asked = models.CharField(max_length=24)
    answer = models.CharField(max_length=16, blank=True)
    satisfaction = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="How content with the way it was handled, 1 to 5."
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    words = models.TextField(blank=True)

    class Meta:
        ordering = ["asked_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(satisfaction__isnull=True) | Q(satisfaction__range=(1, 5)),
                name="satisfaction_1_to_5",
            )
        ]


class Bookmark(models.Model):
    """How far a stream of another app (changes in the fate of messages) has been read."""

    stream = models.CharField(primary_key=True, max_length=40)
    cursor = models.BigIntegerField(default=0)

    class Meta:
        ordering = ["stream"]

    def __str__(self) -> str:
        return f"{self.stream} {self.cursor}"
