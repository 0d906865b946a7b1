"""Name the subscriber: whose line it is, said by a handler who asked; shown by the subscriber."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop as _

from amends.cases.complaints.actions.identify import UnableToIdentify, ask_identity
from amends.cases.complaints.actions.recount import by_rule, recount
from amends.cases.complaints.models import Challenge, Complaint, Event, Identity, Kind
from amends.people.subscribers.queries import SubscriberView, identify
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import Refused

MAX_CHARACTERS = 60


class UnableToNameSubscriber(Refused):
    """Nobody is known by that number, or the complaint is somebody's already."""

    code = "unable_to_name_subscriber"


def may_be_named(complaint: Complaint) -> bool:
    """Whether it is still open whose line the complaint is about."""
    return (
        complaint.is_open
        and not complaint.history
        and complaint.kind == Kind.COMPLAINT
        and complaint.identity != Identity.VERIFIED
        and not complaint.case
    )


def name_subscriber(ref: str, *, number: str, actor: Actor, now: datetime) -> bool:
    """Let a complaint be about the line of a number, mailbox or service; whether a code went out.

    It opens nothing: records are read once the subscriber has answered a code sent to the contact
    on record. Codes sent to somebody named before are worth nothing any more. The clocks follow the
    province of the subscriber. A number nobody has is noted, like one that was found.
    """
    number_text = number.strip()[:MAX_CHARACTERS]
    subscriber = (
        identify(phone=number_text, email=number_text, service=number_text) if number_text else None
    )
    with transaction.atomic():
        complaint = Complaint.objects.select_for_update().get(id=ref)
        if not may_be_named(complaint):
            raise UnableToNameSubscriber(
                _("The subscriber is identified already, or the complaint is closed."),
                meaning=_("Nothing was changed."),
                next_step=_("Load the complaint again."),
            )
        person = subscriber if _is_of(subscriber, complaint.brand or actor.brand) else None
        verb = "subscriber_named" if person else "subscriber_not_found"
        Event.objects.create(complaint=complaint, at=now, verb=verb, actor=actor.ref)
        if person:
            _belong_to(complaint, person, now)
    if person is None:
        raise UnableToNameSubscriber(
            _("We know no subscriber by this number."),
            meaning=_("Nothing was changed."),
            next_step=_(
                "Read it back to the user, digit by digit, or ask for another; somebody who has "
                "left is named by the mailbox or a service on record."
            ),
        )
    # One that was not acknowledged yet is asked with the acknowledgement.
    return complaint.state != "received" and _code_sent(complaint, actor, now)


def _is_of(person: SubscriberView | None, brand: str) -> bool:
    return person is not None and (not brand or person.brand in ("", brand))


def _belong_to(complaint: Complaint, person: SubscriberView, now: datetime) -> None:
    Challenge.objects.filter(complaint=complaint, expires_at__gt=now).update(expires_at=now)
    before = by_rule(complaint)
    complaint.subscriber = complaint.person = person.pseudonym
    complaint.identity, complaint.identity_by = Identity.UNVERIFIED, ""
    complaint.province = person.province or complaint.province
    complaint.area = person.area or complaint.area
    complaint.brand = complaint.brand or person.brand
    recount(complaint, before=before)
    complaint.save(
        update_fields=[
            "subscriber",
            "person",
            "identity",
            "identity_by",
            "province",
            "area",
            "brand",
            "next_step",
            "next_due_at",
        ]
    )


def _code_sent(complaint: Complaint, actor: Actor, now: datetime) -> bool:
    try:
        ask_identity(complaint, actor=actor, now=now)
    except UnableToIdentify as why:
        Event.objects.create(
            complaint=complaint, at=now, verb="identity_not_asked", actor=actor.ref, reason=why.what
        )
        return False
    return True
