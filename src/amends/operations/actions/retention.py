"""Forget words whose term has ended, unless a legal hold keeps them: planned first, then done.

What ended is read in order, forgotten in batches of one transaction each, and each batch states a
fact with its count. A run that was killed is begun again: what is forgotten is not found again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from amends.cases.complaints.actions.forget import forget as forget_complaints
from amends.cases.complaints.actions.forget import with_open
from amends.cases.complaints.actions.retention_due import any_ended, ended, take
from amends.channels.actions.forget import forget as forget_messages
from amends.channels.actions.forget_notices import forget_notices, notices_before, take_notices
from amends.channels.actions.forget_received import forget_received, received_before, take_received
from amends.operations.actions.holds import held_complaints
from amends.operations.queries.erasure_register import register_erasure
from amends.operations.rules.retention import RetainedRecord, RetentionTerm, due, terms
from amends.people.access.actions.erase_former_subscribers import forget_left
from amends.people.subscribers.actions.mark_left import left_before, take_left
from amends.people.subscribers.queries import held_among, identify
from amends.platform.database.secure_delete import clear_away, overwrite_what_is_deleted
from amends.platform.kit.actors import system
from amends.platform.kit.packs import day_in, jurisdictions, rules_in_force
from amends.platform.kit.periods import from_ms, to_ms
from amends.problems.hotissues.actions.erase_membership import forget as forget_memberships
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append
from amends.record.ledger.queries import facts_on
from amends.work.remedies.actions.forget import forget_reasons

BATCH = 200
SUBJECT = "retention"


@dataclass(slots=True)
class RetentionRow:
    """One kind of record under one pack: its term, how many are due, how many a hold keeps.

    `forgotten` stays 0 in a plan; `capped` says that counting stopped at the limit.
    """

    jurisdiction: str
    term: RetentionTerm
    before: datetime
    due: int = 0
    held: int = 0
    forgotten: int = 0
    capped: bool = False


_OF_HERE: dict[str, tuple[Callable[..., list[tuple[str, str, datetime]]], ...]] = {
    "notice": (notices_before, take_notices),
    "received": (received_before, take_received),
    "subscriber": (left_before, take_left),
}
"""Messages and people, which go by the installation's pack: how they are read, and locked."""


def _whose(line: RetentionRow, rows: list[tuple[str, str, datetime]]) -> list[RetainedRecord]:
    """Rows as records; of a message received it is known only who wrote it."""
    if line.term.kind != "received":
        return [RetainedRecord(*row) for row in rows]
    return [RetainedRecord(ref, _pseudonym(sender, since), since) for ref, sender, since in rows]


def _pseudonym(sender: str, at: datetime) -> str:
    """Whose the message is: of a number, whose it was on that day."""
    if not sender:
        return ""
    person = identify(email=sender) if "@" in sender else identify(phone=sender, at=at)
    return person.pseudonym if person else ""


@dataclass(slots=True)
class _Reading:
    """What ended, a batch at a time."""

    line: RetentionRow
    place: tuple[datetime, str] | None = field(default=None)

    def batches(self) -> Iterator[list[RetainedRecord]]:
        while batch := self._next():
            yield batch

    def _next(self) -> list[RetainedRecord]:
        line = self.line
        if reads := _OF_HERE.get(line.term.kind):
            records = _whose(line, reads[0](line.before, after=self.place, limit=BATCH))
            self.place = (records[-1].since, records[-1].id) if records else None
            return records
        old = ended(
            line.term.kind,
            jurisdiction=line.jurisdiction,
            before=line.before,
            after=self.place,
            limit=BATCH,
        )
        self.place = (old[-1][3], old[-1][0]) if old else None
        return [RetainedRecord(ref, pseudonym, since) for ref, pseudonym, since, _ in old]


def plan(now: datetime, *, limit: int | None = None) -> list[RetentionRow]:
    """What a run would forget, and what holds keep; changes nothing.

    limit    stop counting a kind after about so many
    """
    lines = _lines(now)
    of_complaints = [line for line in lines if line.term.kind not in _OF_HERE]
    checks = [(line.term.kind, line.jurisdiction, line.before) for line in of_complaints]
    empty = [
        line
        for line, has_ended in zip(of_complaints, any_ended(checks), strict=True)
        if not has_ended
    ]
    for line in lines:
        if line in empty:
            continue
        for batch in _Reading(line).batches():
            ready, held_back = due(batch, line.term, held_refs=_held(line, batch), now=now)
            line.due += len(ready)
            line.held += len(held_back)
            if limit is not None and line.due + line.held >= limit:
                line.capped = True
                break
    return lines


def carry_out(
    now: datetime, *, after_batch: Callable[[RetentionRow], None] | None = None
) -> list[RetentionRow]:
    """Forget what is due; how many of each kind. Killed anywhere, begin it again.

    after_batch    called after each commit, e.g. to show how far it is
    """
    lines = _lines(now)
    for line in lines:
        for batch in _Reading(line).batches():
            _forget(line, batch, now)
            if after_batch is not None:
                after_batch(line)
    with transaction.atomic():
        append([_fact("run", "", sum(line.forgotten for line in lines), now, now)], now=now)
    clear_away()
    return lines


def carry_out_daily(now: datetime) -> list[RetentionRow]:
    """The job: where the operator switched it on, once a day; two at once share the batches."""
    last = last_run(now)
    if not settings.RETENTION_DAILY or (last and now - last < timedelta(hours=23)):
        return []
    return carry_out(now)


def last_run(now: datetime) -> datetime | None:
    """When a run came to its end last, within 400 days."""
    runs = facts_on(SUBJECT, kinds=["RetentionApplied"], start=now - timedelta(days=400))
    ends = [fact.happened_at_ms for fact in runs if fact.payload["of"] == "run"]
    return from_ms(max(ends)) if ends else None


def _lines(now: datetime) -> list[RetentionRow]:
    """Kinds and packs that have a term; a notice goes by the pack of the installation."""
    term_rows = []
    for jurisdiction in jurisdictions():
        files = [
            file
            for title in ("retention", "received", "left")
            for file in rules_in_force(jurisdiction, "access", title, day_in(jurisdiction, now))
        ]
        for term in terms(files):
            if term.kind not in _OF_HERE or jurisdiction == settings.JURISDICTION:
                term_rows.append(RetentionRow(jurisdiction, term, term.before(now)))
    return term_rows


def _held(line: RetentionRow, records: list[RetainedRecord], *, lock: bool = False) -> set[str]:
    """Subscribers and records that must stay: by a hold, or an open complaint of who has left."""
    held_people = held_among((record.subscriber for record in records), lock=lock)
    if line.term.kind == "subscriber":
        # Somebody whose complaint is open waits for an answer, whether still served or not.
        return held_people | with_open([record.subscriber for record in records])
    if line.term.kind in _OF_HERE:
        return held_people
    return held_people | set(held_complaints(record.id for record in records))


def _forget(line: RetentionRow, batch: list[RetainedRecord], now: datetime) -> None:
    """One batch in one transaction, asked once more under lock."""
    ids = [record.id for record in batch]
    with transaction.atomic():
        overwrite_what_is_deleted()
        if reads := _OF_HERE.get(line.term.kind):
            mine = _whose(line, reads[1](ids, line.before))
        else:
            mine = [RetainedRecord(*row) for row in take(ids)]
        ready, held_back = due(mine, line.term, held_refs=_held(line, mine, lock=True), now=now)
        line.held += len(held_back)
        if not ready:
            return
        refs = [record.id for record in ready]
        if line.term.kind == "notice":
            forget_notices(refs)
        elif line.term.kind == "received":
            forget_received(refs, now=now)
        elif line.term.kind == "subscriber":
            _forget_people(refs, now)
        else:
            _forget_complaints(refs, now)
        append([_fact(line.term.kind, line.term.rules, len(refs), line.before, now)], now=now)
    line.due += len(refs)
    line.forgotten += len(refs)


def _forget_people(pseudonyms: list[str], now: datetime) -> None:
    """As an erasure, and on its register: an older backup that is put back must lose them too."""
    forget_left(pseudonyms, now=now)
    for pseudonym in pseudonyms:
        register_erasure(pseudonym, system(SUBJECT), now)


def _forget_complaints(refs: list[str], now: datetime) -> None:
    causes = [f"complaint:{ref}" for ref in refs]
    forget_complaints(refs, actor=system(SUBJECT), now=now)
    forget_messages(references=refs, became=causes, now=now)
    forget_reasons(causes)
    forget_memberships(refs)


def _fact(of: str, rules: str, count: int, before: datetime, now: datetime) -> Fact:
    payload: dict[str, str | int] = {
        "of": of,
        "rules": rules or "retention",
        "count": count,
        "before_ms": to_ms(before),
    }
    return Fact(
        kind="RetentionApplied",
        subscriber="",
        subject=SUBJECT,
        happened_at=now,
        source="retention",
        payload=payload,
    )
