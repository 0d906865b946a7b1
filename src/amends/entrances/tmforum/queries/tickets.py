"""Complaints as trouble tickets of TMF621 v5."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Q

from amends.cases.complaints.queries.life_cycle import table, tmf_status
from amends.cases.complaints.queries.tickets import (
    TicketDetails,
    complaints_for_clients,
    ticket_details,
)
from amends.engines.classification.taxonomy import taxonomy
from amends.entrances.tmforum.models import SentResource
from amends.entrances.tmforum.queries.pages import ResourcePage, page_of
from amends.entrances.tmforum.rules.selection import (
    PageQuery,
    date_filter,
    unknown_filter,
)
from amends.entrances.tmforum.rules.tickets import (
    READ_ONLY,
    SENDER_ONLY,
    Reader,
    default_severity,
)
from amends.platform.vault.indexes import blind_index
from amends.platform.vault.sealing import open_many

Ticket = dict[str, Any]
_TABLE = SentResource._meta.db_table


def ticket(reader: Reader, ref: str) -> Ticket | None:
    """The ticket with an id; None where there is none, or it is of another brand."""
    sent = SentResource.objects.filter(pk=ref, kind=SentResource.Kind.TROUBLE_TICKET).first()
    subject = sent.subject if sent else ref
    row = complaints_for_clients(brand=reader.brand).filter(pk=subject).first()
    if row is None:
        return None
    return _documents(reader, [(row, ref)], {ref: sent} if sent else {})[0]


def ticket_page(reader: Reader, filters: Mapping[str, str], page: PageQuery) -> ResourcePage:
    """A page of the complaints a client may read that match all `filters`."""
    rows = complaints_for_clients(brand=reader.brand)
    for name, value in filters.items():
        rows = rows.filter(_condition(reader, name, value))

    def documents(found: list[Any]) -> list[Ticket]:
        sent = SentResource.objects.in_bulk([row.id for row in found])
        return _documents(reader, [(row, row.id) for row in found], sent)

    return page_of(rows, page, documents, moment="received_at")


def _condition(reader: Reader, name: str, value: str) -> Q:
    """The condition of one filter; BadInput for an attribute that cannot be filtered by."""
    sent = SentResource.objects.filter(kind=SentResource.Kind.TROUBLE_TICKET)
    values = value.split(",")
    if name == "id":
        return Q(id__in=values)
    if name == "status":
        return Q(state__in=[ref for ref in table().states if tmf_status(ref) in values])
    if name == "channel.id":
        return Q(channel__in=values)
    if name == "troubleTicketSpecification.id":
        return Q(code__in=values)
    if name in ("externalId", "externalIdentifier.id"):
        prints = [external_print(reader.client, external) for external in values]
        return Q(id__in=sent.filter(client=reader.client, external__in=prints).values("subject"))
    if name == "priority":
        return Q(id__in=sent.filter(priority__in=values).values("subject"))
    if name == "severity":
        urgent = [flag for flag in (True, False) if default_severity(urgent=flag) in values]
        own = sent.exclude(severity="").values("subject")
        return Q(id__in=sent.filter(severity__in=values).values("subject")) | (
            Q(urgent__in=urgent) & ~Q(id__in=own)
        )
    if name == "ticketType":
        own = sent.exclude(ticket_type="").values("subject")
        return Q(id__in=sent.filter(ticket_type__in=values).values("subject")) | (
            Q(kind__in=values) & ~Q(id__in=own)
        )
    if moment := date_filter(name, value):
        return Q(**{f"received_at{moment.lookup}": moment.at})
    raise unknown_filter(name)


def external_print(client: int, external: str) -> str:
    """The blind index of a client's own id, "" for none: some clients use telephone numbers."""
    return blind_index("tmforum.external", f"{client}:{external}") if external else ""


def _documents(
    reader: Reader, rows: Sequence[tuple[Any, str]], sent: Mapping[str, SentResource]
) -> list[Ticket]:
    """The tickets of complaints, each under the id of the request."""
    details = ticket_details([row.id for row, _ref in rows])
    own = [row for row in sent.values() if row.client == reader.client]
    bodies = dict(
        zip(
            (row.id for row in own),
            open_many(_TABLE, "body", [row.id for row in own], [bytes(row.body) for row in own]),
            strict=True,
        )
    )
    return [
        _document(
            reader,
            row,
            details[row.id],
            ref=ref,
            sent=sent.get(ref),
            body=json.loads(bodies[ref]) if ref in bodies else {},
        )
        for row, ref in rows
    ]


def _document(
    reader: Reader,
    row: Any,
    details: TicketDetails,
    *,
    ref: str,
    sent: SentResource | None,
    body: Ticket,
) -> Ticket:
    """One ticket; `body` is what the client itself sent, {} for tickets of others."""
    changed = [row.recorded_at, row.state_since, *([sent.updated_at] if sent else [])]
    computed: Ticket = {
        "@type": "TroubleTicket",
        "id": ref,
        "severity": (sent.severity if sent else "") or default_severity(urgent=row.urgent),
        "ticketType": (sent.ticket_type if sent else "") or row.kind,
        "status": tmf_status(row.state),
        "statusChangeDate": row.state_since,
        "statusChangeHistory": [
            {"@type": "StatusChange", "status": tmf_status(state), "statusChangeDate": at}
            for at, state in (
                (row.received_at, "received"),
                *((change.at, change.state) for change in details.changes),
            )
        ],
        "creationDate": row.received_at,
        "lastUpdate": max(changed),
        "channel": body.get("channel")
        or {"@type": "ChannelRef", "id": row.channel, "name": row.channel},
    }
    if row.next_due_at:
        computed["expectedResolutionDate"] = row.next_due_at
    if row.resolved_at:
        computed["resolutionDate"] = row.resolved_at
    if row.code:
        computed["troubleTicketSpecification"] = {
            "@type": "TroubleTicketSpecificationRef",
            "id": row.code,
            "name": _class_title(row.code),
        }
    if row.verdict:
        computed["troubleTicketCharacteristic"] = [
            *body.get("troubleTicketCharacteristic", []),
            {"@type": "StringCharacteristic", "name": "verdict", "value": row.verdict},
        ]
    if sent and sent.priority:
        computed["priority"] = sent.priority
    if reader.with_content:
        computed["description"] = body.get("description") or details.text
    kept = {
        name: value
        for name, value in body.items()
        if name not in READ_ONLY
        and name not in ("status", "description")
        and (name not in SENDER_ONLY or reader.with_content)
    }
    identifiers = list(kept.get("externalIdentifier", []))
    if sent and sent.client == reader.client and sent.id == row.id:
        identifiers.append(
            {
                "@type": "ExternalIdentifier",
                "owner": "Amends",
                "externalIdentifierType": "trackingCode",
                "id": row.code_public,
            }
        )
    if identifiers:
        computed["externalIdentifier"] = identifiers
    if sent and sent.id != row.id:
        computed["troubleTicketRelationship"] = [
            *kept.get("troubleTicketRelationship", []),
            {"@type": "TroubleTicketRelationship", "id": row.id, "relationshipType": "isPartOf"},
        ]
    return {**kept, **computed}


def _class_title(code: str) -> str:
    entry = taxonomy().codes.get(code)
    return entry.en if entry else code
