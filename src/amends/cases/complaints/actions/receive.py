"""Receive: any submission becomes a contact, and a complaint unless it joins an open one.

One transaction a batch: texts masked, originals sealed, class, person, deadline, rows and facts.
If a fact cannot be written, nothing of the batch is stored.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction

from amends.cases.complaints.actions.enquiries import take_as_complaints
from amends.cases.complaints.actions.intake import (
    Intake,
    Receipt,
    Submission,
    join,
    original_words,
    prepare,
    redact_submission,
    store,
)
from amends.cases.complaints.actions.pause_clock import user_answered
from amends.cases.complaints.actions.reclassify import reclassify_by_words
from amends.cases.complaints.actions.respond import reopen
from amends.cases.complaints.models import Complaint, Contact, Kind
from amends.cases.complaints.rules.answer_words import meaning
from amends.channels.queries.contacts import opened_columns
from amends.platform.database.locks import advisory_lock, retry_on_deadlock
from amends.platform.database.rows import keys
from amends.platform.kit.actors import Actor, system
from amends.platform.kit.errors import UnableToReuseKey
from amends.platform.kit.errors import gettext_noop as _
from amends.work.casework.actions.follow_up import customer_wrote
from amends.work.casework.actions.notify import notify_interested
from amends.work.casework.queries import NotificationKind


def receive(submission: Submission, *, now: datetime) -> Receipt:
    """Receive one submission; see `receive_many`."""
    return receive_many([submission], now=now)[0]


def receive_many(submissions: Sequence[Submission], *, now: datetime) -> list[Receipt]:
    """Receive submissions in one transaction, in the order given; receipts in the same order.

    Submissions with `history` come in as they were: no clock, no message, no joining.
    """
    return retry_on_deadlock(lambda: receive_read(read(submissions, now=now), now=now))


@dataclass(frozen=True, slots=True)
class PreparedSubmissions:
    """Submissions whose words were read: masked, classified, their person looked up."""

    keys: list[tuple[str, str]]
    intakes: list[Intake]


def read(submissions: Sequence[Submission], *, now: datetime) -> PreparedSubmissions:
    """The slow part, before any transaction: nobody who writes waits for a classifier."""
    redacted = [redact_submission(submission) for submission in submissions]
    # A single complaint is found within the transaction, which is enough.
    earlier_keys = (
        _earlier([_key(submission) for submission in redacted]) if len(redacted) > 1 else {}
    )
    fresh: dict[tuple[str, str], Submission] = {}
    for redacted_submission in redacted:
        if _key(redacted_submission) not in earlier_keys:
            fresh.setdefault(_key(redacted_submission), redacted_submission)
    intakes = prepare(list(fresh.values()), jurisdiction=settings.JURISDICTION, now=now)
    return PreparedSubmissions([_key(submission) for submission in redacted], intakes)


def receive_read(read: PreparedSubmissions, *, now: datetime) -> list[Receipt]:
    """Receive what was read, in one transaction; a receipt for each submission, in its order."""
    with transaction.atomic(savepoint=False):
        advisory_lock("who complains", {intake.person for intake in read.intakes})
        receipts = _earlier(read.keys)
        intakes = [intake for intake in read.intakes if intake.key not in receipts]
        open_ = join(intakes)
        joined = {item.complaint_id for item in intakes if item.joined}
        _hold(joined)
        store(intakes, now=now)
        joined_refs = {
            item.complaint_id for item in intakes if item.joined and item.kind == "complaint"
        }
        # Who answers a letter about their question with a complaint has complained.
        enquiries = {
            ref for ref in joined_refs if ref not in open_ or open_[ref].kind == Kind.ENQUIRY
        }
        take_as_complaints(enquiries, actor=system("desk"), now=now)
        if joined_refs:
            user_answered(joined_refs, actor=system("desk"), now=now)
            customer_wrote("complaint", joined_refs, now=now)
        _notify_joined(intakes, now)
        unclear = {ref for ref in joined if ref not in open_ or open_[ref].ask_for_words}
        reclassify_by_words(unclear, now=now)
        _reopen(intakes, now)
    receipts |= {intake.key: intake.receipt() for intake in intakes}
    return [receipts[key] for key in read.keys]


def refuse_reused_keys(submissions: Sequence[Submission], receipts: Sequence[Receipt]) -> None:
    """Raise `UnableToReuseKey` if a submission came under a key that holds other words.

    The words of a complaint that was forgotten are gone; its repeats pass.
    """
    repeats = {
        receipt.contact: submission
        for submission, receipt in zip(submissions, receipts, strict=True)
        if receipt.joined == "repeat"
    }
    if not repeats:
        return
    rows = list(Contact.objects.filter(id__in=repeats).exclude(original=b""))
    for row, original_text in zip(rows, opened_columns(rows, "original"), strict=True):
        submission = repeats[row.id]
        # The number of an unknown line was stored with the text; see `prepare`.
        texts = (
            submission.text,
            f"{submission.text}\n{submission.about}",
            f"{submission.text}\n{submission.service}",
        )
        if original_text not in {original_words(replace(submission, text=text)) for text in texts}:
            raise UnableToReuseKey(
                _("This idempotency key was used before with another text."),
                meaning=_("Nothing was stored; the first one applies."),
                next_step=_("Send new content under a new key."),
            )


def _hold(refs: Collection[str]) -> None:
    """Several complaints are taken in the order in which investigating takes them: who holds one
    that the other waits for never waits for one the other holds."""
    if len(refs) > 1 and connection.features.has_select_for_update:
        rows = Complaint.objects.select_for_update(no_key=True).filter(id__in=refs)
        list(rows.order_by("received_at", "id").values_list("id"))


def _reopen(intakes: Sequence[Intake], now: datetime) -> None:
    """A letter about a closed complaint continues that complaint.

    A short answer our letters ask for, or mere thanks, says nothing of the kind.
    """
    wrote = {
        item.complaint_id: item
        for item in intakes
        if item.reopens and not item.submission.silent and not meaning(item.text)
    }
    for ref, item in wrote.items():
        person = item.subscriber.pseudonym if item.subscriber else "complainant"
        reopen(ref, text=item.text, actor=Actor("subscriber", person), now=now)


def _notify_joined(intakes: Sequence[Intake], now: datetime) -> None:
    """Whoever handles or watches a complaint learns that its customer wrote again."""
    wrote = {item.complaint_id: item.submission.by for item in intakes if item.joined}
    notify_interested("complaint", wrote, NotificationKind.CUSTOMER_WROTE, now=now)


def _key(submission: Submission) -> tuple[str, str]:
    return submission.channel, submission.key


def _earlier(wanted: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Receipt]:
    """Receipts of what was received before under the same channels and keys."""
    earlier_ids = keys(
        Contact,
        {
            "channel": {pair_part for pair_part, _ in wanted},
            "key": {contact_key for _, contact_key in wanted},
        },
    )
    if not earlier_ids:
        return {}
    rows = (
        Contact.objects.filter(id__in=earlier_ids)
        .order_by("id")
        .values_list(
            "channel",
            "key",
            "complaint_id",
            "complaint__code_public",
            "id",
            "complaint__code",
            "joined_because",
            "complaint__next_step",
            "complaint__next_due_at",
        )
    )
    return {
        (channel, key): Receipt(
            complaint=complaint,
            tracking_code=code_public,
            contact=ref,
            joined="repeat",
            code=code,
            opened=because == "new",
            next_step=step,
            due_at=due_at,
        )
        for channel, key, complaint, code_public, ref, code, because, step, due_at in rows
    }
