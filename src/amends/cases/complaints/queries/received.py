"""Complaints by when, where and of what they came: what an incident of the network may explain."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from amends.cases.complaints.models import (
    Complaint,
    Contact,
    Kind,
    RecordedSubject,
    SubjectState,
)
from amends.cases.complaints.models.complaint import Identity
from amends.channels.queries.contacts import opened_columns
from amends.engines.classification.subjects import SubjectKind
from amends.platform.kit.batches import slices
from amends.platform.registry import ComplaintText, ReceivedComplaint

_TEXTS = 1_000


def complaints_received(
    start: datetime, end: datetime, areas: Sequence[str]
) -> list[ReceivedComplaint]:
    """Complaints received in `[start, end)` in some areas, in order; enquiries are left out."""
    received: list[ReceivedComplaint] = []
    for part in slices(list(areas)):
        rows = Complaint.objects.filter(
            kind=Kind.COMPLAINT, area__in=part, received_at__gte=start, received_at__lt=end
        )
        values = rows.values_list("id", "received_at", "area", "code", "brand", "subscriber")
        received += [ReceivedComplaint(*row) for row in values]
    return sorted(received, key=lambda complaint: (complaint.at, complaint.ref))


def complaints_by_offer(
    offers: Collection[str], start: datetime, end: datetime
) -> dict[str, list[datetime]]:
    """Offer → when complaints were received that have it in their text or that the investigation
    found to be about it."""
    complaints_by_offer: dict[str, dict[str, datetime]] = defaultdict(dict)
    received = Complaint.objects.filter(
        kind=Kind.COMPLAINT, received_at__gte=start, received_at__lt=end
    )
    for part in slices(list(offers)):
        found = received.filter(product__in=part).values_list("product", "id", "received_at")
        texts = RecordedSubject.objects.filter(
            kind=SubjectKind.SERVICE, ref__in=part, complaint__in=received
        ).exclude(state=SubjectState.REMOVED)
        named = texts.order_by().values_list("ref", "complaint_id", "complaint__received_at")
        for offer, ref, at in (*found, *named):
            complaints_by_offer[offer][ref] = at
    return {offer: sorted(moments.values()) for offer, moments in complaints_by_offer.items()}


def complaint_texts(classes: str, since: datetime) -> list[ComplaintText]:
    """Open complaints of the classes that begin with `classes`, with their first text, unmasked."""
    rows = {
        row.id: row
        for row in Complaint.objects.filter(
            kind=Kind.COMPLAINT,
            is_open=True,
            history=False,
            code__startswith=classes,
            received_at__gte=since,
        ).order_by("received_at", "id")[:_TEXTS]
    }
    contacts = Contact.objects.filter(complaint__in=list(rows)).order_by("received_at", "id")
    first: dict[str, Contact] = {}
    for contact in contacts:
        first.setdefault(contact.complaint_id, contact)
    texts = opened_columns(list(first.values()), "original")
    return [
        ComplaintText(
            ref=ref,
            at=rows[ref].received_at,
            channel=rows[ref].channel,
            subscriber=rows[ref].subscriber,
            identified=rows[ref].identity == Identity.VERIFIED,
            text=text,
            staff=first[ref].by if first[ref].by.startswith("usr-") else "",
        )
        for ref, text in zip(first, texts, strict=True)
    ]
