"""What became of an imported file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TypeVar

from django.utils.translation import gettext

from amends.channels.files.exports import write_rejects
from amends.channels.files.tables import Reject

Progress = Callable[[int, int], None]
T = TypeVar("T")


@dataclass(slots=True)
class FileReport:
    """`read` = `accepted` + `duplicates` + `rejected`."""

    read: int = 0
    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    rejects_file: str = ""
    notes: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, object]:
        """The document of `--json`."""
        return asdict(self)

    def set_aside(
        self,
        header: list[str],
        rejects: list[Reject],
        path: Path,
        *,
        masks: Mapping[str, Callable[[str], str]] | None = None,
    ) -> None:
        """Write the refused rows beside their reasons, in the reader's language."""
        self.rejected = len(rejects)
        if rejects:
            ordered = sorted(rejects, key=lambda item: item.line)
            write_rejects(path, header, ordered, masks=masks, translate=gettext)
            self.rejects_file = str(path)


def batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of at most `size` items, in order."""
    batch: list[T] = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
