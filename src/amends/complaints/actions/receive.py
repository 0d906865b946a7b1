"""Receive: any submission becomes a contact, and a complaint unless it joins an open one.

One transaction a batch: texts masked, originals sealed, class, person, deadline, rows and facts.
If a fact cannot be written, nothing of the batch is stored.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q

from amends.access.actors import Actor, system
from amends.channels.queries.contacts import opened_columns
from amends.complaints.actions.enquiries import take_as_complaints
from amends.complaints.actions.intake import Intake, prepare
from amends.complaints.actions.intake_rows import original_words, store
from amends.complaints.actions.pause_clock import user_answered
from amends.complaints.actions.reclassify import take_words
from amends.complaints.actions.redact_fields import unsaid
from amends.complaints.actions.respond import reopen
from amends.complaints.actions.submission import Receipt, Submission
from amends.complaints.models import Complaint, Contact, Kind
from amends.complaints.rules.answer_words import meaning
from amends.complaints.rules.joining import OpenComplaint, joins
from amends.complaints.rules.states import table
from amends.database.locks import advisory_lock, retry_on_deadlock
from amends.database.prepared_queries import PreparedQueryForKeys
from amends.database.rows import keys
from amends.kit.errors import UnableToReuseKey
from amends.kit.errors import gettext_noop as _

# As many as hand over at once, more or less; a file of thousands is asked about as ever.
_AT_ONCE = 4
_OPEN = PreparedQueryForKeys(
    lambda people: (
        Complaint.objects.filter(person__in=people, is_open=True, history=False)
        .order_by("received_at", "id")
        .values_list(
            "person", "id", "text_print", "contacts__text", "code", "service", "received_at",
            "brand", "code2", "kind", "code_public", "next_step", "next_due_at", "ask_for_words",
        )
    ),
    most=_AT_ONCE,
)  # fmt: skip
_NAMED = PreparedQueryForKeys(
    lambda refs: Complaint.objects.filter(id__in=refs).values_list(
        "id", "code_public", "code", "next_step", "next_due_at"
    ),
    most=_AT_ONCE,
)


def receive(submission: Submission, *, now: datetime) -> Receipt:
    """Receive one submission; see `receive_many`."""
    return receive_many([submission], now=now)[0]


def receive_many(submissions: Sequence[Submission], *, now: datetime) -> list[Receipt]:
    """Receive submissions in one transaction, in the order given; receipts in the same order.

    Submissions with `history` come in as they were: no clock, no message, no joining.
    """
    return retry_on_deadlock(lambda: receive_read(read(submissions, now=now), now=now))


@dataclass(frozen=True, slots=True)
class Read:
    """Submissions whose words were read: masked, classified, their person looked up."""

    keys: list[tuple[str, str]]
    intakes: list[Intake]


def read(submissions: Sequence[Submission], *, now: datetime) -> Read:
    """The slow part, before any transaction: nobody who writes waits for a classifier."""
    said = [unsaid(submission) for submission in submissions]
    # One that came before is told within the transaction too: for one alone that is enough.
    known = _earlier([_key(one) for one in said]) if len(said) > 1 else {}
    fresh: dict[tuple[str, str], Submission] = {}
    for one in said:
        if _key(one) not in known:
            fresh.setdefault(_key(one), one)
    intakes = prepare(list(fresh.values()), jurisdiction=settings.JURISDICTION, now=now)
    return Read([_key(one) for one in said], intakes)


def receive_read(found: Read, *, now: datetime) -> list[Receipt]:
    """Receive what was read, in one transaction; a receipt for each submission, in its order."""
    with transaction.atomic(savepoint=False):
        advisory_lock("who complains", {intake.person for intake in found.intakes})
        receipts = _earlier(found.keys)
        intakes = [intake for intake in found.intakes if intake.key not in receipts]
        open_ = _join(intakes)
        joined = {item.complaint_id for item in intakes if item.joined}
        _hold(joined)
        store(intakes, now=now)
        said = {item.complaint_id for item in intakes if item.joined and item.kind == "complaint"}
        # Who answers a letter about their question with a complaint has complained.
        enquiries = {ref for ref in said if ref not in open_ or open_[ref].kind == Kind.ENQUIRY}
        take_as_complaints(enquiries, actor=system("desk"), now=now)
        if said:
            user_answered(said, actor=system("desk"), now=now)
        unclear = {ref for ref in joined if ref not in open_ or open_[ref].ask_for_words}
        take_words(unclear, now=now)
        _reopen(intakes, now)
    receipts |= {intake.key: intake.receipt() for intake in intakes}
    return [receipts[key] for key in found.keys]


def refuse_reused_keys(submissions: Sequence[Submission], receipts: Sequence[Receipt]) -> None:
    """Raise `UnableToReuseKey` if a submission came under a key that holds other words.

    The words of a complaint that was forgotten are gone; its repeats pass.
    """
    repeats = {
        receipt.contact: said
        for said, receipt in zip(submissions, receipts, strict=True)
        if receipt.joined == "repeat"
    }
    if not repeats:
        return
    rows = list(Contact.objects.filter(id__in=repeats).exclude(original=b""))
    for row, words in zip(rows, opened_columns(rows, "original"), strict=True):
        said = repeats[row.id]
        # A number of a line nobody is known by was kept under the words; see `intake.prepare`.
        given = (said.text, f"{said.text}\n{said.about}", f"{said.text}\n{said.service}")
        if words not in {original_words(replace(said, text=text)) for text in given}:
            raise UnableToReuseKey(
                _("This idempotency key was used before with other words."),
                meaning=_("Nothing was stored; what came first stands."),
                next_step=_("Send new content under a new key."),
            )


def _hold(refs: Collection[str]) -> None:
    """Several complaints are taken in the order in which investigating takes them: who holds one
    that the other waits for never waits for one the other holds."""
    if len(refs) > 1 and connection.features.has_select_for_update:
        rows = Complaint.objects.select_for_update(no_key=True).filter(id__in=refs)
        list(rows.order_by("received_at", "id").values_list("id"))


def _reopen(intakes: Sequence[Intake], now: datetime) -> None:
    """Whoever writes again about what we closed is not heard by keeping the letter: it goes on.

    A short answer our letters ask for, or mere thanks, says nothing of the kind.
    """
    wrote = {
        item.complaint_id: item
        for item in intakes
        if item.reopens and not item.submission.silent and not meaning(item.text)
    }
    for ref, item in wrote.items():
        whose = item.subscriber.pseudonym if item.subscriber else "complainant"
        reopen(ref, words=item.text, actor=Actor("subscriber", whose), now=now)


def _key(submission: Submission) -> tuple[str, str]:
    return submission.channel, submission.key


def _earlier(wanted: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Receipt]:
    """Receipts of what was received before under the same channels and keys."""
    known = keys(
        Contact, {"channel": {one for one, _ in wanted}, "key": {one for _, one in wanted}}
    )
    if not known:
        return {}
    rows = Contact.objects.filter(id__in=known).order_by("id").values_list(
        "channel", "key", "complaint_id", "complaint__code_public", "id", "complaint__code",
        "joined_because", "complaint__next_step", "complaint__next_due_at",
    )  # fmt: skip
    return {
        (channel, key): Receipt(
            complaint, code_public, ref, "repeat", code, because == "new", step, due_at
        )
        for channel, key, complaint, code_public, ref, code, because, step, due_at in rows
    }


@dataclass(frozen=True, slots=True)
class _Open:
    """What the row of an open complaint says of it."""

    tracking_code: str
    code: str
    kind: str
    next_step: str
    next_due_at: datetime | None
    ask_for_words: bool


def _join(intakes: Sequence[Intake]) -> dict[str, _Open]:
    """Give each intake its complaint: an open one of the same person, or a new one.

    Returns the complaints of these people that were open before, by reference.
    """
    live = [intake for intake in intakes if not intake.submission.history]
    open_of, open_ = _open_complaints({intake.person for intake in live if intake.person})
    threads = _threads(live)
    made: dict[str, Intake] = {}
    for intake in live:
        said = intake.submission
        candidates = open_of.setdefault(intake.person, []) if intake.person else []
        thread = threads.get(said.answers) or threads.get(_code(said.thread))
        joined, why = "", "thread"
        if thread and _may_go_on(thread, intake):
            joined, intake.reopens = thread.ref, not thread.is_open
        if not joined:
            joined, why = joins(
                text=intake.text,
                print_=intake.text_print,
                code=intake.code,
                code2=intake.class_.code2,
                service=said.service,
                received_at=said.received_at,
                # A channel confined to one brand must not learn of a complaint of another.
                open_complaints=[
                    c for c in candidates if said.brand in ("", c.brand) and c.kind == intake.kind
                ],
            )
        if joined:
            intake.join(joined, why, made.get(joined))
        else:
            made[intake.complaint_id] = intake
            candidates.append(intake.as_open())
    _complete_joined(live, open_)
    return open_


def _open_complaints(
    people: Iterable[str],
) -> tuple[dict[str, list[OpenComplaint]], dict[str, _Open]]:
    """Person → what a new contact may join, once for each contact of it; and each complaint."""
    found: dict[str, list[OpenComplaint]] = {}
    open_: dict[str, _Open] = {}
    for (
        person,
        ref,
        print_,
        text,
        code,
        service,
        received_at,
        brand,
        code2,
        kind,
        *rest,
    ) in _OPEN.rows(set(people)):
        found.setdefault(person, []).append(
            OpenComplaint(ref, print_, text or "", code, service, received_at, brand, code2, kind)
        )
        tracking_code, *standing = rest
        open_[ref] = _Open(tracking_code, code, kind, *standing)
    return found, open_


@dataclass(frozen=True, slots=True)
class _Thread:
    """The complaint a contact names, by our reference or its tracking code."""

    ref: str
    person: str
    state: str
    is_open: bool


def _may_go_on(thread: _Thread, intake: Intake) -> bool:
    """Whether a contact that names a complaint belongs to it.

    Anybody may add to an open one. What was closed is opened again only by who complained: who
    answers our letter from where it went, or is the same person. All else is a matter of its own.
    """
    if thread.is_open:
        return True
    own = intake.submission.answers == thread.ref or thread.person == intake.person != ""
    return own and any(
        move.verb == "reopen" for move in table().moves_from(thread.state, who="subscriber")
    )


def _threads(intakes: Sequence[Intake]) -> dict[str, _Thread]:
    """Our reference or tracking code, as quoted, → the complaint it names."""
    codes = {_code(intake.submission.thread) for intake in intakes} - {""}
    refs = {intake.submission.answers for intake in intakes} - {""}
    if not codes and not refs:
        return {}
    rows = Complaint.objects.filter(Q(code_public__in=codes) | Q(id__in=refs), history=False)
    found = rows.order_by("id").values_list("code_public", "id", "person", "state", "is_open")
    named = {code: _Thread(*rest) for code, *rest in found}
    return named | {one.ref: one for one in named.values()}


def _code(text: str) -> str:
    return text.strip().upper()


def _complete_joined(intakes: Sequence[Intake], open_: Mapping[str, _Open]) -> None:
    """What a receipt says of a complaint that was open before this batch."""
    lacking = [intake for intake in intakes if intake.joined and not intake.into]
    # One that is named by its code may be somebody else's, or closed.
    named = {intake.complaint_id for intake in lacking} - open_.keys()
    known = {ref: tuple(row) for ref, *row in _NAMED.rows(named)} | {
        ref: (one.tracking_code, one.code, one.next_step, one.next_due_at)
        for ref, one in open_.items()
    }
    for intake in lacking:
        intake.tracking_code, intake.code, intake.next_step, intake.next_due_at = known[
            intake.complaint_id
        ]
