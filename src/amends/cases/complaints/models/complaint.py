"""Complaints and who they are from; the row that lists and searches read says no name."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q

from amends.platform.kit.ids import time_ordered_id, tracking_code
from amends.platform.vault.fields import SealedField


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
    plausible = models.JSONField(
        null=True,
        blank=True,
        help_text="Classes it may be about, with probabilities (‰); empty where it is certain.",
    )
    because = models.JSONField(default=list)
    classified_by = models.CharField(max_length=80)
    ask_for_words = models.BooleanField(default=False)
    second_opinion_due = models.BooleanField(
        default=False, help_text="The jobs have yet to ask the second opinion about its class."
    )

    state = models.CharField(max_length=24, default="received")
    state_since = models.DateTimeField()
    is_open = models.BooleanField(default=True)
    urgent = models.BooleanField(default=False)
    received_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    first_received_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When an earlier complaint was received that is merged into this one.",
    )
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="merged"
    )
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
    handler = models.CharField(
        max_length=40, blank=True, help_text="As assigned (`casework`); here the inbox lists by it."
    )
    team = models.CharField(
        max_length=40, blank=True, help_text="The team in whose queue it is, as assigned."
    )
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
        # Whoever locks several takes them in this order too, so that nobody waits in a ring.
        ordering = ["received_at", "id"]
        # A page must not depend on how many rows there are: an order for each view, and what
        # can be filtered with it, so that rows which do not match are passed over unread.
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
                fields=["team", "next_due_at", "id"],
                name="complaint_of_team",
                condition=Q(is_open=True) & ~Q(team=""),
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
            models.Index(
                fields=["recorded_at", "id"],
                name="complaint_second_opinion",
                condition=Q(second_opinion_due=True),
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

    @property
    def first_received(self) -> datetime:
        """When the matter was first raised, in this complaint or one merged into it."""
        return min(self.received_at, self.first_received_at or self.received_at)


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
