"""Hand out everything about somebody's complaints to that person, in full."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from amends.cases.complaints.actions.attach import UnableToOpenAttachment, open_attachment
from amends.cases.complaints.models import (
    Complaint,
    Contact,
    DecidedBy,
    Decision,
    Event,
    Identity,
    Outcome,
    RecordedSubject,
)
from amends.cases.complaints.queries import complaint
from amends.cases.complaints.queries.attachments import attachments_of
from amends.channels.queries.contacts import opened_column
from amends.platform.kit.actors import Actor, is_user


def subject_access_export(
    refs: Sequence[str], *, actor: Actor, now: datetime
) -> list[dict[str, Any]]:
    """Each complaint as a document: words, files, clocks, decisions, letters, history.

    A complaint whose writer never showed who they are may be somebody else's: its words come masked
    and its files by name only. That it was handed out is an event of the complaint.

    The caller answers for the right to read them, and has written down that they were read.
    """
    with transaction.atomic():
        documents = [_document(ref, actor, now) for ref in refs]
        Event.objects.bulk_create(
            Event(complaint_id=ref, at=now, verb="handed_out", actor=actor.ref) for ref in refs
        )
    return documents


def _document(ref: str, actor: Actor, now: datetime) -> dict[str, Any]:
    complaint_view = complaint(ref)
    assert complaint_view is not None
    own = complaint_view.row.identity == Identity.VERIFIED
    row = Complaint.objects.get(id=ref)
    return {
        "reference": row.code_public,
        "received_at": row.received_at,
        "channel": row.channel,
        "class": row.code,
        "state": row.state,
        "wanted": row.wanted,
        "identity": row.identity,
        "verdict": row.verdict,
        "amount_minor": row.amount_minor,
        "currency": row.currency,
        "contact_given": _contact_given(row) if own else {},
        "contacts": [
            _contact(contact, own) for contact in row.contacts.order_by("received_at", "id")
        ],
        "subjects": list(
            RecordedSubject.objects.filter(complaint=ref).values(
                "kind", "ref", "name_zh", "name_en", "state", "at"
            )
        ),
        "files": _files(ref, actor, now) if own else _names(ref),
        "clocks": [
            {"step": clock.step, "due_at": clock.due_at, "rule": clock.rule, "met_at": clock.met_at}
            for clock in complaint_view.clocks
        ],
        "decisions": [_decision(decision) for decision in row.decisions.order_by("at", "id")],
        "letters": [
            {
                "kind": reply.kind,
                "subject": reply.subject,
                "body": reply.body,
                "sent_at": reply.posted_at,
            }
            for reply in complaint_view.replies
            if reply.posted_at
        ],
        "history": [
            {
                "at": event.at,
                "what": event.verb,
                "state": event.to_state,
                # What a colleague noted for colleagues stays at the desk.
                "reason": "" if is_user(event.actor) else event.reason,
            }
            for event in complaint_view.events
        ],
        "outcomes": [
            {"asked_at": outcome.asked_at, "answer": outcome.answer, "words": outcome.words}
            for outcome in Outcome.objects.filter(complaint=ref).order_by("asked_at", "id")
        ],
    }


def _contact_given(row: Complaint) -> dict[str, str]:
    complainant = getattr(row, "complainant", None)
    names = ("name", "phone", "email")
    return {name: opened_column(complainant, name) for name in names} if complainant else {}


def _contact(contact: Contact, own: bool) -> dict[str, Any]:
    original_text = opened_column(contact, "original") if own else contact.text
    return {"at": contact.received_at, "channel": contact.channel, "words": original_text}


def _decision(row: Decision) -> dict[str, Any]:
    return {
        "at": row.at,
        "verdict": row.verdict,
        "amount_minor": row.amount_minor,
        "currency": row.currency,
        "rule": row.rule,
        "decided_by": row.decided_by,
        "by_rule_alone": row.decided_by == DecidedBy.RULE,
        "dossier": row.dossier,
        "decision": row.decision,
        "explanation": row.customer_text,
    }


def _names(ref: str) -> list[dict[str, Any]]:
    return [
        {"type": attachment.media_type, "size_bytes": attachment.size_bytes}
        for attachment in attachments_of(ref)
    ]


def _files(ref: str, actor: Actor, now: datetime) -> list[dict[str, Any]]:
    opened_files = []
    for attachment in attachments_of(ref):
        try:
            opened = open_attachment(ref, attachment.id, actor=actor, now=now)
        except UnableToOpenAttachment as why:
            opened_files.append(
                {"name": attachment.name, "type": attachment.media_type, "left_out": why.what}
            )
            continue
        content = base64.b64encode(opened.content).decode("ascii")
        opened_files.append(
            {"name": opened.name, "type": opened.media_type, "content_base64": content}
        )
    return opened_files
