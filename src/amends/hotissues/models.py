"""Hot issues: what they consist of, who belongs to them, what raised and may have caused them.

Everything here but the issues themselves (their owner, level, joins and leaves by hand) can be
computed again from the complaints. A place is a set of values of dimensions, written
`code=consent.cancel_stop|area=area-4101`; "" is everything.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from amends.kit.ids import time_ordered_id


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
    def excess(self) -> float:
        """Persons more than expected."""
        return self.persons - self.expected


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

    kind       offer_change, campaign, claim, incident, degraded, notices_missing, partner, lookups
    reference  of the offer, campaign, claim, incident, area, duty or partner
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


class CubeDay(models.Model):
    """What the complaints and enquiries received on one local day count by, in packed columns.

    Derived: `amends hotissues rebuild` makes it again from the complaints, and the same.
    """

    day = models.DateField(primary_key=True)
    rows = models.PositiveIntegerField()
    columns = models.BinaryField()

    class Meta:
        ordering = ["day"]


class CubeMark(models.Model):
    """How far the cube has read: the greatest id of complaints, and of their events."""

    stream = models.CharField(primary_key=True, max_length=16)
    seen = models.CharField(max_length=32, blank=True)

    class Meta:
        ordering = ["stream"]


class Post(models.Model):
    """What somebody wrote in public on a social medium: no complaint, in no rate, counted beside.

    source, key  the medium and its own id of the post; author  a blind index, "" for unknown
    """

    id = models.CharField(primary_key=True, max_length=32, default=time_ordered_id)
    source = models.CharField(max_length=40)
    key = models.CharField(max_length=120)
    posted_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    author = models.CharField(max_length=32, blank=True)
    text = models.TextField()
    text_print = models.BigIntegerField(default=0)
    code = models.CharField(max_length=40)
    area = models.CharField(max_length=40, blank=True)
    product = models.CharField(max_length=64, blank=True)
    brand = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["posted_at", "id"]
        indexes = [models.Index(fields=["posted_at"], name="hotissue_posted")]
        constraints = [
            models.UniqueConstraint(fields=["source", "key"], name="hotissue_post_once"),
        ]


class BesideAlarm(models.Model):
    """A place in which posts, or enquiries, ran hot on a day: told beside the issues, never one."""

    kind = models.CharField(max_length=8, choices=[("post", "post"), ("enquiry", "enquiry")])
    brand = models.CharField(max_length=40, blank=True)
    place = models.CharField(max_length=300, blank=True)
    day = models.DateField()
    since = models.DateField()
    persons = models.PositiveIntegerField()
    expected = models.FloatField()
    evidence = models.FloatField()
    raised_at = models.DateTimeField()

    class Meta:
        ordering = ["-day", "kind", "place"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "brand", "place", "day"], name="hotissue_beside_once"
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


class Emergency(models.Model):
    """The emergency mechanism at work on an issue: by which plan, of which kind, and its review.

    kind      group of the class, e.g. "billing", or "outage", "emergency_number"
    pack      the jurisdiction whose closing rule holds
    offers    what everybody hit has bought; areas: where they live; since when
    """

    issue = models.OneToOneField(
        HotIssue, primary_key=True, on_delete=models.CASCADE, related_name="emergency"
    )
    plan = models.CharField(max_length=80)
    kind = models.CharField(max_length=32)
    pack = models.CharField(max_length=8)
    because = models.JSONField(default=list)
    offers = models.JSONField(default=list)
    areas = models.JSONField(default=list)
    hit_since = models.DateTimeField()
    silent = models.PositiveIntegerField(default=0)
    declared_at = models.DateTimeField()
    declared_by = models.CharField(max_length=64)
    cause_ended_at = models.DateTimeField(null=True, blank=True)
    review = models.TextField(blank=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["-declared_at"]


class EmergencyStep(models.Model):
    """One step of the plan: due, done or dropped, and whether its time passed first."""

    emergency = models.ForeignKey(Emergency, on_delete=models.CASCADE, related_name="steps")
    step = models.CharField(max_length=32)
    level = models.CharField(max_length=16)
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.CharField(max_length=64, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)
    missed_at = models.DateTimeField(null=True, blank=True)
    details = models.JSONField(default=dict)

    class Meta:
        ordering = ["due_at", "id"]
        indexes = [
            models.Index(
                fields=["due_at"],
                name="hotissue_step_open",
                condition=Q(done_at__isnull=True, dropped_at__isnull=True, missed_at__isnull=True),
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["emergency", "step"],
                name="hotissue_step_once",
                condition=Q(dropped_at__isnull=True),
            )
        ]


class Statement(models.Model):
    """One version of what the public is told about an issue; the newest counts, all are kept."""

    issue = models.ForeignKey(HotIssue, on_delete=models.CASCADE, related_name="statements")
    version = models.PositiveSmallIntegerField()
    title_zh = models.CharField(max_length=120)
    title_en = models.CharField(max_length=200)
    text_zh = models.TextField()
    text_en = models.TextField()
    published_at = models.DateTimeField()
    published_by = models.CharField(max_length=64)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["issue", "version"]
        constraints = [
            models.UniqueConstraint(fields=["issue", "version"], name="hotissue_statement_once")
        ]


class AnswerRound(models.Model):
    """What opens the answer to every complaint of an issue: one drafts it, another sends it.

    left  complaint → why it was not answered with the others
    """

    id = models.CharField(primary_key=True, max_length=32, default=time_ordered_id)
    issue = models.ForeignKey(HotIssue, on_delete=models.CASCADE, related_name="answer_rounds")
    opening_zh = models.TextField()
    opening_en = models.TextField()
    drafted_at = models.DateTimeField()
    drafted_by = models.CharField(max_length=64)
    sent_at = models.DateTimeField(null=True, blank=True)
    sent_by = models.CharField(max_length=64, blank=True)
    answered = models.PositiveIntegerField(default=0)
    left = models.JSONField(default=dict)

    class Meta:
        ordering = ["drafted_at", "id"]


class Affected(models.Model):
    """A person hit by an issue who has not complained: told once, and what is given to them."""

    id = models.CharField(primary_key=True, max_length=32, default=time_ordered_id)
    issue = models.ForeignKey(HotIssue, on_delete=models.CASCADE, related_name="affected")
    subscriber = models.CharField(max_length=64)
    brand = models.CharField(max_length=40, blank=True)
    found_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True, blank=True)
    told_on = models.CharField(max_length=12, blank=True)
    amount_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3, blank=True)
    proposed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "affected"
        ordering = ["issue", "id"]
        constraints = [
            models.UniqueConstraint(fields=["issue", "subscriber"], name="hotissue_affected_once")
        ]


class Measure(models.Model):
    """What is done against a cause, and how it will be judged: all of it fixed before it starts.

    treated, control  places, as issues write them; distinct persons are counted in their union
    left_from, left_to  days that do not count: those for whose alarm the place was chosen
    digest            SHA-256 of what was fixed
    """

    class State(models.TextChoices):
        PLANNED = "planned"
        STARTED = "started"
        JUDGED = "judged"

    id = models.CharField(primary_key=True, max_length=32, default=time_ordered_id)
    number = models.PositiveIntegerField(unique=True)
    issue = models.ForeignKey(
        HotIssue, null=True, blank=True, on_delete=models.PROTECT, related_name="measures"
    )
    brand = models.CharField(max_length=40, blank=True)
    drill = models.BooleanField(default=False)
    title = models.CharField(max_length=120)
    cause = models.CharField(max_length=400)
    action = models.CharField(max_length=400)
    owner = models.CharField(max_length=40)
    starts_on = models.DateField()
    judge_on = models.DateField()
    wash_out_days = models.PositiveSmallIntegerField(default=0)
    expected_drop_permille = models.PositiveSmallIntegerField()
    treated = models.JSONField(default=list)
    control = models.JSONField(default=list)
    left_from = models.DateField(null=True, blank=True)
    left_to = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.PLANNED)
    planned_at = models.DateTimeField()
    planned_by = models.CharField(max_length=64)
    started_at = models.DateTimeField(null=True, blank=True)
    started_by = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    verdict = models.CharField(max_length=20, blank=True)
    judged_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-number"]


class Judgement(models.Model):
    """One look at a measure; `final` on its day of judgement, else a weekly look on the way.

    document  the figures, the series they rest on, and the comparison with untreated places
    """

    measure = models.ForeignKey(Measure, on_delete=models.PROTECT, related_name="judgements")
    on = models.DateField()
    at = models.DateTimeField()
    final = models.BooleanField(default=False)
    verdict = models.CharField(max_length=20)
    document = models.JSONField(default=dict)

    class Meta:
        ordering = ["on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["measure", "on", "final"], name="hotissue_look_once")
        ]
