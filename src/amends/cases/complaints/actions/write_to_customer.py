"""What somebody writes to the customer in their own words, or writes down of a call with them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from amends.cases.complaints.actions.answer import UnableToSend, refuse_gaps, send_many
from amends.cases.complaints.actions.intake import Submission
from amends.cases.complaints.actions.receive import receive
from amends.cases.complaints.actions.wait import wait_for_customer
from amends.cases.complaints.models import Complaint, Event, Reply
from amends.cases.complaints.queries.arrivals import Arrivals, arrived_since
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import Refused
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.texts import clean
from amends.work.approvals.actions.questions import ask_customer
from amends.work.approvals.actions.subject import Subject
from amends.work.casework.actions.add_note import add_note
from amends.work.casework.actions.drafts import discard_draft
from amends.work.casework.queries import ComposerMode, UnableToFillPlaceholder, placeholders_in
from amends.work.casework.queries.kinds import case_kind

WRITTEN, QUESTION = "written", "question"
"""Kinds of `Reply` that a person wrote freely."""
ANSWER_WITHIN = timedelta(days=7)
"""Time for the answer where the question states no day."""


class UnableToSendUnseen(Refused):
    """Something arrived that the writer has not seen; `arrivals` says what."""

    code = "unseen_arrived"

    def __init__(self, arrivals: Arrivals) -> None:
        self.arrivals = arrivals
        super().__init__(
            _("Something arrived since you opened this complaint."),
            meaning=_("Your reply was not sent; what you typed is saved as a draft."),
            next_step=_("Read what is new, then send it."),
        )


class UnableToWrite(Refused):
    """The actor may not write to this customer, or the complaint is closed for writing."""

    code = "unable_to_write"


def send_reply(
    ref: str, *, subject: str, text: str, seen: str, actor: Actor, now: datetime
) -> Reply:
    """Send the customer a reply in the actor's words; the actor's draft of it is gone.

    seen  the mark of what the page showed (`Arrivals.mark`); raises UnableToSendUnseen if something
          arrived since
    """
    return _send(ref, WRITTEN, ComposerMode.REPLY, subject, text, seen, actor, now)


def ask_question(
    ref: str,
    *,
    subject: str,
    text: str,
    seen: str,
    wait_until: date | None = None,
    actor: Actor,
    now: datetime,
) -> Reply:
    """Ask the customer something; with a day, the complaint waits for the answer until then."""
    with transaction.atomic():
        sent = _send(ref, QUESTION, ComposerMode.ASK, subject, text, seen, actor, now)
        last_day = wait_until or timezone.localdate(now) + ANSWER_WITHIN
        ask_customer(
            Subject(
                kind="complaint",
                key=ref,
                part=sent.id,
                title=sent.complaint.code_public,
                path=f"/desk/c/{ref}/",
            ),
            due_at=timezone.make_aware(datetime.combine(last_day, time.max)),
            brands=[sent.complaint.brand] if sent.complaint.brand else [],
            actor=actor,
            now=now,
        )
        if wait_until is not None:
            wait_for_customer(
                ref,
                until=wait_until,
                reason=" ".join(subject.split())[:300] or " ".join(text.split())[:300],
                actor=actor,
                now=now,
            )
    return sent


def log_call(
    ref: str, *, text: str, was_reached: bool, call: str, actor: Actor, now: datetime
) -> str:
    """Write down a call with the customer; what they said joins the complaint as a contact.

    words    what the customer said; or, if nobody answered, a note for colleagues
    call     names the call, so that sending it twice keeps it once

    Returns the id of the contact, or of the note.
    """
    complaint = _writable(ref, actor)
    clean_text = clean(text).strip()
    if not clean_text:
        raise UnableToSend(
            _("The note of the call is empty."),
            next_step=_("Write down what was said, in a few words."),
        )
    with transaction.atomic():
        if was_reached:
            receipt = receive(
                Submission(
                    channel="phone",
                    key=f"logged:{actor.ref}:{call}",
                    text=clean_text,
                    received_at=now,
                    thread=complaint.code_public,
                    answers=complaint.id,
                    brand=complaint.brand,
                    by=actor.ref,
                ),
                now=now,
            )
            written = receipt.contact
        else:
            written = add_note("complaint", ref, text=clean_text, actor=actor, now=now).id
        discard_draft("complaint", ref, ComposerMode.CALL, person=actor.ref)
    return written


def _send(
    ref: str,
    kind: str,
    mode: ComposerMode,
    subject: str,
    text: str,
    seen: str,
    actor: Actor,
    now: datetime,
) -> Reply:
    subject, text = " ".join(subject.split())[:200], text.strip()
    if missing := placeholders_in(f"{subject}\n{text}"):
        raise UnableToFillPlaceholder(missing)
    refuse_gaps(subject, text)
    with transaction.atomic():
        complaint = _writable(ref, actor)
        if arrivals := arrived_since(ref, actor.ref, seen):
            raise UnableToSendUnseen(arrivals)
        reply = Reply(
            complaint=complaint,
            kind=kind,
            language=complaint.language,
            drafted_at=now,
            drafted_by=actor.ref,
        )
        reply.subject, reply.body = subject, text
        reply.save(force_insert=True)
        send_many([reply], actor=actor, now=now)
        Event.objects.create(
            complaint=complaint,
            at=now,
            verb="reply_sent" if kind == WRITTEN else "question_asked",
            actor=actor.ref,
            details={"reply": reply.id},
        )
        discard_draft("complaint", ref, mode, person=actor.ref)
    return reply


def _writable(ref: str, actor: Actor) -> Complaint:
    """The complaint, locked in the caller's transaction, if the actor may work on it."""
    rows = Complaint.objects.all()
    if transaction.get_connection().in_atomic_block:
        rows = rows.select_for_update()
    complaint_row = rows.filter(id=ref).first()
    if complaint_row is None or not case_kind("complaint").workable([ref], actor):
        raise UnableToWrite(
            _("You may not write to this customer."),
            meaning=_("Nothing was sent."),
            next_step=_("Ask whoever handles the complaint."),
        )
    if complaint_row.history:
        raise UnableToWrite(
            _("This complaint was brought in as history."),
            meaning=_("Nothing was sent."),
            next_step=_("Take down a new complaint."),
        )
    return complaint_row
