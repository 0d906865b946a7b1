"""What the ledger keeps. Other apps enter through `queries` and `actions`.

Facts, segments, tiles and checkpoints are append-only: `triggers.py` has the database refuse what
would change them. Coverage and the index of segments are derived, and can be rebuilt from facts.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Index, Q, UniqueConstraint

_PENDING = Q(seq__isnull=True)
_NUMBERED = Q(seq__isnull=False)


class SingleFact(models.Model):
    """A fact with a leaf of its own: `canonical` is the record, the columns only find it.

    The keys are 32 bits of subscriber and subject, null for none. An index on them has a quarter of
    the pages one on the texts would have, and every fact appended dirties one of them.
    """

    id = models.CharField(primary_key=True, max_length=32)
    kind = models.CharField(max_length=40)
    version = models.PositiveSmallIntegerField()
    subscriber = models.CharField(max_length=64)
    subject = models.CharField(max_length=120)
    happened_at_ms = models.BigIntegerField()
    recorded_at_ms = models.BigIntegerField()
    source = models.CharField(max_length=40)
    leaf_hash = models.BinaryField()
    seq = models.BigIntegerField(null=True)
    canonical = models.BinaryField()
    subscriber_key = models.IntegerField(null=True)
    subject_key = models.IntegerField(null=True)

    class Meta:
        db_table = "ledger_fact"
        indexes = [
            Index(
                fields=["subscriber_key"],
                condition=Q(subscriber_key__isnull=False),
                name="ledger_fact_of_subscriber",
            ),
            Index(
                fields=["subject_key"],
                condition=Q(subject_key__isnull=False),
                name="ledger_fact_on_subject",
            ),
            Index(fields=["id"], condition=_PENDING, name="ledger_fact_pending"),
            Index(fields=["kind", "happened_at_ms"], name="ledger_fact_of_kind"),
        ]
        constraints = [
            UniqueConstraint(fields=["seq"], condition=_NUMBERED, name="ledger_fact_seq"),
        ]


class Segment(models.Model):
    """Up to 10,000 facts of one kind in columns, with one leaf: its header, which holds their root.

    A row's id is the segment's id (27 hexadecimal digits) and five digits of its row number.
    """

    id = models.CharField(primary_key=True, max_length=27)
    kind = models.CharField(max_length=40)
    source = models.CharField(max_length=40)
    rows = models.PositiveIntegerField()
    first_happened_at_ms = models.BigIntegerField()
    last_happened_at_ms = models.BigIntegerField()
    recorded_at_ms = models.BigIntegerField()
    leaf_hash = models.BinaryField()
    seq = models.BigIntegerField(null=True)
    canonical = models.BinaryField()
    chunks = models.BinaryField()

    class Meta:
        db_table = "ledger_segment"
        indexes = [Index(fields=["id"], condition=_PENDING, name="ledger_segment_pending")]
        constraints = [
            UniqueConstraint(fields=["seq"], condition=_NUMBERED, name="ledger_segment_seq"),
        ]


class SegmentPart(models.Model):
    """Up to 1,024 rows of a segment in packed columns; apart from it, so that finding one row reads
    few others and numbering a segment rewrites none. `id`: the segment's and two digits of place.
    """

    id = models.CharField(primary_key=True, max_length=29)
    segment = models.ForeignKey(Segment, on_delete=models.PROTECT)
    sha256 = models.BinaryField()
    columns = models.BinaryField()

    class Meta:
        db_table = "ledger_segment_part"


class SegmentIndex(models.Model):
    """Which rows of a segment may concern a subscriber (or subject), by bucket of its hash.

    Buckets 0 to 63 are a segment's own. From 8,192 on the row is one of the stretch of the log that
    begins with this segment, and stands for the indexes of all segments in it
    (`actions/index_together.py`).
    """

    pk = models.CompositePrimaryKey("by_subject", "bucket", "segment_id")
    by_subject = models.BooleanField()
    bucket = models.PositiveSmallIntegerField()
    segment = models.ForeignKey(Segment, on_delete=models.PROTECT, db_index=False)
    block = models.BinaryField()

    class Meta:
        db_table = "ledger_segment_index"


class Tile(models.Model):
    """Up to 32 neighbouring nodes of the tree, 32 bytes each; `address` is level and number."""

    address = models.BigIntegerField(primary_key=True)
    hashes = models.BinaryField()

    class Meta:
        db_table = "ledger_tile"


class Checkpoint(models.Model):
    """A signed note on the tree's size and root; the columns repeat what it says.

    Facts recorded before `settled_ms` are inside. Each note holds the hash of the one before it.
    """

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField()
    settled_ms = models.BigIntegerField()
    signed_at_ms = models.BigIntegerField()
    note = models.TextField()

    class Meta:
        db_table = "ledger_checkpoint"


class CoverageStatement(models.Model):
    """One kind of one `SourceCovered` fact; derived, see `actions/rebuild_coverage.py`."""

    pk = models.CompositePrimaryKey("fact_id", "kind")
    fact = models.ForeignKey(SingleFact, on_delete=models.PROTECT, db_index=False)
    source = models.CharField(max_length=40)
    kind = models.CharField(max_length=40)
    scope = models.CharField(max_length=120)
    from_ms = models.BigIntegerField()
    to_ms = models.BigIntegerField()
    complete = models.BooleanField()
    recorded_at_ms = models.BigIntegerField()

    class Meta:
        db_table = "ledger_coverage"
        indexes = [Index(fields=["kind", "to_ms"], name="ledger_coverage_kind")]
