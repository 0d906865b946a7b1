"""A register as a file, and what its import made of it."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.utils import translation

from amends.entrances.feeds.imports.subscribers import import_subscribers
from amends.people.subscribers.queries import identify
from amends.platform.tabular.report import FileReport

NOW = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)
N1, N2, N3 = "13900010001", "13900010002", "13900010003"
A_CARD, B_CARD = "110101199003078115", "110101199003072223"


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import said: the report, key → pseudonym, and the file of refused rows."""

    report: FileReport
    keys: dict[str, str]
    reasons: str

    @property
    def counts(self) -> tuple[int, int, int]:
        """Accepted, known already, refused."""
        return self.report.accepted, self.report.duplicates, self.report.rejected

    def told(self, words: str) -> bool:
        """Whether a note of the report says so."""
        return any(words in note for note in self.report.notes)


def imported(folder: Path, header: str, *rows: str, now: datetime = NOW) -> Imported:
    """Import a register of these rows."""
    path, out, rejects = folder / "people.csv", folder / "keys.csv", folder / "rejects.csv"
    path.write_text("\n".join((header, *rows, "")), encoding="utf-8")
    with translation.override("en"):
        report = import_subscribers(
            path, rejects=rejects, out=out, now=now, progress=lambda *_: None
        )
    assert report.read == report.accepted + report.duplicates + report.rejected == len(rows)
    with out.open(encoding="utf-8") as file:
        keys = {key: pseudonym for key, pseudonym in list(csv.reader(file))[1:] if key}
    reasons = rejects.read_text("utf-8-sig") if report.rejects_file else ""
    return Imported(report, keys, reasons)


def holder(phone: str = "", email: str = "", at: datetime | None = None) -> str:
    """The pseudonym of whoever has a number or mailbox, "" where nobody is found."""
    found = identify(phone=phone, email=email, at=at)
    return found.pseudonym if found else ""
