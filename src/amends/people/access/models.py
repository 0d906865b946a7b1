"""Who works here, which cases are open, and who was let in."""

from __future__ import annotations

from functools import partial

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from amends.platform.kit.ids import random_id


class User(AbstractUser):
    """A person who works with Amends; facts name `ref`, which says nothing about the person."""

    ref = models.CharField(
        max_length=40, unique=True, editable=False, default=partial(random_id, "usr", length=12)
    )
    roles = models.JSONField(_("roles"), default=list, blank=True)
    partner = models.CharField(_("partner"), max_length=64, blank=True)
    brand = models.CharField(
        _("brand"), max_length=40, blank=True, help_text=_("Empty: every brand.")
    )
    language = models.CharField(_("language"), max_length=8, blank=True)
    zone = models.CharField(_("time zone"), max_length=40, blank=True)

    initial_password_until = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta(AbstractUser.Meta):
        db_table = "access_user"
        verbose_name = _("person")
        verbose_name_plural = _("people")


class Case(models.Model):
    """Why somebody may look at one subscriber's data: a purpose, a reference, a period."""

    ref = models.CharField(_("reference"), primary_key=True, max_length=40)
    subscriber = models.CharField(max_length=64, db_index=True)
    service = models.CharField(max_length=64, blank=True)
    purpose = models.CharField(_("purpose"), max_length=32)
    reference = models.CharField(_("matter"), max_length=80, blank=True, db_index=True)
    contact = models.CharField(max_length=80, blank=True, help_text=_("the message it came from"))
    brand = models.CharField(max_length=40, blank=True)
    period_start = models.DateTimeField(null=True, blank=True)
    period_end = models.DateTimeField(null=True, blank=True)
    opened_by = models.CharField(_("opened by"), max_length=80)
    opener_kind = models.CharField(max_length=12)
    opened_at = models.DateTimeField(_("opened at"))
    shared_with_desk = models.BooleanField(default=False)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    closed_by = models.CharField(max_length=80, blank=True)

    class Meta:
        db_table = "access_case"
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        ordering = ["opened_at", "ref"]
        indexes = [models.Index(fields=["opened_at"], name="access_case_opened")]

    def __str__(self) -> str:
        return self.ref


class Grant(models.Model):
    """Somebody besides the opener who is let into a case: a colleague, a role or a partner."""

    class Reason(models.TextChoices):
        """Why the platform let a role in; empty where a colleague shared the case."""

        ESCALATION = "escalation", _("the complaint was escalated to this role")
        APPROVAL = "approval", _("this role was asked to approve the amount")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="grants")
    grantee_kind = models.CharField(max_length=12)
    grantee = models.CharField(max_length=80)
    granted_by = models.CharField(max_length=80)
    granted_at = models.DateTimeField()
    reason = models.CharField(max_length=24, choices=Reason, blank=True)
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "access_grant"
        ordering = ["granted_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "grantee_kind", "grantee"], name="access_grant_once"
            )
        ]


class BreakGlass(models.Model):
    """A look without a case: one person asks with a reason, another lets it happen, once."""

    ref = models.CharField(_("reference"), primary_key=True, max_length=40)
    subscriber = models.CharField(max_length=64)
    fields = models.JSONField(default=list)
    reason = models.CharField(max_length=300)
    asked_by = models.CharField(_("asked by"), max_length=80)
    asked_at = models.DateTimeField(_("asked at"))
    approved_by = models.CharField(_("approved by"), max_length=80, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(_("used at"), null=True, blank=True)

    class Meta:
        db_table = "access_break_glass"
        verbose_name = _("emergency look")
        verbose_name_plural = _("emergency looks")
        ordering = ["-asked_at", "ref"]


class RecordHold(models.Model):
    """Why one complaint, or all of a hot issue, must stay for now, whoever wrote it.

    kind    "complaint" or "hotissue"
    record  our reference of it
    """

    kind = models.CharField(max_length=12)
    record = models.CharField(max_length=32)
    reason = models.CharField(max_length=200)
    placed_by = models.CharField(max_length=80)
    placed_at = models.DateTimeField()
    released_by = models.CharField(max_length=80, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "access_record_hold"
        ordering = ["placed_at", "id"]
        indexes = [models.Index(fields=["kind", "record"], name="access_record_held")]
