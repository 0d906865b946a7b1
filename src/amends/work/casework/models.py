"""Work on cases: who works on them, what colleagues write to each other, what comes back when.

A case is any object that people work on: a complaint, an appeal, a report. Rows point to it by
`kind` (a `CaseKind` that an app declares) and `key` (the app's own reference).
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from amends.channels.queries.contacts import opened_column
from amends.platform.kit.ids import time_ordered_id
from amends.platform.vault.fields import SealedField
from amends.platform.vault.sealing import seal
from amends.work.casework.choices import (
    ActivityVerb,
    AssignTo,
    ComposerMode,
    FollowUpEnd,
    NotificationKind,
)


class CaseRow(models.Model):
    """A row that points to a case."""

    kind = models.CharField(max_length=24)
    key = models.CharField(max_length=40)

    class Meta:
        abstract = True


class Team(models.Model):
    """People who share a queue, and what they work on; an empty list is no limit.

    classes    classes of complaints or their roots, such as `billing` or `network.speed`
    areas      codes of areas
    languages  `zh`, `en`
    """

    slug = models.SlugField(max_length=40, unique=True)
    title = models.CharField(max_length=80)
    brand = models.CharField(max_length=40, blank=True)
    lead = models.CharField(max_length=40, blank=True)
    classes = models.JSONField(default=list, blank=True)
    areas = models.JSONField(default=list, blank=True)
    languages = models.JSONField(default=list, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["title", "id"]

    def __str__(self) -> str:
        return self.title


class TeamMember(models.Model):
    """A person in a team."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="members")
    person = models.CharField(max_length=40, db_index=True)

    class Meta:
        ordering = ["team", "person"]
        constraints = [
            models.UniqueConstraint(fields=["team", "person"], name="casework_member_once"),
        ]


class AssignmentRule(models.Model):
    """Cases that match go to a team from one day to another; the first rule that matches counts.

    The team must work on the case as well (`Team.classes`, `areas`, `languages`).
    """

    position = models.PositiveSmallIntegerField(default=100)
    title = models.CharField(max_length=80)
    case_kind = models.CharField(max_length=24, blank=True)
    classes = models.JSONField(default=list, blank=True)
    areas = models.JSONField(default=list, blank=True)
    languages = models.JSONField(default=list, blank=True)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="rules")
    assign_to = models.CharField(max_length=16, choices=AssignTo, default=AssignTo.QUEUE)
    most_open = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Nobody with so many open cases is given another."
    )
    valid_from = models.DateField()
    valid_until = models.DateField(null=True, blank=True, help_text="The last day it holds.")
    changed_by = models.CharField(max_length=64)

    class Meta:
        ordering = ["position", "id"]


class Absence(models.Model):
    """A person is away from one day to another, both included; their work goes to the team."""

    person = models.CharField(max_length=40, db_index=True)
    first_day = models.DateField()
    last_day = models.DateField()
    set_by = models.CharField(max_length=64)
    set_at = models.DateTimeField()

    class Meta:
        ordering = ["first_day", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=models.F("first_day")),
                name="absence_ends_after_it_starts",
            ),
        ]


class Assignment(CaseRow):
    """Who works on a case: a person, a team whose queue it waits in, or nobody yet."""

    person = models.CharField(max_length=40, blank=True)
    team = models.ForeignKey(
        Team, null=True, blank=True, on_delete=models.SET_NULL, related_name="assignments"
    )
    since = models.DateTimeField()
    assigned_by = models.CharField(max_length=64)

    class Meta:
        ordering = ["since", "id"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "key"], name="assignment_once"),
        ]
        indexes = [
            models.Index(fields=["person", "kind"], name="assignment_person"),
        ]


class InternalNote(CaseRow):
    """Words of a colleague for colleagues; never part of anything a customer receives.

    client  name of the API client that added it, for its author or as itself
    """

    id = models.CharField(primary_key=True, max_length=32, default=time_ordered_id)
    at = models.DateTimeField()
    author = models.CharField(max_length=64)
    client = models.CharField(max_length=80, blank=True, default="", db_default="")
    text = models.TextField()
    mentions = models.JSONField(default=list)

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["kind", "key", "at"], name="internal_note_case")]


class ComposerDraft(CaseRow):
    """What one person has typed at a case in one mode of the composer and not sent.

    version  grows by one with each change; who saves names the version they started from
    """

    id = models.CharField(primary_key=True, max_length=32, default=time_ordered_id)
    person = models.CharField(max_length=40)
    mode = models.CharField(max_length=8, choices=ComposerMode)
    subject_sealed = SealedField(bound_to="id")
    text_sealed = SealedField(bound_to="id")
    version = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ["saved_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "key", "person", "mode"], name="draft_once"),
        ]
        indexes = [models.Index(fields=["person", "saved_at"], name="draft_person")]

    @property
    def text(self) -> str:
        """What was typed; "" once the person it is about was forgotten."""
        return opened_column(self, "text_sealed")

    @text.setter
    def text(self, text: str) -> None:
        self.text_sealed = seal(self._meta.db_table, "text_sealed", self.id, text)

    @property
    def subject(self) -> str:
        """The subject typed with it."""
        return opened_column(self, "subject_sealed")

    @subject.setter
    def subject(self, text: str) -> None:
        self.subject_sealed = seal(self._meta.db_table, "subject_sealed", self.id, text)


class Watcher(CaseRow):
    """Somebody who wants to know what happens to a case."""

    person = models.CharField(max_length=40)
    since = models.DateTimeField()
    added_by = models.CharField(max_length=64)

    class Meta:
        ordering = ["since", "id"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "key", "person"], name="watcher_once"),
        ]
        indexes = [models.Index(fields=["person", "kind"], name="watcher_person")]


class FollowUp(CaseRow):
    """A case comes back on a day, with the reason; at most one waits for each case.

    waits_for_customer  it also ends when the customer writes
    """

    due_on = models.DateField()
    reason = models.CharField(max_length=300)
    waits_for_customer = models.BooleanField(default=False)
    set_by = models.CharField(max_length=64)
    set_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=64, blank=True)
    ended_because = models.CharField(max_length=12, choices=FollowUpEnd, blank=True)

    class Meta:
        ordering = ["set_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "key"],
                name="follow_up_waits_once",
                condition=Q(ended_at__isnull=True),
            ),
        ]
        indexes = [
            models.Index(fields=["kind", "key", "set_at"], name="follow_up_case"),
            models.Index(
                fields=["due_on"], name="follow_up_due", condition=Q(ended_at__isnull=True)
            ),
        ]


class CaseNotification(CaseRow):
    """An entry of somebody's list of notifications; what is unseen is listed once for its kind."""

    id = models.CharField(primary_key=True, max_length=32, default=time_ordered_id)
    person = models.CharField(max_length=40)
    what = models.CharField(max_length=16, choices=NotificationKind)
    at = models.DateTimeField()
    by = models.CharField(max_length=64)
    times = models.PositiveIntegerField(default=1)
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind", "key", "what"],
                name="notification_unseen_once",
                condition=Q(seen_at__isnull=True),
            ),
        ]
        indexes = [models.Index(fields=["person", "at"], name="notification_person")]


class CaseActivity(CaseRow):
    """What happened to a case and is neither a note nor a follow-up; never edited."""

    at = models.DateTimeField()
    verb = models.CharField(max_length=12, choices=ActivityVerb)
    actor = models.CharField(max_length=64)
    person = models.CharField(max_length=40, blank=True)
    team = models.CharField(max_length=40, blank=True)
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["kind", "key", "at"], name="case_activity_case")]


class TextModule(models.Model):
    """Words that are often written, with placeholders such as `{{ code }}`.

    classes   classes or roots it is offered for; none is for every class
    language  the customer's language it is written in, `zh` or `en`
    """

    slug = models.SlugField(max_length=40)
    language = models.CharField(max_length=8)
    title = models.CharField(max_length=80)
    mode = models.CharField(max_length=8, choices=ComposerMode, default=ComposerMode.REPLY)
    classes = models.JSONField(default=list, blank=True)
    brand = models.CharField(max_length=40, blank=True)
    subject = models.CharField(max_length=200, blank=True)
    text = models.TextField(max_length=10_000)
    is_active = models.BooleanField(default=True)
    changed_by = models.CharField(max_length=64)
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["title", "language", "id"]
        constraints = [
            models.UniqueConstraint(fields=["slug", "language", "brand"], name="text_module_once"),
        ]

    def __str__(self) -> str:
        return self.title


class QualityReview(CaseRow):
    """Four questions about a closed case of the sample, answered by somebody who did not handle it.

    Answers are `yes`, `no` or `na` (does not apply), in the order of `review.QUESTIONS`.
    """

    drawn_at = models.DateTimeField()
    drawn_by = models.CharField(max_length=64)
    handler = models.CharField(max_length=40)
    reviewer = models.CharField(max_length=40, blank=True)
    answers = models.JSONField(default=dict)
    words = models.TextField(blank=True)
    reviewed_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True, help_text="When the handler has read it.")

    class Meta:
        ordering = ["-drawn_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "key"], name="quality_review_once"),
        ]
        indexes = [
            models.Index(fields=["handler", "reviewed_at"], name="quality_review_handler"),
        ]
