"""What hot issues are found in: the count cube, posts, and what runs hot beside complaints."""

from __future__ import annotations

from django.db import models

from amends.platform.kit.ids import time_ordered_id


class CubeDay(models.Model):
    """What the complaints and enquiries received on one local day count by, in packed columns.

    Derived: `amends hotissues rebuild` makes it again from the complaints, and the same.
    """

    day = models.DateField(primary_key=True)
    rows = models.PositiveIntegerField()
    columns = models.BinaryField()

    class Meta:
        ordering = ["day"]


class CubeMark(models.Model):
    """How far the cube has read: the greatest id of complaints, and of their events."""

    stream = models.CharField(primary_key=True, max_length=16)
    seen = models.CharField(max_length=32, blank=True)

    class Meta:
        ordering = ["stream"]


class Post(models.Model):
    """What somebody wrote in public on a social medium: no complaint, in no rate, counted beside.

    source, key  the medium and its own id of the post; author  a blind index, "" for unknown
    """

    id = models.CharField(primary_key=True, max_length=32, default=time_ordered_id)
    source = models.CharField(max_length=40)
    key = models.CharField(max_length=120)
    posted_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    author = models.CharField(max_length=32, blank=True)
    text = models.TextField()
    text_print = models.BigIntegerField(default=0)
    code = models.CharField(max_length=40)
    area = models.CharField(max_length=40, blank=True)
    product = models.CharField(max_length=64, blank=True)
    brand = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["posted_at", "id"]
        indexes = [models.Index(fields=["posted_at"], name="hotissue_posted")]
        constraints = [
            models.UniqueConstraint(fields=["source", "key"], name="hotissue_post_once"),
        ]


class BesideAlarm(models.Model):
    """A place in which posts, or enquiries, ran hot on a day: told beside the issues, never one."""

    kind = models.CharField(
        max_length=8, choices=[("post", "post"), ("enquiry", "enquiry"), ("report", "report")]
    )
    brand = models.CharField(max_length=40, blank=True)
    place = models.CharField(max_length=300, blank=True)
    day = models.DateField()
    since = models.DateField()
    persons = models.PositiveIntegerField()
    expected = models.FloatField()
    evidence = models.FloatField()
    raised_at = models.DateTimeField()

    class Meta:
        ordering = ["-day", "kind", "place"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "brand", "place", "day"], name="hotissue_beside_once"
            ),
        ]


class Doubt(models.Model):
    """Why the counts of the last weeks call for a second look, as the newest scan found it.

    kind  of `rules/doubts`; `place` it is about, "" for everything; `numbers` its sentence says
    """

    kind = models.CharField(max_length=16)
    brand = models.CharField(max_length=40, blank=True)
    place = models.CharField(max_length=300, blank=True)
    day = models.DateField()
    numbers = models.JSONField(default=dict)
    noted_at = models.DateTimeField()

    class Meta:
        ordering = ["-day", "kind", "place"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "brand", "place"], name="hotissue_doubt_once"),
        ]
