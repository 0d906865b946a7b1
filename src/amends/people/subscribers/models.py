"""Subscribers under random pseudonyms, and the services they have.

Personal values are sealed under the subscriber's data key; nothing else here says who somebody is.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from amends.platform.vault.fields import SealedField


class Subscriber(models.Model):
    """A person or firm the operator serves; the key is random, `access` opens what is sealed."""

    class Status(models.TextChoices):
        ACTIVE = "active"
        SUSPENDED = "suspended"
        LEFT = "left"
        ERASED = "erased"

    pseudonym = models.CharField(primary_key=True, max_length=64)
    name = SealedField(bound_to="pseudonym", under="subscriber")
    phone = SealedField(bound_to="pseudonym", under="subscriber")
    id_card = SealedField(bound_to="pseudonym", under="subscriber")
    address = SealedField(bound_to="pseudonym", under="subscriber")
    email = SealedField(bound_to="pseudonym", under="subscriber")
    language = models.CharField(max_length=8, default="zh-hans")
    zone = models.CharField(max_length=40, default="Asia/Shanghai")
    province = models.CharField(max_length=8, blank=True, help_text=_("GB/T 2260, two digits"))
    area = models.CharField(max_length=64, blank=True)
    brand = models.CharField(max_length=40, blank=True)
    status = models.CharField(max_length=12, choices=Status, default=Status.ACTIVE)
    registered_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "subscribers_subscriber"
        ordering = ["pseudonym"]
        indexes = [
            models.Index(
                fields=["left_at", "pseudonym"],
                condition=models.Q(status="left"),
                name="subscribers_left",
            ),
        ]

    def __str__(self) -> str:
        return self.pseudonym


class IndexEntry(models.Model):
    """A blind index entry; its own table, so that erasure can destroy the rows.

    column  what it is an entry of: "phone", "email", "id_card", or "customer_key": the operator's
            own key of the customer, of which a person may have several
    since   when the register named it, of somebody known by then; None: it came with the person
    until   of a number or mailbox that was the person's before: when the register named another
    value   a key, or a number or mailbox of before; what is theirs now is sealed in `Subscriber`
    """

    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, db_index=False)
    column = models.CharField(max_length=16)
    entry = models.CharField(max_length=40)
    since = models.DateTimeField(null=True, blank=True)
    until = models.DateTimeField(null=True, blank=True)
    value = SealedField(bound_to="entry", under="subscriber", null=True, default=None)

    class Meta:
        db_table = "subscribers_index_entry"
        indexes = [
            models.Index(fields=["entry", "column"], name="subscribers_entry"),
            models.Index(fields=["subscriber"], name="subscribers_entry_owner"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["entry"],
                condition=models.Q(column="customer_key"),
                name="subscribers_one_of_each_key",
            ),
        ]


class LegalHold(models.Model):
    """Why a subscriber's data must stay for now: an appeal, a court, an authority."""

    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="holds")
    reason = models.CharField(max_length=200)
    reference = models.CharField(max_length=80, blank=True)
    placed_by = models.CharField(max_length=80)
    placed_at = models.DateTimeField()
    released_by = models.CharField(max_length=80, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "subscribers_legal_hold"
        ordering = ["placed_at", "id"]


class Service(models.Model):
    """One line or add-on of a subscriber: main plan, broadband, value-added service."""

    ref = models.CharField(primary_key=True, max_length=64)
    subscriber = models.ForeignKey(Subscriber, on_delete=models.PROTECT, related_name="services")
    kind = models.CharField(max_length=32)
    offer = models.CharField(max_length=64, blank=True)
    offer_version = models.CharField(max_length=32, blank=True)
    provider = models.CharField(max_length=64, blank=True)
    area = models.CharField(max_length=64, blank=True)
    started_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "subscribers_service"
        ordering = ["ref"]

    def __str__(self) -> str:
        return self.ref
