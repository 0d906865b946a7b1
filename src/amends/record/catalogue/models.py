"""What is sold and where: offers, their versions, areas, names of codes, sale freezes."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


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
        db_table = "catalogue_area"
        verbose_name = _("area")
        verbose_name_plural = _("areas")
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.name_zh} ({self.code})"


class Offer(models.Model):
    """What can be bought; the reference is never used for another offer."""

    ref = models.CharField(_("reference"), primary_key=True, max_length=64)
    kind = models.CharField(_("kind"), max_length=32)
    provider = models.CharField(
        _("provider"), max_length=64, blank=True, help_text=_("the partner who provides it")
    )

    class Meta:
        db_table = "catalogue_offer"
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        ordering = ["ref"]

    def __str__(self) -> str:
        return self.ref


class OfferVersion(models.Model):
    """The terms of an offer from one day to another; a version never changes (`guards`).

    facts  its key facts in the flat form (`rules.key_facts`), where they were recorded as such
    """

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
    facts = models.JSONField(_("key facts"), default=dict, blank=True)
    valid_from = models.DateTimeField(_("valid from"))
    valid_to = models.DateTimeField(_("valid to"), null=True, blank=True)

    class Meta:
        db_table = "catalogue_offer_version"
        verbose_name = _("offer version")
        verbose_name_plural = _("offer versions")
        ordering = ["offer", "valid_from"]
        constraints = [
            models.UniqueConstraint(
                fields=["offer", "version"], name="catalogue_offer_version_once"
            ),
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True)
                | models.Q(valid_to__gt=models.F("valid_from")),
                name="catalogue_offer_period",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.offer_id} {self.version}"


class PeakSpeed(models.Model):
    """The median download speed that users of an offer measured at peak time, as of a moment."""

    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="peak_speeds")
    median_kbps = models.BigIntegerField(_("median in kbit/s"))
    low_kbps = models.BigIntegerField(_("lower bound in kbit/s"))
    high_kbps = models.BigIntegerField(_("upper bound in kbit/s"))
    tests = models.PositiveIntegerField(_("tests"))
    since = models.DateTimeField(_("since"))
    calculated_at = models.DateTimeField(_("calculated at"))

    class Meta:
        db_table = "catalogue_peak_speed"
        verbose_name = _("measured peak speed")
        verbose_name_plural = _("measured peak speeds")
        ordering = ["offer", "calculated_at"]

    def __str__(self) -> str:
        return f"{self.offer_id} {self.calculated_at:%Y-%m-%d}"


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
        db_table = "catalogue_code_name"
        ordering = ["kind", "code"]
        verbose_name = _("name of a brand or campaign")
        verbose_name_plural = _("names of brands and campaigns")
        constraints = [
            models.UniqueConstraint(fields=["kind", "code"], name="catalogue_code_named_once")
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
        db_table = "catalogue_sale_freeze"
        ordering = ["frozen_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "ref", "cause"],
                condition=models.Q(lifted_at__isnull=True),
                name="catalogue_freeze_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.ref}"
