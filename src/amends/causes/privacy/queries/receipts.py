"""Consent receipts: what was asked and answered about a purpose, signed, with its proof."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.utils import timezone

from amends.causes.privacy import refusals
from amends.causes.privacy.queries.consents import record_of
from amends.causes.privacy.rules.consent import GIVEN, KINDS, Purpose, purposes
from amends.people.operator.queries import public_address
from amends.people.subscribers.queries import subscriber as subscriber_of
from amends.platform.kit.formats import is_chinese
from amends.platform.kit.packs import day_in, pack
from amends.record.ledger.queries import facts_about, proof_bundle, signed_document
from amends.record.ledger.queries.keys import verifier_key

FORMAT = "amends-consent-record@1"
SCHEMA = "ISO/IEC TS 27560:2023"


def consent_receipt(subscriber: str, purpose: str, *, now: datetime) -> str:
    """The signed receipt of a person's consent; UnableToProve while a fact is not numbered yet.

    `ledger/offline/verify_consent.py` verifies it without us.
    """
    purpose_view = purposes(timezone.localdate(now)).get(purpose)
    facts = [
        fact
        for fact in facts_about(subscriber, kinds=KINDS)
        if fact.payload["purpose"] == purpose and fact.source == "privacy"
    ]
    person = subscriber_of(subscriber)
    if purpose_view is None or person is None or not facts:
        raise refusals.nothing_agreed()
    events = [
        {
            "fact": fact.id,
            "kind": fact.kind,
            "at_ms": fact.happened_at_ms,
            "event_type": "consent",
            "event_state": "given" if fact.kind == GIVEN else "withdrawn",
            **{name: str(fact.payload[name]) for name in ("channel", "notice", "rule")},
        }
        for fact in facts
    ]
    document = _document(purpose_view, subscriber, person.language, now) | {
        "events": events,
        "proof": proof_bundle([fact.id for fact in facts]),
    }
    return signed_document(document)


def _document(purpose: Purpose, subscriber: str, language: str, now: datetime) -> dict[str, object]:
    controller = str(verifier_key()).split("+")[0]
    jurisdiction = settings.JURISDICTION
    chinese = is_chinese(language)
    authority = pack(jurisdiction, day_in(jurisdiction, now)).data["regulator"]
    return {
        "format": FORMAT,
        "schema_version": SCHEMA,
        "record_id": record_of(subscriber, purpose.id),
        "pii_principal_id": subscriber,
        "pii_controller": controller,
        "party_identification": [
            {"party_id": controller, "party_role": "controller", "party_url": public_address()},
            *(
                {"party_id": recipient, "party_role": "recipient"}
                for recipient in purpose.recipients
            ),
            {"party_name": authority["zh" if chinese else "en"], "party_role": "authority"},
        ],
        "language": "zh" if chinese else "en",
        "jurisdiction": jurisdiction,
        "notice": {
            "text": purpose.notice(chinese=chinese),
            "sha256": purpose.notice_hash(chinese=chinese),
        },
        "purposes": [
            {
                "purpose": purpose.id,
                "purpose_name": purpose.zh if chinese else purpose.en,
                "lawful_basis": "consent",
                "legal_basis": purpose.source,
                "pii_categories": list(purpose.data),
                "recipients": list(purpose.recipients),
                "retention_days_after_withdrawal": purpose.retention_days,
                "withdrawal_method": f"one step at {public_address()}/mine/privacy/, or by text "
                f"message: STOP {purpose.words[-1]} / 退订{purpose.words[0]}",
                "privacy_rights": ["access", "export", "correction", "erasure", "objection"],
            }
        ],
    }
