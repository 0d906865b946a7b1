"""How customers see the operator, and what the installation uses: each change is a new row."""

from __future__ import annotations

from django.db import models


class OperatorProfile(models.Model):
    """One version of the operator's profile; the newest is in force.

    accent  colour of buttons and links as #rrggbb, "" for the default
    logo    a PNG picture, empty for the default
    """

    name = models.CharField(max_length=200, blank=True)
    name_en = models.CharField(max_length=200, blank=True)
    hotline = models.CharField(max_length=30, blank=True)
    hours = models.CharField(max_length=200, blank=True)
    hours_en = models.CharField(max_length=200, blank=True)
    privacy_url = models.URLField(max_length=200, blank=True)
    regulator_contact = models.CharField(max_length=200, blank=True)
    regulator_contact_en = models.CharField(max_length=200, blank=True)
    accent = models.CharField(max_length=7, blank=True)
    logo = models.BinaryField(blank=True, default=bytes)
    changed_by = models.CharField(max_length=64)
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name


class Installation(models.Model):
    """One version of what is set for the installation; the newest is in force.

    public_address      address that customers open, without the last slash; "" where it is not set
    parts_off           names of the parts that are switched off (`registry.parts`)
    first_steps_ended   whether the first steps are done or were ended by an administrator
    """

    public_address = models.CharField(max_length=200, blank=True, default="", db_default="")
    parts_off = models.JSONField(default=list, blank=True)
    first_steps_ended = models.BooleanField(default=False, db_default=False)
    changed_by = models.CharField(max_length=64)
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.public_address
