"""Record an identity document shown at a counter; the subscriber on record is notified."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_noop as _

from amends.cases.complaints.actions.identify import UnableToIdentify, verify_identity
from amends.cases.complaints.actions.letters import closing, day
from amends.cases.complaints.models import Challenge, Complaint, Identity
from amends.cases.complaints.rules.replies import reply as write_reply
from amends.channels.actions.post import Outgoing, post_many
from amends.channels.queries.capabilities import reached_by
from amends.people.access.actions.reach import UnableToReach, reach
from amends.platform.kit.actors import Actor, system


def may_show_document(complaint: Complaint) -> bool:
    """Whether a document can still show that the complainant is the subscriber."""
    return bool(
        complaint.subscriber
        and complaint.is_open
        and not complaint.history
        and complaint.identity != Identity.VERIFIED
    )


def take_document(ref: str, *, compared: bool, actor: Actor, now: datetime) -> bool:
    """Record that a clerk compared a document; returns whether the subscriber was notified.

    A message goes to the contact on record, so that whoever was not there learns of it. Codes still
    out are worth nothing any more.
    """
    with transaction.atomic():
        complaint = Complaint.objects.select_for_update().get(id=ref)
        if not may_show_document(complaint) or not compared:
            raise UnableToIdentify(
                _("Nobody was identified."),
                meaning=_("Nothing was changed."),
                next_step=_("Name the subscriber first, and tick that you compared the document."),
            )
        Challenge.objects.filter(complaint=complaint, expires_at__gt=now).update(expires_at=now)
        verify_identity([complaint], by="counter_document", actor=actor, now=now)
        return _notify(complaint, now)


def _notify(complaint: Complaint, now: datetime) -> bool:
    try:
        contact = reach(
            system("identity"),
            subscriber=complaint.subscriber,
            reference=complaint.id,
            reason=_("a document was shown for this complaint"),
            now=now,
        )
    except UnableToReach:
        return False
    fields = closing(complaint) | {"shown": day(now, complaint)}
    text = write_reply("identity_document", complaint.language, fields)
    message = Outgoing(
        key=f"document:{complaint.id}:{int(now.timestamp())}",
        channel=reached_by(contact.kind),
        recipient=contact.recipient,
        subject=text.subject,
        body=text.body,
        language=complaint.language,
        reference=complaint.id,
    )
    post_many([message], now=now)
    return True
