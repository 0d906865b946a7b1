"""A written “yes” or “no” to our letter does what the button on the status page does."""

from __future__ import annotations

from datetime import datetime

from amends.cases.complaints.actions.respond import accept, answer_outcome, refuse
from amends.cases.complaints.models import Complaint
from amends.cases.complaints.rules.answer_words import meaning
from amends.people.subscribers.queries import identify
from amends.platform.kit.actors import Actor

_PROPOSED = frozenset({"proposed", "lapsed"})
_DONE = frozenset({"resolved", "closed_unconfirmed"})


def is_answer(text: str) -> bool:
    """Whether the words are one of the short answers our letters ask for, and nothing else."""
    return meaning(text) != ""


def answer_by_words(ref: str, text: str, *, sender: str, now: datetime) -> str:
    """Take a short answer that came from the address our letter went to; what it meant, or "".

    sender  that address or number; where the subscriber is known it must be a contact on record,
            since anybody could have typed another

    An answer that fits no open question changes nothing: a person reads it on the complaint page.
    """
    answer_kind = meaning(text)
    complaint = Complaint.objects.get(id=ref)
    if complaint.subscriber and not _is_contact_of(complaint.subscriber, sender):
        return ""
    actor = Actor("subscriber", complaint.subscriber or "complainant")
    if answer_kind == "accept" and complaint.state in _PROPOSED:
        accept(ref, actor=actor, now=now)
    elif answer_kind == "refuse" and complaint.state in _PROPOSED:
        refuse(ref, text=text, actor=actor, now=now)
    elif answer_kind in ("solved", "not_solved") and complaint.state in _DONE:
        answer_outcome(ref, answer=answer_kind, text=text, actor=actor, now=now)
    else:
        return ""
    return answer_kind


def _is_contact_of(subscriber: str, sender: str) -> bool:
    sender_person = identify(email=sender) if "@" in sender else identify(phone=sender)
    return sender_person is not None and sender_person.pseudonym == subscriber
