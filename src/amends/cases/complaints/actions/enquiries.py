"""Enquiries: answered by a person, or taken for the complaint they turn out to be."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop as _

from amends.cases.complaints.actions.answer import ReplyDraft, answer_many, refuse_gaps
from amends.cases.complaints.actions.move import move
from amends.cases.complaints.actions.start_clocks import as_clock
from amends.cases.complaints.models import Clock, Complaint, Event, Kind, Reply
from amends.engines.decisions.deadlines import due_for_many
from amends.platform.database.rows import create, keys
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import BadInput
from amends.record.facts.fact import Fact
from amends.record.ledger.actions.append import append

MIN_CHARACTERS = 4


class UnableToAnswerEnquiry(BadInput):
    """There are no words, or it is no enquiry."""

    code = "unable_to_answer_enquiry"


def answer_enquiry(ref: str, *, text: str, actor: Actor, now: datetime) -> Reply:
    """Answer a question and close it; whoever is not content reopens it, as a complaint."""
    if len(text.strip()) < MIN_CHARACTERS:
        raise UnableToAnswerEnquiry(
            _("The answer is empty."),
            meaning=_("Nothing was sent."),
            next_step=_("Write what the user asked to know."),
        )
    refuse_gaps(text)
    with transaction.atomic():
        complaint = Complaint.objects.select_for_update().get(id=ref)
        if complaint.kind != Kind.ENQUIRY:
            raise UnableToAnswerEnquiry(
                _("This is a complaint and needs a decision."), next_step=_("Decide it.")
            )
        move(complaint, "answer_enquiry", actor=actor, now=now)
        draft = ReplyDraft(complaint, "enquiry_answer", {"answer": text.strip()})
        (letter,) = answer_many([draft], actor=actor, now=now)
    return letter


def take_as_complaints(refs: Iterable[str], *, actor: Actor, now: datetime) -> list[Complaint]:
    """Make complaints of enquiries: counted, and on the clock from the day they first came."""
    # Asked before anything is locked: a complaint never becomes an enquiry again.
    if not (named := keys(Complaint, {"id": set(refs), "kind": {Kind.ENQUIRY.value}})):
        return []
    wanted = Complaint.objects.select_for_update().filter(id__in=named, kind=Kind.ENQUIRY)
    with transaction.atomic():
        complaints = list(wanted)
        for item in complaints:
            _take(item, actor, now)
    return complaints


def _take(item: Complaint, actor: Actor, now: datetime) -> None:
    (dues,) = due_for_many(
        jurisdiction=item.jurisdiction,
        received=[item.received_at],
        urgents=[item.urgent],
        kinds=[item.code],
        provinces=[item.province],
    )
    item.kind = Kind.COMPLAINT
    create(as_clock(item.id, due_step) for due_step in dues)
    running = Clock.objects.filter(complaint=item, binding=True, met_at__isnull=True)
    first = running.order_by("due_at").first()
    if first and item.is_open:
        item.next_step, item.next_due_at = first.step, first.due_at
    item.save(update_fields=["kind", "next_step", "next_due_at"])
    Event.objects.create(complaint=item, at=now, verb="taken_as_complaint", actor=actor.ref)
    contact = item.contacts.order_by("received_at", "id").values_list("id", flat=True).first()
    append(
        [
            Fact(
                kind="ComplaintReceived",
                subscriber=item.subscriber,
                subject=item.id,
                happened_at=item.received_at,
                source="desk",
                payload={
                    "complaint": item.id,
                    "channel": item.channel,
                    "code": item.code,
                    "pack": item.jurisdiction,
                    "contact": contact or "",
                    "confidence_permille": item.confidence_permille,
                },
            )
        ],
        now=now,
    )
