"""What the body of a trouble ticket (TMF621) says: complainant, service, urgency."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_PHONE = re.compile(r"\+?[0-9][0-9 ()-]{5,20}")
_COMPLAINANT_ROLES = {"customer", "originator", "initiator", "user", "complainant", "subscriber"}
_SERVICE_TYPES = {"product", "service", "productoffering", "customerfacingservice"}
_URGENT = {"critical", "urgent", "emergency"}
ENQUIRY = "enquiry"

READ_ONLY = (
    "id",
    "href",
    "creationDate",
    "lastUpdate",
    "statusChangeDate",
    "statusChangeHistory",
    "expectedResolutionDate",
    "resolutionDate",
    "troubleTicketSpecification",
    "@type",
)
"""Attributes that Amends computes; a client sends them without effect, or unchanged."""
SENDER_ONLY = ("relatedParty", "note", "attachment")
"""Attributes with personal data: only the client that sent them gets them back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """A client of the interface, as far as reading needs to know.

    brand         the brand it is confined to, "" for every brand
    with_content  whether it may read the texts of tickets and what it sent itself
    """

    client: int
    brand: str
    with_content: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketParties:
    """Complainant and service of a ticket; "" for what it does not say."""

    name: str = ""
    phone: str = ""
    email: str = ""
    subscriber: str = ""
    service: str = ""


def parties_of(ticket: Mapping[str, Any]) -> TicketParties:
    """Read `relatedParty` and `relatedEntity` of a v5 ticket.

    >>> party = {"role": "customer", "partyOrPartyRole": {"id": "+86 139 0000 1234", "name": "Lin"}}
    >>> parties_of({"relatedParty": [party]}).phone
    '+86 139 0000 1234'
    """
    name = phone = email = subscriber = service = ""
    for role, party in _references(ticket, "relatedParty", "partyOrPartyRole"):
        if role and role.lower() not in _COMPLAINANT_ROLES:
            continue
        ref = str(party.get("id", "")).strip()
        name = name or str(party.get("name", "")).strip()[:80]
        if "@" in ref:
            email = email or ref
        elif _PHONE.fullmatch(ref):
            phone = phone or ref
        else:
            subscriber = subscriber or ref[:64]
    for _role, entity in _references(ticket, "relatedEntity", "entity"):
        if str(entity.get("@referredType", "")).lower() in _SERVICE_TYPES:
            service = service or str(entity.get("id", "")).strip()[:64]
    return TicketParties(
        name=name, phone=phone, email=email, subscriber=subscriber, service=service
    )


def is_urgent(severity: str) -> bool:
    """Whether a severity means that a person may come to harm or has no service at all.

    >>> is_urgent("Critical"), is_urgent("Minor")
    (True, False)
    """
    return severity.strip().lower() in _URGENT


def default_severity(*, urgent: bool) -> str:
    """The severity of a complaint that did not come as a ticket."""
    return "Critical" if urgent else "Minor"


def external_id(ticket: Mapping[str, Any]) -> str:
    """The client's own id of a v5 ticket, "" if it sent none."""
    identifiers = ticket.get("externalIdentifier") or []
    return str(identifiers[0].get("id", ""))[:200] if identifiers else ""


def note_texts(ticket: Mapping[str, Any]) -> list[str]:
    """The notes of a ticket for colleagues, each with its author."""
    texts = []
    for note in ticket.get("note") or []:
        author, text = str(note.get("author", "")).strip(), str(note.get("text", "")).strip()
        if text:
            texts.append(f"{author}: {text}" if author else text)
    return texts


def _references(
    ticket: Mapping[str, Any], field: str, inner: str
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for reference_with_role in ticket.get(field) or []:
        reference = reference_with_role.get(inner)
        if isinstance(reference, Mapping):
            yield str(reference_with_role.get("role", "")), reference
