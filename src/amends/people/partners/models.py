"""Agents, manufacturers, providers: what they may do, until when, what was held against them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from amends.platform.kit.ids import time_ordered_id
from amends.platform.vault.fields import SealedField


class Partner(models.Model):
    """A firm that works for or with the operator."""

    class Kind(models.TextChoices):
        AGENT = "agent", _("agent")
        MANUFACTURER = "manufacturer", _("manufacturer")
        PROVIDER = "provider", _("provider")
        CHANNEL = "channel", _("channel")

    ref = models.CharField(_("reference"), primary_key=True, max_length=64)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    name_zh = models.CharField(_("name in Chinese"), max_length=160)
    name_en = models.CharField(_("name in English"), max_length=160)

    class Meta:
        db_table = "partners_partner"
        verbose_name = _("partner")
        verbose_name_plural = _("partners")
        ordering = ["ref"]

    def __str__(self) -> str:
        return f"{self.name_zh} ({self.ref})"


class Contract(models.Model):
    """What a partner may do (`roles`), for which brand, from when to when; half-open."""

    ref = models.CharField(_("reference"), primary_key=True, max_length=64)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="contracts")
    roles = models.JSONField(_("roles"), default=list)
    brand = models.CharField(
        _("brand"), max_length=40, blank=True, help_text=_("empty: every brand")
    )
    valid_from = models.DateTimeField(_("valid from"))
    valid_to = models.DateTimeField(_("valid to"), null=True, blank=True)

    class Meta:
        db_table = "partners_contract"
        verbose_name = _("contract")
        verbose_name_plural = _("contracts")
        ordering = ["partner", "valid_from"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True)
                | models.Q(valid_to__gt=models.F("valid_from")),
                name="partners_contract_period",
            )
        ]

    def __str__(self) -> str:
        return self.ref


class Sanction(models.Model):
    """A warning, fine, suspension or exclusion of a partner, with its reason."""

    class Kind(models.TextChoices):
        WARNING = "warning", _("warning")
        FINE = "fine", _("fine")
        SUSPENSION = "suspension", _("suspension")
        EXCLUSION = "exclusion", _("exclusion")

    ref = models.CharField(_("reference"), primary_key=True, max_length=64)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="sanctions")
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    reason = models.CharField(_("reason"), max_length=300)
    amount_minor = models.BigIntegerField(_("amount in minor units"), default=0)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    imposed_at = models.DateTimeField(_("imposed at"))
    until = models.DateTimeField(_("until"), null=True, blank=True)
    lifted_at = models.DateTimeField(_("lifted at"), null=True, blank=True)

    class Meta:
        db_table = "partners_sanction"
        verbose_name = _("sanction")
        verbose_name_plural = _("sanctions")
        ordering = ["partner", "imposed_at"]

    def __str__(self) -> str:
        return self.ref


class NumberAssignment(models.Model):
    """A number that the operator's register assigns to a partner, from when to when; half-open."""

    id = models.CharField(primary_key=True, max_length=32, default=time_ordered_id)
    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="numbers")
    number = SealedField()
    valid_from = models.DateTimeField(_("valid from"))
    valid_to = models.DateTimeField(_("valid to"), null=True, blank=True)

    class Meta:
        db_table = "partners_number"
        verbose_name = _("number of a partner")
        verbose_name_plural = _("numbers of partners")
        ordering = ["partner", "valid_from", "id"]

    def __str__(self) -> str:
        return self.id
