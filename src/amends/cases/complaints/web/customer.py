"""The tab *Customer*: who it is, what they complained of before, their services, their refunds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from amends.cases.complaints.queries.casefile import Complaint
from amends.cases.complaints.queries.customer import OtherComplaints, other_complaints
from amends.cases.complaints.web.words import REMEDIES, VERDICTS, class_words, state_sign
from amends.engines.decisions.dossier import Dossier
from amends.people.access.web.signs import Sign, Words, sign
from amends.people.access.web.words import chinese
from amends.people.subscribers.queries import services_of
from amends.platform.kit.actors import Actor
from amends.platform.kit.periods import from_ms
from amends.record.catalogue.queries import offer_names
from amends.work.remedies.queries import RemedyView, given_back, remedies_of


@dataclass(frozen=True, slots=True)
class OtherComplaint:
    """Another complaint of the customer, as a line."""

    complaint: Complaint
    title: str
    state: Sign
    verdict: Sign | None


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """A service of the customer; `stopped_at` is None while it runs."""

    name: str
    started_at: datetime
    stopped_at: datetime | None


@dataclass(frozen=True, slots=True)
class ChargeLeft:
    """A charge in question, and what may still be refunded of it, in minor units."""

    name: str
    charged_at: datetime
    amount_minor: int
    left_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class CustomerFile:
    """What is known of the customer besides this complaint."""

    others: list[OtherComplaint]
    others_total: int
    refunds: list[tuple[RemedyView, Words, Complaint]]
    services: list[ServiceLine]
    charges: list[ChargeLeft]


def customer_file(complaint: Complaint, dossier: Dossier | None, actor: Actor) -> CustomerFile:
    """Everything the tab shows; the look at the case is on record before."""
    others_found = other_complaints(complaint, brand=actor.brand)
    return CustomerFile(
        others=[_other(linked_complaint) for linked_complaint in others_found.newest],
        others_total=others_found.total,
        refunds=_refunds(others_found),
        services=_services(complaint.subscriber),
        charges=_charges(dossier),
    )


def _other(complaint: Complaint) -> OtherComplaint:
    return OtherComplaint(
        complaint=complaint,
        title=class_words(complaint.code),
        state=state_sign(complaint.state),
        verdict=sign(VERDICTS, complaint.verdict) if complaint.verdict else None,
    )


def _refunds(other_complaints: OtherComplaints) -> list[tuple[RemedyView, Words, Complaint]]:
    by_cause = {
        f"complaint:{complaint_row.id}": complaint_row for complaint_row in other_complaints.newest
    }
    return [
        (remedy, REMEDIES.get(remedy.kind, remedy.kind), by_cause[cause])
        for cause, remedies in remedies_of(by_cause).items()
        for remedy in remedies
    ]


def _services(subscriber: str) -> list[ServiceLine]:
    """The services of a subscriber, those that run first."""
    if not subscriber:
        return []
    names, language_index = offer_names(), 0 if chinese() else 1
    lines = [
        ServiceLine(
            names[service.offer][language_index] if service.offer in names else service.offer,
            service.started_at,
            service.stopped_at,
        )
        for service in services_of(subscriber)
    ]
    return sorted(lines, key=lambda line: (line.stopped_at is not None, line.started_at))


def _charges(dossier: Dossier | None) -> list[ChargeLeft]:
    """The charges that the dossier questions, each once, with what is left of them."""
    grounds = (
        {ground.charge: ground for ground in dossier.grounds if ground.charge} if dossier else {}
    )
    returned = given_back(grounds)
    return [
        ChargeLeft(
            name=ground.zh if chinese() else ground.en,
            charged_at=from_ms(ground.charged_at_ms),
            amount_minor=ground.amount_minor,
            left_minor=max(
                0, ground.amount_minor - max(returned.get(charge, 0), ground.refunded_minor)
            ),
            currency=ground.currency,
        )
        for charge, ground in sorted(grounds.items(), key=lambda pair: pair[1].charged_at_ms)
    ]
