"""Show who one is, on the page a tracking code opens: a code is sent, and typed in again.

Where the subscriber is known the code goes to their contact on record, whoever wrote the complaint.
Where nobody knows the subscriber it goes to the address given with the complaint: that is where our
letters went, so who reads them there may read them here. Where neither is known, the letters stand
on that page alone and the tracking code, 60 random bits that only its receiver ever saw, opens it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from amends.cases.complaints.actions import identify
from amends.cases.complaints.models import Complaint, Identity, IdentityRequest
from amends.platform.kit.actors import Actor

RECORD, GIVEN, CODE = "record", "given", "code"


def proof_needed(ref: str) -> str:
    """What opens the details of a complaint: a code sent to the contact on `record`, a code sent
    to the address `given`, or the tracking `code` alone.
    """
    complaint = Complaint.objects.only("subscriber", "person").get(id=ref)
    return proof_for(complaint.subscriber, address_given=bool(complaint.person))


def proof_for(subscriber: str, *, address_given: bool) -> str:
    """`proof_needed` of a complaint that was read already."""
    if subscriber:
        return RECORD
    # Even where nothing is sent to the address: such a complaint stays closed rather than open to
    # the code.
    return GIVEN if address_given else CODE


def request_proof(ref: str, *, source: str, now: datetime) -> None:
    """Have a code sent; the job `identity codes` does it, if there is anybody to send one to.

    source  blind index of the network address that asks
    """
    IdentityRequest.objects.create(complaint_id=ref, source=source, asked_at=now)


def ask_for_proof(ref: str, *, source: str = "", now: datetime) -> str:
    """Send a code; the channel it went on. Raises UnableToIdentify."""
    with transaction.atomic():
        complaint = Complaint.objects.select_for_update().get(id=ref)
        ask = identify.ask_identity if complaint.subscriber else identify.ask_at_given_address
        actor = as_complainant(complaint.subscriber)
        return ask(complaint, actor=actor, source=source, now=now)


def take_proof(ref: str, code: str, *, now: datetime) -> None:
    """Take the code; raises UnableToIdentify if it is not the right one, or too old."""
    complaint = Complaint.objects.get(id=ref)
    answer = identify.answer_identity
    if not complaint.subscriber:
        answer = identify.answer_at_given_address
    answer(complaint, code, actor=as_complainant(complaint.subscriber), now=now)


def identity_shown(refs: Iterable[str], *, by: str, actor: Actor, now: datetime) -> list[str]:
    """Complainants have shown elsewhere who they are; returns the complaints this is news for.

    by  how: "counter_document" or "operator_login"
    """
    with transaction.atomic():
        rows = Complaint.objects.select_for_update().filter(id__in=list(refs))
        fresh = list(rows.exclude(identity=Identity.VERIFIED))
        identify.verify_identity(fresh, by=by, actor=actor, now=now)
    return [complaint.id for complaint in fresh]


def as_complainant(subscriber: str) -> Actor:
    """The person at the page of a tracking code, as actions know one."""
    return Actor("subscriber", subscriber or "complainant")
