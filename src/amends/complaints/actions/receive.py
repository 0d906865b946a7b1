"""Receive: any submission becomes a contact, and a complaint unless it joins an open one.

One transaction a batch: texts masked, originals sealed, class, person, deadline, rows and facts.
If a fact cannot be written, nothing of the batch is stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from amends.complaints.actions.intake import Intake, prepare
from amends.complaints.actions.intake_rows import store
from amends.complaints.actions.unsaid import unsaid
from amends.complaints.models import Complaint, Contact
from amends.complaints.rules.joining import OpenComplaint, joins
from amends.complaints.submission import Receipt, Submission


def receive(submission: Submission, *, now: datetime) -> Receipt:
    """Receive one submission; see `receive_many`."""
    return receive_many([submission], now=now)[0]


def receive_many(submissions: Sequence[Submission], *, now: datetime) -> list[Receipt]:
    """Receive submissions in one transaction, in the order given; receipts in the same order.

    Submissions with `history` come in as they were: no clock, no message, no joining.
    """
    submissions = [unsaid(submission) for submission in submissions]
    with transaction.atomic():
        receipts = _earlier(submissions)
        intakes = prepare(
            _first_of_each_key(submissions, receipts), jurisdiction=settings.JURISDICTION, now=now
        )
        _join(intakes)
        store(intakes, now=now)
    receipts |= {intake.key: intake.receipt() for intake in intakes}
    return [receipts[_key(submission)] for submission in submissions]


def _key(submission: Submission) -> tuple[str, str]:
    return submission.channel, submission.key


def _earlier(submissions: Sequence[Submission]) -> dict[tuple[str, str], Receipt]:
    """Receipts of what was received before under the same key."""
    known = Contact.objects.filter(
        channel__in={submission.channel for submission in submissions},
        key__in={submission.key for submission in submissions},
    )
    rows = known.order_by("id").values_list(
        "channel", "key", "complaint_id", "complaint__code_public", "id", "complaint__code",
        "complaint__next_step", "complaint__next_due_at",
    )  # fmt: skip
    return {
        (channel, key): Receipt(complaint, code_public, ref, "repeat", code, step, due_at)
        for channel, key, complaint, code_public, ref, code, step, due_at in rows
    }


def _first_of_each_key(
    submissions: Sequence[Submission], known: dict[tuple[str, str], Receipt]
) -> list[Submission]:
    fresh: dict[tuple[str, str], Submission] = {}
    for submission in submissions:
        if _key(submission) not in known:
            fresh.setdefault(_key(submission), submission)
    return list(fresh.values())


def _join(intakes: Sequence[Intake]) -> None:
    """Give each intake its complaint: an open one of the same person, or a new one."""
    live = [intake for intake in intakes if not intake.submission.history]
    open_of = _open_complaints({intake.person for intake in live if intake.person})
    threads = _threads(live)
    made: dict[str, Intake] = {}
    for intake in live:
        said = intake.submission
        candidates = open_of.setdefault(intake.person, []) if intake.person else []
        joined, why = threads.get(said.answers) or threads.get(_code(said.thread), ""), "thread"
        if not joined:
            joined, why = joins(
                text=intake.text,
                print_=intake.text_print,
                code=intake.code,
                service=said.service,
                received_at=said.received_at,
                # A channel confined to one brand must not learn of a complaint of another.
                open_complaints=[c for c in candidates if said.brand in ("", c.brand)],
            )
        if joined:
            intake.join(joined, why, made.get(joined))
        else:
            made[intake.complaint_id] = intake
            candidates.append(intake.as_open())
    _complete_joined(live)


def _open_complaints(people: Iterable[str]) -> dict[str, list[OpenComplaint]]:
    found: dict[str, list[OpenComplaint]] = {}
    rows = (
        Complaint.objects.filter(person__in=list(people), is_open=True, history=False)
        .order_by("received_at", "id")
        .values_list(
            "person", "id", "text_print", "code", "service", "received_at", "brand",
            "contacts__text",
        )
    )  # fmt: skip
    for person, ref, print_, code, service, received_at, brand, text in rows:
        found.setdefault(person, []).append(
            OpenComplaint(ref, print_, text or "", code, service, received_at, brand)
        )
    return found


def _threads(intakes: Sequence[Intake]) -> dict[str, str]:
    """Our reference or tracking code, as quoted, → the complaint it names."""
    codes = {_code(intake.submission.thread) for intake in intakes} - {""}
    refs = {intake.submission.answers for intake in intakes} - {""}
    if not codes and not refs:
        return {}
    rows = Complaint.objects.filter(Q(code_public__in=codes) | Q(id__in=refs), history=False)
    named = list(rows.order_by("id").values_list("code_public", "id"))
    return dict(named) | {ref: ref for _, ref in named}


def _code(text: str) -> str:
    return text.strip().upper()


def _complete_joined(intakes: Sequence[Intake]) -> None:
    """What a receipt says of a complaint that was open before this batch."""
    lacking = {intake.complaint_id for intake in intakes if intake.joined and not intake.into}
    known = Complaint.objects.in_bulk(lacking)
    for intake in intakes:
        if intake.joined and not intake.into:
            complaint = known[intake.complaint_id]
            intake.tracking_code = complaint.code_public
            intake.code = complaint.code
            intake.next_step = complaint.next_step
            intake.next_due_at = complaint.next_due_at
