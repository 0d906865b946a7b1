"""Measures against the cause of an issue, and every judgement of whether they worked."""

from __future__ import annotations

from django.db import models

from amends.platform.kit.ids import time_ordered_id
from amends.problems.measures.choices import MeasureState, MeasureVerdict


class Measure(models.Model):
    """What is done against a cause, and how it will be judged: all of it fixed before it starts.

    treated, control    segments such as `code=network.speed|area=area-4101`; distinct complainants
                        are counted over all of them
    left_from, left_to  days that do not count: those of the alarm for which the segment was chosen
    digest              SHA-256 of the terms that were fixed
    """

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
    state = models.CharField(max_length=8, choices=MeasureState, default=MeasureState.PLANNED)
    planned_at = models.DateTimeField()
    planned_by = models.CharField(max_length=64)
    started_at = models.DateTimeField(null=True, blank=True)
    started_by = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    verdict = models.CharField(max_length=20, choices=MeasureVerdict, blank=True)
    judged_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-number"]

    @property
    def status(self) -> MeasureState | MeasureVerdict:
        """The verdict once there is one, until then the state."""
        return MeasureVerdict(self.verdict) if self.verdict else MeasureState(self.state)


class Judgement(models.Model):
    """The result of a measure on a day; `final` on its day of judgement, otherwise interim.

    document  the figures, the series they are computed from, and the comparison with untreated
              segments (`rules.rectification.document_of`)
    """

    measure = models.ForeignKey(Measure, on_delete=models.PROTECT, related_name="judgements")
    on = models.DateField()
    at = models.DateTimeField()
    final = models.BooleanField(default=False)
    verdict = models.CharField(max_length=20, choices=MeasureVerdict)
    document = models.JSONField(default=dict)

    class Meta:
        ordering = ["on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["measure", "on", "final"], name="measure_look_once")
        ]
