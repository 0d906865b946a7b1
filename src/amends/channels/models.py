"""Messages in, the files that came with them, and the one outbox.

Personal values rest sealed (`*_sealed`, under the master key); `*_index` are blind indexes for
search. What stands here in the clear says nothing about a person: states, times, languages, opaque
references, subjects with personal data masked.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

from amends.channels.social.models import (
    CallbackRefusal,
    SocialAnswer,
    SocialPosition,
    SocialPost,
    SocialPostVersion,
)
from amends.platform.kit.ids import time_ordered_id
from amends.platform.vault.fields import SealedField

__all__ = [
    "Attachment",
    "CallbackRefusal",
    "DeliveryChange",
    "IdentityCode",
    "InboundMessage",
    "Mailbox",
    "OutboxMessage",
    "SmsLine",
    "SmsPart",
    "SmsReceipt",
    "SmsSegment",
    "SocialAnswer",
    "SocialPosition",
    "SocialPost",
    "SocialPostVersion",
]


class InboundMessage(models.Model):
    """One message that reached us, kept before anything is done with it."""

    class State(models.TextChoices):
        """New messages wait for the dispatcher; the others carry a reason or what they became."""

        NEW = "new", pgettext_lazy("message", "waiting")
        DISPATCHED = "dispatched", pgettext_lazy("message", "handed on")
        IGNORED = "ignored", pgettext_lazy("message", "not for us to answer")
        REFUSED = "refused", pgettext_lazy("message", "cannot be used")

    class Automatic(models.TextChoices):
        """Who wrote it, if it was not a person."""

        NONE = "", pgettext_lazy("message", "a person")
        AUTO_REPLY = "auto_reply", pgettext_lazy("message", "an automatic reply")
        BOUNCE = "bounce", pgettext_lazy("message", "a report about delivery")
        LIST = "list", pgettext_lazy("message", "a mailing list")
        GENERATED = "generated", pgettext_lazy("message", "a program")

    id = models.CharField(primary_key=True, max_length=32, default=time_ordered_id, editable=False)
    channel = models.CharField(pgettext_lazy("message", "channel"), max_length=16)
    external_id = models.CharField(pgettext_lazy("message", "id at its origin"), max_length=128)
    received_at = models.DateTimeField(pgettext_lazy("message", "received"))
    recorded_at = models.DateTimeField(pgettext_lazy("message", "recorded"))
    sender_sealed = SealedField()
    sender_index = models.CharField(max_length=64, db_index=True, blank=True)
    name_sealed = SealedField()
    text_sealed = SealedField()
    origin_sealed = SealedField(help_text="the id to answer to, such as a Message-ID")
    subject = models.CharField(
        pgettext_lazy("message", "subject, masked"), max_length=200, blank=True
    )
    thread = models.CharField(
        pgettext_lazy("message", "thread"), max_length=64, blank=True, db_index=True
    )
    tracking_code = models.CharField(
        pgettext_lazy("message", "tracking code"), max_length=20, blank=True
    )
    answers = models.ForeignKey(
        "OutboxMessage", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    language = models.CharField(pgettext_lazy("message", "language"), max_length=16, blank=True)
    brand = models.CharField(
        pgettext_lazy("message", "brand"), max_length=40, blank=True, db_default="", default=""
    )
    automatic = models.CharField(
        pgettext_lazy("message", "written by"), max_length=16, choices=Automatic.choices, blank=True
    )
    state = models.CharField(
        pgettext_lazy("message", "state"), max_length=16, choices=State.choices, default=State.NEW
    )
    reason = models.CharField(pgettext_lazy("message", "reason"), max_length=200, blank=True)
    became = models.CharField(
        pgettext_lazy("message", "became"), max_length=64, blank=True, db_index=True
    )
    handled_at = models.DateTimeField(pgettext_lazy("message", "handled"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(pgettext_lazy("message", "tries"), default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    leased_by = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = pgettext_lazy("message", "message received")
        verbose_name_plural = pgettext_lazy("message", "messages received")
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

    class Refused(models.TextChoices):
        """Why a file was not kept; empty for one that was."""

        EMPTY = "empty", pgettext_lazy("message", "it is empty")
        TOO_LARGE = "too_large", pgettext_lazy("message", "it is larger than 10 MB")
        TOO_MANY = "too_many", pgettext_lazy("message", "a message may bring ten files")
        PROGRAM = "program", pgettext_lazy("message", "it is a program")
        TYPE = "type_not_allowed", pgettext_lazy("message", "files of this type are not accepted")
        NAME = (
            "name_disagrees_with_content",
            pgettext_lazy("message", "its name says another type than it has"),
        )
        FORGOTTEN = "forgotten", pgettext_lazy("message", "it was erased")

    id = models.CharField(primary_key=True, max_length=32, default=time_ordered_id, editable=False)
    message = models.ForeignKey(
        InboundMessage, on_delete=models.CASCADE, related_name="attachments"
    )
    part = models.PositiveSmallIntegerField()
    is_original = models.BooleanField(default=False)
    name_sealed = SealedField()
    key_sealed = SealedField(help_text="the key the bytes on disk are sealed under")
    media_type = models.CharField(pgettext_lazy("message", "type"), max_length=100)
    size_bytes = models.BigIntegerField(pgettext_lazy("message", "size"))
    sha256 = models.CharField(max_length=64)
    refused = models.CharField(pgettext_lazy("message", "refused"), max_length=40, blank=True)
    path = models.CharField(max_length=100, blank=True)

    class Meta:
        verbose_name = pgettext_lazy("message", "file received")
        verbose_name_plural = pgettext_lazy("message", "files received")
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

        HELD = "held", pgettext_lazy("message", "held: the channel is not switched on")
        QUEUED = "queued", pgettext_lazy("message", "waiting")
        LEASED = "leased", pgettext_lazy("message", "being sent")
        SENT = "sent", pgettext_lazy("message", "sent")
        UNKNOWN = "unknown", pgettext_lazy("message", "perhaps sent")
        FAILED = "failed", pgettext_lazy("message", "failed")
        CANCELLED = "cancelled", pgettext_lazy("message", "cancelled")

    class WhenUnknown(models.TextChoices):
        """What to do when nobody can tell whether it was sent: ask a person, or send again."""

        ASK = "ask", pgettext_lazy("message", "ask a person")
        RESEND = "resend", pgettext_lazy("message", "send again")

    id = models.CharField(primary_key=True, max_length=32, default=time_ordered_id, editable=False)
    key = models.CharField(pgettext_lazy("message", "idempotency key"), max_length=200, unique=True)
    channel = models.CharField(pgettext_lazy("message", "channel"), max_length=16)
    recipient_sealed = SealedField()
    recipient_index = models.CharField(max_length=64, blank=True)
    subject_sealed = SealedField()
    body_sealed = SealedField()
    language = models.CharField(pgettext_lazy("message", "language"), max_length=16)
    reference = models.CharField(
        pgettext_lazy("message", "reference"), max_length=64, blank=True, db_index=True
    )
    in_reply_to = models.ForeignKey(
        InboundMessage, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    duty = models.CharField(pgettext_lazy("message", "duty"), max_length=64, blank=True)
    duty_key = models.CharField(max_length=200, blank=True)
    duty_step = models.CharField(max_length=32, blank=True)
    subscriber = models.CharField(max_length=64, blank=True)
    service = models.CharField(max_length=64, blank=True)
    purpose = models.CharField(
        max_length=40, blank=True, help_text="what needs consent; empty: nothing does"
    )
    when_unknown = models.CharField(
        max_length=8, choices=WhenUnknown.choices, default=WhenUnknown.ASK
    )
    posted_at = models.DateTimeField(pgettext_lazy("message", "posted"))
    state = models.CharField(
        pgettext_lazy("message", "state"),
        max_length=16,
        choices=State.choices,
        default=State.QUEUED,
    )
    attempts = models.PositiveSmallIntegerField(pgettext_lazy("message", "tries"), default=0)
    next_attempt_at = models.DateTimeField(pgettext_lazy("message", "next try"))
    lease_until = models.DateTimeField(null=True, blank=True)
    leased_by = models.CharField(max_length=64, blank=True)
    handing_over_at = models.DateTimeField(null=True, blank=True)
    permanent = models.BooleanField(pgettext_lazy("message", "permanent"), default=False)
    error = models.CharField(pgettext_lazy("message", "error"), max_length=200, blank=True)
    provider_message_id = models.CharField(max_length=200, blank=True, db_index=True)
    sent_at = models.DateTimeField(pgettext_lazy("message", "sent"), null=True, blank=True)
    delivered_at = models.DateTimeField(
        pgettext_lazy("message", "delivered"), null=True, blank=True
    )

    class Meta:
        verbose_name = pgettext_lazy("message", "message to send")
        verbose_name_plural = pgettext_lazy("message", "messages to send")
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


class IdentityCode(models.Model):
    """A message to an address that a person caused, for a day: it limits how many are sent.

    Codes and everything else that is sent on request.

    One that was answered is kept longer: the source it was asked from is the person's own.
    """

    recipient_index = models.CharField(max_length=64)
    source = models.CharField(
        max_length=64, blank=True, help_text="Blind index of the network address it was asked from."
    )
    message = models.CharField(max_length=120, blank=True, help_text="Key of the message.")
    answered = models.BooleanField(default=False)
    asked_by = models.CharField(
        max_length=64,
        blank=True,
        default="",
        db_default="",
        help_text="The subscriber or chat that caused it.",
    )
    on_record = models.BooleanField(
        default=False,
        db_default=False,
        help_text="The address is a contact in the register, not typed by a person.",
    )
    sent_at = models.DateTimeField()

    class Meta:
        ordering = ("id",)
        indexes = (
            models.Index(fields=("recipient_index", "sent_at"), name="channels_codes_sent"),
            models.Index(fields=("message",), name="channels_codes_message"),
            models.Index(fields=("asked_by", "sent_at"), name="channels_codes_asked_by"),
        )


class DeliveryChange(models.Model):
    """One change of a message's fate, numbered in the order of commits, so that apps can read on.

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
    """How far a mailbox has been read. `name` is an opaque hash of server, account and folder.

    Each mail up to `last_uid` is stored, or one of `failed_uids`: those are fetched again.
    """

    name = models.CharField(primary_key=True, max_length=64)
    uid_validity = models.BigIntegerField(default=0)
    last_uid = models.BigIntegerField(default=0)
    failed_uids = models.JSONField(default=list, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        verbose_name = pgettext_lazy("message", "mailbox")
        verbose_name_plural = pgettext_lazy("message", "mailboxes")

    def __str__(self) -> str:
        return self.name[:12]


class SmsLine(models.Model):
    """Whether a line to a message centre stands. `name` is an opaque hash of centre and account.

    Several workers may each hold a line; `stood_at` is when any of them last went round on one.
    """

    name = models.CharField(primary_key=True, max_length=64)
    awaited_at = models.DateTimeField()
    stood_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = pgettext_lazy("message", "line to a message centre")
        verbose_name_plural = pgettext_lazy("message", "lines to message centres")

    def __str__(self) -> str:
        return self.name[:12]


class SmsPart(models.Model):
    """One submitted part of a text message, by the name the message centre gave it."""

    message = models.ForeignKey(OutboxMessage, on_delete=models.CASCADE, related_name="sms_parts")
    number = models.PositiveSmallIntegerField()
    of = models.PositiveSmallIntegerField()
    provider_id = models.CharField(max_length=65, db_index=True)
    submitted_at = models.DateTimeField()
    meaning = models.CharField(max_length=10, blank=True)

    class Meta:
        ordering = ("message", "number")

    def __str__(self) -> str:
        return f"{self.message_id} {self.number}/{self.of}"


class SmsReceipt(models.Model):
    """What a message centre said became of a part; kept even if it came before the part's name."""

    provider_id = models.CharField(max_length=65)
    state = models.CharField(max_length=8)
    error = models.CharField(max_length=8, blank=True)
    received_at = models.DateTimeField()
    is_settled = models.BooleanField(default=False)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("provider_id", "state"), name="channels_receipt_once"),
        )
        indexes = (
            models.Index(
                fields=("received_at",),
                condition=Q(is_settled=False),
                name="channels_receipt_waiting",
            ),
        )

    def __str__(self) -> str:
        return f"{self.provider_id} {self.state}"


class SmsSegment(models.Model):
    """One part of a text message from somebody, until its message is whole; then without words.

    `body_index` finds the same bytes again without telling what they are; `session` helps to tell a
    message delivered twice from one that was written twice.
    """

    id = models.CharField(primary_key=True, max_length=32, default=time_ordered_id, editable=False)
    body_index = models.CharField(max_length=64, db_index=True)
    session = models.CharField(max_length=32)
    received_at = models.DateTimeField()
    sender_sealed = SealedField()
    sender_index = models.CharField(max_length=64)
    text_sealed = SealedField()
    reference = models.PositiveIntegerField(default=0)
    number = models.PositiveSmallIntegerField(default=1)
    of = models.PositiveSmallIntegerField(default=1)
    became = models.ForeignKey(
        InboundMessage, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )

    class Meta:
        ordering = ("received_at", "id")
        indexes = (
            models.Index(
                fields=("sender_index", "reference"),
                condition=Q(became=None),
                name="channels_segment_waiting",
            ),
        )

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"
