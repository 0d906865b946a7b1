"""How long words about people are kept, and what a legal hold keeps longer. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from amends.platform.kit.packs import RuleFile, Verified


@dataclass(frozen=True, slots=True)
class RetentionTerm:
    """How many days one kind of record keeps its words; `rules` is the version that says so."""

    kind: str
    days: int
    zh: str
    en: str
    source: str
    verified: Verified
    rules: str

    def before(self, now: datetime) -> datetime:
        """What ended at or before this moment has been kept long enough."""
        return now - timedelta(days=self.days)


@dataclass(frozen=True, slots=True)
class RetainedRecord:
    """One record that may be due: its id, whose it is ("" unknown), when its term began."""

    id: str
    subscriber: str
    since: datetime


def terms(files: Iterable[RuleFile]) -> list[RetentionTerm]:
    """The terms of a pack; a later file (an overlay) replaces the kinds it names.

    >>> from datetime import date
    >>> from amends.platform.kit.packs import rules_in_force
    >>> [(t.kind, t.days) for t in terms(rules_in_force("cn", "access", "retention",
    ...                                                 date(2026, 11, 25)))]
    [('complaint', 1095), ('enquiry', 365), ('notice', 1095)]
    """
    terms_by_id: dict[str, RetentionTerm] = {}
    for file in files:
        for row in file.rules:
            terms_by_id[row["id"]] = RetentionTerm(
                kind=row["id"],
                days=int(row["days"]),
                zh=row["zh"],
                en=row["en"],
                source=row["source"],
                verified=row["verified"],
                rules=file.version,
            )
    return list(terms_by_id.values())


def due(
    records: Iterable[RetainedRecord],
    term: RetentionTerm,
    *,
    held_refs: Collection[str],
    now: datetime,
) -> tuple[list[RetainedRecord], list[RetainedRecord]]:
    """Those whose term has ended: (to forget, kept by a legal hold). Younger ones are in neither.

    held    subscribers, and records by their id, on whom a hold stands
    """
    ended = [record for record in records if record.since <= term.before(now)]
    return (
        [
            ended_record
            for ended_record in ended
            if ended_record.subscriber not in held_refs and ended_record.id not in held_refs
        ],
        [
            ended_record
            for ended_record in ended
            if ended_record.subscriber in held_refs or ended_record.id in held_refs
        ],
    )
