"""Facts of a feed out of a file; the same row again is the same fact.

A row names `kind`, `happened_at` (ISO 8601 with a zone), `source`, and as its kind needs
`subscriber` (our pseudonym) or `customer_key` (the operator's), and `subject`; the payload is every
other column, or the object `payload`. Where a reference is somebody's telephone number, its blind
index stands for it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import orjson
from django.db import transaction
from django.utils.translation import gettext as _

from amends.entrances.feeds.imports.fact_limits import (
    DOC,
    UnableToReadFact,
    check_kind,
    check_moment,
    check_values,
)
from amends.people.subscribers.queries import SubscriberView, owners_of_keys, subscribers
from amends.platform.kit.errors import AmendsError, BadInput
from amends.platform.kit.texts import clean
from amends.platform.tabular.report import FileReport, Progress, batches
from amends.platform.tabular.tables import Reject, Table, read_table
from amends.platform.vault.redaction import names_person, redacted
from amends.record.facts.canonical import is_fact_id
from amends.record.facts.fact import Fact
from amends.record.facts.kinds import KINDS
from amends.record.ledger.actions.append import append
from amends.record.ledger.queries import known_ids

BATCH = 5_000
KEY = "customer_key"
_OWN = ("id", "kind", "happened_at", "source", "subscriber", "subject", "payload", "version")
_LONGEST = {"kind": 40, "source": 40, "subscriber": 64, "subject": 120}
_INTEGER = re.compile(r"-?[0-9]{1,18}")
_REFERENCE = "facts.reference"


def import_facts(path: Path, *, rejects: Path, now: datetime, progress: Progress) -> FileReport:
    """Append the facts of a file, 5,000 a transaction; bad rows are set aside with their reason."""
    table = read_table(path)
    for name in ("kind", "happened_at", "source"):
        if name not in table.header:
            raise BadInput(
                _("The file has no column %(columns)s.") % {"columns": name},
                where=path.name,
                meaning=_("Nothing was imported."),
                next_step=_("Every row needs kind, happened_at and source: %(doc)s.")
                % {"doc": DOC},
                code="unable_to_import_facts",
            )
    refused = list(table.rejects)
    facts: dict[str, Fact] = {}
    report = FileReport(read=table.read)
    keys = owners_of_keys(_column(table, KEY))
    people = subscribers({*_column(table, "subscriber"), *keys.values()})
    for line, row in zip(table.lines, table.rows, strict=True):
        try:
            fact = _fact(_cells(table, row, keys), now)
            _check_is_there(people.get(fact.subscriber))
        except AmendsError as why:
            refused.append(Reject(line, why.in_words(_), tuple(cell[:1000] for cell in row)))
            continue
        if fact.id in facts:
            report.duplicates += 1
        facts.setdefault(fact.id, fact)
    for batch in batches(facts.values(), BATCH):
        with transaction.atomic():
            stored_ids = known_ids([fact.id for fact in batch])
            append([fact for fact in batch if fact.id not in stored_ids], now=now)
        report.accepted += len(batch) - len(stored_ids)
        report.duplicates += len(stored_ids)
        progress(report.accepted + report.duplicates, len(table.rows))
    if nobodys := sum(
        bool(imported_fact.subscriber) and imported_fact.subscriber not in people
        for imported_fact in facts.values()
    ):
        report.notes.append(
            _(
                "Facts about a subscriber who is not on record, and that nobody's complaint finds: "
                "%(count)s. Name the pseudonym that `amends import subscribers` writes beside your "
                "key, or give the key in a column customer_key."
            )
            % {"count": f"{nobodys:,}"}
        )
    report.set_aside(table.header, refused, rejects)
    return report


def _column(table: Table, name: str) -> set[str]:
    if name not in table.header:
        return set()
    index = table.header.index(name)
    return {clean(row[index]).strip() for row in table.rows} - {""}


def _cells(table: Table, row: list[str], keys: Mapping[str, str]) -> dict[str, str]:
    """The cells by their columns; the pseudonym stands for the customer's key, which stays out."""
    cells = dict(zip(table.header, (clean(cell).strip() for cell in row), strict=True))
    if key := cells.pop(KEY, ""):
        pseudonym = keys.get(key)
        if pseudonym is None or cells.get("subscriber", pseudonym) not in ("", pseudonym):
            raise UnableToReadFact(
                _("customer_key is nobody's on record, or not the subscriber's."),
                next_step=_("Import the register that names this customer first."),
            )
        cells["subscriber"] = pseudonym
    return cells


def _check_is_there(person: SubscriberView | None) -> None:
    if person and person.status == "erased":
        raise UnableToReadFact(
            _("the subscriber was erased."),
            next_step=_(
                "Send nothing more about them; import your subscribers again for new keys."
            ),
        )


def _fact(cells: dict[str, str], now: datetime) -> Fact:
    for name, max_length in _LONGEST.items():
        if len(cells.get(name, "")) > max_length:
            raise UnableToReadFact(
                _("%(field)s has more than %(most)s characters")
                % {"field": name, "most": max_length}
            )
    if names_person(cells.get("subscriber", "")):
        raise UnableToReadFact(
            _("the subscriber is named by a number or mailbox."),
            next_step=_(
                "Name our pseudonym, or give your key of the customer in a column customer_key."
            ),
        )
    if (stated_id := cells.get("id", "")) and not is_fact_id(stated_id):
        raise UnableToReadFact(
            _("id “%(id)s” is not 32 hexadecimal digits") % {"id": stated_id[:40]}
        )
    kind = cells["kind"]
    check_kind(kind)
    # A leaf is never erased, so whatever names a person does not enter it.
    payload = {
        name: redacted(_REFERENCE, value) if isinstance(value, str) else value
        for name, value in _payload(kind, cells).items()
    }
    if absent := sorted(KINDS[kind].required.keys() - payload.keys()):
        raise UnableToReadFact(
            _("%(kind)s lacks %(fields)s.") % {"kind": kind, "fields": ", ".join(absent)},
            next_step=_("Give each its column, or a field of payload: %(doc)s.") % {"doc": DOC},
        )
    check_values(kind, payload, now=now)
    happened_at = _moment(cells["happened_at"])
    check_moment(kind, happened_at, now=now)
    stated = orjson.dumps([sorted(cells.items())])
    return Fact(
        kind=kind,
        subscriber=cells.get("subscriber", ""),
        subject=redacted(_REFERENCE, cells.get("subject", "")),
        happened_at=happened_at,
        source=cells["source"],
        payload=payload,
        id=stated_id or hashlib.sha256(stated).hexdigest()[:32],
    )


def _moment(cell: str) -> datetime:
    try:
        return datetime.fromisoformat(cell)
    except ValueError as error:
        raise UnableToReadFact(
            _("%(field)s “%(cell)s” is not a time.") % {"field": "happened_at", "cell": cell[:40]},
            next_step=_("Write it like 2026-11-24T10:00:00+08:00."),
        ) from error


def _payload(kind: str, cells: dict[str, str]) -> dict[str, str | int]:
    spec = KINDS[kind]
    if cells.get("payload"):
        try:
            payload = orjson.loads(cells["payload"])
        except orjson.JSONDecodeError as error:
            raise UnableToReadFact(_("the payload is not JSON")) from error
        if not isinstance(payload, dict):
            raise UnableToReadFact(_("the payload is not a JSON object"))
        return payload
    fields = spec.required | spec.optional
    return {
        name: _whole(name, cell) if fields.get(name) is int else cell
        for name, cell in cells.items()
        if name not in _OWN and cell
    }


def _whole(name: str, cell: str) -> int:
    if not _INTEGER.fullmatch(cell):
        raise UnableToReadFact(
            _("%(field)s “%(cell)s” is not a whole number") % {"field": name, "cell": cell[:40]}
        )
    return int(cell)
