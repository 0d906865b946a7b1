"""Reach a person at the contact on record: the platform uses it and shows it to nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db import transaction
from django.utils.translation import gettext as _

from amends.people.access.actions.close_case import close_case
from amends.people.access.actions.disclosure import Disclosure, disclose, shown_only_if_recorded
from amends.people.access.actions.open_case import NewCase, open_case, open_cases
from amends.people.access.actions.unmask import unmask
from amends.people.access.models import Case
from amends.people.access.queries.authority import authorise_cases
from amends.people.subscribers.queries import subscribers
from amends.people.subscribers.queries.personal import open_personal
from amends.platform.kit.actors import Actor
from amends.platform.kit.errors import Refused

_CONTACT = ("phone", "email")
_OF_WHO_LEFT = ("email",)


class UnableToReach(Refused):
    """There is no contact on record."""

    code = "no_contact_on_record"


@dataclass(frozen=True, slots=True)
class ContactOnRecord:
    """Where a message goes: "phone" or "email", and the full number or mailbox."""

    kind: Literal["phone", "email"]
    recipient: str


def reach(
    actor: Actor, *, subscriber: str, reference: str, reason: str, now: datetime
) -> ContactOnRecord:
    """The contact on record of a subscriber, for one message of the platform.

    The number of somebody who has left may be another person's by now: it is not used.

    A case of its own is opened and closed for it, shared with nobody, so that whoever claims to be
    this subscriber opens no file by claiming it; the subscriber sees the look and its reason.

    actor      a job of the platform (see `amends.platform.kit.actors.system`)
    reference  the complaint or request the message is about
    reason     in words (`kit.texts.says_why`), e.g. "code to check an identity"
    """
    with transaction.atomic():
        case = open_case(
            actor, subscriber=subscriber, purpose="identity", reference=reference, now=now
        )
        subscriber_view = subscribers([subscriber]).get(subscriber)
        fields = _OF_WHO_LEFT if subscriber_view and subscriber_view.has_left else _CONTACT
        unmasked = unmask(actor, case, fields, reason=reason, now=now)
        close_case(actor, case, now=now)
    if number := unmasked.get("phone", ""):
        return ContactOnRecord("phone", number)
    if unmasked["email"]:
        return ContactOnRecord("email", unmasked["email"])
    raise UnableToReach(
        _("There is no contact on record."), next_step=_("Come to a counter with a document.")
    )


@dataclass(frozen=True, slots=True)
class Reachable:
    """The number and mailbox on record of one subscriber, "" where there is none."""

    phone: str
    email: str


def reach_many(
    actor: Actor, references: Mapping[str, str], *, reason: str, now: datetime
) -> dict[str, Reachable]:
    """The contacts on record of many subscribers, each for the notices owed to them.

    Like `reach`, a case and a look for each; a subscriber who was erased is absent, and of one who
    has left the number is "".

    references  subscriber → what the message is about
    reason      what every one of them reads about the look
    """
    with shown_only_if_recorded(actor):
        new_cases = [
            NewCase(pseudonym, "reminder", about) for pseudonym, about in references.items()
        ]
        refs = open_cases(actor, new_cases, now=now)
        cases = Case.objects.in_bulk(refs)
        rulings = authorise_cases(actor, "unmask", cases.values(), now=now, fields=_CONTACT)
        opened = open_personal(references, _CONTACT)
        looks = [
            Disclosure(
                actor=actor,
                role=rulings[case.ref].role,
                subscriber=case.subscriber,
                purpose=case.purpose,
                fields=_CONTACT,
                case=case.ref,
                reason=reason,
                unmasked=True,
            )
            for case in cases.values()
            if case.subscriber in opened
        ]
        disclose(looks, now=now)
        Case.objects.filter(ref__in=refs).update(closed_at=now, closed_by=actor.ref)
    gone = {
        subscriber.pseudonym
        for subscriber in subscribers(references).values()
        if subscriber.has_left
    }
    return {
        pseudonym: Reachable("" if pseudonym in gone else contact["phone"], contact["email"])
        for pseudonym, contact in opened.items()
    }
