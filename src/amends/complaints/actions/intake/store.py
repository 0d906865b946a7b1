"""Writing prepared submissions: complaints, contacts, clocks, facts, all or nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings

from amends.channels.queries.capabilities import reached_by
from amends.complaints.actions.intake.prepare import Intake
from amends.complaints.actions.intake.submission import Submission
from amends.complaints.models import Clock, Complainant, Complaint, Contact, Event, Identity, Kind
from amends.complaints.rules.states import table
from amends.database.rows import add, insert
from amends.decisions.clocks import ANSWER
from amends.facts.fact import Fact
from amends.kit.ids import time_ordered_id
from amends.kit.periods import to_ms
from amends.kit.texts import whole
from amends.ledger.actions.append import append
from amends.vault.keys import keyring
from amends.vault.sealing import seal_many

_CONTACTS = "complaints_contact"
_COMPLAINANTS = "complaints_complainant"
_CONTACT_FIELDS = ("name", "phone", "email")


def store(intakes: Sequence[Intake], *, now: datetime) -> None:
    """Write the rows and the `ComplaintReceived` facts; the caller holds the transaction."""
    new = [item for item in intakes if not item.joined]
    rows = [_complaint(item, now) for item in new]
    insert(Complaint, {name: [row[name] for row in rows] for name in rows[0]} if rows else {})
    _store_complainants(new)
    _store_contacts(intakes)
    _store_clocks(new)
    _note_joined([item for item in intakes if item.joined], now)
    complaints = [item for item in new if item.kind == Kind.COMPLAINT]
    append([_received(item) for item in complaints], now=now)


def _complaint(item: Intake, now: datetime) -> dict[str, Any]:
    said, known = item.submission, item.subscriber
    state = said.state if said.history and said.state else "received"
    return {
        "id": item.complaint_id,
        "code_public": item.tracking_code,
        "kind": item.kind,
        "channel": said.channel,
        "language": said.language or item.class_.language,
        "jurisdiction": settings.JURISDICTION,
        "province": said.province or (known.province if known else ""),
        "area": known.area if known else said.place,
        "brand": said.brand or (known.brand if known else ""),
        "subscriber": known.pseudonym if known else "",
        "person": item.person,
        "person_shown": item.person_shown[:64],
        "on_behalf": said.on_behalf,
        "identity": (Identity.VERIFIED if said.identity else Identity.UNVERIFIED).value,
        "identity_by": said.identity,
        "service": said.service,
        "first_words": " ".join(item.text.split())[:160],
        "wanted": said.wanted[:200],
        "text_print": item.text_print,
        "code": item.code,
        "code2": item.class_.code2,
        "confidence_permille": round(item.class_.confidence * 1000),
        "because": list(item.class_.because),
        "classified_by": item.classified_by,
        "ask_for_words": item.class_.ask,
        "second_opinion_due": item.second_opinion_due,
        "state": state,
        "state_since": said.closed_at or said.received_at,
        "is_open": _OPEN[state] and not said.history,
        "urgent": said.urgent,
        "received_at": said.received_at,
        "recorded_at": now,
        "next_step": item.next_step,
        "next_due_at": item.next_due_at,
        "resolved_at": said.closed_at if said.history else None,
        "history": said.history,
        "original_id": said.original_id,
        "original_source": said.original_source,
    }


_OPEN = {state.id: state.open for state in table().states.values()}


def _store_complainants(new: Sequence[Intake]) -> None:
    said = [item for item in new if any(getattr(item.submission, name) for name in _CONTACT_FIELDS)]
    ids, ring = [item.complaint_id for item in said], keyring()
    sealed = {
        name: seal_many(
            _COMPLAINANTS, name, ids, [getattr(item.submission, name) for item in said], ring=ring
        )
        for name in _CONTACT_FIELDS
    }
    answer_on = [_answer_on(item) for item in said]
    insert(Complainant, {"complaint_id": ids, **sealed, "answer_on": answer_on})


def _answer_on(item: Intake) -> str:
    if item.submission.silent:
        return ""
    if item.submission.email:
        return reached_by("email")
    return reached_by("phone") if item.submission.phone else ""


def _store_contacts(intakes: Sequence[Intake]) -> None:
    ids = [item.contact_id for item in intakes]
    words = [original_words(item.submission) for item in intakes]
    insert(
        Contact,
        {
            "id": ids,
            "complaint_id": [item.complaint_id for item in intakes],
            "channel": [item.submission.channel for item in intakes],
            "key": [item.submission.key for item in intakes],
            "received_at": [item.submission.received_at for item in intakes],
            "language": [item.submission.language or item.class_.language for item in intakes],
            "text": [item.text for item in intakes],
            "original": seal_many(_CONTACTS, "original", ids, words),
            "joined_because": [item.joined or "new" for item in intakes],
            "by": [item.submission.by for item in intakes],
            "tracking_code": [
                item.submission.tracking_code if item.joined else "" for item in intakes
            ],
        },
    )


def original_words(said: Submission) -> str:
    """What is kept, sealed, as the contact's own words."""
    return whole(f"{said.text}\n\n{said.noted}" if said.noted else said.text)


def _store_clocks(new: Sequence[Intake]) -> None:
    pairs = [(item.complaint_id, due) for item in new for due in item.clocks]
    insert(
        Clock,
        {
            "complaint_id": [complaint for complaint, _ in pairs],
            "step": [due.step for _, due in pairs],
            "due_at": [due.due_at for _, due in pairs],
            "rule": [due.rule for _, due in pairs],
            "counting": [due.counting for _, due in pairs],
            "binding": [due.binding for _, due in pairs],
            "verified": [due.verified is True for _, due in pairs],
        },
    )


def _note_joined(joined: Sequence[Intake], now: datetime) -> None:
    """A contact that joins is an event of the complaint and one more contact on it."""
    add(Complaint, "contacts_count", Counter(item.complaint_id for item in joined))
    insert(
        Event,
        {
            "id": [time_ordered_id() for _ in joined],
            "complaint_id": [item.complaint_id for item in joined],
            "at": [now] * len(joined),
            "verb": ["contact_joined"] * len(joined),
            "actor": ["amends"] * len(joined),
            "reason": [item.joined for item in joined],
            "details": [
                {"contact": item.contact_id, "channel": item.submission.channel} for item in joined
            ],
        },
    )


def _received(item: Intake) -> Fact:
    said = item.submission
    payload: dict[str, str | int] = {
        "complaint": item.complaint_id,
        "channel": said.channel,
        "code": item.code,
        "pack": settings.JURISDICTION,
        "contact": item.contact_id,
        "confidence_permille": round(item.class_.confidence * 1000),
    }
    answer = min(
        (due for due in item.clocks if due.step == ANSWER and due.binding),
        key=lambda due: due.due_at,
        default=None,
    )
    if answer:
        payload["due_at_ms"] = to_ms(answer.due_at)
        payload["deadline_rule"] = answer.rule
    return Fact(
        "ComplaintReceived",
        item.subscriber.pseudonym if item.subscriber else "",
        item.complaint_id,
        said.received_at,
        "import" if said.history else "desk",
        payload,
    )
