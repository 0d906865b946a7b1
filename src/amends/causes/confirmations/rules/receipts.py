"""The receipt of a confirmation, with the fields of ISO/IEC TS 27560."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

FORMAT = "amends-consent-receipt@1"
SCHEMA = "ISO/IEC TS 27560:2023"
STATES = {
    "ServiceOrdered": "prepared",
    "ConfirmationAsked": "requested",
    "ConfirmationGiven": "given",
    "ConfirmationRefused": "refused",
    "ServiceActivated": "in force",
    "ServiceChanged": "in force",
    "ServiceStopped": "ended",
}
"""What became of the consent by an event, in the words of the standard's event states."""


def receipt_of(
    *,
    record: str,
    subject: str,
    controller: str,
    notices: Sequence[dict[str, Any]],
    terms: dict[str, Any],
    terms_sha256: str,
    rules: Sequence[str],
    recipients: Sequence[str],
    events: Sequence[dict[str, Any]],
    proof: str,
    language: str,
    jurisdiction: str,
    authority: str,
    address: str,
) -> dict[str, Any]:
    """One receipt as a document, not yet signed.

    record      the order's reference
    subject     the subscriber's pseudonym; nothing here says who that is
    controller  the operator, by the name of its log
    notices     what was put to the user: SHA-256 of the words, channel, when
    events      asked, given, refused, carried out, in order, each with its fact
    proof       the ledger's proof bundle of those facts
    language, jurisdiction  in which it was asked, and whose rules hold
    authority   who hears an appeal there; address, the controller's pages
    """
    withdrawal = "by the subscriber at any time, in two steps, on the page of services"
    retention = "as long as the service runs and charges may be disputed"
    return {
        "format": FORMAT,
        "schema_version": SCHEMA,
        "record_id": record,
        "pii_principal_id": subject,
        "pii_controller": controller,
        "notices": list(notices),
        "language": language,
        "jurisdiction": jurisdiction,
        "purposes": [
            {
                "purpose": "contract",
                "purpose_type": f"{terms['order']} {terms['kind']}",
                "lawful_basis": "the user's own consent to these terms",
                "services": [terms["service"]],
                "collection_method": sorted({notice["channel"] for notice in notices}),
                "retention_period": retention,
                "withdrawal_method": withdrawal,
                "privacy_rights": ["see", "export", "withdraw", "complain"],
                "recipient_third_parties": list(recipients),
                "terms": terms,
                "terms_sha256": terms_sha256,
            }
        ],
        "party_identification": [
            {"party_id": controller, "party_role": "PII controller", "party_url": address},
            *({"party_id": recipient, "party_role": "recipient"} for recipient in recipients),
            {"party_name": authority, "party_role": "authority"},
        ],
        "legal_basis": list(rules),
        "pii_categories": ["service", "offer", "price"],
        "recipients": list(recipients),
        "retention": retention,
        "withdrawal": withdrawal,
        "events": [
            {**event, "event_type": "consent", "event_state": STATES[event["kind"]]}
            for event in events
        ],
        "proof": proof,
    }
