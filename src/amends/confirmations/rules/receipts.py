"""The receipt of a confirmation, with the fields of ISO/IEC TS 27560."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

FORMAT = "amends-consent-receipt@1"
SCHEMA = "ISO/IEC TS 27560:2023"


def receipt_of(
    *,
    record: str,
    subject: str,
    controller: str,
    notices: Sequence[dict[str, Any]],
    terms: dict[str, str | int],
    terms_sha256: str,
    rules: Sequence[str],
    recipients: Sequence[str],
    events: Sequence[dict[str, Any]],
    proof: str,
) -> dict[str, Any]:
    """One receipt as a document, not yet signed.

    record      the order's reference
    subject     the subscriber's pseudonym; nothing here says who that is
    controller  the operator, by the name of its log
    notices     what was put to the user: SHA-256 of the words, channel, when
    events      asked, given, refused, carried out, in order, each with its fact
    proof       the ledger's proof bundle of those facts
    """
    return {
        "format": FORMAT,
        "schema_version": SCHEMA,
        "record_id": record,
        "pii_principal_id": subject,
        "pii_controller": controller,
        "notices": list(notices),
        "purposes": [{"purpose": "contract", "terms": terms, "terms_sha256": terms_sha256}],
        "legal_basis": list(rules),
        "pii_categories": ["service", "offer", "price"],
        "recipients": list(recipients),
        "retention": "as long as the service runs and charges may be disputed",
        "withdrawal": "by the subscriber at any time, in two steps, on the page of services",
        "events": list(events),
        "proof": proof,
    }
