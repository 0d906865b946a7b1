"""Personal-data incidents: their scope, clocks, steps and the people told."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Incident(models.Model):
    """An incident of personal data, or a drill of one.

    users       whose looks and exports are its scope; since, until: the period
    found_at    when the clocks of the authorities began
    no_harm     harm was effectively avoided: people need not be told (PIPL article 57)
    scope       persons, looks, exports and fields, as counted last
    notice_people  how many people whoever asked for the messages wanted written to, at most
    """

    class Origin(models.TextChoices):
        ALERT = "alert", _("an access alert")
        COMPLAINTS = "complaints", _("complaints")
        HAND = "hand", _("opened by hand")

    ref = models.CharField(primary_key=True, max_length=40)
    title = models.CharField(_("title"), max_length=160)
    origin = models.CharField(_("from"), max_length=12, choices=Origin)
    reference = models.CharField(max_length=80, blank=True)
    drill = models.BooleanField(_("drill"), default=False)
    brand = models.CharField(max_length=40, blank=True)
    level = models.CharField(_("level"), max_length=16)
    users = models.JSONField(default=list)
    since = models.DateTimeField()
    until = models.DateTimeField()
    found_at = models.DateTimeField(_("found at"))
    no_harm = models.BooleanField(default=False)
    scope = models.JSONField(default=dict)
    notice_asked_by = models.CharField(max_length=80, blank=True)
    notice_asked_at = models.DateTimeField(null=True, blank=True)
    notice_people = models.PositiveIntegerField(default=0)
    opened_by = models.CharField(max_length=80)
    opened_at = models.DateTimeField(_("opened at"))
    review = models.CharField(max_length=2000, blank=True)
    closed_by = models.CharField(max_length=80, blank=True)
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    class Meta:
        db_table = "privacy_incident"
        verbose_name = _("incident of personal data")
        verbose_name_plural = _("incidents of personal data")
        ordering = ["-found_at", "ref"]

    def __str__(self) -> str:
        return self.ref


class AffectedPerson(models.Model):
    """One person of an incident: how often and which fields were seen; `message` once told."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="affected")
    subscriber = models.CharField(max_length=64)
    looks = models.PositiveIntegerField()
    fields = models.CharField(max_length=200)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    message = models.CharField(max_length=40, blank=True)

    class Meta:
        db_table = "privacy_affected"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["incident", "subscriber"], name="privacy_affected_once")
        ]


class IncidentStep(models.Model):
    """Something done: to contain it, so that it does not happen again, or noted."""

    class Kind(models.TextChoices):
        CONTAINMENT = "containment", _("containment")
        MEASURE = "measure", _("measure")
        NOTE = "note", _("note")

    class Verdict(models.TextChoices):
        WORKED = "worked", _("it worked")
        FAILED = "failed", _("it did not work")

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=12, choices=Kind)
    words = models.CharField(max_length=500)
    by = models.CharField(max_length=80)
    at = models.DateTimeField()
    verdict = models.CharField(max_length=8, choices=Verdict, blank=True)

    class Meta:
        db_table = "privacy_incident_step"
        ordering = ["at", "id"]


class AuthorityClock(models.Model):
    """By when an authority is told, by which row of the rules; `rule` names version and row."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="clocks")
    rule = models.CharField(max_length=80)
    due_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True, blank=True)
    told_by = models.CharField(max_length=80, blank=True)
    reference = models.CharField(max_length=120, blank=True)

    class Meta:
        db_table = "privacy_authority_clock"
        ordering = ["due_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["incident", "rule"], name="privacy_clock_once")
        ]
