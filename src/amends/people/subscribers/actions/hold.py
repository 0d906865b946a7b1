"""Place and release a legal hold: while one stands, nothing of the person is erased."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from amends.people.subscribers.models import LegalHold, Subscriber
from amends.platform.kit.errors import BadInput
from amends.platform.vault.redaction import redact_person


class UnableToHold(BadInput):
    """No such subscriber, no reason given, or nothing to release."""

    code = "hold_not_placed"


def place_hold(pseudonym: str, *, reason: str, by: str, now: datetime, reference: str = "") -> None:
    """Keep a subscriber's data until the hold is released; `reason` is shown to who asks."""
    if not reason.strip():
        raise UnableToHold(_("A hold needs a reason."))
    if not Subscriber.objects.filter(pseudonym=pseudonym).exists():
        raise UnableToHold(_("There is no such subscriber."))
    LegalHold.objects.create(
        subscriber_id=pseudonym,
        reason=redact_person(reason),
        reference=reference,
        placed_by=by,
        placed_at=now,
    )


def release_holds(pseudonym: str, *, by: str, now: datetime, reference: str = "") -> int:
    """Release the standing holds of a subscriber (of one reference if given); how many."""
    holds = LegalHold.objects.filter(subscriber=pseudonym, released_at__isnull=True)
    if reference:
        holds = holds.filter(reference=reference)
    released = holds.update(released_by=by, released_at=now)
    if not released:
        raise UnableToHold(_("No hold stands for this subscriber."))
    return released
