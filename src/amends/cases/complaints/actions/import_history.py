"""Bring in: what was written to and fro under a ticket of another desk, as history.

The complainant's messages become contacts, the desk's answers letters that were sent, each at its
own time. Nothing leaves, no clock moves, no fact is stated: the complaint was received once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256

from django.conf import settings
from django.db import transaction

from amends.cases.complaints.actions.attach import NewFile, attach_received
from amends.cases.complaints.actions.intake import Message, Receipt, Submission
from amends.cases.complaints.actions.retention_due import lock
from amends.cases.complaints.models import (
    BROUGHT_IN,
    Attachment,
    Complaint,
    Contact,
    Event,
    Reply,
)
from amends.channels.queries.contacts import opened_columns
from amends.platform.database.rows import add, insert
from amends.platform.kit.batches import slices
from amends.platform.kit.ids import time_ordered_id
from amends.platform.kit.languages import languages_of
from amends.platform.kit.texts import clean, whole
from amends.platform.vault.keys import keyring
from amends.platform.vault.recognisers import mask_texts
from amends.platform.vault.sealing import seal_many

_CONTACTS, _LETTERS = Contact._meta.db_table, Reply._meta.db_table
_AT_ONCE = 500


@dataclass(slots=True)
class ImportedMessages:
    """What became of messages: kept as contacts or as answers, or `known` before; files kept."""

    contacts: int = 0
    answers: int = 0
    known: int = 0
    files: int = 0

    def add(self, other: ImportedMessages) -> None:
        """Count what another batch brought."""
        self.contacts += other.contacts
        self.answers += other.answers
        self.known += other.known
        self.files += other.files


@dataclass(slots=True)
class _Stored:
    """What is kept of these complaints already, by the print of each message."""

    contacts: dict[str, str] = field(default_factory=dict)
    letters: set[str] = field(default_factory=set)
    forgotten: set[str] = field(default_factory=set)


def bring_in(
    submissions: Sequence[Submission], receipts: Sequence[Receipt], *, now: datetime
) -> ImportedMessages:
    """Keep the messages of submissions that were received; what is kept already stays as it is.

    A complaint known from before gets what it lacks, once. To one that was forgotten nothing is
    added: its person asked to be forgotten, or its term has ended.
    """
    given = [
        (said, receipt)
        for said, receipt in zip(submissions, receipts, strict=True)
        if said.messages
    ]
    if not given:
        return ImportedMessages()
    with transaction.atomic():
        refs = sorted({receipt.complaint for _, receipt in given})
        lock(refs)
        stored = _stored(refs)
        found = _sorted_out(given, stored)
        contacts = _store_contacts(found.contacts)
        _store_letters(found.answers)
        _note(found, now)
    brought = ImportedMessages(len(found.contacts) + found.opening, len(found.answers), found.known)
    brought.files = _store_files(given, stored, contacts, now)
    return brought


@dataclass(slots=True)
class _SortedOut:
    """Messages to keep, each with its complaint and its print.

    later    complaints stored before
    opening  messages whose words stand in the first contact
    """

    contacts: list[tuple[str, str, Message]] = field(default_factory=list)
    answers: list[tuple[str, str, Message]] = field(default_factory=list)
    later: set[str] = field(default_factory=set)
    opening: int = 0
    known: int = 0


def _stored(refs: Sequence[str]) -> _Stored:
    found = _Stored()
    for part in slices(refs, _AT_ONCE):
        contacts = Contact.objects.filter(complaint__in=part)
        found.contacts.update(contacts.values_list("key", "id"))
        letters = Reply.objects.filter(complaint__in=part, kind=BROUGHT_IN)
        found.letters.update(letters.values_list("id", flat=True))
        events = Event.objects.filter(complaint__in=part, verb="forgotten")
        found.forgotten.update(events.values_list("complaint_id", flat=True))
    return found


def _sorted_out(given: Sequence[tuple[Submission, Receipt]], stored: _Stored) -> _SortedOut:
    found = _SortedOut()
    doubtful: list[tuple[Receipt, str, Message]] = []
    for said, receipt in given:
        repeated = receipt.joined == "repeat"
        if repeated:
            found.later.add(receipt.complaint)
        for message in said.messages:
            print_ = _print(receipt.complaint, message)
            if receipt.complaint in stored.forgotten:
                found.known += 1
            elif message.ours:
                if print_ in stored.letters:
                    found.known += 1
                else:
                    titled = message if message.subject else replace(message, subject=_title(said))
                    found.answers.append((receipt.complaint, print_, titled))
            elif print_ in stored.contacts:
                found.known += 1
            elif repeated:
                doubtful.append((receipt, print_, message))
            elif message.opens:
                found.opening += 1
            else:
                found.contacts.append((receipt.complaint, print_, message))
    _sort_out_doubtful(doubtful, found)
    return found


def _sort_out_doubtful(doubtful: list[tuple[Receipt, str, Message]], found: _SortedOut) -> None:
    """Text that is in the first contact already, because an earlier import joined it, is known."""
    first = {receipt.contact for receipt, _, _ in doubtful}
    words: dict[str, str] = {}
    for part in slices(sorted(first), _AT_ONCE):
        rows = list(Contact.objects.filter(id__in=part).order_by("id"))
        opened = opened_columns(rows, "original")
        words.update((row.id, text) for row, text in zip(rows, opened, strict=True))
    for receipt, print_, message in doubtful:
        # Whole paragraphs: a short “yes” is contained in many texts by chance.
        said = f"\n\n{whole(message.text)}\n\n"
        is_there = said in f"\n\n{words.get(receipt.contact, '')}\n\n"
        if is_there if message.text else message.opens:
            found.known += 1
        else:
            found.contacts.append((receipt.complaint, print_, message))


def _title(said: Submission) -> str:
    """What an answer without a subject is about: what its ticket begins with."""
    return said.text.strip().split("\n", 1)[0][:120]


def _print(complaint: str, message: Message) -> str:
    """What a message is known by: random through the complaint, so nothing can be guessed of it."""
    said = f"{complaint}\x1f{message.ref}\x1f{message.ours}"
    return sha256(said.encode()).hexdigest()[:32]


def _store_contacts(kept: Sequence[tuple[str, str, Message]]) -> dict[str, str]:
    """Insert contacts; print → id."""
    ids = [time_ordered_id() for _ in kept]
    words = [_with_note(message) for _, _, message in kept]
    masked = [found.text for found in mask_texts([clean(text) for text in words])]
    insert(
        Contact,
        {
            "id": ids,
            "complaint_id": [ref for ref, _, _ in kept],
            "channel": [message.channel[:16] for _, _, message in kept],
            "key": [print_ for _, print_, _ in kept],
            "received_at": [message.at for _, _, message in kept],
            "language": _languages(message for _, _, message in kept),
            "text": masked,
            "original": seal_many(_CONTACTS, "original", ids, [whole(text) for text in words]),
            "joined_because": ["thread"] * len(kept),
            "by": ["import"] * len(kept),
        },
    )
    add(Complaint, "contacts_count", Counter(ref for ref, _, _ in kept))
    return {print_: ref for ref, (_, print_, _) in zip(ids, kept, strict=True)}


def _store_letters(kept: Sequence[tuple[str, str, Message]]) -> None:
    ids, ring = [print_ for _, print_, _ in kept], keyring()
    moments = [message.at for _, _, message in kept]
    sealed = {
        "subject_sealed": [whole(clean(message.subject)) for _, _, message in kept],
        "body_sealed": [clean(_with_note(message)) for _, _, message in kept],
    }
    insert(
        Reply,
        {
            "id": ids,
            "complaint_id": [ref for ref, _, _ in kept],
            "kind": [BROUGHT_IN] * len(kept),
            "language": _languages(message for _, _, message in kept),
            **{
                column: seal_many(_LETTERS, column, ids, texts, ring=ring)
                for column, texts in sealed.items()
            },
            "drafted_at": moments,
            "drafted_by": ["import"] * len(kept),
            "posted_at": moments,
        },
    )


def _note(found: _SortedOut, now: datetime) -> None:
    """What was added to a complaint stored before is an event of it."""
    contacts = Counter(ref for ref, _, _ in found.contacts)
    answers = Counter(ref for ref, _, _ in found.answers)
    refs = sorted(found.later & (contacts.keys() | answers.keys()))
    insert(
        Event,
        {
            "id": [time_ordered_id() for _ in refs],
            "complaint_id": refs,
            "at": [now] * len(refs),
            "verb": ["history_added"] * len(refs),
            "actor": ["import"] * len(refs),
            "details": [{"contacts": contacts[ref], "answers": answers[ref]} for ref in refs],
        },
    )


def _languages(messages: Iterable[Message]) -> list[str]:
    texts = [message.text for message in messages]
    return languages_of(texts, expected=settings.CUSTOMER_LANGUAGES)


def _with_note(message: Message) -> str:
    return f"{message.text}\n\n{message.noted}".strip()


def _store_files(
    given: Iterable[tuple[Submission, Receipt]],
    stored: _Stored,
    contacts: dict[str, str],
    now: datetime,
) -> int:
    """Files of the complainant's messages, by the way files of any contact go; how many are new.

    Killed before its end, a repeated import keeps the rest: the same bytes are kept once.
    """
    kept = 0
    for said, receipt in given:
        for message in said.messages:
            if message.files is None or receipt.complaint in stored.forgotten:
                continue
            print_ = _print(receipt.complaint, message)
            ref = contacts.get(print_) or stored.contacts.get(print_) or receipt.contact
            before = Attachment.objects.filter(contact=ref).count()
            attach_received(ref, [NewFile(*file) for file in message.files()], now=now)
            kept += Attachment.objects.filter(contact=ref).count() - before
    return kept
