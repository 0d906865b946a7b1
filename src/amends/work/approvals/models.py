"""Everything that waits for a person, in one table."""

from __future__ import annotations

from functools import partial

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from amends.platform.kit.ids import random_id
from amends.work.approvals.choices import AddresseeKind, Silence, WaitingKind, WaitingState


class WaitingItem(models.Model):
    """A request of one person that waits for another.

    decision       name of the declared decision (`registry.BindingDecision`)
    subject_kind, subject_key, part  what it is about; `part` narrows the subject ("" for all of it)
    subject_title, subject_path      as lists show it: personal values masked; a path of the desk
    brands         brands it touches; empty for the entire operator
    addressee      permission, role, team, person or customer, by `addressee_kind`
    excluded       references of those who may not decide: the requester and beneficiaries
    payload        arguments of the act: strings, integers and lists of them
    answered_at    when it ended, however it ended
    answered_by    "" where a rule decided it, or no one in time
    in_force_since, in_force_until   of an urgent act that took effect before it was decided
    rule, rule_version, evidence     the rule that replaced the second person, and on what
    outcome        what the performer returned
    """

    ref = models.CharField(
        primary_key=True, max_length=40, default=partial(random_id, "wait", length=12)
    )
    kind = models.CharField(max_length=12, choices=WaitingKind, default=WaitingKind.APPROVAL)
    decision = models.CharField(max_length=64, blank=True)
    subject_kind = models.CharField(max_length=24)
    subject_key = models.CharField(max_length=64)
    part = models.CharField(max_length=64, blank=True)
    subject_title = models.CharField(max_length=200)
    subject_path = models.CharField(max_length=200, blank=True)
    brands = models.JSONField(default=list)
    asked_by = models.CharField(max_length=64)
    asked_at = models.DateTimeField()
    reason = models.CharField(max_length=400)
    addressee_kind = models.CharField(max_length=12, choices=AddresseeKind)
    addressee = models.CharField(max_length=64)
    excluded = models.JSONField(default=list)
    payload = models.JSONField(default=dict)
    due_at = models.DateTimeField()
    on_silence = models.CharField(max_length=8, choices=Silence, default=Silence.LAPSES)
    state = models.CharField(max_length=10, choices=WaitingState, default=WaitingState.WAITING)
    answered_by = models.CharField(max_length=64, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answer_reason = models.CharField(max_length=400, blank=True)
    hold_hours = models.PositiveSmallIntegerField(default=0)
    in_force_since = models.DateTimeField(null=True, blank=True)
    in_force_until = models.DateTimeField(null=True, blank=True)
    rule = models.CharField(max_length=80, blank=True)
    rule_version = models.CharField(max_length=80, blank=True)
    evidence = models.JSONField(default=dict)
    outcome = models.CharField(max_length=64, blank=True)
    undone_by = models.CharField(max_length=64, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    undo_reason = models.CharField(max_length=400, blank=True)

    class Meta:
        verbose_name = _("waiting item")
        ordering = ["due_at", "ref"]
        indexes = [
            models.Index(fields=["state", "due_at"], name="waiting_state_due"),
            models.Index(fields=["subject_kind", "subject_key"], name="waiting_subject"),
            models.Index(fields=["asked_by", "state"], name="waiting_asked_by"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["decision", "subject_kind", "subject_key", "part"],
                condition=Q(state="waiting"),
                name="waiting_once",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("approved", "refused")) | ~Q(answered_by=F("asked_by")),
                name="never_decided_by_the_asker",
            ),
            models.CheckConstraint(
                condition=~Q(state="approved")
                | (Q(rule="", rule_version="") & ~Q(answered_by=""))
                | (Q(answered_by="") & ~Q(rule="") & ~Q(rule_version="")),
                name="approved_by_a_person_or_a_rule",
            ),
            models.CheckConstraint(
                condition=Q(state="approved") | Q(rule=""), name="a_rule_only_approves"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("refused", "withdrawn")) | ~Q(answered_by=""),
                name="refused_or_withdrawn_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", answered_at__isnull=True, answered_by="")
                | (~Q(state="waiting") & Q(answered_at__isnull=False)),
                name="an_end_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(hold_hours=0, in_force_since__isnull=True, in_force_until__isnull=True)
                | Q(
                    hold_hours__gt=0,
                    hold_hours__lte=24,
                    in_force_since__isnull=False,
                    in_force_until__isnull=False,
                ),
                name="in_force_alone_for_a_day_at_most",
            ),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undone_by="")
                | (
                    Q(undone_at__isnull=False)
                    & ~Q(undone_by="")
                    & (Q(state="approved") | Q(in_force_since__isnull=False))
                ),
                name="undone_only_after_it_took_effect",
            ),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def is_in_force_alone(self) -> bool:
        """Whether it took effect and no one has decided yet."""
        return self.state == WaitingState.WAITING and self.in_force_since is not None
