"""Subscribers out of a file: who they are rests sealed, under a random pseudonym."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.utils.translation import gettext as _

from amends.channels.files.exports import write_csv
from amends.channels.files.report import FileReport, Progress, batches
from amends.channels.files.tables import Reject
from amends.feeds.imports.on_record import OnRecord, on_record
from amends.feeds.imports.same_person import PersonOfFile, keys_of_two, people_of
from amends.feeds.imports.subscriber_rows import People, SubscriberRow, read_people
from amends.kit.batches import slices
from amends.subscribers.actions.mark_left import leave, stay
from amends.subscribers.actions.register import NewSubscriber, register_many
from amends.subscribers.actions.update_contacts import TakenOver, take_over
from amends.subscribers.queries import (
    Lookup,
    former_holders,
    identify,
    identify_many,
)

BATCH = 2_000


def import_subscribers(
    path: Path, *, rejects: Path, out: Path, now: datetime, progress: Progress
) -> FileReport:
    """Register the people of a file; `out` gets the operator's own key beside each pseudonym, of
    those who were known before, too.

    Somebody whose phone, mailbox or identity card is known already is a duplicate, unless another
    identity card or name says that it is somebody else's now, or too; where nothing tells whose it
    is, the row is set aside. Where a row says when they left, or that they have not, that is noted,
    and what else it says now is taken over as `take_over` does. Who left and is back with another
    number is somebody new: what is kept of before ends in its time.
    """
    people, report = read_people(path, now=now, keys=out)
    out.touch(mode=0o600)  # where it cannot be written, nobody is registered
    gone = [row for row in people.rows if row.person.left_at]
    staying = [row for row in people.rows if not row.person.left_at]
    register = _Register(people, now)
    # The number of who left, or has another by now, may stand in another row as somebody else's:
    # they go first.
    everybody = people_of(staying)
    by_card = _known_by_card(everybody)
    register.served = frozenset(by_card)
    register.take(people_of(gone), progress)
    register.take_over(by_card)
    register.take(everybody, progress)
    register.take_over(
        {who: told for who, told in register.said.items() if told != by_card.get(who)}
    )
    report.accepted, report.duplicates = register.accepted, register.duplicates
    with out.open("w", encoding="utf-8", newline="") as file:
        write_csv(file, ["key", "subscriber"], register.keys(), for_spreadsheet=False)
    report.notes.append(_("Pseudonyms beside your keys: %(file)s.") % {"file": out})
    report.notes += register.notes(out)
    people.set_aside(report, rejects)
    return report


@dataclass(slots=True)
class _Register:
    """The register, as the rows of a file change it.

    pairs   line, the operator's key, pseudonym
    said    pseudonym of somebody who was known, and is served → their rows
    served  who has not left, by the identity card in a row, whatever another row says of a former
            contract
    """

    people: People
    now: datetime
    accepted: int = 0
    duplicates: int = 0
    pairs: list[tuple[int, str, str]] = field(default_factory=list)
    said: dict[str, list[NewSubscriber]] = field(default_factory=dict)
    served: frozenset[str] = frozenset()
    _counts: Counter[str] = field(default_factory=Counter)
    _taken: TakenOver = field(default_factory=TakenOver)

    def take(self, everybody: Sequence[PersonOfFile], progress: Progress) -> None:
        """Register who is unknown; note of the others who has left, and who has not."""
        told = on_record(everybody)
        for batch in batches(everybody, BATCH):
            if "left" in self.people.columns:
                self._note_who_is_back(batch, told)
            self._note([row for person in batch for row in person.rows], told)
            self._register(batch, told)
            progress(self.accepted + self.duplicates, len(self.people.table.rows))

    def _note_who_is_back(self, batch: Sequence[PersonOfFile], told: OnRecord) -> None:
        """Note who is served and was known to have left; who has another number by now is known no
        more."""
        again: set[str] = set()
        for person in batch:
            for found, rows in _who_left(person, told).items():
                if _has_old_number(found, rows):
                    again.add(found)
                else:
                    for row in rows:
                        del told.known[row.line]
        self._counts["stay"] += stay(again, now=self.now)

    def _note(self, rows: Sequence[SubscriberRow], told: OnRecord) -> None:
        """Note of people known who has left; keep what is said of the others."""
        left: dict[str, datetime] = {}
        for row in rows:
            if (found := told.known.get(row.line)) is None:
                continue
            self.pairs.append((row.line, row.key, found.pseudonym))
            self.duplicates += 1
            if row.person.left_at and found.pseudonym in self.served:
                continue
            if row.person.left_at:
                left[found.pseudonym] = row.person.left_at
            else:
                self.said.setdefault(found.pseudonym, []).append(row.person)
        self._counts["left"] += leave(left)

    def _register(self, batch: Sequence[PersonOfFile], told: OnRecord) -> None:
        """Register each person once; refuse the rows of which nothing tells whom they mean."""
        fresh: list[tuple[PersonOfFile, list[SubscriberRow]]] = []
        for person in batch:
            rows = [row for row in person.rows if row.line not in told.known]
            for row in rows:
                if why := told.unclear.get(row.line):
                    self.people.refused.append(Reject(row.line, _unclear(why), tuple(row.cells)))
            if rows := [row for row in rows if row.line not in told.unclear]:
                fresh.append((person, rows))
        names = register_many([person.as_told_by(rows) for person, rows in fresh], now=self.now)
        for pseudonym, (_person, rows) in zip(names, fresh, strict=True):
            self.pairs += [(row.line, row.key, pseudonym) for row in rows]
            self.duplicates += len(rows) - 1
            self._counts["others"] += any(row.line in told.others for row in rows)
            self._counts["nameless"] += not any(
                (row.person.phone or row.person.email or row.person.id_card) for row in rows
            )
        self.accepted += len(fresh)

    def keys(self) -> list[tuple[str, str]]:
        """The operator's key and pseudonym of each row, in order; without keys of two people."""
        whose: dict[str, set[str]] = {}
        for _line, key, pseudonym in self.pairs:
            whose.setdefault(key, set()).add(pseudonym)
        apart = {key for key, some in whose.items() if len(some) > 1}
        rows = (row for row in (*self.people.rows, *self.people.unread) if row.key in whose)
        left_out = keys_of_two(rows, apart)
        self._counts["keys"] = len(left_out)
        return list(dict.fromkeys(
            (key, pseudonym) for _, key, pseudonym in sorted(self.pairs) if key not in left_out
        ))  # fmt: skip

    def take_over(self, said: Mapping[str, Sequence[NewSubscriber]]) -> None:
        """Take over what these rows say now of people known."""
        for names in slices(list(said)):
            done = take_over({name: said[name] for name in names}, now=self.now)
            self._taken.changed.update(done.changed)
            self._taken.unsure |= done.unsure

    def notes(self, out: Path) -> list[str]:
        """What is told of those who were known, and of those nobody will know again."""
        said = {
            "left": _("Known before, and noted now as having left: %(count)s."),
            "stay": _("Known to have left, and served now: %(count)s."),
            "others": _(
                "Registered anew, for their phone or mailbox is somebody else's too, who has "
                "another identity card or name: %(count)s. By that phone or mailbox nobody is "
                "recognised until the register says who left."
            ),
            "keys": _(
                "Keys of yours that stand for two people, or do not say that it is one: %(count)s. "
                "They are left out of %(file)s: give each person a key of their own."
            ),
            "nameless": _(
                "Without phone, mailbox and identity card, and registered anew by the next file: "
                "%(count)s."
            ),
            "unsure": _(
                "Known by number or mailbox alone, and with other details now, which are not taken "
                "over: %(count)s. Give their identity card, or the name on record."
            ),
        }
        self._counts["unsure"] = len(self._taken.unsure)
        found = [
            text % {"count": f"{count:,}", "file": out} for name, text in said.items()
            if (count := self._counts[name])
        ]  # fmt: skip
        if self._taken.changed:
            what = ", ".join(f"{name} {n:,}" for name, n in sorted(self._taken.changed.items()))
            found.append(_("Known before, and taken over as the file has it: %(what)s.")
                         % {"what": what})  # fmt: skip
        return found


def _known_by_card(everybody: Sequence[PersonOfFile]) -> dict[str, list[NewSubscriber]]:
    """Pseudonym → rows, of those served whose identity card is on record."""
    found: dict[str, list[NewSubscriber]] = {}
    for batch in batches((person for person in everybody if person.id_card), BATCH):
        known = identify_many([Lookup(id_card=person.id_card) for person in batch])
        for person, whose in zip(batch, known, strict=True):
            if whose and not whose.has_left:
                some = found.setdefault(whose.pseudonym, [])
                some += [row.person for row in person.rows if row.line in person.telling()]
    return found


def _who_left(person: PersonOfFile, told: OnRecord) -> dict[str, list[SubscriberRow]]:
    """Pseudonym → rows that say they are served, of who is known to have left."""
    found: dict[str, list[SubscriberRow]] = {}
    for row in person.rows:
        known = told.known.get(row.line)
        if known and known.has_left and not row.person.left_at:
            found.setdefault(known.pseudonym, []).append(row)
    return found


def _has_old_number(whose: str, rows: Sequence[SubscriberRow]) -> bool:
    """Whether who left is said to have the number of then, which nobody else has, or none."""
    phones = {row.person.phone for row in rows if row.person.phone}
    return not phones or any(
        whose in former_holders(phone) and not identify(phone=phone) for phone in phones
    )


def _unclear(why: str) -> str:
    if why == "crossed":
        return _(
            "its phone is one person's and its mailbox another's, and nothing tells which of them "
            "it is: give it their identity card or whole name."
        )
    return _(
        "its phone or mailbox belongs to several people, and nothing tells which of them it is: "
        "give it their identity card or whole name, or erase who stands on record twice."
    )
