"""What became of usage, asked afterwards: of each file, of each record that was not counted."""

from __future__ import annotations

import json
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np

from amends.causes.notices.engine_models import JUMPED, UsageBatch, UsageFile
from amends.engines.metering.engine.layout import TREATMENTS
from amends.platform.kit.periods import from_ms, to_ms


@dataclass(frozen=True, slots=True)
class UncountedRecord:
    """A record that was not counted: its file, its number in it from 1 on, and why."""

    file: str
    row: int
    reason: str


@dataclass(frozen=True, slots=True)
class FileView:
    """A file of usage: how far it is counted, what became of its records, what stopped it.

    met          treatment → records
    why, reason  the code of what stopped it, and that in words
    accepted_by  who accepted it, "" for nobody
    """

    number: int
    name: str
    size_bytes: int
    received_at: datetime
    state: str
    why: str
    reason: str
    accepted_by: str
    accepted_at: datetime | None
    met: Counter[str] = field(default_factory=Counter)
    notices: int = 0
    holds: int = 0

    @property
    def records(self) -> int:
        """Number of its records that were read."""
        return sum(self.met.values())

    @property
    def may_pass(self) -> bool:
        """Whether a person may let it pass: its records are of another size than usual."""
        return self.state == "stopped" and self.why == JUMPED


def files_in(folder: Path) -> list[Path]:
    """The usage files of a directory, in order of name; what reads them is loaded when asked."""
    from amends.engines.metering.usage import files

    return files.files_in(folder)


def stopped_files() -> int:
    """Number of files that wait for a person, or for the rest of the file."""
    return UsageFile.objects.filter(state=UsageFile.State.STOPPED).count()


def usage_files(*, limit: int) -> list[FileView]:
    """Those that are stopped, then the newest; each group newest first."""
    stopped = UsageFile.objects.filter(state=UsageFile.State.STOPPED).order_by("-id")[:limit]
    other_files = UsageFile.objects.exclude(state=UsageFile.State.STOPPED).order_by("-id")[:limit]
    return _views([*stopped, *other_files][:limit])


def met_since(since: datetime) -> Counter[str]:
    """Treatment → records of the batches committed since then."""
    met: Counter[str] = Counter()
    batches = UsageBatch.objects.filter(committed_ms__gte=to_ms(since))
    for counts in batches.values_list("counts", flat=True).iterator():
        met.update(json.loads(counts))
    return met


def _views(files: Iterable[UsageFile]) -> list[FileView]:
    file_list = list(files)
    met: dict[int, Counter[str]] = {file.pk: Counter() for file in file_list}
    found_by_file: dict[int, Counter[str]] = {file.pk: Counter() for file in file_list}
    batches = UsageBatch.objects.filter(file__in=[file.pk for file in file_list]).order_by()
    for file, counts, notices, holds in batches.values_list("file", "counts", "notices", "holds"):
        met[file].update(json.loads(counts))
        found_by_file[file].update({"notices": notices, "holds": holds})
    return [
        FileView(
            number=file.pk,
            name=file.name,
            size_bytes=file.size_bytes,
            received_at=from_ms(file.received_ms),
            state=file.state,
            why=file.why,
            reason=file.reason,
            accepted_by=file.accepted_by,
            accepted_at=from_ms(file.accepted_ms) if file.accepted_ms is not None else None,
            met=met[file.pk],
            notices=found_by_file[file.pk]["notices"],
            holds=found_by_file[file.pk]["holds"],
        )
        for file in file_list
    ]


def rejected_rows(*, files: list[str] | None = None) -> Iterator[UncountedRecord]:
    """Rejected records in the order they were read.

    files  only of files of these names; of all if left out
    """
    batches = UsageBatch.objects.select_related("file").order_by("id")
    if files is not None:
        batches = batches.filter(file__name__in=files)
    for batch in batches.iterator(chunk_size=50):
        body = zlib.decompress(bytes(batch.rejected))
        count = len(body) // 9
        rows = np.frombuffer(body, "<i8", count)
        for row, treatment in zip(rows.tolist(), body[count * 8 :], strict=True):
            yield UncountedRecord(batch.file.name, row + 1, TREATMENTS[treatment])
