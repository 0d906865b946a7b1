"""The register of services and the chain of each: who provides, delivers, bills and answers."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ServiceOrigin(models.TextChoices):
    """Whose service it is."""

    OWN = "own", pgettext_lazy("service", "own")
    THIRD_PARTY = "third_party", pgettext_lazy("service", "third-party")
    APP = "app", pgettext_lazy("service", "app")
    AGENT = "agent", pgettext_lazy("service", "sold by an agent")


class LinkKind(models.TextChoices):
    """Kinds of links of a chain."""

    PROVIDER = "provider", pgettext_lazy("link", "provides")
    DELIVERY = "delivery", pgettext_lazy("link", "delivers")
    NETWORK = "network", pgettext_lazy("link", "network")
    BILLING = "billing", pgettext_lazy("link", "bills")
    APP = "app", pgettext_lazy("link", "app")


class RegisteredService(models.Model):
    """A service that users may be charged for.

    provider      partner who provides it; empty for the operator
    contract      reference of the contract with the partner
    offer         reference in the catalogue, which has its price and versions
    charge_text   what the bill calls it
    number        access number that appears on the bill
    price_minor   where the catalogue does not list it: in minor units, each `charge_period`
    answers       who answers questions about it, as shown to users
    """

    ref = models.CharField(_("reference"), primary_key=True, max_length=64)
    origin = models.CharField(_("origin"), max_length=12, choices=ServiceOrigin)
    name_zh = models.CharField(_("name in Chinese"), max_length=160)
    name_en = models.CharField(_("name in English"), max_length=160)
    provider = models.CharField(_("provider"), max_length=64, blank=True)
    contract = models.CharField(_("contract"), max_length=64, blank=True)
    offer = models.CharField(_("offer"), max_length=64, blank=True)
    charge_text = models.CharField(_("text on the bill"), max_length=160, blank=True)
    number = models.CharField(_("access number"), max_length=32, blank=True)
    price_minor = models.BigIntegerField(_("price in minor units"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    charge_period = models.CharField(_("charged each"), max_length=12, blank=True)
    stop_zh = models.CharField(_("how to stop, in Chinese"), max_length=300, blank=True)
    stop_en = models.CharField(_("how to stop, in English"), max_length=300, blank=True)
    answers = models.CharField(_("who answers"), max_length=160, blank=True)
    brand = models.CharField(_("brand"), max_length=40, blank=True)
    is_listed = models.BooleanField(_("on the public list"), default=True)
    changed_at = models.DateTimeField(_("changed at"))

    class Meta:
        db_table = "vetting_service"
        verbose_name = _("service")
        verbose_name_plural = pgettext_lazy("register", "services")
        ordering = ["ref"]

    def __str__(self) -> str:
        return self.ref


class ServiceLink(models.Model):
    """One link of the chain of a service, and the partner who runs it."""

    service = models.ForeignKey(RegisteredService, on_delete=models.CASCADE, related_name="links")
    name = models.CharField(_("link"), max_length=64)
    kind = models.CharField(_("kind"), max_length=12, choices=LinkKind)
    partner = models.CharField(_("partner"), max_length=64, blank=True)

    class Meta:
        db_table = "vetting_service_link"
        verbose_name = _("link of a service")
        verbose_name_plural = _("links of services")
        ordering = ["service", "name"]
        constraints = [
            models.UniqueConstraint(fields=["service", "name"], name="vetting_link_once")
        ]

    def __str__(self) -> str:
        return f"{self.service_id} {self.name}"
