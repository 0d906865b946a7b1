"""Chats: a conversation on the public site, its entries, and its outcome.

Messages of the visitor are stored as received messages of `channels`; ours are encrypted here.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from amends.channels.queries.contacts import opened_column
from amends.entrances.chats.choices import ChatAuthor, ChatOutcome, ChatState
from amends.platform.kit.ids import random_id, time_ordered_id
from amends.platform.vault.fields import SealedField
from amends.platform.vault.sealing import seal


class Chat(models.Model):
    """One conversation.

    asked_at          when the visitor wanted a person; None while articles answer
    first_answer_at   first message of a person
    visitor_at        newest message of the visitor; staff_at: of a person
    address_asked_at  when an address was requested, for want of an answer
    subscriber        the visitor, identified by `presence`; "" if unidentified
    articles          articles offered, as (slug, language)
    rating            1 to 5 by the visitor, None without one
    """

    id = models.CharField(primary_key=True, max_length=32, default=random_id)
    brand = models.CharField(max_length=40, blank=True)
    language = models.CharField(max_length=16)
    state = models.CharField(max_length=8, choices=ChatState, default=ChatState.OFFERED)
    outcome = models.CharField(max_length=12, choices=ChatOutcome, blank=True)
    handler = models.CharField(max_length=40, blank=True)
    began_at = models.DateTimeField()
    asked_at = models.DateTimeField(null=True, blank=True)
    first_answer_at = models.DateTimeField(null=True, blank=True)
    visitor_at = models.DateTimeField()
    staff_at = models.DateTimeField(null=True, blank=True)
    address_asked_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    contact = SealedField(bound_to="id")
    subscriber = models.CharField(max_length=64, blank=True)
    presence = models.CharField(max_length=32, blank=True)
    presence_asked = models.CharField(max_length=32, blank=True)
    articles = models.JSONField(default=list, blank=True)
    complaint = models.CharField(max_length=32, blank=True)
    entries_count = models.PositiveIntegerField(default=0)
    rating = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["began_at", "id"]
        indexes = [
            models.Index(
                fields=["state", "asked_at"],
                name="chats_open",
                condition=~Q(state=ChatState.ENDED),
            ),
            models.Index(fields=["began_at"], name="chats_began"),
            models.Index(
                fields=["subscriber"], name="chats_subscriber", condition=~Q(subscriber="")
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(rating__isnull=True) | Q(rating__range=(1, 5)),
                name="chat_rating_from_1_to_5",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, outcome="") | Q(ended_at__isnull=False),
                name="chat_has_outcome_once_ended",
            ),
        ]

    def __str__(self) -> str:
        return f"chat of {self.began_at:%Y-%m-%d %H:%M}"

    @property
    def is_open(self) -> bool:
        """Whether it has not ended."""
        return self.state != ChatState.ENDED

    @property
    def address(self) -> str:
        """Where the visitor wants to be written to; "" where none was given."""
        return opened_column(self, "contact")

    @address.setter
    def address(self, text: str) -> None:
        self.contact = seal(self._meta.db_table, "contact", self.id, text)


class ChatEntry(models.Model):
    """One line of a chat; `number` counts from 1 within it.

    key       idempotency key of who wrote it; the same key again is the same entry
    message   received message with the visitor's text and files; "" for ours
    articles  articles that an automatic entry offers, as (slug, language)
    """

    id = models.CharField(primary_key=True, max_length=32, default=time_ordered_id)
    chat = models.ForeignKey(Chat, on_delete=models.CASCADE, related_name="entries")
    number = models.PositiveIntegerField()
    key = models.CharField(max_length=64)
    author = models.CharField(max_length=8, choices=ChatAuthor)
    by = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField()
    message = models.CharField(max_length=32, blank=True)
    text_sealed = SealedField(bound_to="id")
    articles = models.JSONField(default=list, blank=True)

    class Meta:
        ordering = ["chat", "number"]
        constraints = [
            models.UniqueConstraint(fields=["chat", "number"], name="chat_entry_number_once"),
            models.UniqueConstraint(fields=["chat", "key"], name="chat_entry_key_once"),
        ]

    def __str__(self) -> str:
        return f"{self.chat_id} {self.number}"

    @property
    def text(self) -> str:
        """Our message; "" once it was erased."""
        return opened_column(self, "text_sealed")

    @text.setter
    def text(self, text: str) -> None:
        self.text_sealed = seal(self._meta.db_table, "text_sealed", self.id, text)
