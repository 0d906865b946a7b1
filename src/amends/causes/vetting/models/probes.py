"""Probes of the links of a service, what they measured, and the faults located from it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from amends.causes.vetting.models.services import ServiceLink


class ProbeKind(models.TextChoices):
    """Kinds of probes."""

    HTTP = "http", pgettext_lazy("probe", "HTTP answer")
    DNS = "dns", pgettext_lazy("probe", "name resolution")
    TLS = "tls", pgettext_lazy("probe", "certificate")
    START = "start", pgettext_lazy("probe", "start time")
    CONTENT = "content", pgettext_lazy("probe", "content unchanged")
    JOURNEY = "journey", pgettext_lazy("probe", "journey")


class LinkProbe(models.Model):
    """A probe of one link.

    target   web address; `host` (dns) or `host:port` (tls)
    options  what the kind needs, see `actions/probe.py`
    most_ms  an answer that takes longer is a failure
    next_at  when it runs next; drawn with jitter after each run
    """

    link = models.ForeignKey(ServiceLink, on_delete=models.CASCADE, related_name="probes")
    name = models.CharField(_("probe"), max_length=64)
    kind = models.CharField(_("kind"), max_length=8, choices=ProbeKind)
    target = models.CharField(_("target"), max_length=300)
    options = models.JSONField(_("options"), default=dict, blank=True)
    every_s = models.PositiveIntegerField(_("seconds between runs"), default=300)
    most_ms = models.PositiveIntegerField(_("longest answer in ms"), default=5_000)
    is_active = models.BooleanField(_("active"), default=True)
    next_at = models.DateTimeField(_("next run"))

    class Meta:
        db_table = "vetting_probe"
        verbose_name = _("probe")
        verbose_name_plural = _("probes")
        ordering = ["link", "name"]
        indexes = [
            models.Index(
                fields=["next_at"],
                condition=models.Q(is_active=True),
                name="vetting_probe_due",
            )
        ]
        constraints = [models.UniqueConstraint(fields=["link", "name"], name="vetting_probe_once")]

    def __str__(self) -> str:
        return self.name


class ProbeResult(models.Model):
    """One run of a probe; `error` is a code, empty where it passed."""

    probe = models.ForeignKey(LinkProbe, on_delete=models.CASCADE, related_name="results")
    at = models.DateTimeField(_("at"))
    passed = models.BooleanField(_("passed"))
    ms = models.FloatField(_("ms"), null=True, blank=True)
    error = models.CharField(_("error"), max_length=40, blank=True)

    class Meta:
        db_table = "vetting_probe_result"
        verbose_name = _("probe result")
        verbose_name_plural = _("probe results")
        ordering = ["probe", "at"]
        indexes = [models.Index(fields=["probe", "at"], name="vetting_result_at")]

    def __str__(self) -> str:
        return f"{self.probe_id} {self.at}"


class ServiceFault(models.Model):
    """A fault located at a link; `evidence` as `FaultEvidence`."""

    link = models.ForeignKey(ServiceLink, on_delete=models.CASCADE, related_name="faults")
    from_at = models.DateTimeField(pgettext_lazy("fault", "from"))
    to_at = models.DateTimeField(_("until"))
    evidence = models.JSONField(_("evidence"), default=dict)
    found_at = models.DateTimeField(_("found at"))

    class Meta:
        db_table = "vetting_service_fault"
        verbose_name = _("fault of a service")
        verbose_name_plural = _("faults of services")
        ordering = ["-from_at", "link"]

    def __str__(self) -> str:
        return f"{self.link_id} {self.from_at}"
