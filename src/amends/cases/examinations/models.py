"""Self-examination: owners, checks, findings, and the trail of every step."""

from __future__ import annotations

from django.db import models

from amends.platform.kit.ids import time_ordered_id


class ProcessOwner(models.Model):
    """Who answers for a process from a day on; a change is a new row."""

    process = models.CharField(max_length=40)
    owner = models.CharField(max_length=64, help_text="reference of a user")
    from_date = models.DateField()
    set_by = models.CharField(max_length=64)
    set_at = models.DateTimeField()

    class Meta:
        ordering = ("process", "from_date", "id")

    def __str__(self) -> str:
        return f"{self.process} {self.owner}"


class DutyCheck(models.Model):
    """One duty of one process held against what happened, in one quarter."""

    process = models.CharField(max_length=40)
    duty = models.CharField(max_length=64)
    quarter = models.CharField(max_length=7)
    checked_at = models.DateTimeField()
    checked_by = models.CharField(max_length=64)
    outcome = models.CharField(max_length=8)
    due = models.PositiveIntegerField(default=0)
    in_time = models.PositiveIntegerField(default=0)
    unknown = models.PositiveIntegerField(default=0)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ("-checked_at", "-id")
        indexes = (models.Index(fields=("quarter", "process"), name="examinations_checks"),)

    def __str__(self) -> str:
        return f"{self.process} {self.duty} {self.quarter}"


class ExaminationFinding(models.Model):
    """A defect found in a process; `key` makes one cause one finding."""

    id = models.CharField(primary_key=True, max_length=32, default=time_ordered_id)
    key = models.CharField(max_length=120, unique=True)
    process = models.CharField(max_length=40)
    duty = models.CharField(max_length=64, blank=True)
    source = models.CharField(max_length=16, help_text="coverage, override, complaint, person")
    figure = models.PositiveIntegerField(default=0, help_text="how many were not as they must be")
    of = models.PositiveIntegerField(default=0)
    words = models.TextField(blank=True)
    found_at = models.DateTimeField()
    found_by = models.CharField(max_length=64)
    state = models.CharField(max_length=10, default="open")
    correction = models.TextField(blank=True)
    corrected_at = models.DateTimeField(null=True, blank=True)
    corrected_by = models.CharField(max_length=64, blank=True)
    recheck_on = models.DateField(null=True, blank=True)
    rechecked_at = models.DateTimeField(null=True, blank=True)
    rechecked_by = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ("-found_at", "-id")

    def __str__(self) -> str:
        return self.key


class ExaminationStep(models.Model):
    """One step of self-examination; the database refuses to change or remove it."""

    at = models.DateTimeField()
    by = models.CharField(max_length=64)
    verb = models.CharField(max_length=16)
    process = models.CharField(max_length=40)
    finding = models.CharField(max_length=32, blank=True)
    said = models.TextField(blank=True)

    class Meta:
        ordering = ("-at", "-id")
        indexes = (models.Index(fields=("process", "at"), name="examinations_steps"),)

    def __str__(self) -> str:
        return f"{self.verb} {self.process}"
