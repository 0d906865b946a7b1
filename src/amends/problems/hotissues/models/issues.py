"""An issue: its places, alarms, complaints, candidate causes, and what happened to it.

A place is a set of values of dimensions, written `code=consent.cancel_stop|area=area-4101`; "" is
everything.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from amends.platform.kit.ids import time_ordered_id


class HotIssue(models.Model):
    """A shared cause of many complaints, as far as it is known.

    level        of the emergency mechanism, "" before one is given
    expected     persons expected in its main place in the periods of its alarms
    usual        place → persons a day the detector expected there when it first saw the issue: of
                 everything, of each value of a dimension and of the issue's own places; {} before
    false_a_week issues without a cause expected in a week, at the threshold that found it
    drill        simulated: through the whole chain, and in no figure
    opened_by    "scan", or the reference of the person who opened it by hand
    """

    id = models.CharField(primary_key=True, max_length=32, default=time_ordered_id)
    number = models.PositiveIntegerField(unique=True)
    brand = models.CharField(max_length=40, blank=True)
    title = models.CharField(max_length=160, blank=True)
    state = models.CharField(
        max_length=8, choices=[("open", "open"), ("closed", "closed")], default="open"
    )
    level = models.CharField(max_length=16, blank=True)
    drill = models.BooleanField(default=False)
    owner = models.CharField(max_length=40, blank=True)
    opened_by = models.CharField(max_length=64, default="scan")
    grain = models.CharField(max_length=8, default="day")
    started_at = models.DateTimeField()
    detected_at = models.DateTimeField()
    last_alarm_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.CharField(max_length=64, blank=True)
    closed_because = models.CharField(max_length=400, blank=True)
    reopened_count = models.PositiveSmallIntegerField(default=0)
    persons = models.PositiveIntegerField(default=0)
    complaints = models.PositiveIntegerField(default=0)
    expected = models.FloatField(default=0.0)
    usual = models.JSONField(default=dict)
    false_a_week = models.FloatField(default=0.0)
    words = models.JSONField(default=list)
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="merged"
    )

    class Meta:
        ordering = ["-detected_at", "-id"]
        indexes = [
            models.Index(
                fields=["brand", "last_alarm_at"],
                name="hotissue_open",
                condition=Q(state="open"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.number}"

    @property
    def subject(self) -> str:
        """What facts for its complaints are on: a complaint knows its issue by number."""
        return f"hotissue-{self.number}"

    @property
    def excess(self) -> float:
        """Persons more than expected."""
        return self.persons - self.expected


class IssueOverview(models.Model):
    """What the table of issues shows of one and takes long to compute; renewed by a job.

    first_day    day of the first figure of `days`
    days         people who complained in its main place, a day
    affected     people affected, complaint or not; None where nothing on record says who
    affected_by  what says so, as `PersonsHit.by`
    reaches      identifier of a higher level that it reaches, "" for none
    """

    issue = models.OneToOneField(
        HotIssue, primary_key=True, on_delete=models.CASCADE, related_name="overview"
    )
    first_day = models.DateField()
    days = models.JSONField(default=list)
    affected = models.PositiveIntegerField(null=True)
    affected_by = models.CharField(max_length=24, blank=True)
    reaches = models.CharField(max_length=16, blank=True)
    computed_at = models.DateTimeField()


class Cell(models.Model):
    """A place an issue consists of; `main` is the one it is named after and drawn by."""

    issue = models.ForeignKey(HotIssue, on_delete=models.CASCADE, related_name="cells")
    place = models.CharField(max_length=300, blank=True)
    main = models.BooleanField(default=False)
    added_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["issue", "place"], name="hotissue_cell_once"),
        ]


class Alarm(models.Model):
    """One place that ran hot in one period. `evidence` and `threshold` are natural logarithms."""

    issue = models.ForeignKey(HotIssue, on_delete=models.CASCADE, related_name="alarms")
    place = models.CharField(max_length=300, blank=True)
    grain = models.CharField(max_length=8)
    period_start = models.DateTimeField()
    persons = models.PositiveIntegerField()
    expected = models.FloatField()
    evidence = models.FloatField()
    threshold = models.FloatField()
    raised_at = models.DateTimeField()

    class Meta:
        ordering = ["period_start", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["issue", "place", "grain", "period_start"], name="hotissue_alarm_once"
            ),
        ]


class Membership(models.Model):
    """A complaint that belongs to an issue, or did: why and by whom it joined and left.

    complaint  our reference of the complaint; person is who complains, as complaints count persons
    """

    issue = models.ForeignKey(HotIssue, on_delete=models.CASCADE, related_name="memberships")
    complaint = models.CharField(max_length=32)
    person = models.CharField(max_length=64)
    joined_at = models.DateTimeField()
    joined_by = models.CharField(max_length=64)
    joined_because = models.CharField(max_length=400)
    left_at = models.DateTimeField(null=True, blank=True)
    left_by = models.CharField(max_length=64, blank=True)
    left_because = models.CharField(max_length=400, blank=True)

    class Meta:
        ordering = ["joined_at", "id"]
        indexes = [
            models.Index(fields=["complaint"], name="hotissue_member"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["issue", "complaint"],
                name="hotissue_member_once",
                condition=Q(left_at__isnull=True),
            ),
        ]


class Cause(models.Model):
    """A candidate cause: something the ledger holds that fits an issue in time and place.

    kind       offer_change, campaign, claim, incident, degraded, notices_missing, partner,
               lookups, service_fault
    reference  of the offer, campaign, claim, incident, area, duty, partner or service
    facts      ids of the facts it rests on, at most twenty; `numbers` are what the sentence says
    fit        0 to 1; `judged` is "" or what a person found: confirmed, ruled_out
    """

    issue = models.ForeignKey(HotIssue, on_delete=models.CASCADE, related_name="causes")
    rank = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=24)
    reference = models.CharField(max_length=120)
    from_at = models.DateTimeField()
    to_at = models.DateTimeField(null=True, blank=True)
    fit = models.FloatField()
    numbers = models.JSONField(default=dict)
    facts = models.JSONField(default=list)
    judged = models.CharField(max_length=12, blank=True)
    judged_by = models.CharField(max_length=64, blank=True)
    judged_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["rank", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["issue", "kind", "reference"], name="hotissue_cause_once"
            ),
        ]


class Happening(models.Model):
    """What happened to an issue: opened, grown, reopened, closed, owner or level given."""

    issue = models.ForeignKey(HotIssue, on_delete=models.CASCADE, related_name="happenings")
    at = models.DateTimeField()
    verb = models.CharField(max_length=32)
    actor = models.CharField(max_length=64)
    reason = models.CharField(max_length=400, blank=True)
    details = models.JSONField(default=dict)

    class Meta:
        ordering = ["at", "id"]
