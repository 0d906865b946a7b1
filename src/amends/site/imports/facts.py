"""Facts of a feed out of a file; the same row again is the same fact.

A row names `kind`, `happened_at` (ISO 8601 with a zone), `source`, and as its kind needs
`subscriber` (our pseudonym) and `subject`; the payload is every other column, or the object
`payload`. Where a reference is somebody's telephone number, its blind index stands for it.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path

import orjson
from django.db import transaction

from amends.channels.files.report import FileReport, Progress, batches
from amends.channels.files.tables import Reject, Table, read_table
from amends.facts.fact import Fact
from amends.facts.kinds import KINDS
from amends.kit.errors import AmendsError, BadInput
from amends.ledger.actions.append import append
from amends.ledger.queries import known_ids
from amends.vault.unsaying import says_who, unsaid

BATCH = 5_000
_OWN = ("id", "kind", "happened_at", "source", "subscriber", "subject", "payload", "version")
_REFERENCE = "facts.reference"


class UnableToImportFacts(BadInput):
    """The file lacks a column every fact needs."""

    code = "unable_to_import_facts"


def import_facts(path: Path, *, rejects: Path, now: datetime, progress: Progress) -> FileReport:
    """Append the facts of a file, 5,000 a transaction; bad rows are set aside with their reason."""
    table = read_table(path)
    for name in ("kind", "happened_at", "source"):
        if name not in table.header:
            raise UnableToImportFacts(
                f"The file has no column {name}.", where=path.name, meaning="Nothing was imported."
            )
    refused = list(table.rejects)
    facts: dict[str, Fact] = {}
    report = FileReport(read=table.read)
    for line, row in zip(table.lines, table.rows, strict=True):
        try:
            fact = _fact(table, row)
        except (AmendsError, ValueError) as why:
            refused.append(Reject(line, str(why), tuple(cell[:1000] for cell in row)))
            continue
        if fact.id in facts:
            report.duplicates += 1
        facts.setdefault(fact.id, fact)
    for batch in batches(facts.values(), BATCH):
        with transaction.atomic():
            known = known_ids([fact.id for fact in batch])
            append([fact for fact in batch if fact.id not in known], now=now)
        report.accepted += len(batch) - len(known)
        report.duplicates += len(known)
        progress(report.accepted + report.duplicates, len(table.rows))
    report.set_aside(table.header, refused, rejects)
    return report


def _fact(table: Table, row: list[str]) -> Fact:
    cells = dict(zip(table.header, (cell.strip() for cell in row), strict=True))
    if says_who(cells.get("subscriber", "")):
        raise BadInput(
            "The subscriber is named by a number or mailbox.",
            next_step="Name our pseudonym; `amends import subscribers` writes it beside your keys.",
        )
    kind = cells["kind"]
    happened_at = datetime.fromisoformat(cells["happened_at"])
    # A leaf is never erased, so whatever names a person does not enter it.
    payload = {
        name: unsaid(_REFERENCE, value) if isinstance(value, str) else value
        for name, value in _payload(kind, cells).items()
    }
    stated = orjson.dumps([sorted(cells.items())])
    return Fact(
        kind,
        cells.get("subscriber", ""),
        unsaid(_REFERENCE, cells.get("subject", "")),
        happened_at,
        cells["source"],
        payload,
        id=cells.get("id") or hashlib.sha256(stated).hexdigest()[:32],
    )


def _payload(kind: str, cells: dict[str, str]) -> dict[str, str | int]:
    spec = KINDS.get(kind)
    if spec is None:
        raise BadInput(f"There is no kind of fact called {kind!r}.")
    if cells.get("payload"):
        given = orjson.loads(cells["payload"])
        if not isinstance(given, dict):
            raise BadInput("The payload is not a JSON object.")
        return given
    fields = spec.required | spec.optional
    return {
        name: int(cell) if fields.get(name) is int else cell
        for name, cell in cells.items()
        if name not in _OWN and cell
    }
