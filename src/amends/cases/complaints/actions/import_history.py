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

    def add(self, imported_messages: ImportedMessages) -> None:
        """Count what another batch brought."""
        self.contacts += imported_messages.contacts
        self.answers += imported_messages.answers
        self.known += imported_messages.known
        self.files += imported_messages.files


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
    imported_pairs = [
        (submission, receipt)
        for submission, receipt in zip(submissions, receipts, strict=True)
        if submission.messages
    ]
    if not imported_pairs:
        return ImportedMessages()
    with transaction.atomic():
        refs = sorted({receipt.complaint for _, receipt in imported_pairs})
        lock(refs)
        stored = _stored(refs)
        sorted_messages = _sorted_out(imported_pairs, stored)
        contacts = _store_contacts(sorted_messages.contacts)
        _store_letters(sorted_messages.answers)
        _note(sorted_messages, now)
    brought = ImportedMessages(
        len(sorted_messages.contacts) + sorted_messages.opening,
        len(sorted_messages.answers),
        sorted_messages.known,
    )
    brought.files = _store_files(imported_pairs, stored, contacts, now)
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
    stored = _Stored()
    for part in slices(refs, _AT_ONCE):
        contacts = Contact.objects.filter(complaint__in=part)
        stored.contacts.update(contacts.values_list("key", "id"))
        letters = Reply.objects.filter(complaint__in=part, kind=BROUGHT_IN)
        stored.letters.update(letters.values_list("id", flat=True))
        events = Event.objects.filter(complaint__in=part, verb="forgotten")
        stored.forgotten.update(events.values_list("complaint_id", flat=True))
    return stored


def _sorted_out(
    imported_pairs: Sequence[tuple[Submission, Receipt]], stored: _Stored
) -> _SortedOut:
    sorted_messages = _SortedOut()
    doubtful: list[tuple[Receipt, str, Message]] = []
    for submission, receipt in imported_pairs:
        repeated = receipt.joined == "repeat"
        if repeated:
            sorted_messages.later.add(receipt.complaint)
        for message in submission.messages:
            print_ = _print(receipt.complaint, message)
            if receipt.complaint in stored.forgotten:
                sorted_messages.known += 1
            elif message.ours:
                if print_ in stored.letters:
                    sorted_messages.known += 1
                else:
                    titled = (
                        message if message.subject else replace(message, subject=_title(submission))
                    )
                    sorted_messages.answers.append((receipt.complaint, print_, titled))
            elif print_ in stored.contacts:
                sorted_messages.known += 1
            elif repeated:
                doubtful.append((receipt, print_, message))
            elif message.opens:
                sorted_messages.opening += 1
            else:
                sorted_messages.contacts.append((receipt.complaint, print_, message))
    _sort_out_doubtful(doubtful, sorted_messages)
    return sorted_messages


def _sort_out_doubtful(
    doubtful: list[tuple[Receipt, str, Message]], sorted_messages: _SortedOut
) -> None:
    """Text that is in the first contact already, because an earlier import joined it, is known."""
    first = {receipt.contact for receipt, _, _ in doubtful}
    texts: dict[str, str] = {}
    for part in slices(sorted(first), _AT_ONCE):
        rows = list(Contact.objects.filter(id__in=part).order_by("id"))
        opened = opened_columns(rows, "original")
        texts.update((row.id, text) for row, text in zip(rows, opened, strict=True))
    for receipt, print_, message in doubtful:
        # Whole paragraphs: a short “yes” is contained in many texts by chance.
        needle = f"\n\n{whole(message.text)}\n\n"
        is_there = needle in f"\n\n{texts.get(receipt.contact, '')}\n\n"
        if is_there if message.text else message.opens:
            sorted_messages.known += 1
        else:
            sorted_messages.contacts.append((receipt.complaint, print_, message))


def _title(submission: Submission) -> str:
    """What an answer without a subject is about: what its ticket begins with."""
    return submission.text.strip().split("\n", 1)[0][:120]


def _print(complaint: str, message: Message) -> str:
    """What a message is known by: random through the complaint, so nothing can be guessed of it."""
    identity = f"{complaint}\x1f{message.ref}\x1f{message.ours}"
    return sha256(identity.encode()).hexdigest()[:32]


def _store_contacts(rows: Sequence[tuple[str, str, Message]]) -> dict[str, str]:
    """Insert contacts; print → id."""
    ids = [time_ordered_id() for _ in rows]
    texts = [_with_note(message) for _, _, message in rows]
    masked = [masked_text.text for masked_text in mask_texts([clean(text) for text in texts])]
    insert(
        Contact,
        {
            "id": ids,
            "complaint_id": [ref for ref, _, _ in rows],
            "channel": [message.channel[:16] for _, _, message in rows],
            "key": [print_ for _, print_, _ in rows],
            "received_at": [message.at for _, _, message in rows],
            "language": _languages(message for _, _, message in rows),
            "text": masked,
            "original": seal_many(_CONTACTS, "original", ids, [whole(text) for text in texts]),
            "joined_because": ["thread"] * len(rows),
            "by": ["import"] * len(rows),
        },
    )
    add(Complaint, "contacts_count", Counter(ref for ref, _, _ in rows))
    return {print_: ref for ref, (_, print_, _) in zip(ids, rows, strict=True)}


def _store_letters(rows: Sequence[tuple[str, str, Message]]) -> None:
    ids, ring = [print_ for _, print_, _ in rows], keyring()
    moments = [message.at for _, _, message in rows]
    sealed = {
        "subject_sealed": [whole(clean(message.subject)) for _, _, message in rows],
        "body_sealed": [clean(_with_note(message)) for _, _, message in rows],
    }
    insert(
        Reply,
        {
            "id": ids,
            "complaint_id": [ref for ref, _, _ in rows],
            "kind": [BROUGHT_IN] * len(rows),
            "language": _languages(message for _, _, message in rows),
            **{
                column: seal_many(_LETTERS, column, ids, texts, ring=ring)
                for column, texts in sealed.items()
            },
            "drafted_at": moments,
            "drafted_by": ["import"] * len(rows),
            "posted_at": moments,
        },
    )


def _note(sorted_messages: _SortedOut, now: datetime) -> None:
    """What was added to a complaint stored before is an event of it."""
    contacts = Counter(ref for ref, _, _ in sorted_messages.contacts)
    answers = Counter(ref for ref, _, _ in sorted_messages.answers)
    refs = sorted(sorted_messages.later & (contacts.keys() | answers.keys()))
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
    imported_pairs: Iterable[tuple[Submission, Receipt]],
    stored: _Stored,
    contacts: dict[str, str],
    now: datetime,
) -> int:
    """Files of the complainant's messages, by the way files of any contact go; how many are new.

    Killed before its end, a repeated import keeps the rest: the same bytes are kept once.
    """
    stored_count = 0
    for submission, receipt in imported_pairs:
        for message in submission.messages:
            if message.files is None or receipt.complaint in stored.forgotten:
                continue
            print_ = _print(receipt.complaint, message)
            ref = contacts.get(print_) or stored.contacts.get(print_) or receipt.contact
            before = Attachment.objects.filter(contact=ref).count()
            attach_received(ref, [NewFile(*file) for file in message.files()], now=now)
            stored_count += Attachment.objects.filter(contact=ref).count() - before
    return stored_count
