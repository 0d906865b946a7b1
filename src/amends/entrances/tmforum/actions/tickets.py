"""Trouble tickets in: a ticket becomes a complaint, a change of it becomes a move or a note."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.db import transaction

from amends.cases.complaints.actions.intake import MAX_CHARACTERS, Submission
from amends.cases.complaints.actions.move_by_hand import move_by_hand
from amends.cases.complaints.actions.receive import read, receive_read, refuse_reused_keys
from amends.cases.complaints.queries.life_cycle import tmf_status
from amends.cases.complaints.queries.status import moves_by_hand
from amends.cases.complaints.queries.tickets import complaints_for_clients
from amends.entrances.portals.actions.clients import Client
from amends.entrances.portals.actions.colleagues import acting
from amends.entrances.portals.actions.idempotency import finish, hand_over
from amends.entrances.tmforum.models import SentResource
from amends.entrances.tmforum.queries.tickets import Ticket, external_print, ticket
from amends.entrances.tmforum.rules.tickets import (
    READ_ONLY,
    Reader,
    external_id,
    is_urgent,
    note_texts,
    parties_of,
)
from amends.platform.database.locks import retry_on_deadlock
from amends.platform.kit.errors import BadInput, Refused
from amends.platform.kit.errors import gettext_noop as _
from amends.platform.kit.ids import time_ordered_id
from amends.platform.vault.redaction import redact_person
from amends.platform.vault.sealing import seal
from amends.work.casework.actions.add_note import add_note

READ, CONTENT, WRITE = "tickets:read", "tickets:content", "tickets:write"
_TABLE = SentResource._meta.db_table
_MOVES = ("acknowledge", "investigate", "confirm", "reopen", "withdraw")
"""Moves that need nothing but the customer's word. Others need a decision or a letter."""


def reader_of(client: Client) -> Reader:
    """The client as a reader of tickets."""
    return Reader(client=client.id, brand=client.brand, with_content=CONTENT in client.scopes)


def create_ticket(client: Client, sent: Ticket, *, key: str, now: datetime) -> Ticket:
    """Receive a v5 ticket as a complaint; the answer is the ticket as it is now.

    A matter that is open already gets one more contact: the ticket then has an id of its own and a
    relationship to the ticket of the complaint. The same `key` again gives the same ticket.
    """
    submission = _submission(client, sent, key, now)
    body = json.dumps(sent, ensure_ascii=False, sort_keys=True)

    def received() -> str:
        reading = read([submission], now=now)
        with transaction.atomic():
            first = hand_over(client.id, f"ticket:{key}", body, now=now)
            if first.result:
                return str(first.result)
            receipts = receive_read(reading, now=now)
            refuse_reused_keys([submission], receipts)
            receipt = receipts[0]
            ref = receipt.complaint if receipt.joined == "new" else time_ordered_id()
            _store(client, ref, receipt.complaint, sent, now=now)
            _add_notes(client, receipt.complaint, note_texts(sent), now)
            finish(first, ref)
        return ref

    return _existing(client, retry_on_deadlock(received))


def change_ticket(
    client: Client, ref: str, current: Ticket, wanted: Ticket, *, reason: str, now: datetime
) -> Ticket:
    """Change a ticket from `current` to `wanted`, both v5; all of it, or nothing.

    A new status is a move of the complaint, new notes are added for colleagues, other attributes
    are stored as sent. What the complainant wrote and what Amends computes cannot be changed.
    """
    changed = {
        name
        for name in current.keys() | wanted.keys()
        if _plain(current.get(name)) != _plain(wanted.get(name))
    }
    fixed = sorted(changed & {*READ_ONLY, "description"})
    if fixed:
        raise Refused(
            _("%(names)s cannot be changed."),
            meaning=_("Nothing was changed."),
            next_step=_("Leave it out of the request; add a note to say more."),
            values={"names": ", ".join(fixed)},
            code="read_only_attribute",
        )
    if not changed:
        return current
    with transaction.atomic():
        subject = _subject(ref)
        if "status" in changed:
            _move(client, subject, str(wanted.get("status", "")), reason=reason, now=now)
        known = {_plain(note) for note in current.get("note", [])}
        added = [note for note in wanted.get("note") or [] if _plain(note) not in known]
        _add_notes(client, subject, note_texts({"note": added}), now)
        if changed - {"status", "statusChangeReason"}:
            _update(client, ref, subject, wanted, now=now)
    return _existing(client, ref)


def _submission(client: Client, sent: Ticket, key: str, now: datetime) -> Submission:
    parties = parties_of(sent)
    text = str(sent["description"])
    title = str(sent.get("name") or "").strip()
    if title and title not in text:
        text = f"{title}\n{text}"
    if not text.strip() or len(text) > MAX_CHARACTERS:
        raise BadInput(
            _("The description must have 1 to %(most)s characters."),
            meaning=_("Nothing was stored."),
            next_step=_("Say in a sentence what happened, and attach the rest."),
            values={"most": f"{MAX_CHARACTERS:,}"},
            code="bad_description",
        )
    return Submission(
        channel=client.channel,
        key=f"ticket-{client.id}:{key}",
        text=text,
        received_at=now,
        name=parties.name,
        phone=parties.phone,
        email=parties.email,
        subscriber=parties.subscriber,
        service=parties.service,
        brand=client.brand,
        urgent=is_urgent(str(sent["severity"])),
        by=client.name,
    )


def _store(client: Client, ref: str, subject: str, sent: Ticket, *, now: datetime) -> None:
    SentResource.objects.create(
        id=ref,
        kind=SentResource.Kind.TROUBLE_TICKET,
        subject=subject,
        client=client.id,
        created_at=now,
        **_columns(client, ref, sent, now),
    )


def _update(client: Client, ref: str, subject: str, wanted: Ticket, *, now: datetime) -> None:
    """Store what a client wants a ticket to say; Refused for a ticket of another client."""
    row = SentResource.objects.select_for_update().filter(pk=ref).first()
    if row is not None and row.client != client.id:
        raise Refused(
            _("Another system sent this ticket."),
            meaning=_("Nothing was changed."),
            next_step=_("Change the status, or add a note."),
            code="ticket_of_another_client",
        )
    if row is None:
        _store(client, ref, subject, wanted, now=now)
        return
    SentResource.objects.filter(pk=ref).update(**_columns(client, ref, wanted, now))


def _columns(client: Client, ref: str, sent: Ticket, now: datetime) -> dict[str, Any]:
    stored = {
        name: value
        for name, value in sent.items()
        if name not in READ_ONLY or name == "@type" or name == "description"
    }
    stored["externalIdentifier"] = [
        identifier
        for identifier in sent.get("externalIdentifier") or []
        if identifier.get("owner") != "Amends"
    ]
    if not stored["externalIdentifier"]:
        del stored["externalIdentifier"]
    return {
        "severity": redact_person(str(sent.get("severity") or ""))[:40],
        "ticket_type": redact_person(str(sent.get("ticketType") or ""))[:80],
        "priority": redact_person(str(sent.get("priority") or ""))[:40],
        "external": external_print(client.id, external_id(stored)),
        "body": seal(_TABLE, "body", ref, json.dumps(stored, ensure_ascii=False)),
        "updated_at": now,
    }


def _add_notes(client: Client, complaint: str, texts: list[str], now: datetime) -> None:
    actor = acting(client, "")
    for text in texts:
        # An @ in a note of another system mentions none of our colleagues.
        add_note("complaint", complaint, text=text.replace("@", "＠"), actor=actor, now=now)


def _move(client: Client, subject: str, status: str, *, reason: str, now: datetime) -> None:
    """Move the complaint to a state shown as `status`; Refused where no move leads there."""
    rows = complaints_for_clients(brand=client.brand).select_for_update(of=("self",))
    complaint = rows.get(pk=subject)
    possible = {
        tmf_status(move.to): move.verb for move in moves_by_hand(complaint) if move.verb in _MOVES
    }
    if status not in possible:
        raise Refused(
            _("The ticket is %(current)s and cannot become %(status)s."),
            meaning=_("Nothing was changed."),
            next_step=_("Possible now: %(possible)s."),
            values={
                "current": tmf_status(complaint.state),
                "status": status[:40],
                "possible": ", ".join(sorted(possible)) or "-",
            },
            code="illegal_transition",
        )
    move_by_hand(complaint, possible[status], actor=acting(client, ""), now=now, reason=reason)


def _subject(ref: str) -> str:
    return SentResource.objects.filter(pk=ref).values_list("subject", flat=True).first() or ref


def _existing(client: Client, ref: str) -> Ticket:
    found = ticket(reader_of(client), ref)
    if found is None:
        raise LookupError(ref)
    return found


def _plain(value: object) -> str:
    return json.dumps(value, sort_keys=True, default=str)
