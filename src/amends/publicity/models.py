"""Published wordings, what was found in them, and waivers."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class PublishedCopy(models.Model):
    """A wording on a channel: drafted, approved (live), or taken down."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        LIVE = "live", _("Live")
        WITHDRAWN = "withdrawn", _("Taken down")

    ref = models.CharField(_("reference"), primary_key=True, max_length=64)
    offer = models.CharField(_("offer"), max_length=64, blank=True, db_index=True)
    channel = models.CharField(_("channel"), max_length=40)
    place = models.CharField(_("place"), max_length=300, blank=True)
    brand = models.CharField(_("brand"), max_length=40, blank=True)
    text = models.TextField(_("text"))
    publish_on = models.DateField(_("published on"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.DRAFT)
    written_by = models.CharField(_("written by"), max_length=64)
    written_at = models.DateTimeField(_("written at"))
    checked_at = models.DateTimeField(_("checked at"), null=True, blank=True)
    approved_by = models.CharField(_("approved by"), max_length=64, blank=True)
    approved_at = models.DateTimeField(_("approved at"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("taken down at"), null=True, blank=True)
    first_seen_at = models.DateTimeField(_("first seen"), null=True, blank=True)
    last_seen_at = models.DateTimeField(_("last seen"), null=True, blank=True)

    class Meta:
        db_table = "publicity_copy"
        verbose_name = _("copy")
        verbose_name_plural = _("copies")
        ordering = ["-written_at", "offer", "channel", "ref"]

    def __str__(self) -> str:
        return self.ref


class WatchedPage(models.Model):
    """A page of the operator's own that is fetched again and again; no other is."""

    url = models.URLField(_("address of the page"), max_length=300, unique=True)
    offer = models.CharField(_("offer"), max_length=64, blank=True)
    channel = models.CharField(_("channel"), max_length=40, default="web")
    fetched_at = models.DateTimeField(_("fetched"), null=True, blank=True)
    error = models.CharField(_("error"), max_length=300, blank=True)

    class Meta:
        db_table = "publicity_watched_page"
        verbose_name = _("watched page")
        verbose_name_plural = _("watched pages")
        ordering = ["url"]

    def __str__(self) -> str:
        return self.url


class FoundFault(models.Model):
    """A finding in a copy as it was last checked, and whether a person found it right."""

    copy = models.ForeignKey(PublishedCopy, on_delete=models.CASCADE, related_name="findings")
    code = models.CharField(_("code"), max_length=32)
    severity = models.CharField(_("severity"), max_length=8)
    field = models.CharField(_("field"), max_length=32)
    said = models.TextField(_("it says"), blank=True)
    recorded = models.CharField(_("record"), max_length=300, blank=True)
    start = models.PositiveIntegerField(_("begins at"), default=0)
    end = models.PositiveIntegerField(_("ends at"), default=0)
    rule = models.CharField(_("rule"), max_length=64)
    found_at = models.DateTimeField(_("found at"))

    class Meta:
        db_table = "publicity_finding"
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        ordering = ["copy", "start", "code"]

    def __str__(self) -> str:
        return f"{self.copy_id}: {self.code}"


class CoOrderRate(models.Model):
    """How often one who sells opened several offers for a person on one day, past the threshold."""

    channel = models.CharField(_("channel"), max_length=40)
    agent = models.CharField(_("agent"), max_length=64, blank=True)
    campaign = models.CharField(_("campaign or school"), max_length=64, blank=True)
    visits = models.PositiveIntegerField(_("people and days"))
    together = models.PositiveIntegerField(_("with several offers"))
    low = models.FloatField(_("lower bound of the share"))
    since = models.DateTimeField(_("since"))
    counted_at = models.DateTimeField(_("counted at"))

    class Meta:
        db_table = "publicity_co_order_rate"
        verbose_name = _("rate of orders placed together")
        verbose_name_plural = _("rates of orders placed together")
        ordering = ["-low", "channel", "agent", "campaign"]

    def __str__(self) -> str:
        return f"{self.channel} {self.agent} {self.campaign}"


class RuleDecision(models.Model):
    """A person's word on one finding of a rule; the last fifty give the rule's precision."""

    code = models.CharField(_("code"), max_length=32, db_index=True)
    copy = models.CharField(_("copy"), max_length=64)
    said = models.TextField(_("it says"), blank=True)
    right = models.BooleanField(_("right"))
    decided_by = models.CharField(_("judged by"), max_length=64)
    decided_at = models.DateTimeField(_("judged at"))

    class Meta:
        db_table = "publicity_rule_decision"
        verbose_name = _("judgement of a finding")
        verbose_name_plural = _("judgements of findings")
        ordering = ["-decided_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["code", "copy", "said"], name="publicity_one_decision_a_finding"
            )
        ]

    def __str__(self) -> str:
        return f"{self.copy}: {self.code}"


class Waiver(models.Model):
    """Leave to publish in spite of a finding: why, who answers for it, until when (inclusive)."""

    copy = models.ForeignKey(PublishedCopy, on_delete=models.CASCADE, related_name="waivers")
    code = models.CharField(_("code"), max_length=32)
    reason = models.CharField(_("reason"), max_length=300)
    owner = models.CharField(_("owner"), max_length=80)
    until = models.DateField(_("until"))
    given_by = models.CharField(_("given by"), max_length=64)
    given_at = models.DateTimeField(_("given at"))

    class Meta:
        db_table = "publicity_waiver"
        verbose_name = _("waiver")
        verbose_name_plural = _("waivers")
        ordering = ["copy", "code", "-until"]

    def __str__(self) -> str:
        return f"{self.copy_id}: {self.code}"
