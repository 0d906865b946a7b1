"""Privacy reviews of services."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ServiceReview(models.Model):
    """One review of a service; the newest that counts of a service and brand is in force.

    service      the offer or service it is of: what the gate of a launch asks about
    brand        whose review it is, "" for the whole operator
    replaces     the review in force whose verdict barred the service; the new one waits for a
                 second person, until `confirmed_at`
    description  the declared purpose and data flows
    rules        version of the rules it was judged by
    """

    class Verdict(models.TextChoices):
        PASS = "pass", _("may start")
        CONDITIONS = "conditions", _("conditions to meet")
        BLOCK = "block", _("must not start")

    ref = models.CharField(primary_key=True, max_length=40)
    service = models.CharField(_("offer or service"), max_length=64)
    title = models.CharField(_("name of the service"), max_length=160)
    description = models.JSONField()
    verdict = models.CharField(_("verdict"), max_length=12, choices=Verdict)
    rules = models.CharField(max_length=60)
    reviewed_by = models.CharField(max_length=80)
    reviewed_at = models.DateTimeField(_("reviewed"))
    brand = models.CharField(max_length=40, blank=True)
    replaces = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    confirmed_by = models.CharField(max_length=80, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "privacy_service_review"
        verbose_name = _("privacy review")
        verbose_name_plural = _("privacy reviews")
        ordering = ["-reviewed_at", "-ref"]
        indexes = [models.Index(fields=["service", "-reviewed_at"], name="privacy_review_service")]

    @property
    def waits(self) -> bool:
        """Whether a second person has not confirmed it yet."""
        return self.replaces_id is not None and self.confirmed_at is None

    def __str__(self) -> str:
        return f"{self.title} ({self.service})"
