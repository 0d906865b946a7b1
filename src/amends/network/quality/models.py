"""Speed tests as their measurement server signed them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from amends.platform.vault.fields import SealedField


class Campaign(models.Model):
    """The tests of one line that a rule asks for, guided from the first to the protocol.

    rule         version of the rule that judges them, such as `de-fixed@2021-12-13`
    plan         speeds of the contract in Mbit/s, keys as in `rules.speed_tests.Plan`
    recipient    where reminders go, sealed; none leaves before `confirmed_at`
    reminded_on  day of the last reminder
    """

    code = models.CharField(_("code"), primary_key=True, max_length=14)
    started_at = models.DateTimeField(_("started at"))
    rule = models.CharField(_("rule"), max_length=80)
    plan = models.JSONField(_("contract"), default=dict)
    language = models.CharField(_("language"), max_length=10)
    source = models.CharField(
        _("source"), max_length=64, blank=True, help_text="Blind index of who began it."
    )
    ask_reminders = models.BooleanField(
        _("to be asked about reminders"),
        default=False,
        help_text="The message that asks whether to remind has not been sent yet.",
    )
    channel = models.CharField(_("channel of reminders"), max_length=20, blank=True)
    recipient = SealedField(_("address of reminders"))
    confirmed_at = models.DateTimeField(_("reminders confirmed at"), null=True)
    reminded_on = models.DateField(_("reminded on"), null=True)
    subscriber = models.CharField(_("subscriber"), max_length=64, blank=True)

    class Meta:
        db_table = "quality_campaign"
        verbose_name = pgettext_lazy("speed test", "campaign")
        verbose_name_plural = pgettext_lazy("speed test", "campaigns")
        ordering = ["-started_at", "code"]

    def __str__(self) -> str:
        return self.code


class SpeedTest(models.Model):
    """One test of a line, in both directions; one that does not count is kept with the reasons.

    test        id the console gave it with its tokens: a result is recorded once
    results     what the measurement server signed, a text for each connection
    conditions  what the client said of itself: wired, other traffic, VPN, promised speed
    curve       Mbit/s every quarter of a second, as the client saw it
    radio       of a mobile test: `cell`, `technology`, `rsrp_dbm`, `sinr_db`
    """

    code = models.CharField(_("test code"), primary_key=True, max_length=14)
    test = models.CharField(_("test"), max_length=40, unique=True)
    at = models.DateTimeField(_("measured at"), db_index=True)
    server = models.CharField(_("measurement server"), max_length=80)
    method = models.CharField(_("method"), max_length=20)
    down_kbps = models.BigIntegerField(_("download, kbit/s"))
    up_kbps = models.BigIntegerField(_("upload, kbit/s"))
    min_rtt_us = models.IntegerField(_("shortest round trip, µs"))
    loaded_rtt_us = models.IntegerField(_("round trip under load, µs"), null=True)
    rpm = models.IntegerField(_("round trips a minute"), null=True)
    promised_down_kbps = models.BigIntegerField(_("promised download, kbit/s"), null=True)
    invalid_because = models.JSONField(_("does not count because"), default=list)
    conditions = models.JSONField(_("conditions"), default=dict)
    curve = models.JSONField(_("curve"), default=dict)
    results = models.JSONField(_("signed results"), default=list)
    area = models.CharField(_("area"), max_length=64, blank=True)
    radio = models.JSONField(_("radio"), default=dict)
    campaign = models.ForeignKey(
        Campaign,
        models.SET_NULL,
        null=True,
        related_name="tests",
        verbose_name=pgettext_lazy("speed test", "campaign"),
    )
    subscriber = models.CharField(_("subscriber"), max_length=64, blank=True)
    service = models.CharField(_("service"), max_length=64, blank=True)
    complaint = models.CharField(_("complaint"), max_length=64, blank=True, db_index=True)

    class Meta:
        db_table = "quality_speedtest"
        verbose_name = _("speed test")
        verbose_name_plural = _("speed tests")
        ordering = ["-at", "code"]

    def __str__(self) -> str:
        return self.code

    @property
    def down_mbps(self) -> float:
        """Download in Mbit/s."""
        return self.down_kbps / 1000

    @property
    def up_mbps(self) -> float:
        """Upload in Mbit/s."""
        return self.up_kbps / 1000

    @property
    def valid(self) -> bool:
        """Whether the test counts."""
        return not self.invalid_because


# Django finds models in this module only.
from amends.network.quality.incident_models import (  # noqa: E402
    DegradedStretch,
    IncidentComplaint,
    IncidentPerson,
    NetworkAlarm,
    NetworkCell,
    NetworkChange,
    NetworkIncident,
    NetworkIncidentEvent,
    NoticePlan,
)

__all__ = [
    "Campaign",
    "DegradedStretch",
    "IncidentComplaint",
    "IncidentPerson",
    "NetworkAlarm",
    "NetworkCell",
    "NetworkChange",
    "NetworkIncident",
    "NetworkIncidentEvent",
    "NoticePlan",
    "SpeedTest",
]
