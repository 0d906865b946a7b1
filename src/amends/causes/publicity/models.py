"""Published wordings, what was found in them, and waivers."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from amends.platform.database.choices import BadgeChoices

LONGEST_LEAVE = timedelta(days=365)
"""How long a waiver or an accepted phrase holds at most."""


class FindingSeverity(BadgeChoices):
    """How much a finding weighs; `accepted` is one that an accepted phrase covers."""

    BLOCK = "block", "bad", _("Blocks")
    WARN = "warn", "warn", _("Needs proof")
    UNSURE = "unsure", "info", _("A person must look")
    ADVICE = "advice", "nothing", _("Advice")
    ACCEPTED = "accepted", "nothing", _("Accepted phrase")


class PublishedCopy(models.Model):
    """A wording on a channel: drafted, approved (live), or taken down.

    version                 counts the edits of a draft; `EarlierVersion` has those before
    written_by, written_at  of this version
    """

    class State(BadgeChoices):
        DRAFT = "draft", "info", _("Draft")
        LIVE = "live", "ok", _("Live")
        WITHDRAWN = "withdrawn", "nothing", _("Taken down")

    ref = models.CharField(_("reference"), primary_key=True, max_length=64)
    offer = models.CharField(_("offer"), max_length=64, blank=True, db_index=True)
    channel = models.CharField(_("channel"), max_length=40)
    place = models.CharField(_("place"), max_length=300, blank=True)
    brand = models.CharField(_("brand"), max_length=40, blank=True)
    text = models.TextField(_("text"))
    publish_on = models.DateField(_("published on"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.DRAFT)
    version = models.PositiveIntegerField(_("version"), default=1)
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

    @property
    def status(self) -> PublishedCopy.State:
        """The state with its badge."""
        return self.State(self.state)

    def authors(self) -> set[str]:
        """Everybody who wrote a version of it."""
        return {self.written_by, *self.earlier.values_list("written_by", flat=True)}


class EarlierVersion(models.Model):
    """A version of a draft that an edit replaced."""

    copy = models.ForeignKey(PublishedCopy, on_delete=models.CASCADE, related_name="earlier")
    number = models.PositiveIntegerField(_("version"))
    offer = models.CharField(_("offer"), max_length=64, blank=True)
    channel = models.CharField(_("channel"), max_length=40)
    place = models.CharField(_("place"), max_length=300, blank=True)
    publish_on = models.DateField(_("published on"), null=True, blank=True)
    text = models.TextField(_("text"))
    written_by = models.CharField(_("written by"), max_length=64)
    written_at = models.DateTimeField(_("written at"))

    class Meta:
        db_table = "publicity_copy_version"
        verbose_name = _("earlier version of a copy")
        verbose_name_plural = _("earlier versions of copies")
        ordering = ["copy", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["copy", "number"], name="publicity_version_once")
        ]

    def __str__(self) -> str:
        return f"{self.copy_id} {self.number}"


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
    instead = models.TextField(_("wording to use instead"), blank=True)
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
    """A person's judgement of one finding; the last fifty of a brand give the rule's precision."""

    code = models.CharField(_("code"), max_length=32, db_index=True)
    copy = models.CharField(_("copy"), max_length=64)
    said = models.TextField(_("it says"), blank=True)
    brand = models.CharField(_("brand"), max_length=40, blank=True)
    right = models.BooleanField(_("right"))
    reason = models.CharField(_("reason"), max_length=300, blank=True)
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
    """Leave to publish one version of a copy in spite of a kind of finding.

    owner  reference of the person who answers for it
    until  the last day; a year after it was given at the latest, whatever stands here
    """

    copy = models.ForeignKey(PublishedCopy, on_delete=models.CASCADE, related_name="waivers")
    code = models.CharField(_("code"), max_length=32)
    reason = models.CharField(_("reason"), max_length=300)
    owner = models.CharField(_("owner"), max_length=80)
    version = models.PositiveIntegerField(_("version"), default=1)
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

    def ends_on(self) -> date:
        """The last day on which it holds."""
        return min(self.until, timezone.localdate(self.given_at) + LONGEST_LEAVE)


class AcceptedPhrase(models.Model):
    """Words that a brand may use although a rule of wording finds them.

    It never covers what contradicts a record. It holds once a second person has accepted it, until
    `until` (inclusive) or until somebody ends it.
    """

    phrase = models.CharField(_("phrase"), max_length=200)
    reason = models.CharField(_("reason"), max_length=300)
    brand = models.CharField(_("brand"), max_length=40, blank=True)
    until = models.DateField(_("until"))
    proposed_by = models.CharField(_("proposed by"), max_length=64)
    proposed_at = models.DateTimeField(_("proposed at"))
    accepted_by = models.CharField(_("accepted by"), max_length=64, blank=True)
    accepted_at = models.DateTimeField(_("accepted at"), null=True, blank=True)
    ended_by = models.CharField(_("ended by"), max_length=64, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    class Meta:
        db_table = "publicity_accepted_phrase"
        verbose_name = _("accepted phrase")
        verbose_name_plural = _("accepted phrases")
        ordering = ["-proposed_at", "-id"]

    def __str__(self) -> str:
        return self.phrase

    class State(BadgeChoices):
        PROPOSED = "proposed", "info", _("Waits for a second person")
        IN_FORCE = "in_force", "ok", pgettext_lazy("accepted phrase", "In force")
        ENDED = "ended", "nothing", pgettext_lazy("accepted phrase", "Ended")

    def status(self, on: date) -> AcceptedPhrase.State:
        """Its state on a day."""
        if self.ended_at is not None or self.until < on:
            return self.State.ENDED
        return self.State.IN_FORCE if self.accepted_at else self.State.PROPOSED
