"""Two partners send in apps of one package that are signed by different keys."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from amends.causes.vetting.models.checks import AppCheck
from amends.platform.database.choices import BadgeChoices


class ConflictState(BadgeChoices):
    """Progress of a conflict."""

    HEARING = "hearing", "warn", pgettext_lazy("conflict", "both sides may state their view")
    DECIDED = "decided", "ok", pgettext_lazy("conflict", "decided")
    APPEALED = "appealed", "warn", pgettext_lazy("conflict", "appealed")


class ConflictSide(models.TextChoices):
    """The two sides; the earlier one sent in an app of the package first."""

    EARLIER = "earlier", pgettext_lazy("conflict", "sent in first")
    LATER = "later", pgettext_lazy("conflict", "sent in later")


class ConflictDecision(models.TextChoices):
    """Whose the package is."""

    EARLIER = "earlier", _("The package belongs to the side that sent it in first")
    LATER = "later", _("The package belongs to the side that sent it in later")
    BOTH = "both", _("Both may send in apps of this package")


class PackageConflict(models.Model):
    """Two partners claim one package with different certificates; a person decides whose it is.

    earlier, later  reference of the partner of each side, "" for the operator itself
    *_statement     what each side states, personal data masked
    appeal_by       side that appeals
    """

    ref = models.CharField(_("reference"), primary_key=True, max_length=40)
    package = models.CharField(_("package"), max_length=255)
    state = models.CharField(_("state"), max_length=12, choices=ConflictState)
    earlier = models.CharField(max_length=64, blank=True)
    earlier_check = models.ForeignKey(AppCheck, on_delete=models.PROTECT, related_name="+")
    earlier_statement = models.TextField(_("statement"), blank=True)
    later = models.CharField(max_length=64, blank=True)
    later_check = models.ForeignKey(AppCheck, on_delete=models.PROTECT, related_name="+")
    later_statement = models.TextField(_("statement"), blank=True)
    opened_at = models.DateTimeField(_("opened at"))
    statement_until = models.DateTimeField(_("statement until"))
    decision = models.CharField(_("decision"), max_length=12, choices=ConflictDecision, blank=True)
    reason = models.CharField(_("reason"), max_length=400, blank=True)
    decided_by = models.CharField(_("decided by"), max_length=80, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    appeal_until = models.DateTimeField(_("appeal until"), null=True, blank=True)
    appeal_by = models.CharField(max_length=12, choices=ConflictSide, blank=True)
    appeal = models.TextField(_("appeal"), blank=True)
    appealed_at = models.DateTimeField(_("appealed at"), null=True, blank=True)
    answer = models.CharField(_("answer to the appeal"), max_length=400, blank=True)
    answered_by = models.CharField(_("appeal answered by"), max_length=80, blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)

    class Meta:
        db_table = "vetting_package_conflict"
        verbose_name = _("conflict about a package")
        verbose_name_plural = _("conflicts about packages")
        ordering = ["-opened_at", "ref"]
        constraints = [
            models.UniqueConstraint(
                fields=["package", "earlier", "later"], name="vetting_conflict_once"
            ),
            models.CheckConstraint(
                condition=models.Q(answered_by="") | ~models.Q(answered_by=models.F("decided_by")),
                name="vetting_another_answers_the_conflict",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.package} ({self.ref})"

    @property
    def is_open(self) -> bool:
        """Whether a decision or an answer is missing."""
        return self.state != ConflictState.DECIDED

    def side_of(self, partner: str) -> ConflictSide | None:
        """The side of a partner; None for a partner that takes no part."""
        if partner == self.earlier:
            return ConflictSide.EARLIER
        return ConflictSide.LATER if partner == self.later else None
