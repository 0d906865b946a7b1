"""Contacts, complaints, their clocks, decisions, replies and what was asked and answered.

A contact is one event on a channel; a complaint is one person and one matter. Texts stand here
masked; the original words of each contact are sealed. Who the complainant is stands sealed in
`Complainant`, away from the row that lists and searches read.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from amends.channels.contacts import opened_column
from amends.kit.ids import random_id, time_ordered_id, tracking_code
from amends.vault.fields import SealedField
from amends.vault.sealing import seal


class Identity(models.TextChoices):
    """Whether we know that the complainant is who they say they are."""

    UNVERIFIED = "unverified"
    ASKED = "asked"
    VERIFIED = "verified"


_FILTERED = ("code", "state", "channel", "area", "verdict", "brand")


class Kind(models.TextChoices):
    """An enquiry only asks: it has no clock, states no fact, and counts in no rate."""

    COMPLAINT = "complaint"
    ENQUIRY = "enquiry"


class Complaint(models.Model):
    """One person × one matter, from receipt to confirmed solution."""

    id = models.CharField(primary_key=True, max_length=32, default=time_ordered_id)
    code_public = models.CharField(max_length=14, unique=True, default=tracking_code)
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.COMPLAINT)
    channel = models.CharField(max_length=16)
    language = models.CharField(max_length=8, default="zh")
    jurisdiction = models.CharField(max_length=8)
    province = models.CharField(max_length=8, blank=True)
    area = models.CharField(max_length=64, blank=True)
    brand = models.CharField(max_length=40, blank=True)

    subscriber = models.CharField(max_length=64, blank=True)
    person = models.CharField(max_length=64, blank=True)
    person_shown = models.CharField(max_length=64, blank=True)
    on_behalf = models.BooleanField(default=False)
    identity = models.CharField(
        max_length=12, choices=Identity.choices, default=Identity.UNVERIFIED
    )
    identity_by = models.CharField(max_length=24, blank=True)
    case = models.CharField(max_length=40, blank=True)
    service = models.CharField(max_length=64, blank=True)
    product = models.CharField(
        max_length=64, blank=True, help_text="The offer it is about, as the investigation found."
    )
    hot_issue = models.PositiveIntegerField(
        null=True, blank=True, help_text="The number of the hot issue it belongs to."
    )

    first_words = models.CharField(max_length=160)
    wanted = models.CharField(max_length=200, blank=True)
    text_print = models.BigIntegerField(default=0)
    code = models.CharField(max_length=48)
    code2 = models.CharField(max_length=48, blank=True)
    confidence_permille = models.PositiveSmallIntegerField(default=0)
    because = models.JSONField(default=list)
    classified_by = models.CharField(max_length=80)
    ask_for_words = models.BooleanField(default=False)

    state = models.CharField(max_length=24, default="received")
    state_since = models.DateTimeField()
    is_open = models.BooleanField(default=True)
    urgent = models.BooleanField(default=False)
    received_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    next_step = models.CharField(max_length=24, blank=True)
    next_due_at = models.DateTimeField(null=True, blank=True)
    contacts_count = models.PositiveIntegerField(default=1)
    reopened_count = models.PositiveSmallIntegerField(default=0)
    first_resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    outcome_ask_at = models.DateTimeField(null=True, blank=True)

    verdict = models.CharField(max_length=24, blank=True)
    amount_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3, blank=True)
    may_act_alone = models.BooleanField(default=False)
    handler = models.CharField(max_length=40, blank=True)
    approval_role = models.CharField(
        max_length=24, blank=True, help_text="The role asked to approve, while it waits for that."
    )
    escalated_to = models.CharField(
        max_length=24, blank=True, help_text="The role told that its deadline passed unmet."
    )

    history = models.BooleanField(default=False)
    original_id = models.CharField(max_length=80, blank=True)
    original_source = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["received_at", "id"]
        # A page must not depend on how many rows there are: an order for each view, and what
        # can be filtered beside it, so that rows which do not match are passed over unread.
        indexes = [
            models.Index(
                fields=["next_due_at", "id", *_FILTERED],
                name="complaint_inbox",
                condition=Q(is_open=True, next_due_at__isnull=False),
            ),
            models.Index(
                fields=["next_due_at", "id"],
                name="complaint_for_a_person",
                condition=Q(is_open=True, verdict="person_must_decide"),
            ),
            models.Index(
                fields=["handler", "next_due_at", "id"],
                name="complaint_taken",
                condition=Q(is_open=True) & ~Q(handler=""),
            ),
            models.Index(
                fields=["next_due_at", "id"],
                name="complaint_to_approve",
                condition=Q(is_open=True) & ~Q(approval_role=""),
            ),
            models.Index(
                fields=["next_due_at", "id"],
                name="complaint_escalated",
                condition=Q(is_open=True) & ~Q(escalated_to=""),
            ),
            models.Index(
                fields=["received_at", "id"],
                name="complaint_enquiry",
                condition=Q(is_open=True, kind="enquiry"),
            ),
            models.Index(
                fields=["received_at", "id"],
                name="complaint_without_clock",
                condition=Q(is_open=True, next_due_at__isnull=True),
            ),
            models.Index(
                fields=["received_at", "id", *_FILTERED],
                name="complaint_closed",
                condition=Q(is_open=False),
            ),
            models.Index(
                fields=["hot_issue", "next_due_at", "id"],
                name="complaint_of_issue",
                condition=Q(hot_issue__isnull=False),
            ),
            # For the jobs. Lists never ask for `history`, so no planner takes it for them.
            models.Index(
                fields=["state", "state_since", "id"],
                name="complaint_in_state",
                condition=Q(history=False),
            ),
            models.Index(fields=["person", "received_at"], name="complaint_person"),
            models.Index(fields=["received_at", "id"], name="complaint_received"),
            models.Index(
                fields=["outcome_ask_at"],
                name="complaint_outcome",
                condition=Q(outcome_ask_at__isnull=False),
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["original_source", "original_id"],
                name="complaint_original_once",
                condition=~Q(original_id=""),
            )
        ]

    def __str__(self) -> str:
        return self.code_public


class Complainant(models.Model):
    """How to reach the person who complains; opened only to answer them."""

    complaint = models.OneToOneField(
        Complaint, primary_key=True, on_delete=models.CASCADE, related_name="complainant"
    )
    name = SealedField(bound_to="complaint_id")
    phone = SealedField(bound_to="complaint_id")
    email = SealedField(bound_to="complaint_id")
    answer_on = models.CharField(max_length=12, blank=True)
    thread = models.CharField(max_length=200, blank=True)


class Contact(models.Model):
    """One event on a channel; `key` makes a repeated delivery harmless."""

    id = models.CharField(primary_key=True, max_length=32, default=time_ordered_id)
    complaint = models.ForeignKey(Complaint, on_delete=models.CASCADE, related_name="contacts")
    channel = models.CharField(max_length=16)
    key = models.CharField(max_length=120)
    received_at = models.DateTimeField()
    language = models.CharField(max_length=8, blank=True)
    text = models.TextField()
    original = SealedField(bound_to="id")
    joined_because = models.CharField(max_length=16)
    by = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ["received_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["channel", "key"], name="contact_once"),
        ]


class Attachment(models.Model):
    """A file that came with a contact; its bytes rest sealed under `DATA_DIR/files`."""

    id = models.CharField(primary_key=True, max_length=32, default=time_ordered_id)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="attachments")
    name = SealedField(bound_to="id")
    key = SealedField(bound_to="id", help_text="the key the bytes on disk are sealed under")
    media_type = models.CharField(max_length=80)
    size_bytes = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["contact", "id"]


class Clock(models.Model):
    """One legal deadline of a complaint, under the rule of the day it was filed."""

    complaint = models.ForeignKey(Complaint, on_delete=models.CASCADE, related_name="clocks")
    step = models.CharField(max_length=24)
    due_at = models.DateTimeField()
    rule = models.CharField(max_length=80)
    counting = models.CharField(max_length=60, blank=True)
    binding = models.BooleanField(default=True)
    verified = models.BooleanField(default=True)
    met_at = models.DateTimeField(null=True, blank=True)
    warned_at = models.DateTimeField(null=True, blank=True)
    breached_at = models.DateTimeField(null=True, blank=True)
    escalated_at = models.DateTimeField(null=True, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["due_at", "id"]
        indexes = [
            models.Index(
                fields=["due_at"],
                name="clock_running",
                condition=Q(met_at__isnull=True, breached_at__isnull=True, binding=True),
            ),
            models.Index(
                fields=["due_at"],
                name="clock_late",
                condition=Q(met_at__isnull=True, breached_at__isnull=False, binding=True),
            ),
        ]


class Event(models.Model):
    """What happened to a complaint: moves, warnings, corrections, looks for words; never edited."""

    id = models.CharField(primary_key=True, max_length=32, default=time_ordered_id)
    complaint = models.ForeignKey(Complaint, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField()
    verb = models.CharField(max_length=32)
    from_state = models.CharField(max_length=24, blank=True)
    to_state = models.CharField(max_length=24, blank=True)
    actor = models.CharField(max_length=64)
    reason = models.TextField(blank=True)
    details = models.JSONField(default=dict)

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["verb", "at"], name="event_verb")]


class Decision(models.Model):
    """A verdict with its dossier and reasons, as it stood; the newest is the one that counts."""

    id = models.CharField(primary_key=True, max_length=32, default=time_ordered_id)
    complaint = models.ForeignKey(Complaint, on_delete=models.CASCADE, related_name="decisions")
    at = models.DateTimeField()
    by = models.CharField(max_length=64)
    verdict = models.CharField(max_length=24)
    amount_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3, blank=True)
    rule = models.CharField(max_length=80, blank=True)
    strength = models.CharField(max_length=24, blank=True)
    alone = models.BooleanField(default=False)
    matter = models.JSONField(default=dict)
    dossier = models.JSONField(default=dict)
    decision = models.JSONField(default=dict)
    overrules = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="overruled_by"
    )
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["rule", "at"], name="decision_rule")]


class Reply(models.Model):
    """A text to the complainant: drafted, reviewed, sent through the outbox.

    A handler may write anything into it, so it rests sealed. `subject` and `body` open it: whoever
    shows them answers for the right to read them; they are "" once the person is forgotten.
    """

    id = models.CharField(primary_key=True, max_length=32, default=time_ordered_id)
    complaint = models.ForeignKey(Complaint, on_delete=models.CASCADE, related_name="replies")
    kind = models.CharField(max_length=32)
    language = models.CharField(max_length=8)
    subject_sealed = SealedField(bound_to="id")
    body_sealed = SealedField(bound_to="id")
    drafted_at = models.DateTimeField()
    drafted_by = models.CharField(max_length=64)
    reviewed_by = models.CharField(max_length=64, blank=True)
    posted_at = models.DateTimeField(null=True, blank=True)
    message = models.CharField(max_length=32, blank=True)

    class Meta:
        verbose_name_plural = "replies"
        ordering = ["drafted_at", "id"]

    @property
    def subject(self) -> str:
        return opened_column(self, "subject_sealed")

    @subject.setter
    def subject(self, text: str) -> None:
        self.subject_sealed = seal(self._meta.db_table, "subject_sealed", self.id, text)

    @property
    def body(self) -> str:
        return opened_column(self, "body_sealed")

    @body.setter
    def body(self, text: str) -> None:
        self.body_sealed = seal(self._meta.db_table, "body_sealed", self.id, text)


class Handover(models.Model):
    """What goes to the regulator with a complaint: asked for, then made once and kept as it is.

    It can be made when the facts in it are numbered, seconds after they were recorded; until then
    `made_at` is None and nobody is told that anything was handed over. Its bytes rest sealed under
    `DATA_DIR/files`.
    """

    id = models.CharField(primary_key=True, max_length=32, default=time_ordered_id)
    complaint = models.ForeignKey(Complaint, on_delete=models.CASCADE, related_name="handovers")
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=64)
    made_at = models.DateTimeField(null=True, blank=True)
    key = SealedField(bound_to="id", help_text="the key the bytes on disk are sealed under")
    size_bytes = models.PositiveIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    facts = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["asked_at", "id"]
        indexes = [
            models.Index(
                fields=["asked_at"], name="handover_waiting", condition=Q(made_at__isnull=True)
            )
        ]


class Challenge(models.Model):
    """A code sent to the contact on record, to know that the complainant is that person.

    `to_given`: it went to the address given with the complaint instead, of which nobody knows whose
    it is; answering it shows the letters that went there, and makes nobody verified.
    """

    id = models.CharField(primary_key=True, max_length=32, default=time_ordered_id)
    complaint = models.ForeignKey(Complaint, on_delete=models.CASCADE, related_name="challenges")
    sent_on = models.CharField(max_length=12)
    to_given = models.BooleanField(default=False)
    code_hash = models.CharField(max_length=64)
    salt = models.CharField(max_length=32, default=random_id)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["asked_at", "id"]


class Correction(models.Model):
    """A class set right by a person: what the classifier learns from."""

    complaint = models.ForeignKey(Complaint, on_delete=models.CASCADE, related_name="corrections")
    at = models.DateTimeField()
    by = models.CharField(max_length=64)
    from_code = models.CharField(max_length=48)
    to_code = models.CharField(max_length=48)
    classified_by = models.CharField(max_length=80)

    class Meta:
        ordering = ["at", "id"]


class Outcome(models.Model):
    """Weeks later: is it solved? Asked once per resolution, answered by the complainant."""

    complaint = models.ForeignKey(Complaint, on_delete=models.CASCADE, related_name="outcomes")
    asked_at = models.DateTimeField()
    state_when_asked = models.CharField(max_length=24)
    answer = models.CharField(max_length=16, blank=True)
    satisfaction = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="How content with the way it was handled, 1 to 5."
    )
    answered_at = models.DateTimeField(null=True, blank=True)
    words = models.TextField(blank=True)

    class Meta:
        ordering = ["asked_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(satisfaction__isnull=True) | Q(satisfaction__range=(1, 5)),
                name="satisfaction_1_to_5",
            )
        ]


class SavedView(models.Model):
    """An address of the inbox under a name, for one user on every device; both masked."""

    user = models.CharField(max_length=40)
    title = models.CharField(max_length=40)
    query = models.CharField(max_length=400)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "title"], name="saved_view_once"),
        ]

    def __str__(self) -> str:
        return self.title
