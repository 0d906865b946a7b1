"""One ticket, three versions: documents of v5 are what we compute, v4 and v2 are made from them.

Field changes from v4 to v5 as the two official files of TMF621 show them: `externalId` became the
list `externalIdentifier`, `statusChange` became `statusChangeHistory`, and references to parties
and entities are wrapped (`{role, partyOrPartyRole}`, `{role, entity}`) and name their `@type`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Document = dict[str, Any]

_OWN_SYSTEM = "Amends"


def ticket_to_v4(ticket: Mapping[str, Any]) -> Document:
    """A ticket of v5 as v4 has it.

    >>> ticket_to_v4({"externalIdentifier": [{"id": "crm-7"}], "severity": "Minor"})
    {'severity': 'Minor', 'externalId': 'crm-7'}
    """
    document = dict(ticket)
    sent = [
        identifier
        for identifier in document.pop("externalIdentifier", [])
        if identifier.get("owner") != _OWN_SYSTEM
    ]
    if sent:
        document["externalId"] = sent[0].get("id", "")
    history = document.pop("statusChangeHistory", None)
    if history is not None:
        document["statusChange"] = [
            {
                "status": change["status"],
                "changeDate": change["statusChangeDate"],
                "changeReason": change.get("statusChangeReason", ""),
            }
            for change in history
        ]
    _unwrap(document, "relatedEntity", "entity")
    _unwrap(document, "relatedParty", "partyOrPartyRole")
    document.pop("troubleTicketSpecification", None)
    document.pop("troubleTicketCharacteristic", None)
    return document


def ticket_to_v5(ticket: Mapping[str, Any]) -> Document:
    """A body of v4 or v2 as v5 has it.

    >>> ticket_to_v5({"externalId": "crm-7", "relatedParty": [{"id": "s-1", "role": "customer"}]})
    ... # doctest: +NORMALIZE_WHITESPACE
    {'@type': 'TroubleTicket', 'relatedParty': [{'@type': 'RelatedPartyRefOrPartyRoleRef',
     'role': 'customer', 'partyOrPartyRole': {'@type': 'PartyRef', 'id': 's-1'}}],
     'externalIdentifier': [{'@type': 'ExternalIdentifier', 'id': 'crm-7'}]}
    """
    document: Document = {"@type": "TroubleTicket", **ticket}
    external_id = document.pop("externalId", "")
    document.pop("statusChange", None)
    for field, inner, wrapper, reference in (
        ("relatedEntity", "entity", "RelatedEntity", "EntityRef"),
        ("relatedParty", "partyOrPartyRole", "RelatedPartyRefOrPartyRoleRef", "PartyRef"),
    ):
        if isinstance(document.get(field), list):
            document[field] = [
                {
                    "@type": wrapper,
                    **({"role": flat["role"]} if "role" in flat else {}),
                    inner: {
                        "@type": reference,
                        **{name: value for name, value in flat.items() if name != "role"},
                    },
                }
                for flat in document[field]
            ]
    for field, type_name in (("note", "Note"), ("troubleTicketRelationship", "")):
        if isinstance(document.get(field), list):
            default = {"@type": type_name or "TroubleTicketRelationship"}
            document[field] = [{**default, **part} for part in document[field]]
    if external_id:
        document["externalIdentifier"] = [{"@type": "ExternalIdentifier", "id": external_id}]
    return document


def _unwrap(document: Document, field: str, inner: str) -> None:
    if field in document:
        document[field] = [
            {**({"role": wrapped["role"]} if "role" in wrapped else {}), **wrapped.get(inner, {})}
            for wrapped in document[field]
        ]
