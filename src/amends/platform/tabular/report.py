"""What became of an imported file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from django.utils.translation import gettext

from amends.platform.kit.documents import OMIT_NONE
from amends.platform.kit.errors import BadInput
from amends.platform.tabular.exports import keep_rejects
from amends.platform.tabular.tables import Reject
from amends.platform.vault.redaction import redact_person

Progress = Callable[[int, int], None]
T = TypeVar("T")


class UnableToUseAnyRow(BadInput):
    """Every row of a file was refused."""

    code = "no_row_usable"


@dataclass(frozen=True, slots=True)
class FileReading:
    """How a file was read.

    columns     role → its columns
    date_order  of day, month and year; None where months are words, or rows differ
    zone        of times that state none
    languages   code → rows; "und" where nobody can tell
    first       the first rows as they are read, in a preview
    """

    columns: dict[str, list[str]]
    date_order: str | None
    zone: str
    encoding: str
    languages: dict[str, int]
    first: list[dict[str, str]] | None = None


@dataclass(slots=True)
class FileReport:
    """`read` = `accepted` + `duplicates` + `rejected`.

    refusal   where every row was refused: the reason most of them have, and its remedy
    messages  the same of what was written under the rows, where the file tells it, and beside it
              `left_out`
    reading   how the file was read, where that had to be found out
    """

    read: int = 0
    accepted: int = 0
    duplicates: int = 0
    rejected: int = 0
    rejects_file: str = ""
    notes: list[str] = field(default_factory=list)
    messages: dict[str, int] | None = None
    refusal: UnableToUseAnyRow | None = None
    reading: FileReading | None = None

    def outcome(self) -> ImportOutcome:
        """What became of the rows, and how the file was read, where that had to be found out."""
        rows: dict[str, Any] = {
            "read": self.read,
            "accepted": self.accepted,
            "duplicates": self.duplicates,
            "rejected": self.rejected,
            "rejects_file": self.rejects_file,
            "notes": self.notes,
            "messages": self.messages,
            **(self.refusal.as_dict() if self.refusal else {}),
        }
        if self.reading is None:
            return ImportOutcome(**rows)
        reading = {
            reading_field.name: getattr(self.reading, reading_field.name)
            for reading_field in fields(FileReading)
        }
        first = reading.pop("first")
        if first is None:
            return ReadFileOutcome(**rows, **reading)
        return FilePreview(**rows, **reading, first=first)

    def as_dict(self) -> dict[str, object]:
        """The outcome as it is stored, without what is not known."""
        outcome = asdict(self.outcome())
        optional = ("messages", "error", "what", "meaning", "next_step")
        return {
            name: value
            for name, value in outcome.items()
            if value is not None or name not in optional
        }

    def end(self) -> None:
        """Raise the refusal, if every row was refused: no command ends well then."""
        if self.refusal:
            raise self.refusal

    def set_aside(
        self,
        header: list[str],
        rejects: list[Reject],
        path: Path,
        *,
        masks: Mapping[str, Callable[[str], str]] | None = None,
        further_rejects: Sequence[Reject] = (),
    ) -> None:
        """Write the refused rows beside their reasons, in the reader's language; what an earlier
        import set aside under that name stays.

        beside  what is set aside too, and is no row of its own
        """
        self.rejected = len(rejects)
        if rejects or further_rejects:
            ordered = sorted([*rejects, *further_rejects], key=lambda item: item.line)
            rejects_file = keep_rejects(path, header, ordered, masks=masks, translate=gettext)
            self.rejects_file = str(path)
            if rejects_file:
                self.notes.append(
                    gettext("What an earlier import set aside there is kept in %(file)s.")
                    % {"file": rejects_file}
                )
        if rejects and not self.accepted + self.duplicates:
            self.refusal = of_all(rejects)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOutcome:
    """Rows of an imported file: `read` = `accepted` + `duplicates` + `rejected`.

    messages                          the same counts of the messages under the rows, and
                                      `left_out`; None of a file without any
    error, what, meaning, next_step   the refusal, where every row was rejected
    """

    read: int
    accepted: int
    duplicates: int
    rejected: int
    rejects_file: str
    notes: list[str]
    messages: dict[str, int] | None = field(default=None, metadata=OMIT_NONE)
    error: str | None = field(default=None, metadata=OMIT_NONE)
    what: str | None = field(default=None, metadata=OMIT_NONE)
    meaning: str | None = field(default=None, metadata=OMIT_NONE)
    next_step: str | None = field(default=None, metadata=OMIT_NONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFileOutcome(ImportOutcome):
    """An imported file, and how it was read (`FileReading`)."""

    columns: dict[str, list[str]]
    date_order: str | None
    zone: str
    encoding: str
    languages: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePreview(ReadFileOutcome):
    """How a file would be imported, with its first rows as they are read."""

    first: list[dict[str, str]]


def of_all(
    rejects: Sequence[Reject], translate: Callable[[str], str] = gettext
) -> UnableToUseAnyRow:
    """What is wrong with most of the rows, said once, with the first row as the example."""
    ((reason, number),) = Counter(reject.reason for reject in rejects).most_common(1)
    first = next(reject for reject in rejects if reject.reason == reason)
    return UnableToUseAnyRow(
        translate(
            "No row could be used. %(number)s of %(rows)s: %(reason)s (first on line %(line)s)."
        )
        % {
            "number": f"{number:,}",
            "rows": f"{len(rejects):,}",
            "reason": redact_person(first.translated(translate)),
            "line": f"{first.line:,}",
        },
        meaning=translate("Nothing was imported."),
        next_step=first.remedy or translate("Mend the file as the reason says, and send it again."),
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
