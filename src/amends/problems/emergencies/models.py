"""The emergency mechanism on an issue: its steps, statements, answers, and the silent."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from amends.platform.kit.ids import time_ordered_id


class Emergency(models.Model):
    """The emergency mechanism at work on an issue: by which plan, of which kind, and its review.

    brand     whose users are affected; "" of every brand
    kind      group of the class, e.g. "billing", or "outage", "emergency_number"
    pack      the jurisdiction whose closing rule holds
    offers    what everybody hit has bought; areas: where they live; since when
    causes    causes, `kind:reference`, whom they touched is hit as well
    """

    issue = models.OneToOneField(
        "hotissues.HotIssue", primary_key=True, on_delete=models.CASCADE, related_name="emergency"
    )
    plan = models.CharField(max_length=80)
    brand = models.CharField(max_length=40, blank=True)
    kind = models.CharField(max_length=32)
    pack = models.CharField(max_length=8)
    because = models.JSONField(default=list)
    offers = models.JSONField(default=list)
    areas = models.JSONField(default=list)
    causes = models.JSONField(default=list)
    hit_since = models.DateTimeField()
    silent = models.PositiveIntegerField(default=0)
    declared_at = models.DateTimeField()
    declared_by = models.CharField(max_length=64)
    cause_ended_at = models.DateTimeField(null=True, blank=True)
    review = models.TextField(blank=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["-declared_at"]


class EmergencyStep(models.Model):
    """One step of the plan: due, done or dropped, and whether its time passed first."""

    emergency = models.ForeignKey(Emergency, on_delete=models.CASCADE, related_name="steps")
    step = models.CharField(max_length=32)
    level = models.CharField(max_length=16)
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.CharField(max_length=64, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)
    missed_at = models.DateTimeField(null=True, blank=True)
    details = models.JSONField(default=dict)

    class Meta:
        ordering = ["due_at", "id"]
        indexes = [
            models.Index(
                fields=["due_at"],
                name="emergency_step_open",
                condition=Q(done_at__isnull=True, dropped_at__isnull=True, missed_at__isnull=True),
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["emergency", "step"],
                name="emergency_step_once",
                condition=Q(dropped_at__isnull=True),
            )
        ]


class Statement(models.Model):
    """One version of the public statement about an issue; the newest counts, all are kept."""

    issue = models.ForeignKey(
        "hotissues.HotIssue", on_delete=models.CASCADE, related_name="statements"
    )
    version = models.PositiveSmallIntegerField()
    title_zh = models.CharField(max_length=120)
    title_en = models.CharField(max_length=200)
    text_zh = models.TextField()
    text_en = models.TextField()
    published_at = models.DateTimeField()
    published_by = models.CharField(max_length=64)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["issue", "version"]
        constraints = [
            models.UniqueConstraint(fields=["issue", "version"], name="emergency_statement_once")
        ]


class AnswerRound(models.Model):
    """What opens the answer to every complaint of an issue: one drafts it, another sends it.

    left  complaint → why it was not answered with the others
    """

    id = models.CharField(primary_key=True, max_length=32, default=time_ordered_id)
    issue = models.ForeignKey(
        "hotissues.HotIssue", on_delete=models.CASCADE, related_name="answer_rounds"
    )
    brand = models.CharField(max_length=40, blank=True)
    opening_zh = models.TextField()
    opening_en = models.TextField()
    drafted_at = models.DateTimeField()
    drafted_by = models.CharField(max_length=64)
    sent_at = models.DateTimeField(null=True, blank=True)
    sent_by = models.CharField(max_length=64, blank=True)
    answered = models.PositiveIntegerField(default=0)
    left = models.JSONField(default=dict)

    class Meta:
        ordering = ["drafted_at", "id"]


class Affected(models.Model):
    """An affected person who has not complained: notified once, and what is given to them."""

    id = models.CharField(primary_key=True, max_length=32, default=time_ordered_id)
    issue = models.ForeignKey(
        "hotissues.HotIssue", on_delete=models.CASCADE, related_name="affected"
    )
    subscriber = models.CharField(max_length=64)
    brand = models.CharField(max_length=40, blank=True)
    found_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True, blank=True)
    told_on = models.CharField(max_length=12, blank=True)
    amount_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3, blank=True)
    proposed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "affected"
        ordering = ["issue", "id"]
        indexes = [models.Index(fields=["subscriber"], name="emergency_affected_person")]
        constraints = [
            models.UniqueConstraint(fields=["issue", "subscriber"], name="emergency_affected_once")
        ]


class SilentNotice(models.Model):
    """A message to the affected users who have not complained: one drafts it, another sends it.

    brand  whose users it is for; "" of a drafter who is not confined to a brand
    """

    id = models.CharField(primary_key=True, max_length=32, default=time_ordered_id)
    issue = models.ForeignKey(
        "hotissues.HotIssue", on_delete=models.CASCADE, related_name="silent_notices"
    )
    brand = models.CharField(max_length=40, blank=True)
    text_zh = models.TextField()
    text_en = models.TextField()
    drafted_at = models.DateTimeField()
    drafted_by = models.CharField(max_length=64)
    sent_at = models.DateTimeField(null=True, blank=True)
    sent_by = models.CharField(max_length=64, blank=True)
    told = models.PositiveIntegerField(default=0)
    unreachable = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["drafted_at", "id"]
