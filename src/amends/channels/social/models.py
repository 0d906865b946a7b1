"""Posts about the operator, their versions, and what was answered.

Text and author are encrypted in the message received (`InboundMessage`). In the clear here: the
text with personal data masked, emptied once its author deletes the post.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from amends.platform.database.choices import BadgeChoices
from amends.platform.kit.ids import time_ordered_id
from amends.platform.vault.fields import SealedField


class PostKind(BadgeChoices):
    """How a post concerns the operator."""

    MENTION = "mention", "plain", pgettext_lazy("social", "mention")
    COMMENT = "comment", "plain", pgettext_lazy("social", "comment")
    PRIVATE = "private", "info", pgettext_lazy("social", "private message")


class PostState(BadgeChoices):
    """State of a post."""

    OPEN = "open", "warn", pgettext_lazy("social", "to answer")
    PROPOSED = "proposed", "info", pgettext_lazy("social", "answer to approve")
    ANSWERED = "answered", "ok", pgettext_lazy("social", "answered")
    COMPLAINT = "complaint", "plum", pgettext_lazy("social", "complaint opened")
    CLOSED = "closed", "plain", pgettext_lazy("social", "closed without answer")


class SocialPost(models.Model):
    """One post, comment or private message, once per platform.

    account  name of our account by which it was received
    thread   blind index of the post that began its conversation
    author   blind index of the author's id at the platform
    text     masked; "" once it was deleted there or its data were erased
    """

    id = models.CharField(primary_key=True, max_length=32, default=time_ordered_id)
    message = models.OneToOneField(
        "channels.InboundMessage", on_delete=models.CASCADE, related_name="social_post"
    )
    account = models.CharField(max_length=40)
    platform = models.CharField(max_length=16)
    brand = models.CharField(max_length=40, blank=True)
    kind = models.CharField(max_length=8, choices=PostKind.choices)
    thread = models.CharField(max_length=64, db_index=True)
    author = models.CharField(max_length=64, blank=True, db_index=True)
    text = models.TextField(blank=True)
    posted_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=PostState.choices, default=PostState.OPEN)
    is_lookalike = models.BooleanField(
        default=False, help_text="Its author's name imitates one of our accounts."
    )
    closed_reason = models.CharField(max_length=200, blank=True)
    complaint = models.CharField(max_length=32, blank=True, db_index=True)
    edited_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was last read again at the platform."
    )

    class Meta:
        verbose_name = _("post on social media")
        verbose_name_plural = _("posts on social media")
        ordering = ("-posted_at", "-id")
        indexes = (
            models.Index(fields=("state", "posted_at", "id"), name="channels_post_queue"),
            models.Index(fields=("posted_at", "id"), name="channels_post_posted"),
            models.Index(
                fields=("account", "checked_at"),
                condition=Q(deleted_at=None),
                name="channels_post_to_check",
            ),
        )

    def __str__(self) -> str:
        return f"{self.platform} {self.id}"


class SocialPostVersion(models.Model):
    """The text of a post before an edit, encrypted, with the hash of what it said."""

    id = models.CharField(primary_key=True, max_length=32, default=time_ordered_id)
    post = models.ForeignKey(SocialPost, on_delete=models.CASCADE, related_name="versions")
    text_sealed = SealedField()
    sha256 = models.CharField(max_length=64)
    replaced_at = models.DateTimeField()

    class Meta:
        ordering = ("replaced_at", "id")

    def __str__(self) -> str:
        return f"{self.post_id} {self.id}"


class SocialAnswer(models.Model):
    """One answer to a post: proposed, approved by a second person where that is needed, posted.

    invitation  the code in its link to the private form; "" without one
    invited_complaint  the latest complaint filed by that link
    article     the article of the knowledge base it was written from
    """

    class State(BadgeChoices):
        """Where an answer is on its way; once approved, the outbox knows the rest."""

        PROPOSED = "proposed", "info", pgettext_lazy("social", "waits for a second person")
        APPROVED = "approved", "ok", pgettext_lazy("social", "approved")
        REJECTED = "rejected", "bad", pgettext_lazy("social", "sent back")

    id = models.CharField(primary_key=True, max_length=32, default=time_ordered_id)
    post = models.ForeignKey(SocialPost, on_delete=models.CASCADE, related_name="answers")
    is_public = models.BooleanField()
    text_sealed = SealedField()
    invitation = models.CharField(max_length=16, blank=True)
    invited_complaint = models.CharField(max_length=32, blank=True, db_index=True)
    article = models.CharField(max_length=80, blank=True)
    state = models.CharField(max_length=12, choices=State.choices, default=State.PROPOSED)
    proposed_by = models.CharField(max_length=40)
    proposed_at = models.DateTimeField()
    decided_by = models.CharField(max_length=40, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    message = models.OneToOneField(
        "channels.OutboxMessage",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="social_answer",
    )

    class Meta:
        ordering = ("proposed_at", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("invitation",),
                condition=~Q(invitation=""),
                name="channels_invitation_once",
            ),
            models.UniqueConstraint(
                fields=("post",), condition=Q(state="proposed"), name="channels_one_proposal"
            ),
        )

    def __str__(self) -> str:
        return f"{self.post_id} {self.id}"


class SocialPosition(models.Model):
    """How far an account has been read, when it is read next, and why it could not be."""

    account = models.CharField(primary_key=True, max_length=40)
    marker = models.JSONField(default=dict, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    next_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return self.account


class CallbackNonce(models.Model):
    """A nonce that a callback was signed with, and the hash of the body it was accepted with.

    nonce    hash of account, time and nonce
    """

    nonce = models.CharField(primary_key=True, max_length=64)
    body_sha256 = models.CharField(max_length=64)
    received_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.nonce[:12]


class CallbackRefusal(models.Model):
    """How many callbacks of an account were refused on a day, by reason."""

    class Reason(models.TextChoices):
        """Why a callback was refused."""

        FORGED = "forged", pgettext_lazy("social", "wrong signature")
        OLD = "old", pgettext_lazy("social", "signed too long ago")
        REPLAYED = "replayed", pgettext_lazy("social", "received before")
        UNREADABLE = "unreadable", pgettext_lazy("social", "not readable")
        FUTURE = "future", pgettext_lazy("social", "dated in the future")
        TOO_LARGE = "too_large", pgettext_lazy("social", "too large")

    account = models.CharField(max_length=40)
    reason = models.CharField(max_length=12, choices=Reason.choices)
    day = models.DateField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("-day", "account", "reason")
        constraints = (
            models.UniqueConstraint(
                fields=("account", "reason", "day"), name="channels_refusals_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.account} {self.reason} {self.day}"
