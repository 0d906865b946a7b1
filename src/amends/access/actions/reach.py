"""Reach a person at the contact on record: the platform uses it and shows it to nobody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from amends.access.actions.close_case import close_case
from amends.access.actions.open_case import open_case
from amends.access.actions.unmask import unmask
from amends.access.actors import Actor
from amends.kit.errors import Refused


class UnableToReach(Refused):
    """There is no contact on record."""

    code = "no_contact_on_record"


@dataclass(frozen=True, slots=True)
class Contact:
    """Where a message goes: channel "sms" or "mail", and the full number or mailbox."""

    channel: str
    recipient: str


def reach(actor: Actor, *, subscriber: str, reference: str, reason: str, now: datetime) -> Contact:
    """The contact on record of a subscriber, for one message of the platform.

    A case of its own is opened and closed for it, shared with nobody, so that whoever claims to be
    this subscriber opens no file by claiming it; the subscriber sees the look and its reason.

    actor      a job of the platform (see `amends.access.actors.system`)
    reference  the complaint or request the message is about
    reason     at least eight characters, e.g. "code to check an identity"
    """
    with transaction.atomic():
        case = open_case(
            actor, subscriber=subscriber, purpose="identity", reference=reference, now=now
        )
        found = unmask(actor, case, ["phone", "email"], reason=reason, now=now)
        close_case(actor, case, now=now)
    if found["phone"]:
        return Contact("sms", found["phone"])
    if found["email"]:
        return Contact("mail", found["email"])
    raise UnableToReach(
        _("There is no contact on record."), next_step=_("Come to a counter with a document.")
    )
