"""Samples of what services show, and findings in them with the deadline to take content down."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from amends.causes.vetting.choices import ContentLabel
from amends.causes.vetting.models.services import RegisteredService
from amends.platform.database.choices import BadgeChoices
from amends.platform.vault.fields import SealedField


class ContentSource(models.TextChoices):
    """Where a sample comes from."""

    PAGE = "page", _("Page")
    ORDER_PAGE = "order_page", _("Order page")
    APP = "app", pgettext_lazy("source of content", "App or its description")
    CHAT = "chat", _("Chat or live room")
    OTHER = "other", pgettext_lazy("source of content", "Other")


class ContentFindingState(BadgeChoices):
    """Progress of a finding."""

    OPEN = "open", "warn", pgettext_lazy("content", "to take down")
    TAKEN_DOWN = "taken_down", "ok", _("taken down")
    DISMISSED = "dismissed", "plain", _("not confirmed")


class ContentAppealState(BadgeChoices):
    """Progress of a partner's appeal."""

    OPEN = "open", "warn", pgettext_lazy("appeal", "to answer")
    GRANTED = "granted", "ok", pgettext_lazy("appeal", "granted")
    REFUSED = "refused", "bad", pgettext_lazy("appeal", "refused")


class ContentSample(models.Model):
    """A content of a service as it was at a time.

    text        encrypted; empty once its term ended
    images    SHA-256 of its images
    score       probability that it is not clean; 1 for an image of the list
    passages    that decided it, masked
    statements  what it states, by the names of `content-phrases@….toml`
    model       version of the model; `second_read` once sentence vectors took part
    """

    ref = models.CharField(primary_key=True, max_length=40)
    service = models.ForeignKey(
        RegisteredService, on_delete=models.PROTECT, related_name="content_samples"
    )
    source = models.CharField(_("source"), max_length=12, choices=ContentSource)
    text = SealedField()
    images = models.JSONField(default=list)
    label = models.CharField(_("label"), max_length=16, choices=ContentLabel)
    score = models.FloatField(pgettext_lazy("content", "score"))
    passages = models.JSONField(default=list)
    statements = models.JSONField(default=list)
    model = models.CharField(max_length=16)
    second_read = models.BooleanField(default=False)
    sampled_at = models.DateTimeField(_("sampled at"))
    submitted_by = models.CharField(max_length=80)

    class Meta:
        db_table = "vetting_content_sample"
        verbose_name = _("content sample")
        verbose_name_plural = _("content samples")
        ordering = ["-sampled_at", "ref"]
        indexes = [models.Index(fields=["second_read"], name="vetting_sample_unread")]

    def __str__(self) -> str:
        return self.ref


class ContentFinding(models.Model):
    """A sample that is not clean: what the partner must take down, until when.

    rule      version of the rules that set `due_at`
    reason    why it was dismissed, or how it is known to be taken down
    sanction  reference of the sanction imposed for it
    appeal    what the partner wrote, encrypted
    """

    ref = models.CharField(primary_key=True, max_length=40)
    sample = models.OneToOneField(ContentSample, on_delete=models.PROTECT, related_name="finding")
    partner = models.CharField(_("partner"), max_length=64, blank=True)
    label = models.CharField(_("label"), max_length=16, choices=ContentLabel)
    state = models.CharField(
        _("state"), max_length=12, choices=ContentFindingState, default=ContentFindingState.OPEN
    )
    found_at = models.DateTimeField(_("found at"))
    due_at = models.DateTimeField(_("due at"))
    rule = models.CharField(max_length=64)
    notified_at = models.DateTimeField(_("partner notified at"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    closed_by = models.CharField(max_length=80, blank=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    sanction = models.CharField(max_length=40, blank=True)
    appeal = SealedField()
    appealed_at = models.DateTimeField(null=True, blank=True)
    appeal_state = models.CharField(max_length=8, choices=ContentAppealState, blank=True)
    appeal_answer = models.CharField(max_length=300, blank=True)
    appeal_answered_by = models.CharField(max_length=80, blank=True)
    appeal_answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "vetting_content_finding"
        verbose_name = _("content finding")
        verbose_name_plural = _("content findings")
        ordering = ["due_at", "ref"]
        indexes = [models.Index(fields=["partner", "found_at"], name="vetting_finding_partner")]

    def __str__(self) -> str:
        return self.ref

    @property
    def is_open(self) -> bool:
        """Whether the content is not known to be taken down, or an appeal is not answered."""
        waiting = self.appeal_state == ContentAppealState.OPEN
        return waiting or self.state == ContentFindingState.OPEN


class HarmfulImage(models.Model):
    """An image of the operator's list, by its SHA-256."""

    sha256 = models.CharField(primary_key=True, max_length=64)
    label = models.CharField(_("label"), max_length=16, choices=ContentLabel)
    added_at = models.DateTimeField(_("added at"))
    added_by = models.CharField(max_length=80)

    class Meta:
        db_table = "vetting_harmful_image"
        verbose_name = _("image of the list")
        verbose_name_plural = _("images of the list")
        ordering = ["sha256"]

    def __str__(self) -> str:
        return self.sha256


class PartnerNoticeAddress(models.Model):
    """Where notices to a partner are sent; the address is encrypted."""

    partner = models.CharField(primary_key=True, max_length=64)
    address = SealedField()
    language = models.CharField(max_length=2, default="zh")
    changed_at = models.DateTimeField(_("changed at"))
    changed_by = models.CharField(max_length=80)

    class Meta:
        db_table = "vetting_partner_notice_address"
        verbose_name = _("notice address of a partner")
        verbose_name_plural = _("notice addresses of partners")
        ordering = ["partner"]

    def __str__(self) -> str:
        return self.partner
