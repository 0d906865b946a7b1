"""Launches with their case and assessment, who approved them, and the limits they are held to."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Launch(models.Model):
    """An offer that is to be sold: its case, what the assessment says, and what became of it.

    brand     whose launch it is, "" for the whole operator
    case      the checked sheets, so that every figure can be calculated again
    document  the assessment; its sentences as [words, values], for both languages
    """

    class State(models.TextChoices):
        ASSESSED = "assessed", _("assessed")
        APPROVED = "approved", _("approved")
        LIVE = "live", _("live")
        STOPPED = "stopped", _("stopped")

    id = models.CharField(primary_key=True, max_length=40)
    name = models.CharField(_("name of the launch"), max_length=80)
    offer = models.CharField(_("offer"), max_length=64, unique=True)
    brand = models.CharField(max_length=40, blank=True)
    case = models.JSONField()
    document = models.JSONField()
    verdict = models.CharField(_("verdict"), max_length=20)
    inputs_sha256 = models.CharField(max_length=64)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.ASSESSED)
    owner = models.CharField(max_length=80)
    assessed_at = models.DateTimeField(_("assessed"))
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)
    live_at = models.DateTimeField(_("live since"), null=True, blank=True)
    stopped_at = models.DateTimeField(_("stopped"), null=True, blank=True)
    stopped_by = models.CharField(max_length=80, blank=True)
    stop_reason = models.CharField(_("reason"), max_length=300, blank=True)

    class Meta:
        db_table = "launches_launch"
        verbose_name = _("launch")
        verbose_name_plural = _("launches")
        ordering = ["-assessed_at", "offer"]

    def __str__(self) -> str:
        return f"{self.name} ({self.offer})"


class LaunchAssessment(models.Model):
    """A case that waits for its calculation, is calculated, or could not be.

    refusal  language → why it could not be calculated
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("being calculated")
        DONE = "done", _("calculated")
        FAILED = "failed", _("not calculated")

    id = models.CharField(primary_key=True, max_length=40)
    brand = models.CharField(max_length=40, blank=True)
    title = models.CharField(max_length=80)
    case = models.JSONField()
    by = models.CharField(max_length=80)
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    started_at = models.DateTimeField(null=True, blank=True)
    launch = models.ForeignKey(Launch, on_delete=models.SET_NULL, null=True, related_name="+")
    refusal = models.JSONField(default=dict)

    class Meta:
        db_table = "launches_assessment"
        ordering = ["asked_at", "id"]
        indexes = [models.Index(fields=["state", "asked_at"], name="launches_assessment_waiting")]

    def __str__(self) -> str:
        return f"{self.title} ({self.state})"


class Approval(models.Model):
    """Who approved a launch, and why.

    gates  those that were red or unchecked then → why it may start all the same
    """

    launch = models.ForeignKey(Launch, on_delete=models.CASCADE, related_name="approvals")
    by = models.CharField(max_length=80)
    at = models.DateTimeField()
    reason = models.CharField(max_length=300)
    gates = models.JSONField(default=dict)

    class Meta:
        db_table = "launches_approval"
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["launch", "by"], name="launches_approved_once")
        ]


class StopLoss(models.Model):
    """A limit fixed before the start, and what was measured last."""

    class Trigger(models.TextChoices):
        COST_PER_USER = "cost_per_user", _("cost a user and month")
        BUSY_HOUR_LOAD = "busy_hour_load", _("load in the busy hour")
        COMPLAINTS_PER_MILLION = (
            "complaints_per_million",
            _("complaints per million users, 30 days"),
        )
        REFUND_RATE = "refund_rate", _("share of charges refunded, 30 days")

    launch = models.ForeignKey(Launch, on_delete=models.CASCADE, related_name="limits")
    trigger = models.CharField(max_length=24, choices=Trigger)
    limit = models.FloatField()
    value = models.FloatField(null=True, blank=True)
    measured_at = models.DateTimeField(null=True, blank=True)
    breached_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "launches_stop_loss"
        ordering = ["launch", "id"]
        constraints = [
            models.UniqueConstraint(fields=["launch", "trigger"], name="launches_limit_once")
        ]


class Comparison(models.Model):
    """What a launch was forecast to bring by a day of its sale, and what it brought.

    low, high    P10 and P90 of users; the exact 95 % interval of complaints
    adopted      people who ever had the offer, as a share of the market of the case
    user_months  users times months until that day
    """

    class Metric(models.TextChoices):
        USERS = "users", _("users")
        COMPLAINTS = "complaints", _("complaints by its users")

    launch = models.ForeignKey(Launch, on_delete=models.CASCADE, related_name="comparisons")
    days = models.PositiveSmallIntegerField()
    metric = models.CharField(max_length=12, choices=Metric)
    forecast = models.FloatField()
    low = models.FloatField()
    high = models.FloatField()
    actual = models.FloatField()
    adopted = models.FloatField(default=0)
    user_months = models.FloatField(default=0)

    class Meta:
        db_table = "launches_comparison"
        ordering = ["launch", "days", "metric"]
        constraints = [
            models.UniqueConstraint(
                fields=["launch", "days", "metric"], name="launches_compared_once"
            )
        ]

    @property
    def is_within(self) -> bool:
        """Whether the actual figure lies in the interval that was forecast."""
        return self.low <= self.actual <= self.high


class Withdrawal(models.Model):
    """A stopped launch is taken from its users too: each is asked to move to another offer.

    affected  services that ran on the offer when it was decided
    asked     services whose users were asked so far; `last_service` is the last of them
    """

    launch = models.OneToOneField(Launch, on_delete=models.CASCADE, related_name="withdrawal")
    replacement = models.CharField(max_length=64)
    reason = models.CharField(max_length=300)
    by = models.CharField(max_length=80)
    at = models.DateTimeField()
    affected = models.PositiveIntegerField()
    asked = models.PositiveIntegerField(default=0)
    last_service = models.CharField(max_length=64, blank=True)
    asked_all_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "launches_withdrawal"
