"""What a run over usage files met: the counts of its batches, and of those committed before it."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.db.models import Sum

from amends.causes.notices.engine_models import UsageFile
from amends.engines.metering.engine.layout import TREATMENTS
from amends.platform.kit.documents import OMIT_NONE


@dataclass(frozen=True, slots=True)
class UsageRun:
    """What a run counted: `records` = `counted` + `late` + `duplicates` + `rejected`.

    holds           of the `notices` that became due, those that hold a service
    notices_sha256  of all of them, whatever their order
    treatments      records by what became of them
    spent_s         seconds by step, where they were measured
    """

    records: int
    duplicates: int
    rejected: int
    notices: int
    holds: int
    notices_sha256: str
    seconds: float
    counted: int
    late: int
    treatments: dict[str, int]
    spent_s: dict[str, float] | None = field(metadata=OMIT_NONE)
    files: list[dict[str, object]]
    notes: list[str]
    rejects_file: str


@dataclass(slots=True)
class UsageReport:
    """What a run has met so far; `result` gives its counts."""

    treatments: Counter[str] = field(default_factory=Counter)
    notices: int = 0
    holds: int = 0
    digest: int = 0
    seconds: float = 0.0
    reported: set[int] = field(default_factory=set)
    spent: dict[str, float] = field(default_factory=dict)
    files: list[dict[str, object]] = field(default_factory=list)
    began: float = field(default_factory=time.perf_counter)

    def time_since(self, now: datetime) -> datetime:
        """What time it is, if it was `now` when the run began."""
        return now + timedelta(seconds=time.perf_counter() - self.began)

    def result(self, *, notes: Sequence[str] = (), rejects_file: str = "") -> UsageRun:
        """The counts of the run.

        notes, rejects_file  about the file that the rejected rows were written to
        """
        met = self.treatments
        counted = met["counted"] + met["counted_held"]
        duplicates = met["repeated"] + met["altered"]
        records = sum(met.values())
        return UsageRun(
            records=records,
            duplicates=duplicates,
            rejected=records - counted - met["late"] - duplicates,
            notices=self.notices,
            holds=self.holds,
            notices_sha256=sha256((self.digest % 2**256).to_bytes(32, "big")).hexdigest(),
            seconds=round(self.seconds, 3),
            counted=counted,
            late=met["late"],
            treatments={name: met[name] for name in TREATMENTS if met[name]},
            spent_s=self.spent or None,
            files=self.files,
            notes=list(notes),
            rejects_file=rejects_file,
        )

    def as_dict(self) -> dict[str, Any]:
        """The counts by name."""
        return {name: value for name, value in asdict(self.result()).items() if value is not None}


def add_repeated(file: UsageFile, report: UsageReport) -> int:
    """Count a file that was counted before as repeated, and report its result; its records."""
    repeated_rows = file.batches.aggregate(Sum("rows"))["rows__sum"] or 0
    report.treatments["repeated"] += repeated_rows
    add_committed(file, report, treatments=False)
    return int(repeated_rows)


def add_committed(file: UsageFile, report: UsageReport, *, treatments: bool) -> None:
    """What earlier runs have committed of the file, so that a run after a kill reports the
    whole."""
    if file.pk in report.reported:
        return
    report.reported.add(file.pk)
    for batch in file.batches.all():
        report.notices += batch.notices
        report.holds += batch.holds
        report.digest += int(batch.digest, 16)
        if treatments:
            report.treatments.update(json.loads(batch.counts))
