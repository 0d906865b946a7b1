"""What became of an imported file."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TypeVar

from django.utils.translation import gettext

from amends.channels.files.exports import keep_rejects
from amends.channels.files.tables import Reject

Progress = Callable[[int, int], None]
T = TypeVar("T")


@dataclass(slots=True)
class FileReport:
    """`read` = `accepted` + `duplicates` + `rejected`.

    messages  the same of what was written under the rows, where the file tells it, and beside it
              `left_out`
    """

    read: int = 0
    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    rejects_file: str = ""
    notes: list[str] = field(default_factory=list)
    messages: dict[str, int] | None = None

    def as_dict(self) -> dict[str, object]:
        """The document of `--json`."""
        told = asdict(self)
        if self.messages is None:
            del told["messages"]
        return told

    def set_aside(
        self,
        header: list[str],
        rejects: list[Reject],
        path: Path,
        *,
        masks: Mapping[str, Callable[[str], str]] | None = None,
        beside: Sequence[Reject] = (),
    ) -> None:
        """Write the refused rows beside their reasons, in the reader's language; what an earlier
        import set aside under that name stays.

        beside  what is set aside too, and is no row of its own
        """
        self.rejected = len(rejects)
        if rejects or beside:
            ordered = sorted([*rejects, *beside], key=lambda item: item.line)
            kept = keep_rejects(path, header, ordered, masks=masks, translate=gettext)
            self.rejects_file = str(path)
            if kept:
                self.notes.append(
                    gettext("What an earlier import set aside there is kept in %(file)s.")
                    % {"file": kept}
                )


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
