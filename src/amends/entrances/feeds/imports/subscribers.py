"""Subscribers out of a register: who they are rests sealed, under a random pseudonym."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path

from django.utils.translation import gettext as _

from amends.entrances.feeds.imports.matching import REASONS, Matching
from amends.entrances.feeds.imports.people_of_file import PersonOfFile
from amends.entrances.feeds.imports.subscriber_rows import read_people
from amends.people.subscribers.actions.mark_left import leave
from amends.people.subscribers.actions.register import NewSubscriber, register_many
from amends.people.subscribers.actions.update_contacts import LABELS, take_over
from amends.platform.tabular.exports import write_csv
from amends.platform.tabular.report import FileReport, Progress, batches
from amends.platform.tabular.tables import Reject

BATCH = 2_000


def import_subscribers(
    path: Path, *, rejects: Path, out: Path, now: datetime, progress: Progress
) -> FileReport:
    """Register the people of a file, and take over what it says now of those on record.

    `out` gets the operator's own key beside the pseudonym of each row. Rows of which nothing tells
    whom they mean are set aside with their reason.
    """
    people, report = read_people(path, now=now)
    out.touch(mode=0o600)  # where it cannot be written, nobody is registered
    matching = Matching(people.rows, tells_leaving="left" in people.columns)
    for person in matching.people:
        if person.why_not:
            why = _(REASONS[person.why_not])
            people.refused.extend(Reject(row.line, why, tuple(row.cells)) for row in person.rows)
    accepted_people = [person for person in matching.people if not person.why_not]
    known_people = [person for person in accepted_people if person.known]
    # The number of who left, or has another by now, may be somebody else's: they go first.
    notes = _note_leaving(matching) + _take_over(matching, known_people, now)
    report.duplicates = sum(len(person.rows) for person in known_people)
    for batch in batches((person for person in accepted_people if not person.known), BATCH):
        names = register_many([person.as_new_subscriber() for person in batch], now=now)
        for person, pseudonym in zip(batch, names, strict=True):
            person.known = pseudonym
            report.duplicates += len(person.rows) - 1
        report.accepted += len(batch)
        progress(report.accepted + report.duplicates, len(people.table.rows))
    keys = sorted(
        (row.line, row.key, person.known) for person in accepted_people for row in person.rows
    )
    with out.open("w", encoding="utf-8", newline="") as file:
        rows = dict.fromkeys((key, pseudonym) for _line, key, pseudonym in keys)
        write_csv(file, ["key", "subscriber"], rows, for_spreadsheet=False)
    report.notes.append(_("Pseudonyms beside your keys: %(file)s.") % {"file": out})
    report.notes += notes
    people.set_aside(report, rejects)
    return report


def _note_leaving(matching: Matching) -> list[str]:
    newly = sum(leave(dict(batch)) for batch in batches(matching.leaving.items(), BATCH))
    note = _("Known before, and noted now as having left: %(count)s.")
    return [note % {"count": f"{newly:,}"}] if newly else []


def _take_over(matching: Matching, known_people: list[PersonOfFile], now: datetime) -> list[str]:
    """Take over what is said of those on record; of one known by number or mailbox alone no more
    than labels, for it may be somebody else's by now."""
    updates: dict[str, NewSubscriber] = {}
    unsure: set[str] = set()
    for person in known_people:
        pseudonym = person.known
        if person.is_sure and (person.left_at or matching.stays_away(pseudonym)):
            updates[pseudonym] = NewSubscriber(
                customer_keys=person.as_new_subscriber().customer_keys
            )
        elif person.is_sure:
            mailbox = next(iter(matching.record.have(pseudonym, "email")), "")
            updates[pseudonym] = person.as_new_subscriber(mailbox)
        elif not (
            matching.is_known_surely(pseudonym) or person.left_at or matching.stays_away(pseudonym)
        ):
            details = person.as_new_subscriber()
            updates[pseudonym] = NewSubscriber(**{name: getattr(details, name) for name in LABELS})
            if any(
                set(person.marks(name)) - matching.record.have(pseudonym, name)
                for name in ("phone", "email", "id_card")
            ):
                unsure.add(pseudonym)
    back = {
        pseudonym
        for pseudonym in updates
        if matching.is_back(pseudonym) and pseudonym not in matching.leaving
    }
    change_counts: Counter[str] = Counter()
    for batch in batches(updates.items(), BATCH):
        change_counts += take_over(dict(batch), now=now, back=back)
    returned, _same = change_counts.pop("status", 0), change_counts.pop("left_at", 0)
    counts = {
        _("Known to have left, and served now: %(count)s."): returned,
        _(
            "Known by number or mailbox alone, and with other details now, which are not taken "
            "over: %(count)s. Give the customer's key or identity card."
        ): len(unsure),
    }
    notes = [text % {"count": f"{count:,}"} for text, count in counts.items() if count]
    if change_counts:
        what = ", ".join(f"{name} {count:,}" for name, count in sorted(change_counts.items()))
        notes.append(
            _("Known before, and taken over as the file has it: %(what)s.") % {"what": what}
        )
    return notes
