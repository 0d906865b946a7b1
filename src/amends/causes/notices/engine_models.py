"""What the engine stores between two batches: a row a bucket of lines, not a line."""

from __future__ import annotations

from django.db import models

LINES_A_BUCKET = 8_192
JUMPED = "units_jumped"
"""Why a file is stopped that a person may let pass: its records are of another size than usual."""


class EngineState(models.Model):
    """One row. Whoever commits raises `revision` from the one it read, or commits nothing.

    marks   JSON: duty, counter and step of each bit of `notified`
    sizes   JSON: usual size of a record by kind, as powers of two, and how many it rests on
    """

    id = models.PositiveSmallIntegerField(primary_key=True)
    revision = models.BigIntegerField(default=0)
    lines = models.BigIntegerField(default=0)
    marks = models.TextField(default="[]")
    cycles = models.TextField(default="[]")
    sizes = models.TextField(default="{}")

    class Meta:
        db_table = "notices_engine"


class LineBucket(models.Model):
    """8,192 lines: their state and terms as compressed arrays.

    They are those of the last commit in whose turn the bucket was; see `LineMoves`.
    """

    number = models.PositiveIntegerField(primary_key=True)
    memory = models.BinaryField()

    class Meta:
        db_table = "notices_line_bucket"


class LineNames(models.Model):
    """The names of the lines of a bucket, as an Arrow file: a table of its own, because they
    hardly ever change."""

    number = models.PositiveIntegerField(primary_key=True)
    names = models.BinaryField()

    class Meta:
        db_table = "notices_line_names"


class LineMoves(models.Model):
    """Where one commit left the lines it moved (`rules.engine.moves`), and whose turn it was.

    `first` and `buckets`: from which bucket on how many were written whole by the same commit. A
    row goes once every bucket had its turn after it.
    """

    revision = models.BigIntegerField(primary_key=True)
    first = models.PositiveIntegerField()
    buckets = models.PositiveIntegerField()
    lines = models.PositiveIntegerField()
    moves = models.BinaryField()

    class Meta:
        db_table = "notices_line_moves"


class LineTerms(models.Model):
    """What the operator's register said of some lines when they were enrolled, as an Arrow file.

    Columns: service, zone, day, balance_minor, own_minor, roaming. The engine never reads them.
    Of a line that was registered twice the first row holds, as with the engine.
    """

    id = models.BigAutoField(primary_key=True)
    sha256 = models.CharField(max_length=64, unique=True)
    rows = models.PositiveIntegerField()
    columns = models.BinaryField()
    enrolled_at = models.DateTimeField()

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.rows} lines"


class UsagePlan(models.Model):
    """The limits of a plan; of one line where it has its own. `base` holds again next period.

    `place` and `user` decide which duties hold for its lines (`rules.engine.compile.Plan`).
    """

    number = models.PositiveIntegerField(primary_key=True)
    name = models.CharField(max_length=120)
    data_bytes = models.BigIntegerField(default=0)
    voice_s = models.BigIntegerField(default=0)
    messages = models.BigIntegerField(default=0)
    roaming = models.BigIntegerField(default=0)
    balance_minor = models.BigIntegerField(default=0)
    own_minor = models.BigIntegerField(default=0)
    base = models.IntegerField(default=-1)
    place = models.CharField(max_length=16, blank=True, default="", db_default="")
    user = models.CharField(max_length=16, blank=True, default="", db_default="")

    class Meta:
        db_table = "notices_usage_plan"


class UsageFile(models.Model):
    """A file of usage records by its content, and how far it is counted.

    why          the code of what stopped it; `reason` says it in words
    accepted_by  who let it pass, or put it aside
    """

    class State(models.TextChoices):
        OPEN = "open"
        DONE = "done"
        STOPPED = "stopped"
        ASIDE = "aside"

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64, unique=True)
    size_bytes = models.BigIntegerField()
    received_ms = models.BigIntegerField()
    done_rows = models.BigIntegerField(default=0)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    why = models.CharField(max_length=40, blank=True, default="", db_default="")
    reason = models.CharField(max_length=300, blank=True)
    accepted = models.BooleanField(default=False, help_text="a person let its sizes pass")
    accepted_by = models.CharField(max_length=150, blank=True, default="", db_default="")
    accepted_ms = models.BigIntegerField(null=True)

    class Meta:
        db_table = "notices_usage_file"
        ordering = ("id",)
        indexes = (
            models.Index(
                fields=("id",), condition=models.Q(state="stopped"), name="notices_usage_stopped"
            ),
        )


class UsageBatch(models.Model):
    """What became of some records of a file, committed with the notices they made due.

    counts    JSON: records by treatment
    rejected  row numbers (8 bytes each) and treatments (1 byte) of those not counted, compressed
    digest    sum of the SHA-256 of its notices, modulo 2**256
    """

    id = models.BigAutoField(primary_key=True)
    file = models.ForeignKey(UsageFile, on_delete=models.PROTECT, related_name="batches")
    first_row = models.BigIntegerField()
    rows = models.BigIntegerField()
    counts = models.TextField()
    notices = models.BigIntegerField()
    holds = models.BigIntegerField()
    rejected = models.BinaryField()
    digest = models.CharField(max_length=64)
    committed_ms = models.BigIntegerField()

    class Meta:
        db_table = "notices_usage_batch"
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(fields=("file", "first_row"), name="notices_batch_once"),
        )


class DueBlock(models.Model):
    """Notices found in bulk, as an Arrow file with the columns of `Notice`, until they are sent.

    Expanding it to rows deletes it in the same transaction; the facts are in the ledger.
    Those that are `urgent`, of visits, become rows before anything else is posted.
    """

    id = models.BigAutoField(primary_key=True)
    rows = models.PositiveIntegerField()
    columns = models.BinaryField()
    urgent = models.BooleanField(default=False, db_default=False)

    class Meta:
        db_table = "notices_due_block"
        ordering = ("id",)
        indexes = (
            # Without it SQLite walks through the columns of every block to what is behind them.
            models.Index(
                fields=("id",), condition=models.Q(urgent=True), name="notices_block_urgent"
            ),
        )


class SeenRecords(models.Model):
    """Ids of records first seen in one batch, by day of use: 8 bytes of id, 2 of content each."""

    id = models.BigAutoField(primary_key=True)
    day = models.PositiveIntegerField(db_index=True)
    entries = models.BinaryField()

    class Meta:
        db_table = "notices_seen_records"


class LineChange(models.Model):
    """A top-up, change of plan, chosen mark or consent, waiting for the engine to take it up.

    `reference` becomes part of the keys of what it arms again. Rows stay: nothing is re-armed by
    deleting one.
    """

    id = models.BigAutoField(primary_key=True)
    reference = models.CharField(max_length=40, unique=True)
    service = models.CharField(max_length=64)
    kind = models.CharField(max_length=12)
    counter = models.CharField(max_length=12, blank=True)
    amount = models.BigIntegerField(default=0)
    plan = models.CharField(max_length=120, blank=True)
    at_ms = models.BigIntegerField()
    line = models.BigIntegerField(null=True)
    period = models.SmallIntegerField(null=True)
    taken = models.BooleanField(default=False)

    class Meta:
        db_table = "notices_line_change"
        ordering = ("id",)
        indexes = (
            models.Index(
                fields=("id",), condition=models.Q(taken=False), name="notices_change_waits"
            ),
            models.Index(fields=("line", "period"), name="notices_change_of_line"),
            models.Index(fields=("service",), name="notices_change_of"),
        )


class WatchedFile(models.Model):
    """A file of usage or registrations that was searched for borders, once by content."""

    id = models.BigAutoField(primary_key=True)
    sha256 = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    size_bytes = models.BigIntegerField()
    sighted = models.BigIntegerField(help_text="rows that say where a line was")
    refused = models.BigIntegerField(help_text="rows that cannot be read")
    found = models.BigIntegerField(
        help_text="times a line was near a border, in the files looked through together"
    )
    watched_ms = models.BigIntegerField()

    class Meta:
        db_table = "notices_watched_file"
        ordering = ("id",)

    def __str__(self) -> str:
        return self.name


class LastSighted(models.Model):
    """Where lines were last, as an Arrow file: one row of the table, replaced with each file."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    columns = models.BinaryField()

    class Meta:
        db_table = "notices_last_sighted"

    def __str__(self) -> str:
        return f"{len(self.columns)} bytes"
