"""Messages in, the files that came with them, and the one outbox.

Personal values rest sealed (`*_sealed`, under the master key); `*_index` are blind indexes for
search. What stands here in the clear says nothing about a person: states, times, languages, opaque
references, subjects with personal data masked.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from amends.kit.ids import time_ordered_id
from amends.vault.fields import SealedField


class InboundMessage(models.Model):
    """One message that reached us, kept before anything is done with it."""

    class State(models.TextChoices):
        """New messages wait for the dispatcher; the others carry a reason or what they became."""

        NEW = "new", _("waiting")
        DISPATCHED = "dispatched", _("handed to a room")
        IGNORED = "ignored", _("not for us to answer")
        REFUSED = "refused", _("cannot be used")

    class Automatic(models.TextChoices):
        """Who wrote it, if it was not a person."""

        NONE = "", _("a person")
        AUTO_REPLY = "auto_reply", _("an automatic reply")
        BOUNCE = "bounce", _("a report about delivery")
        LIST = "list", _("a mailing list")
        GENERATED = "generated", _("a program")

    id = models.CharField(primary_key=True, max_length=32, default=time_ordered_id, editable=False)
    channel = models.CharField(_("channel"), max_length=16)
    external_id = models.CharField(_("id at its origin"), max_length=128)
    received_at = models.DateTimeField(_("received"))
    recorded_at = models.DateTimeField(_("recorded"))
    sender_sealed = SealedField()
    sender_index = models.CharField(max_length=64, db_index=True, blank=True)
    name_sealed = SealedField()
    text_sealed = SealedField()
    origin_sealed = SealedField(help_text="the id to answer to, such as a Message-ID")
    subject = models.CharField(_("subject, masked"), max_length=200, blank=True)
    thread = models.CharField(_("thread"), max_length=64, blank=True, db_index=True)
    tracking_code = models.CharField(_("tracking code"), max_length=20, blank=True)
    answers = models.ForeignKey(
        "OutboxMessage", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    language = models.CharField(_("language"), max_length=16, blank=True)
    automatic = models.CharField(
        _("written by"), max_length=16, choices=Automatic.choices, blank=True
    )
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.NEW)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    became = models.CharField(_("became"), max_length=64, blank=True)
    handled_at = models.DateTimeField(_("handled"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    leased_by = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("message received")
        verbose_name_plural = _("messages received")
        ordering = ("-received_at", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("channel", "external_id"), name="channels_inbound_once"
            ),
        )
        indexes = (
            models.Index(
                fields=("received_at", "id"),
                condition=Q(state="new"),
                name="channels_inbound_waiting",
            ),
        )

    def __str__(self) -> str:
        return f"{self.channel} {self.id}"


class Attachment(models.Model):
    """A file that came with a message: its sealed bytes on disk, or why it was not kept.

    `part` is its place in the message; the message as received is part 0 and `is_original`.
    """

    id = models.CharField(primary_key=True, max_length=32, default=time_ordered_id, editable=False)
    message = models.ForeignKey(
        InboundMessage, on_delete=models.CASCADE, related_name="attachments"
    )
    part = models.PositiveSmallIntegerField()
    is_original = models.BooleanField(default=False)
    name_sealed = SealedField()
    key_sealed = SealedField(help_text="the key the bytes on disk are sealed under")
    media_type = models.CharField(_("type"), max_length=100)
    size_bytes = models.BigIntegerField(_("size"))
    sha256 = models.CharField(max_length=64)
    refused = models.CharField(_("refused"), max_length=40, blank=True)
    path = models.CharField(max_length=100, blank=True)

    class Meta:
        verbose_name = _("file received")
        verbose_name_plural = _("files received")
        ordering = ("message", "part")
        constraints = (
            models.UniqueConstraint(fields=("message", "part"), name="channels_part_once"),
        )

    def __str__(self) -> str:
        return f"{self.media_type} {self.id}"


class OutboxMessage(models.Model):
    """One message to somebody. The row is the message, written with what caused it."""

    class State(models.TextChoices):
        """Where a message stands; `unknown` may have arrived and is never simply sent again."""

        HELD = "held", _("held: the channel is not switched on")
        QUEUED = "queued", _("waiting")
        LEASED = "leased", _("being sent")
        SENT = "sent", _("sent")
        UNKNOWN = "unknown", _("perhaps sent")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    class WhenUnknown(models.TextChoices):
        """What to do when nobody can tell whether it was sent: ask a person, or send again."""

        ASK = "ask", _("ask a person")
        RESEND = "resend", _("send again")

    id = models.CharField(primary_key=True, max_length=32, default=time_ordered_id, editable=False)
    key = models.CharField(_("idempotency key"), max_length=200, unique=True)
    channel = models.CharField(_("channel"), max_length=16)
    recipient_sealed = SealedField()
    recipient_index = models.CharField(max_length=64, blank=True)
    subject_sealed = SealedField()
    body_sealed = SealedField()
    language = models.CharField(_("language"), max_length=16)
    reference = models.CharField(_("reference"), max_length=64, blank=True, db_index=True)
    in_reply_to = models.ForeignKey(
        InboundMessage, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    duty = models.CharField(_("duty"), max_length=64, blank=True)
    duty_key = models.CharField(max_length=200, blank=True)
    duty_step = models.CharField(max_length=32, blank=True)
    subscriber = models.CharField(max_length=64, blank=True)
    service = models.CharField(max_length=64, blank=True)
    when_unknown = models.CharField(
        max_length=8, choices=WhenUnknown.choices, default=WhenUnknown.ASK
    )
    posted_at = models.DateTimeField(_("posted"))
    state = models.CharField(_("state"), max_length=16, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0)
    next_attempt_at = models.DateTimeField(_("next try"))
    lease_until = models.DateTimeField(null=True, blank=True)
    leased_by = models.CharField(max_length=64, blank=True)
    handing_over_at = models.DateTimeField(null=True, blank=True)
    permanent = models.BooleanField(_("permanent"), default=False)
    error = models.CharField(_("error"), max_length=200, blank=True)
    provider_message_id = models.CharField(max_length=200, blank=True, db_index=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("delivered"), null=True, blank=True)

    class Meta:
        verbose_name = _("message to send")
        verbose_name_plural = _("messages to send")
        ordering = ("-posted_at", "-id")
        indexes = (
            models.Index(
                fields=("channel", "next_attempt_at"),
                condition=Q(state="queued"),
                name="channels_outbox_due",
            ),
            models.Index(
                fields=("lease_until",), condition=Q(state="leased"), name="channels_outbox_leased"
            ),
            models.Index(fields=("state", "channel"), name="channels_outbox_state"),
        )

    def __str__(self) -> str:
        return f"{self.channel} {self.id}"


class DeliveryChange(models.Model):
    """One change of a message's fate, numbered in the order of commits, so that rooms can read on.

    Written only by `actions.note_changes`, which makes number order commit order.
    """

    message = models.ForeignKey(OutboxMessage, on_delete=models.CASCADE, related_name="changes")
    state = models.CharField(max_length=16)
    at = models.DateTimeField()
    detail = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.message_id} {self.state}"


class Mailbox(models.Model):
    """How far a mailbox has been read. `name` is an opaque hash of server, account and folder."""

    name = models.CharField(primary_key=True, max_length=64)
    uid_validity = models.BigIntegerField(default=0)
    last_uid = models.BigIntegerField(default=0)
    read_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = _("mailbox")
        verbose_name_plural = _("mailboxes")

    def __str__(self) -> str:
        return self.name[:12]
