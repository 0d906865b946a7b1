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
from amends.kit.slices import slices
from amends.site.imports.same_person import PeopleOfFile
from amends.site.imports.subscriber_rows import People, Row, read_people
from amends.subscribers.actions.leave import leave, stay
from amends.subscribers.actions.register import NewSubscriber, register_many
from amends.subscribers.actions.take_over import TakenOver, take_over
from amends.subscribers.queries import (
    Lookup,
    bear_names,
    former_holders,
    identify,
    identify_many,
    of_several,
    with_another_card,
)
from amends.subscribers.views import SubscriberView

BATCH = 2_000


def import_subscribers(
    path: Path, *, rejects: Path, out: Path, now: datetime, progress: Progress
) -> FileReport:
    """Register the people of a file; `out` gets the operator's own key beside each pseudonym, of
    those who were known before, too.

    Somebody whose phone, mailbox or identity card is known already is a duplicate; where their row
    says when they left, or that they have not, that is noted, and what else it says now is taken
    over as `take_over` does. Who left and is back with another number is somebody new: what is kept
    of before ends in its time.
    """
    people, report = read_people(path, now=now, keys=out)
    out.touch(mode=0o600)  # where it cannot be written, nobody is registered
    gone = [row for row in people.rows if row.person.left_at]
    staying = [row for row in people.rows if not row.person.left_at]
    register = _Register(people, now)
    # The number of who left, or has another by now, may stand in another row as somebody else's:
    # they go first.
    for batch in batches(gone, BATCH):
        register.take(batch)
        progress(register.accepted + register.duplicates, len(people.table.rows))
    by_card = _known_by_card(staying)
    register.take_over(by_card)
    for batch in batches(staying, BATCH):
        register.take(batch)
        progress(register.accepted + register.duplicates, len(people.table.rows))
    register.take_over(
        {who: told for who, told in register.said.items() if told != by_card.get(who)}
    )
    report.accepted, report.duplicates = register.accepted, register.duplicates
    with out.open("w", encoding="utf-8", newline="") as file:
        pairs = dict.fromkeys(pair[1:] for pair in sorted(register.pairs))
        write_csv(file, ["key", "subscriber"], pairs)
    report.notes.append(_("Pseudonyms beside your keys: %(file)s.") % {"file": out})
    report.notes += register.notes()
    people.set_aside(report, rejects)
    return report


@dataclass(slots=True)
class _Register:
    """The register, as the rows of a file change it.

    pairs  line, the operator's key, pseudonym
    said   pseudonym of somebody who was known, and is served → their rows
    """

    people: People
    now: datetime
    accepted: int = 0
    duplicates: int = 0
    pairs: list[tuple[int, str, str]] = field(default_factory=list)
    said: dict[str, list[NewSubscriber]] = field(default_factory=dict)
    _of_file: PeopleOfFile = field(default_factory=PeopleOfFile)
    _names: list[str] = field(default_factory=list)
    _counts: Counter[str] = field(default_factory=Counter)
    _taken: TakenOver = field(default_factory=TakenOver)

    def take(self, batch: Sequence[Row]) -> None:
        """Register who is unknown; note of the others who has left, and who has not."""
        known = self._known(batch)
        left: dict[str, datetime] = {}
        for row, found in zip(batch, known, strict=True):
            if found is None:
                continue
            self.pairs.append((row.line, row.key, found.pseudonym))
            self.duplicates += 1
            if row.person.left_at:
                left[found.pseudonym] = row.person.left_at
            else:
                self.said.setdefault(found.pseudonym, []).append(row.person)
        self._register([row for row, found in zip(batch, known, strict=True) if found is None])
        self._counts["left"] += leave(left)

    def take_over(self, said: Mapping[str, Sequence[NewSubscriber]]) -> None:
        """Take over what these rows say now of people known."""
        for names in slices(list(said)):
            done = take_over({name: said[name] for name in names}, now=self.now)
            self._taken.changed.update(done.changed)
            self._taken.unsure |= done.unsure

    def _known(self, batch: Sequence[Row]) -> list[SubscriberView | None]:
        """Who each row speaks of, as far as they are on record."""
        told = identify_many([_lookup(row.person) for row in batch])
        known = _by_their_cards(batch, _by_their_names(batch, told))
        self._counts["others"] += known.count(None) - told.count(None)
        if "left" not in self.people.columns:
            return known
        back = [_is_back(*pair) for pair in zip(batch, known, strict=True)]
        known = [None if one == "anew" else found for one, found in zip(back, known, strict=True)]
        self._counts["stay"] += stay(
            found.pseudonym for one, found in zip(back, known, strict=True) if one and found
        )
        return known

    def _register(self, unknown: Sequence[Row]) -> None:
        """Register each person once; refuse who cannot be told from others on record."""
        shared = of_several([_lookup(row.person) for row in unknown])
        numbers: dict[int, int] = {}
        fresh: list[NewSubscriber] = []
        for row, is_shared in zip(unknown, shared, strict=True):
            if is_shared and not row.person.id_card:
                self.people.refused.append(Reject(row.line, _shared(), tuple(row.cells)))
                continue
            numbers[row.line], is_first = self._of_file.number_of(row.key, row.person)
            if is_first:
                fresh.append(row.person)
        self._names += register_many(fresh, now=self.now)
        self.pairs += [
            (row.line, row.key, self._names[numbers[row.line]])
            for row in unknown if row.line in numbers
        ]  # fmt: skip
        self.accepted += len(fresh)
        self.duplicates += len(numbers) - len(fresh)
        self._counts["nameless"] += sum(
            not any((person.phone, person.email, person.id_card)) for person in fresh
        )

    def notes(self) -> list[str]:
        """What is told of those who were known, and of those nobody will know again."""
        said = {
            "left": _("Known before, and noted now as having left: %(count)s."),
            "stay": _("Known to have left, and served now: %(count)s."),
            "others": _(
                "Registered anew, for their phone or mailbox stands on record with another "
                "identity card: %(count)s. By that phone or mailbox nobody is recognised until the "
                "register says who left."
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
            text % {"count": f"{count:,}"} for name, text in said.items()
            if (count := self._counts[name])
        ]  # fmt: skip
        if self._taken.changed:
            what = ", ".join(f"{name} {n:,}" for name, n in sorted(self._taken.changed.items()))
            found.append(_("Known before, and taken over as the file has it: %(what)s.")
                         % {"what": what})  # fmt: skip
        return found


def _known_by_card(rows: Sequence[Row]) -> dict[str, list[NewSubscriber]]:
    """Pseudonym → rows, of those served whose identity card is on record."""
    found: dict[str, list[NewSubscriber]] = {}
    for batch in batches((row for row in rows if row.person.id_card), BATCH):
        known = identify_many([Lookup(id_card=row.person.id_card) for row in batch])
        for row, whose in zip(batch, known, strict=True):
            if whose and not whose.has_left:
                found.setdefault(whose.pseudonym, []).append(row.person)
    return found


def _by_their_cards(
    batch: Sequence[Row], known: Sequence[SubscriberView | None]
) -> list[SubscriberView | None]:
    """Who is known, but for those whose number or mailbox is on record with another identity card:
    it was given out again, and they are somebody else."""
    found = [(item, one) for item, one in zip(batch, known, strict=True) if one]
    another = with_another_card([(one.pseudonym, item.person.id_card) for item, one in found])
    apart = {item.line for (item, _), is_other in zip(found, another, strict=True) if is_other}
    return [None if item.line in apart else one for item, one in zip(batch, known, strict=True)]


def _by_their_names(
    batch: Sequence[Row], told: Sequence[SubscriberView | None]
) -> list[SubscriberView | None]:
    """Who is known; where a number is one person's and the mailbox another's, whose name it says:
    numbers go from one to the other, and more than one may use a mailbox."""
    mailboxes = identify_many([Lookup(email=row.person.email) for row in batch])
    apart = [
        (row, one, other)
        for row, one, other in zip(batch, told, mailboxes, strict=True)
        if one and other and one != other and not (row.person.id_card or row.person.left_at)
    ]
    by_phone = bear_names([(one.pseudonym, row.person.name) for row, one, _ in apart])
    by_mailbox = bear_names([(other.pseudonym, row.person.name) for row, _, other in apart])
    theirs = {
        row.line: other
        for (row, _, other), first, second in zip(apart, by_phone, by_mailbox, strict=True)
        if second and not first
    }
    return [theirs.get(row.line, one) for row, one in zip(batch, told, strict=True)]


def _is_back(item: Row, found: SubscriberView | None) -> str:
    """Of a row that says they have not left, about somebody known to have: "again" as who they
    were, with their number or none, or "anew"; "" for all others.
    """
    person = item.person
    if found is None or not found.has_left or person.left_at:
        return ""
    own = found.pseudonym in former_holders(person.phone) and not identify(phone=person.phone)
    return "again" if own or not person.phone else "anew"


def _lookup(person: NewSubscriber) -> Lookup:
    """By what a row's person is known again; of one who left, whose the number was until then."""
    return Lookup(
        person.phone, person.email, "", person.id_card, person.left_at, bool(person.left_at)
    )


def _shared() -> str:
    return _(
        "its phone or mailbox belongs to several people on record: give it an identity card, or "
        "erase who stands there twice."
    )
