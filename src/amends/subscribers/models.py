"""Subscribers under random pseudonyms, their services, the offers they buy, the areas they live in.

Personal values are sealed under the subscriber's data key; nothing else here says who somebody is.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from amends.vault.fields import SealedField


class Area(models.Model):
    """A place of the operator's own map: province, city, district, cell cluster; a tree."""

    code = models.CharField(_("code"), primary_key=True, max_length=64)
    name_zh = models.CharField(_("name in Chinese"), max_length=120)
    name_en = models.CharField(_("name in English"), max_length=120)
    parent = models.ForeignKey(
        "self",
        verbose_name=_("part of"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="parts",
    )
    province = models.CharField(
        _("province"), max_length=8, blank=True, help_text=_("GB/T 2260, two digits")
    )
    subscribers_count = models.PositiveIntegerField(_("subscribers"), default=0)

    class Meta:
        db_table = "subscribers_area"
        verbose_name = _("area")
        verbose_name_plural = _("areas")
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.name_zh} ({self.code})"


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

    column  what it is an entry of: a personal column, or "shared": the number was also another's in
            that time, who was erased since
    since   when the register named it, of somebody known by then; None: it came with the person
    until   of a number or mailbox that was the person's before: when the register named another
    former  that number or mailbox; what is theirs now is sealed in `Subscriber`
    """

    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, db_index=False)
    column = models.CharField(max_length=16)
    entry = models.CharField(max_length=40)
    since = models.DateTimeField(null=True, blank=True)
    until = models.DateTimeField(null=True, blank=True)
    former = SealedField(bound_to="entry", under="subscriber", null=True, default=None)

    class Meta:
        db_table = "subscribers_index_entry"
        indexes = [
            models.Index(fields=["entry", "column"], name="subscribers_entry"),
            models.Index(fields=["subscriber"], name="subscribers_entry_owner"),
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


class Offer(models.Model):
    """What can be bought; the reference is never used for another offer."""

    ref = models.CharField(_("reference"), primary_key=True, max_length=64)
    kind = models.CharField(_("kind"), max_length=32)
    provider = models.CharField(
        _("provider"), max_length=64, blank=True, help_text=_("the partner who provides it")
    )

    class Meta:
        db_table = "subscribers_offer"
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        ordering = ["ref"]

    def __str__(self) -> str:
        return self.ref


class OfferVersion(models.Model):
    """The terms of an offer from one day to another."""

    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="versions")
    version = models.CharField(_("version"), max_length=32)
    name_zh = models.CharField(_("name in Chinese"), max_length=160)
    name_en = models.CharField(_("name in English"), max_length=160)
    price_minor = models.BigIntegerField(_("price in minor units"))
    currency = models.CharField(_("currency"), max_length=3)
    allowance_mb = models.BigIntegerField(null=True, blank=True)
    allowance_minutes = models.IntegerField(null=True, blank=True)
    allowance_messages = models.IntegerField(null=True, blank=True)
    speed_down_kbps = models.BigIntegerField(null=True, blank=True)
    speed_up_kbps = models.BigIntegerField(null=True, blank=True)
    speed_min_kbps = models.BigIntegerField(null=True, blank=True)
    contract_months = models.PositiveIntegerField(default=0)
    exit_fee_minor = models.BigIntegerField(default=0)
    out_of_plan_minor_per_mb = models.BigIntegerField(null=True, blank=True)
    valid_from = models.DateTimeField(_("valid from"))
    valid_to = models.DateTimeField(_("valid to"), null=True, blank=True)

    class Meta:
        db_table = "subscribers_offer_version"
        verbose_name = _("offer version")
        verbose_name_plural = _("offer versions")
        ordering = ["offer", "valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["offer", "version"], name="subscribers_offer_version_once"
            ),
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True)
                | models.Q(valid_to__gt=models.F("valid_from")),
                name="subscribers_offer_period",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.offer_id} {self.version}"


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


class CodeName(models.Model):
    """What a brand or a campaign, whose code stands in orders and facts, is called."""

    class Kind(models.TextChoices):
        BRAND = "brand", _("brand")
        CAMPAIGN = "campaign", _("campaign")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    code = models.CharField(_("code"), max_length=64)
    name_zh = models.CharField(_("name in Chinese"), max_length=120)
    name_en = models.CharField(_("name in English"), max_length=120)

    class Meta:
        db_table = "subscribers_code_name"
        ordering = ["kind", "code"]
        verbose_name = _("name of a brand or campaign")
        verbose_name_plural = _("names of brands and campaigns")
        constraints = [
            models.UniqueConstraint(fields=["kind", "code"], name="subscribers_code_named_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.code}"


class SaleFreeze(models.Model):
    """Why an offer, a campaign or a launch may not be sold for now; several may stand at once."""

    class Kind(models.TextChoices):
        OFFER = "offer", _("offer")
        CAMPAIGN = "campaign", _("campaign")
        LAUNCH = "launch", _("launch")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    ref = models.CharField(_("reference"), max_length=64)
    cause = models.CharField(_("cause"), max_length=64, help_text=_("what asked for it"))
    reason = models.CharField(_("reason"), max_length=200)
    frozen_by = models.CharField(max_length=80)
    frozen_at = models.DateTimeField(_("frozen"))
    lifted_by = models.CharField(max_length=80, blank=True)
    lifted_at = models.DateTimeField(_("lifted"), null=True, blank=True)
    lifted_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        db_table = "subscribers_sale_freeze"
        ordering = ["frozen_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "ref", "cause"],
                condition=models.Q(lifted_at__isnull=True),
                name="subscribers_freeze_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.ref}"
