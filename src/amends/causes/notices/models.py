"""Notices and their outcome; holds until the user consents; preferences of users.

Times are milliseconds since 1970 UTC: rows come by the million from columns of integers.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Notice(models.Model):
    """One notice due to a person, written once under its key (`metering/keys.py`).

    The first block is written at detection and never changes; the second is what became of it.
    """

    class State(models.TextChoices):
        """State of a notice."""

        DUE = "due", _("to be sent")
        POSTED = "posted", _("on its way")
        SENT = "sent", _("sent")
        DELIVERED = "delivered", _("delivered")
        UNKNOWN = "unknown", _("perhaps sent")
        FAILED = "failed", _("not delivered")
        DECLINED = "declined", _("declined by the user")
        INCOMPLETE = "incomplete", _("a person must complete it")
        CANCELLED = "cancelled", _("no longer due")

    class Action(models.TextChoices):
        """What goes with the notice."""

        NOTICE = "notice", _("notify")
        HOLD = "hold", _("notify and hold until consent")
        STOP = "stop", _("notify and stop")

    id = models.BigAutoField(primary_key=True)
    key = models.CharField(max_length=32, unique=True)
    subscriber = models.CharField(max_length=64)
    service = models.CharField(max_length=64)
    pack = models.CharField(max_length=16)
    duty = models.CharField(max_length=64)
    version = models.CharField(max_length=10, help_text="the day of the rule file")
    period = models.CharField(max_length=80)
    step = models.CharField(max_length=32, blank=True)
    action = models.CharField(max_length=8, choices=Action, default=Action.NOTICE)
    figures = models.TextField(default="{}", help_text="JSON: what the text is filled with")
    due_at_ms = models.BigIntegerField(help_text="the event that makes it due, or its due date")
    due_by_ms = models.BigIntegerField(help_text="the last moment at which it is in time")
    detected_at_ms = models.BigIntegerField()

    state = models.CharField(max_length=12, choices=State, default=State.DUE)
    next_at_ms = models.BigIntegerField(default=0, help_text="not looked at before")
    tried = models.CharField(max_length=64, blank=True, help_text="channels, space between")
    reason = models.CharField(max_length=200, blank=True)
    sent_at_ms = models.BigIntegerField(null=True, blank=True)
    delivered_at_ms = models.BigIntegerField(null=True, blank=True)

    class Meta:
        ordering = ("id",)
        indexes = (
            models.Index(
                fields=("next_at_ms", "id"),
                condition=Q(state__in=("due", "sent")),
                name="notices_to_look_at",
            ),
            models.Index(fields=("subscriber", "due_at_ms"), name="notices_of_somebody"),
            models.Index(fields=("duty", "due_at_ms"), name="notices_of_a_duty"),
        )

    def __str__(self) -> str:
        return f"{self.duty} {self.step} {self.key}"


class NoticeMessage(models.Model):
    """One try to send a notice on one channel; the outbox row is `message`."""

    id = models.BigAutoField(primary_key=True)
    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="messages")
    channel = models.CharField(max_length=16)
    language = models.CharField(max_length=8)
    message = models.CharField(max_length=32, unique=True)
    parts = models.PositiveSmallIntegerField(default=1)
    text_version = models.CharField(max_length=80)
    posted_at_ms = models.BigIntegerField()
    state = models.CharField(max_length=12, choices=Notice.State, default=Notice.State.POSTED)
    detail = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.channel} {self.message}"


class Hold(models.Model):
    """Use that goes no further until the user consents; its key is that of the notice."""

    id = models.BigAutoField(primary_key=True)
    key = models.CharField(max_length=32, unique=True)
    subscriber = models.CharField(max_length=64)
    service = models.CharField(max_length=64)
    duty = models.CharField(max_length=64)
    counter = models.CharField(max_length=16, blank=True)
    period = models.CharField(max_length=80)
    action = models.CharField(max_length=8, choices=Notice.Action, default=Notice.Action.HOLD)
    held_at_ms = models.BigIntegerField()
    ended_at_ms = models.BigIntegerField(null=True, blank=True)
    ended_by = models.CharField(max_length=64, blank=True, help_text="consent, period, refusal")
    consent = models.CharField(max_length=64, blank=True, help_text="the fact that released it")
    listed = models.CharField(
        max_length=8,
        default="",
        db_default="",
        help_text="what `HoldChange` says last: held, released",
    )

    class Meta:
        ordering = ("-held_at_ms", "-id")
        indexes = (
            models.Index(fields=("service",), condition=Q(ended_at_ms=None), name="notices_held"),
            models.Index(
                fields=("id",),
                condition=(Q(ended_at_ms=None) & ~Q(listed="held"))
                | (Q(ended_at_ms__isnull=False) & ~Q(listed="released")),
                name="notices_hold_unlisted",
            ),
            models.Index(fields=("subscriber",), name="notices_hold_of"),
        )

    def __str__(self) -> str:
        return f"{self.service} {self.key}"


class HoldChange(models.Model):
    """A hold, or its end, numbered for systems of the network that read on from a number.

    Written only by `actions.list_holds`, which makes number order the order they are read in.
    """

    id = models.BigAutoField(primary_key=True)
    hold = models.ForeignKey(Hold, on_delete=models.CASCADE, related_name="changes")
    state = models.CharField(max_length=8, help_text="held or released")
    at_ms = models.BigIntegerField()

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.hold_id} {self.state}"


class Preference(models.Model):
    """A user's preference about one duty (or `*`, all): a mark of their own, a channel, no notice.

    A change is a new row; the newest holds. A changed mark reaches the engine as a `LineChange`,
    whose reference is part of the key of the notice at that mark, so that it arms again.
    """

    id = models.BigAutoField(primary_key=True)
    subscriber = models.CharField(max_length=64)
    service = models.CharField(max_length=64, blank=True)
    duty = models.CharField(max_length=64)
    declined = models.BooleanField(default=False)
    own_step = models.BigIntegerField(null=True, blank=True)
    own_unit = models.CharField(max_length=8, blank=True)
    channel = models.CharField(max_length=16, blank=True)
    language = models.CharField(max_length=8, blank=True)
    chosen_at_ms = models.BigIntegerField()
    chosen_on = models.CharField(max_length=16, help_text="the channel the choice came by")

    class Meta:
        ordering = ("id",)
        indexes = (models.Index(fields=("subscriber", "duty"), name="notices_chosen"),)

    def __str__(self) -> str:
        return f"{self.subscriber} {self.duty}"


class LifeEvent(models.Model):
    """Something in the life of a service that will make notices due; given by another system.

    `happens_at_ms` is when it takes effect: the end of the contract, the change, the stop.
    """

    id = models.BigAutoField(primary_key=True)
    ref = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=32)
    subscriber = models.CharField(max_length=64)
    service = models.CharField(max_length=64)
    offer = models.CharField(max_length=64, blank=True)
    happens_at_ms = models.BigIntegerField()
    figures = models.TextField(default="{}")
    recorded_at_ms = models.BigIntegerField()
    withdrawn_at_ms = models.BigIntegerField(null=True, blank=True)
    settled = models.BooleanField(default=False, help_text="every duty of it is written")

    class Meta:
        ordering = ("id",)
        indexes = (
            models.Index(
                fields=("happens_at_ms",), condition=Q(settled=False), name="notices_coming"
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.ref}"


class StreamPosition(models.Model):
    """How far a stream (delivery changes, a kind of facts) has been read."""

    name = models.CharField(primary_key=True, max_length=40)
    cursor = models.BigIntegerField(default=0)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return f"{self.name} {self.cursor}"


from amends.causes.notices.engine_models import (  # noqa: E402
    DueBlock,
    EngineState,
    LastSighted,
    LineBucket,
    LineChange,
    LineMoves,
    LineNames,
    LineTerms,
    SeenRecords,
    UsageBatch,
    UsageFile,
    UsagePlan,
    WatchedFile,
)

__all__ = [
    "DueBlock",
    "EngineState",
    "Hold",
    "HoldChange",
    "LastSighted",
    "LifeEvent",
    "LineBucket",
    "LineChange",
    "LineMoves",
    "LineNames",
    "LineTerms",
    "Notice",
    "NoticeMessage",
    "Preference",
    "SeenRecords",
    "StreamPosition",
    "UsageBatch",
    "UsageFile",
    "UsagePlan",
    "WatchedFile",
]
