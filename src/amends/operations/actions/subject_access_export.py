"""Everything held about one subscriber, in full, as one document for that person.

The personal values and who looked are read by the privacy officer, with a reason, in a case; the
facts by the platform, in the same case. Both looks are facts the subscriber sees.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from amends.cases.complaints.actions.forget import complaints_about
from amends.cases.complaints.actions.subject_access_export import subject_access_export
from amends.channels.queries import messages_with
from amends.people.access.actions.close_case import close_case
from amends.people.access.actions.evidence import evidence
from amends.people.access.actions.open_case import open_case
from amends.people.access.actions.unmask import unmask_addresses
from amends.people.access.queries import cases_of, looks_at
from amends.people.subscribers.queries import services_of, subscriber
from amends.platform.kit.actors import Actor, system
from amends.platform.kit.periods import from_ms
from amends.platform.registry import exports
from amends.work.remedies.queries import remedies_of

_BESIDES = ("name", "id_card", "address")
_OF_A_REMEDY = (
    "kind",
    "state",
    "amount_minor",
    "currency",
    "charge",
    "service",
    "proposed_at",
    "reason_zh",
    "reason_en",
    "rule",
)


def export_person(
    pseudonym: str, actor: Actor, now: datetime, *, reason: str, request: str = ""
) -> dict[str, Any]:
    """The document. Raises UnableToAccess, UnableToUnmask (the reason says nothing).

    actor    a privacy officer; others are refused
    reason   why; the subscriber will read it
    request  reference of the message in which the person asked for it
    """
    case = open_case(
        actor,
        subscriber=pseudonym,
        purpose="privacy_request",
        reference=request or "export",
        contact=request,
        now=now,
    )
    unmasked = unmask_addresses(actor, case, besides=_BESIDES, reason=reason, now=now)
    person, addresses = unmasked.values, unmasked.addresses
    subscriber_view = subscriber(pseudonym)
    assert subscriber_view is not None
    refs = complaints_about(pseudonym, addresses=addresses)
    causes = [f"complaint:{ref}" for ref in refs]
    document = {
        "made_at": now,
        "person": asdict(subscriber_view) | person | {"customer_keys": unmasked.customer_keys},
        "former_contacts": [
            {"address": address, "until": until}
            for address, until in unmasked.former
            if address not in person.values()
        ],
        "services": [asdict(service) for service in services_of(pseudonym)],
        "complaints": subject_access_export(refs, actor=actor, now=now),
        "remedies": [
            {name: getattr(remedy, name) for name in _OF_A_REMEDY}
            for remedies in remedies_of(causes).values()
            for remedy in remedies
        ],
        "messages": messages_with(addresses, references=refs, became=causes),
        **exports(pseudonym),
        "facts": _facts(pseudonym, now),
        "cases": [asdict(case_view) for case_view in cases_of(pseudonym)],
        "looks": [asdict(look) for look in looks_at(pseudonym)],
    }
    close_case(actor, case, now=now)
    return document


def carry_out_export(
    *, subscriber: str, actor: Actor, now: datetime, reason: str, request: str, **_signal: Any
) -> dict[str, Any]:
    """The document for a request of the person."""
    return export_person(subscriber, actor, now, reason=reason, request=request)


def _facts(pseudonym: str, now: datetime) -> list[dict[str, Any]]:
    """Every fact, read by the platform in a case of its own; the officer may not read them all."""
    platform = system("export")
    case = open_case(
        platform, subscriber=pseudonym, purpose="privacy_request", reference="export", now=now
    )
    case_facts = evidence(platform, case, now=now).facts
    close_case(platform, case, now=now)
    return [
        {
            "id": fact.id,
            "kind": fact.kind,
            "happened_at": from_ms(fact.happened_at_ms),
            "source": fact.source,
            "subject": fact.subject,
            "payload": dict(fact.payload),
        }
        for fact in case_facts
    ]
