"""Subjects of complaints: services, areas, tests and orders in a text or that people pick."""

from __future__ import annotations

from django.db import models
from django.utils.translation import pgettext_lazy

from amends.cases.complaints.models.complaint import Complaint
from amends.engines.classification.subjects import SubjectKind


class SubjectState(models.TextChoices):
    """Whether a person has confirmed a subject."""

    RECOGNISED = "recognised", pgettext_lazy("subject", "recognised in the text")
    CONFIRMED = "confirmed", pgettext_lazy("subject", "confirmed")
    REMOVED = "removed", pgettext_lazy("subject", "removed")


class RecordedSubject(models.Model):
    """One subject of a complaint, with its name at the time.

    ref     an offer, an area, or the reference of a service, test, order or message: never a
            phone number or a postal address
    source  "text": recognised; "channel": the form or system it came through; else who picked it
    """

    complaint = models.ForeignKey(Complaint, on_delete=models.CASCADE, related_name="subjects")
    kind = models.CharField(
        max_length=12, choices=[(kind.value, kind.value) for kind in SubjectKind]
    )
    ref = models.CharField(max_length=64)
    name_zh = models.CharField(max_length=160)
    name_en = models.CharField(max_length=160)
    confidence_permille = models.PositiveSmallIntegerField(default=1000)
    state = models.CharField(max_length=12, choices=SubjectState, default=SubjectState.RECOGNISED)
    source = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        ordering = ["complaint", "id"]
        indexes = [models.Index(fields=["kind", "ref"], name="complaint_subject")]
        constraints = [
            models.UniqueConstraint(
                fields=["complaint", "kind", "ref"], name="complaint_subject_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind}:{self.ref}"

    @property
    def zh(self) -> str:
        """Its name in Chinese."""
        return self.name_zh

    @property
    def en(self) -> str:
        """Its name in English."""
        return self.name_en
