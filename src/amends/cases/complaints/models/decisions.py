"""What the desk says: decisions, replies, files handed over, classes set right, saved views."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from amends.cases.complaints.models.complaint import Complaint
from amends.channels.queries.contacts import opened_column
from amends.platform.kit.actors import is_user
from amends.platform.kit.ids import time_ordered_id
from amends.platform.vault.fields import SealedField
from amends.platform.vault.redaction import redact_person
from amends.platform.vault.sealing import seal

BROUGHT_IN = "brought_in"
"""The kind of an answer that another desk gave: it rests whole and is shown masked, for nobody here
read it before it was sent."""


class DecidedBy(models.TextChoices):
    """Who decided what was carried out; a label with a name in it needs that of the person.

    A person who typed the verdict, changed the amount, or corrected the class the rule was asked
    about has decided; one who approved what a rule proposed has approved.
    """

    RULE = "rule", _("decided by rule")
    APPROVED = "approved", _("proposed by rule, approved by %(name)s")
    PERSON = "person", _("decided by %(name)s")


class Decision(models.Model):
    """A verdict with its dossier and reasons, of its moment; the newest is the current one."""

    id = models.CharField(primary_key=True, max_length=32, default=time_ordered_id)
    complaint = models.ForeignKey(Complaint, on_delete=models.CASCADE, related_name="decisions")
    at = models.DateTimeField()
    by = models.CharField(max_length=64)
    verdict = models.CharField(max_length=24)
    amount_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3, blank=True)
    rule = models.CharField(max_length=80, blank=True)
    strength = models.CharField(max_length=24, blank=True)
    alone = models.BooleanField(default=False, help_text="The rule may act without a person.")
    decided_by = models.CharField(
        max_length=12,
        choices=DecidedBy,
        blank=True,
        help_text="Who decided it; empty until it is carried out.",
    )
    approved_by = models.CharField(
        max_length=64, blank=True, help_text="The actor who had it carried out."
    )
    matter = models.JSONField(default=dict)
    dossier = models.JSONField(default=dict)
    decision = models.JSONField(default=dict)
    overrules = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="overruled_by"
    )
    reason = models.TextField(blank=True, help_text="Why a person decided so, for colleagues.")
    customer_text = models.TextField(
        blank=True, help_text="What that person says to the complainant; it stands in the letter."
    )

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["rule", "at"], name="decision_rule")]

    def decided_with(self, approver: str) -> DecidedBy:
        """Who decided it, once the actor `approver` has it carried out."""
        if is_user(self.by) or is_user(self.complaint.classified_by):
            return DecidedBy.PERSON
        return DecidedBy.APPROVED if is_user(approver) else DecidedBy.RULE

    def decided_by_text(self, names: Mapping[str, str] | None = None) -> str:
        """Who decided it in words, with the name of the person where `names` has it."""
        if not self.decided_by:
            return ""
        person = self.by if is_user(self.by) else self.approved_by
        name = (names or {}).get(person) or gettext("a member of staff")
        return DecidedBy(self.decided_by).label % {"name": name}


class PendingApproval(models.Model):
    """An approval that can be undone until it is carried out; nothing has left yet."""

    id = models.CharField(primary_key=True, max_length=32, default=time_ordered_id)
    complaint = models.OneToOneField(
        Complaint, on_delete=models.CASCADE, related_name="pending_approval"
    )
    decision = models.ForeignKey(Decision, on_delete=models.CASCADE, related_name="+")
    subject_sealed = SealedField(bound_to="id")
    body_sealed = SealedField(bound_to="id")
    approved_at = models.DateTimeField()
    approved_by = models.CharField(max_length=64)
    due_at = models.DateTimeField()

    class Meta:
        ordering = ["due_at", "id"]
        indexes = [models.Index(fields=["due_at"], name="pending_approval_due")]

    def __str__(self) -> str:
        return f"{self.complaint_id} {self.due_at}"


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
    failed_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was known that it did not arrive."
    )

    class Meta:
        verbose_name_plural = "replies"
        ordering = ["drafted_at", "id"]
        indexes = [
            models.Index(
                fields=["failed_at", "complaint"],
                name="reply_did_not_arrive",
                condition=models.Q(failed_at__isnull=False),
            ),
        ]

    @property
    def subject(self) -> str:
        return self._shown("subject_sealed")

    @subject.setter
    def subject(self, text: str) -> None:
        self.subject_sealed = seal(self._meta.db_table, "subject_sealed", self.id, text)

    @property
    def body(self) -> str:
        return self._shown("body_sealed")

    @body.setter
    def body(self, text: str) -> None:
        self.body_sealed = seal(self._meta.db_table, "body_sealed", self.id, text)

    def _shown(self, column: str) -> str:
        text = opened_column(self, column)
        return redact_person(text) if self.kind == BROUGHT_IN else text


class Handover(models.Model):
    """What goes to the regulator with a complaint: asked for, then made once and kept as it is.

    It can be made when the facts in it are numbered, seconds after they were recorded; until then
    `made_at` is None and nobody is notified of a handover. Its bytes are stored sealed under
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


class SavedView(models.Model):
    """An address of the inbox under a name, for one user on every device; both masked.

    team  short name of the team whose members see it as well
    """

    user = models.CharField(max_length=40)
    team = models.CharField(max_length=40, blank=True)
    title = models.CharField(max_length=40)
    query = models.CharField(max_length=400)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "title"], name="saved_view_once"),
        ]

    def __str__(self) -> str:
        return self.title
