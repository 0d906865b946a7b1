"""Measures against the cause of an issue, and every look at whether they worked."""

from __future__ import annotations

from django.db import models

from amends.kit.ids import time_ordered_id


class Measure(models.Model):
    """What is done against a cause, and how it will be judged: all of it fixed before it starts.

    treated, control  places, as issues write them; distinct persons are counted in their union
    left_from, left_to  days that do not count: those for whose alarm the place was chosen
    digest            SHA-256 of what was fixed
    """

    class State(models.TextChoices):
        PLANNED = "planned"
        STARTED = "started"
        JUDGED = "judged"

    id = models.CharField(primary_key=True, max_length=32, default=time_ordered_id)
    number = models.PositiveIntegerField(unique=True)
    issue = models.ForeignKey(
        "hotissues.HotIssue",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="measures",
    )
    brand = models.CharField(max_length=40, blank=True)
    drill = models.BooleanField(default=False)
    title = models.CharField(max_length=120)
    cause = models.CharField(max_length=400)
    action = models.CharField(max_length=400)
    owner = models.CharField(max_length=40)
    starts_on = models.DateField()
    judge_on = models.DateField()
    wash_out_days = models.PositiveSmallIntegerField(default=0)
    expected_drop_permille = models.PositiveSmallIntegerField()
    treated = models.JSONField(default=list)
    control = models.JSONField(default=list)
    left_from = models.DateField(null=True, blank=True)
    left_to = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.PLANNED)
    planned_at = models.DateTimeField()
    planned_by = models.CharField(max_length=64)
    started_at = models.DateTimeField(null=True, blank=True)
    started_by = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    verdict = models.CharField(max_length=20, blank=True)
    judged_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-number"]


class Judgement(models.Model):
    """One look at a measure; `final` on its day of judgement, else a weekly look on the way.

    document  the figures, the series they rest on, and the comparison with untreated places
    """

    measure = models.ForeignKey(Measure, on_delete=models.PROTECT, related_name="judgements")
    on = models.DateField()
    at = models.DateTimeField()
    final = models.BooleanField(default=False)
    verdict = models.CharField(max_length=20)
    document = models.JSONField(default=dict)

    class Meta:
        ordering = ["on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["measure", "on", "final"], name="measure_look_once")
        ]
