"""Scores of partners by month, and the proceedings that follow from them."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from amends.platform.database.choices import BadgeChoices


class PartnerStep(BadgeChoices):
    """Consequences of a score."""

    PROBATION = "probation", "info", pgettext_lazy("partner", "probation")
    STOP_ORDERS = "stop_orders", "warn", pgettext_lazy("partner", "stop of new orders")
    END_CONTRACT = "end_contract", "bad", pgettext_lazy("partner", "end of the contract")


class ProceedingState(BadgeChoices):
    """How far a proceeding is."""

    HEARING = "hearing", "info", pgettext_lazy("proceeding", "partner may state its view")
    IN_FORCE = "in_force", "bad", pgettext_lazy("proceeding", "in force")
    APPEALED = "appealed", "warn", pgettext_lazy("proceeding", "appealed")
    DROPPED = "dropped", "plain", pgettext_lazy("proceeding", "dropped")


class PartnerScore(models.Model):
    """The score of a partner for a month; `components` as `ComponentScore`."""

    partner = models.CharField(_("partner"), max_length=64)
    month = models.DateField(_("month"))
    components = models.JSONField(_("components"), default=list)
    worse = models.PositiveIntegerField(_("components in which it is worse"), default=0)
    rank = models.PositiveIntegerField(_("rank"), default=1)
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        db_table = "vetting_partner_score"
        verbose_name = _("score of a partner")
        verbose_name_plural = _("scores of partners")
        ordering = ["-month", "-worse", "partner"]
        constraints = [
            models.UniqueConstraint(fields=["partner", "month"], name="vetting_score_once")
        ]

    def __str__(self) -> str:
        return f"{self.partner} {self.month:%Y-%m}"


class PartnerProceeding(models.Model):
    """A step against a partner: proposed, heard, decided by a second person, and appealed.

    reasons     ids of components that led to it, with their figures at that time
    proposed_by "rules" where the score led to it, else a person
    statement   what the partner stated, as the operator recorded it
    sanction    reference of the sanction that carries it out
    """

    ref = models.CharField(_("reference"), primary_key=True, max_length=40)
    partner = models.CharField(_("partner"), max_length=64)
    step = models.CharField(pgettext_lazy("partner", "step"), max_length=16, choices=PartnerStep)
    state = models.CharField(_("state"), max_length=12, choices=ProceedingState)
    reasons = models.JSONField(_("reasons"), default=list)
    rules = models.CharField(_("rules"), max_length=60)
    proposed_by = models.CharField(_("proposed by"), max_length=80)
    proposed_at = models.DateTimeField(_("proposed at"))
    statement_until = models.DateTimeField(_("statement until"))
    statement = models.TextField(_("statement"), blank=True)
    stated_by = models.CharField(_("recorded by"), max_length=80, blank=True)
    stated_at = models.DateTimeField(_("stated at"), null=True, blank=True)
    decided_by = models.CharField(_("decided by"), max_length=80, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decision = models.CharField(_("reason of the decision"), max_length=300, blank=True)
    sanction = models.CharField(_("sanction"), max_length=64, blank=True)
    appeal_until = models.DateTimeField(_("appeal until"), null=True, blank=True)
    appeal = models.TextField(_("appeal"), blank=True)
    appealed_at = models.DateTimeField(_("appealed at"), null=True, blank=True)
    answered_by = models.CharField(_("appeal answered by"), max_length=80, blank=True)
    answered_at = models.DateTimeField(_("appeal answered at"), null=True, blank=True)
    answer = models.CharField(_("answer to the appeal"), max_length=300, blank=True)

    class Meta:
        db_table = "vetting_partner_proceeding"
        verbose_name = _("proceeding")
        verbose_name_plural = _("proceedings")
        ordering = ["-proposed_at", "ref"]
        constraints = [
            models.UniqueConstraint(
                fields=["partner", "step"],
                condition=models.Q(state__in=("hearing", "appealed")),
                name="vetting_one_open_proceeding",
            ),
            models.CheckConstraint(
                condition=models.Q(decided_by="") | ~models.Q(decided_by=models.F("proposed_by")),
                name="vetting_two_people_decide",
            ),
            models.CheckConstraint(
                condition=models.Q(answered_by="") | ~models.Q(answered_by=models.F("decided_by")),
                name="vetting_another_answers_the_appeal",
            ),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def is_proposed(self) -> bool:
        """Whether it waits for the decision, and has changed nothing for the partner."""
        return self.state == ProceedingState.HEARING

    @property
    def step_title(self) -> str:
        """The step as partner and staff read it: a proposal until it is decided."""
        label = PartnerStep(self.step).label
        if self.is_proposed:
            return pgettext("partner", "Proposed: %(step)s") % {"step": label}
        return str(label)

    @property
    def step_tone(self) -> str:
        """The colour of the step's badge; a proposal has that of a notice."""
        return "info" if self.is_proposed else PartnerStep(self.step).tone
