"""Network incidents with what showed them, whom they affect and what those people were told."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from amends.network.quality.incident_choices import (
    ChangeKind,
    FaultCause,
    FoundBy,
    IncidentEndReason,
    IncidentKind,
    IncidentState,
    Severity,
)
from amends.platform.kit.ids import time_ordered_id


class NetworkCell(models.Model):
    """Where a cell stands from a moment on; a cell that moves gets another row.

    renamed_from  code that the same cell had before
    """

    code = models.CharField(_("cell"), max_length=80)
    area = models.CharField(_("area"), max_length=64)
    technology = models.CharField(_("technology"), max_length=24, default="all")
    renamed_from = models.CharField(_("earlier name"), max_length=80, blank=True)
    since = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("cell")
        verbose_name_plural = _("cells")
        ordering = ["code", "since"]
        constraints = [models.UniqueConstraint(fields=["code", "since"], name="quality_cell_once")]

    def __str__(self) -> str:
        return self.code


class NetworkIncident(models.Model):
    """A fault of the network, from the first sign of it to its end.

    areas, cells  hit so far
    technology    `all`, or the access technology hit
    last_sign_at  when something last showed that it lasts
    merged_into   the incident that goes on in its place
    split_from    the incident that it was part of
    hot_issue     subject of the hot issue it explains, such as `hotissue-12`
    stated_areas  areas on which `IncidentOpened` was stated
    reopened      how often; stated_from: since when it lasts again, once it was reopened
    """

    id = models.CharField(primary_key=True, max_length=32, default=time_ordered_id)
    number = models.PositiveIntegerField(_("number"), unique=True)
    kind = models.CharField(_("kind"), max_length=12, choices=IncidentKind)
    cause = models.CharField(_("cause"), max_length=24, choices=FaultCause)
    technology = models.CharField(_("technology"), max_length=24, default="all")
    severity = models.CharField(_("severity"), max_length=8, choices=Severity)
    state = models.CharField(_("state"), max_length=10, choices=IncidentState)
    areas = models.JSONField(_("areas"), default=list)
    cells = models.JSONField(_("cells"), default=list)
    started_at = models.DateTimeField(_("started"))
    found_at = models.DateTimeField(_("found"))
    found_by = models.CharField(_("found by"), max_length=12, choices=FoundBy)
    last_sign_at = models.DateTimeField(_("last sign of it"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    ended_because = models.CharField(
        _("ended because"), max_length=12, choices=IncidentEndReason, blank=True
    )
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="merged"
    )
    split_from = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="split_off"
    )
    hot_issue = models.CharField(_("hot issue"), max_length=24, blank=True)
    stated_areas = models.JSONField(default=list)
    reopened = models.PositiveSmallIntegerField(_("reopened, times"), default=0)
    stated_from = models.DateTimeField(_("lasts again since"), null=True, blank=True)
    credited_at = models.DateTimeField(_("credits proposed"), null=True, blank=True)

    class Meta:
        verbose_name = _("network incident")
        verbose_name_plural = _("network incidents")
        ordering = ["-started_at", "-number"]
        indexes = [
            models.Index(
                fields=["started_at"],
                name="quality_incident_open",
                condition=Q(ended_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def ref(self) -> str:
        """What facts and other apps call it."""
        return f"network-{self.number}"

    @property
    def stated_ref(self) -> str:
        """What its facts call it: a fact that it ended holds, so a reopened one is another."""
        return f"{self.ref}-{self.reopened + 1}" if self.reopened else self.ref

    def reopen(self, *, at: datetime) -> None:
        """Let it last again; the caller saves and states it."""
        self.stated_from = self.ended_at or at
        self.state, self.ended_at, self.ended_because = IncidentState.OPEN, None, ""
        self.reopened += 1
        self.stated_areas = []
        self.credited_at = None

    @property
    def lasts(self) -> bool:
        """Whether it is going on, as far as anybody knows."""
        return self.state in (IncidentState.SUSPECTED, IncidentState.OPEN)


class NetworkAlarm(models.Model):
    """An alarm of another system; the same key of the same source is the same alarm.

    key      what the source calls it
    count    how often the source reported it
    problem  why it belongs to no incident: `area_unknown`, "" for nothing
    """

    source = models.CharField(_("source"), max_length=40)
    key = models.CharField(_("alarm"), max_length=120)
    incident = models.ForeignKey(
        NetworkIncident, models.PROTECT, null=True, blank=True, related_name="alarms"
    )
    area = models.CharField(_("area"), max_length=64, blank=True)
    cell = models.CharField(_("cell"), max_length=80, blank=True)
    kind = models.CharField(_("kind"), max_length=12, choices=IncidentKind)
    cause = models.CharField(_("cause"), max_length=24, choices=FaultCause)
    technology = models.CharField(_("technology"), max_length=24, default="all")
    severity = models.CharField(_("severity"), max_length=8, choices=Severity)
    raised_at = models.DateTimeField(_("raised"))
    cleared_at = models.DateTimeField(_("cleared"), null=True, blank=True)
    seen_at = models.DateTimeField(_("last reported"))
    count = models.PositiveIntegerField(_("reports"), default=1)
    problem = models.CharField(_("problem"), max_length=24, blank=True)

    class Meta:
        verbose_name = _("alarm")
        verbose_name_plural = _("alarms")
        ordering = ["-raised_at", "id"]
        constraints = [models.UniqueConstraint(fields=["source", "key"], name="quality_alarm_once")]

    def __str__(self) -> str:
        return self.key


class DegradedStretch(models.Model):
    """A time in which an indicator of a cell was worse than its baseline.

    score  distance from the baseline, in MAD of the hour of the week
    to_at  exclusive
    """

    incident = models.ForeignKey(
        NetworkIncident, models.PROTECT, null=True, blank=True, related_name="stretches"
    )
    cell = models.CharField(_("cell"), max_length=80)
    area = models.CharField(_("area"), max_length=64, blank=True)
    kpi = models.CharField(_("indicator"), max_length=40)
    from_at = models.DateTimeField(_("from"))
    to_at = models.DateTimeField(_("to"))
    found_at = models.DateTimeField(_("found"))
    score = models.FloatField(_("score"))

    class Meta:
        verbose_name = _("degraded stretch")
        verbose_name_plural = _("degraded stretches")
        ordering = ["-from_at", "cell", "kpi"]
        constraints = [
            models.UniqueConstraint(fields=["cell", "kpi", "from_at"], name="quality_stretch_once")
        ]

    def __str__(self) -> str:
        return f"{self.cell} {self.kpi}"


class NetworkChange(models.Model):
    """What was changed in the network, or what the weather did: work, launch, firmware, weather.

    cell  "" of the whole area
    """

    at = models.DateTimeField(_("at"))
    area = models.CharField(_("area"), max_length=64)
    cell = models.CharField(_("cell"), max_length=80, blank=True)
    kind = models.CharField(_("kind"), max_length=12, choices=ChangeKind)
    what = models.CharField(_("what"), max_length=200)

    class Meta:
        verbose_name = _("change in the network")
        verbose_name_plural = _("changes in the network")
        ordering = ["-at", "id"]
        indexes = [models.Index(fields=["area", "at"], name="quality_change_place")]
        constraints = [
            models.UniqueConstraint(
                fields=["at", "area", "cell", "kind", "what"], name="quality_change_once"
            )
        ]

    def __str__(self) -> str:
        return self.what


class NetworkIncidentEvent(models.Model):
    """One step in the history of an incident; `by` is a job or a colleague."""

    incident = models.ForeignKey(NetworkIncident, models.CASCADE, related_name="events")
    at = models.DateTimeField(_("at"))
    verb = models.CharField(_("what happened"), max_length=24)
    by = models.CharField(_("by"), max_length=64)
    details = models.JSONField(_("details"), default=dict)

    class Meta:
        verbose_name = _("event of a network incident")
        verbose_name_plural = _("events of network incidents")
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return self.verb


class IncidentComplaint(models.Model):
    """A complaint and the network incident that most likely explains it.

    score  how likely, between 0.5 and 1 (`rules/links.py`)
    """

    complaint = models.CharField(_("complaint"), max_length=64, primary_key=True)
    incident = models.ForeignKey(NetworkIncident, models.CASCADE, related_name="complaints")
    subscriber = models.CharField(_("subscriber"), max_length=64, blank=True)
    brand = models.CharField(_("brand"), max_length=40, blank=True)
    area = models.CharField(_("area"), max_length=64, blank=True)
    came_at = models.DateTimeField(_("received"))
    score = models.FloatField(_("score"))
    joined_at = models.DateTimeField(_("joined"))

    class Meta:
        verbose_name = _("complaint of a network incident")
        verbose_name_plural = _("complaints of network incidents")
        ordering = ["came_at", "complaint"]

    def __str__(self) -> str:
        return self.complaint


class IncidentPerson(models.Model):
    """An affected user of an incident: what they were told and what was proposed for them.

    told_on     channel of the message that it began, `nobody` where no contact is on record
    """

    id = models.CharField(primary_key=True, max_length=32, default=time_ordered_id)
    incident = models.ForeignKey(NetworkIncident, models.CASCADE, related_name="people")
    subscriber = models.CharField(_("subscriber"), max_length=64)
    brand = models.CharField(_("brand"), max_length=40, blank=True)
    told_at = models.DateTimeField(_("told that it began"), null=True, blank=True)
    told_on = models.CharField(_("channel"), max_length=12, blank=True)
    told_end_at = models.DateTimeField(_("told that it ended"), null=True, blank=True)
    credit_minor = models.BigIntegerField(_("credit"), default=0)
    currency = models.CharField(_("currency"), max_length=3, blank=True)

    class Meta:
        verbose_name = _("affected user")
        verbose_name_plural = _("affected users")
        ordering = ["incident", "id"]
        indexes = [models.Index(fields=["subscriber"], name="quality_affected_person")]
        constraints = [
            models.UniqueConstraint(fields=["incident", "subscriber"], name="quality_affected_once")
        ]

    def __str__(self) -> str:
        return self.subscriber


class NoticePlan(models.Model):
    """What affected users of a brand are told without anybody asking, approved beforehand by two.

    kinds         kinds of incidents it holds for
    least_minutes an incident that ends sooner is not announced
    cap           most users that one incident may notify
    A change makes a new plan; the newest one that two people approved holds.
    """

    id = models.CharField(primary_key=True, max_length=32, default=time_ordered_id)
    brand = models.CharField(_("brand"), max_length=40, blank=True)
    kinds = models.JSONField(_("kinds"), default=list)
    least_severity = models.CharField(
        _("from severity"), max_length=8, choices=Severity, default=Severity.MAJOR
    )
    least_minutes = models.PositiveSmallIntegerField(_("not before, minutes"), default=30)
    cap = models.PositiveIntegerField(_("most users per incident"))
    begins_zh = models.TextField(_("text when it begins, Chinese"))
    begins_en = models.TextField(_("text when it begins, English"))
    ends_zh = models.TextField(_("text when it ends, Chinese"))
    ends_en = models.TextField(_("text when it ends, English"))
    drafted_at = models.DateTimeField(_("drafted"))
    drafted_by = models.CharField(_("drafted by"), max_length=64)
    approved_by = models.CharField(_("approved by"), max_length=64, blank=True)
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True)
    second_by = models.CharField(_("also approved by"), max_length=64, blank=True)
    second_at = models.DateTimeField(_("approved a second time"), null=True, blank=True)
    stopped_at = models.DateTimeField(_("stopped"), null=True, blank=True)
    stopped_by = models.CharField(_("stopped by"), max_length=64, blank=True)

    class Meta:
        verbose_name = pgettext_lazy("messages of incidents", "plan of notices")
        verbose_name_plural = pgettext_lazy("messages of incidents", "plans of notices")
        ordering = ["-drafted_at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="quality_plan_two_people",
                condition=Q(second_by="") | ~Q(second_by=models.F("approved_by")),
            )
        ]

    def __str__(self) -> str:
        return self.id

    @property
    def holds(self) -> bool:
        """Whether two people approved it and nobody has stopped it."""
        return bool(self.approved_by and self.second_by and self.stopped_at is None)
